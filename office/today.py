"""What needs a person today: the same cards on the console's first page and in the morning's mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conversation.meeting import Meeting
from conversation.office import Office
from conversation.times import speak_day, to_local
from db.engine import Transaction
from db.operators import Role
from db.reports import oldest_question, signs_of, unreachable_coming

#: Meetings so near must have their hour and link; nearer than the second it is urgent.
_NEAR, _URGENT = timedelta(days=14), timedelta(hours=48)
_ORDER = list(Role)


@dataclass(frozen=True, slots=True)
class Card:
    """``href``: the list of what is counted, under the console.

    ``tone``: red, amber or blue. ``role``: the lowest that sees it.
    """

    count: int
    what: str
    why: str
    href: str
    tone: str
    role: Role = Role.READER


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a card says. ``what``: of one, and of many."""

    what: tuple[str, str]
    why: str
    href: str
    tone: str
    role: Role = Role.READER

    def card(self, count: int, tone: str = "", since: str = "") -> Card:
        return Card(count, self.what[count != 1], self.why + since, self.href, tone or self.tone, self.role)


#: In the order in which they are shown. A reader's numbers of people are not so small that one is somebody.
_KINDS: dict[str, _Kind] = {
    "questions": _Kind(
        ("domanda da guardare", "domande da guardare"), "qualcuno aspetta una risposta", "/domande", "amber"
    ),
    "privacy": _Kind(
        ("richiesta sui dati", "richieste sui dati"), "il bot lascia fare a una persona", "/privacy", "red"
    ),
    "letters": _Kind(
        ("messaggio da vedere", "messaggi da vedere"), "il bot lascia fare a una persona", "/posta", "amber"
    ),
    "outgoing": _Kind(("messaggio non arrivato", "messaggi non arrivati"), "o non si sa", "/uscita", "amber"),
    "unreachable": _Kind(
        ("persona non raggiungibile", "persone non raggiungibili"),
        "iscritte a incontri ancora da tenere, da avvisare per telefono",
        "/iscritti?recapito=no&incontri=futuri",
        "amber",
        Role.OPERATOR,
    ),
    "incomplete": _Kind(
        ("incontro incompleto", "incontri incompleti"),
        f"nei prossimi {_NEAR.days} giorni: manca l'ora o il collegamento",
        "/incontri",
        "amber",
    ),
    "broadcasts": _Kind(
        ("avviso da approvare", "avvisi da approvare"),
        "non parte niente finché non hai guardato",
        "/avvisi",
        "amber",
        Role.MANAGER,
    ),
    "drafts": _Kind(
        ("risposta da pubblicare", "risposte da pubblicare"),
        "un collega ha fatto la prova",
        "/voci",
        "amber",
        Role.MANAGER,
    ),
    "pact": _Kind(
        ("interesse nuovo per il Patto", "interessi nuovi per il Patto"),
        "da segnare",
        "/patto?stato=new",
        "blue",
        Role.OPERATOR,
    ),
}


async def cards_of(
    tx: Transaction, office: Office, meetings: Sequence[Meeting], now: datetime, role: Role
) -> list[Card]:
    """What waits, for whom it is; what does not is no card. ``meetings``: all of them."""
    left = _until_incomplete(meetings, now)
    counts = {name: sign.count for name, sign in (await signs_of(tx)).items()}
    counts["unreachable"] = await unreachable_coming(tx, [m.id for m in meetings if m.is_upcoming(now)])
    counts["incomplete"] = len(left)
    oldest = await oldest_question(tx)
    tones = {"incomplete": "red"} if min(left, default=_NEAR) <= _URGENT else {}
    if oldest is not None and is_late(oldest, office, now):
        tones["questions"] = "red"
    since = {"questions": _say_since(oldest, counts["questions"], now)} if oldest is not None else {}
    cards = [kind.card(counts[name], tones.get(name, ""), since.get(name, "")) for name, kind in _KINDS.items()]
    return [card for card in cards if card.count and _ORDER.index(role) >= _ORDER.index(card.role)]


def is_late(asked: datetime, office: Office, now: datetime) -> bool:
    """Whether whoever asked has waited for longer than a working day."""
    return office.a_working_day_after(asked) < now


def _say_since(oldest: datetime, count: int, now: datetime) -> str:
    """«, la più vecchia da mercoledì 13 gennaio»; of one alone since when it waits."""
    day = to_local(oldest).date()
    said = "da oggi" if day == to_local(now).date() else f"da {speak_day(day, 'it')}"
    return f", {said}" if count == 1 else f", la più vecchia {said}"


def _until_incomplete(meetings: Sequence[Meeting], now: datetime) -> list[timedelta]:
    """How soon each near meeting without its hour or link begins."""
    return [
        start - now
        for m in meetings
        if m.is_upcoming(now) and not (m.hour and m.link) and (start := m.starts_at()) and start - now <= _NEAR
    ]
