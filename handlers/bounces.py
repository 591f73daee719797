"""Mail of ours came back, or a receipt of it: noted; two that will never arrive stop the address, and people are told.

What refuses our server rather than the address stops nobody: the office is told.
"""

from datetime import datetime, timedelta

from conversation.message import Address, DeliveryReport, DeliveryStatus, Reply
from conversation.office import Office
from db import bounces
from db.addresses import addresses_of, lock_address, set_reachable
from db.engine import Transaction
from db.office_alerts import Alert, tell_office, tell_refused
from db.outbox import note_lost, queue_reply
from db.people import find_person, update_person
from knowledge.library import Library

#: Hard bounces of different mails that stop an address, and how long they are remembered (a mailbox may be made anew).
_ENOUGH = 2
_REMEMBERED = timedelta(days=60)


async def take_back(tx: Transaction, report: DeliveryReport, *, library: Library, office: Office, now: datetime) -> str:
    """Note what ``report`` says; what it was about, in a word, for the evidence."""
    sent = await bounces.find_sent(tx, report.message_ids, report.recipients, domain=office.mailbox.rpartition("@")[2])
    if sent is None or not sent.address.value:
        return f"{report.outcome}: of no mail of ours"
    if sent.named and report.refuses_us:
        await tell_refused(tx, office, report.refuses_us, library=library, now=now)
    about = sent.id if sent.named else None
    if not await bounces.note(tx, sent.address, report.outcome, outbox_id=about, status=report.status, now=now):
        return f"{report.outcome}: known"
    if not sent.named:  # anybody can write such a report: it is kept for people to see, and stops nothing
        return f"{report.outcome}: names no mail of ours"
    if report.outcome is DeliveryStatus.COMPLAINT and sent.person_id is not None:
        await update_person(tx, sent.person_id, updates=False)
    if report.outcome is DeliveryStatus.HARD:
        await note_lost(tx, sent.id)
    if report.outcome is DeliveryStatus.HARD and await _is_dead(tx, sent.address, now):
        await _stop(tx, sent.address, report.status, library=library, office=office, now=now)
    return f"{report.outcome}: outbox {sent.id}"


async def _is_dead(tx: Transaction, address: Address, now: datetime) -> bool:
    """Whether enough mails came back since somebody last wrote from there, and it is not stopped yet."""
    known = await lock_address(tx, address)
    since = max(now - _REMEMBERED, known.used_at) if known else now - _REMEMBERED
    number = await bounces.hard_bounces(tx, address, since)
    return number == _ENOUGH if known is None else known.reachable and number >= _ENOUGH


async def _stop(
    tx: Transaction, address: Address, status: str, *, library: Library, office: Office, now: datetime
) -> None:
    """Nothing more goes to ``address`` until somebody writes from it; staff and the person's other channel are told."""
    person = await find_person(tx, address)
    await set_reachable(tx, address, reachable=False, reason=f"bounced {status}".strip(), now=now)
    others = await addresses_of(tx, person.id) if person else []
    where = library.say("staff.bounced_other" if others else "staff.bounced_nowhere", "it")
    await tell_office(
        tx,
        office,
        Alert.ADDRESS_STOPPED,
        f"{address.value} {now:%Y%m%d}",
        library=library,
        now=now,
        concerns=address,
        address=address.value,
        status=status or "—",
        where=where,
    )
    if person is not None and others:
        told = Reply(library.say("person.mail_bounces", person.language, address=address.value))
        key = f"bounced:{person.id}:{now:%Y%m%d}"
        await queue_reply(
            tx, key, others[0], told, now=now, person_id=person.id, automatic=True, language=person.language
        )
