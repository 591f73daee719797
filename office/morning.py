"""The morning's mail.

The cards of Oggi, to each operator who wants them, on working days from half past eight; no names.

Nothing goes out where nothing waits. Either way the day's key is in the outbox, so that it is settled once, however
many workers look, and however often.
"""

from datetime import datetime, time

from conversation.channel import Channel
from conversation.message import Address, Reply
from conversation.office import Office
from conversation.times import speak_day, to_local, to_utc
from db.engine import Transaction
from db.meetings import all_meetings
from db.models import Kind
from db.operators import Operator, Role, all_operators
from db.outbox import known_keys, queue_needless, queue_reply
from knowledge.town import Town
from office.today import Card, cards_of

_FROM, _UNTIL = time(8, 30), time(12)


async def queue_mornings(tx: Transaction, office: Office, town: Town, *, now: datetime, console: str) -> int:
    """Queue what is due; how many mails. ``console``: its address (https://…/console), empty where there is none."""
    local = to_local(now)
    if not _FROM <= local.time() < _UNTIL or not office.is_working_day(local.date()):
        return 0
    wanting = {f"morning:{o.id}:{local:%Y-%m-%d}": o for o in await all_operators(tx) if o.active and o.morning}
    settled = await known_keys(tx, wanting)
    left = {key: operator for key, operator in wanting.items() if key not in settled}
    if not left:
        return 0
    meetings, mails = await all_meetings(tx), 0
    for key, operator in left.items():
        cards = await cards_of(tx, office, meetings, now, operator.role)
        if cards:
            await _queue(tx, key, operator, _letter(cards, operator.role, now, console), town, now)
        else:
            await queue_needless(tx, key, Kind.STAFF, now)
        mails += bool(cards)
    return mails


async def _queue(tx: Transaction, key: str, operator: Operator, letter: Reply, town: Town, now: datetime) -> None:
    noon = to_utc(to_local(now).date(), _UNTIL)
    address, subject = Address(Channel.EMAIL, operator.email), f"{town.service}: {letter.title.lower()}"
    await queue_reply(
        tx, key, address, letter, now=now, kind=Kind.STAFF, subject=subject, automatic=True, expires_at=noon
    )


def _letter(cards: list[Card], role: Role, now: datetime, console: str) -> Reply:
    """``role``: a reader may not open the lists, and gets the first page alone."""
    today = speak_day(to_local(now).date(), "it")
    lists = console if role is not Role.READER else ""
    paragraphs = [f"Ecco che cosa aspetta una persona, {today}."]
    for card in cards:
        said = f"{card.what[:1].upper()}{card.what[1:]}: {card.count} ({card.why})"
        paragraphs.append(f"{said}\n{lists}{card.href}" if lists else said)
    if console:
        paragraphs.append(f"Tutto insieme:\n{console}/")
    off = f" Si spegne qui:\n{console}/profilo" if console else ""
    paragraphs.append(f"Questa mail parte nei giorni di lavoro, quando qualcosa aspetta.{off}")
    return Reply("\n\n".join(paragraphs), title="Che cosa serve oggi")
