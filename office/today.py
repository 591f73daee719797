"""What needs a person today: the same cards on the console's first page and in the morning's mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conversation.meeting import Meeting
from db.engine import Transaction
from db.operators import Role
from db.reports import signs_of, unreachable_coming

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


def _card(count: int, what: tuple[str, str], why: str, href: str, tone: str, *, role: Role = Role.READER) -> Card:
    """``what``: said of one, and of many."""
    return Card(count, what[0] if count == 1 else what[1], why, href, tone, role)


async def cards_of(tx: Transaction, meetings: Sequence[Meeting], now: datetime, role: Role) -> list[Card]:
    """What waits, for whom it is; what does not is no card. ``meetings``: all of them."""
    signs = await signs_of(tx)
    lost = await unreachable_coming(tx, [m.id for m in meetings if m.is_upcoming(now)])
    cards = [
        _card(
            signs["questions"].count,
            ("domanda da guardare", "domande da guardare"),
            "qualcuno aspetta una risposta",
            "/domande",
            "red",
        ),
        _card(
            signs["privacy"].count,
            ("richiesta sui dati", "richieste sui dati"),
            "il bot lascia fare a una persona",
            "/privacy",
            "red",
        ),
        _card(
            signs["letters"].count,
            ("messaggio da vedere", "messaggi da vedere"),
            "il bot lascia fare a una persona",
            "/posta",
            "amber",
        ),
        _card(
            signs["outgoing"].count,
            ("messaggio non arrivato", "messaggi non arrivati"),
            "o non si sa",
            "/uscita",
            "amber",
        ),
        _card(
            lost,
            ("persona non raggiungibile", "persone non raggiungibili"),
            "iscritte a incontri ancora da tenere, da avvisare per telefono",
            "/iscritti?recapito=no&incontri=futuri",
            "amber",
        ),
        _incomplete(meetings, now),
        _card(
            signs["broadcasts"].count,
            ("avviso da approvare", "avvisi da approvare"),
            "non parte niente finché non hai guardato",
            "/avvisi",
            "amber",
            role=Role.MANAGER,
        ),
        _card(
            signs["drafts"].count,
            ("risposta da pubblicare", "risposte da pubblicare"),
            "un collega ha fatto la prova",
            "/voci",
            "amber",
            role=Role.MANAGER,
        ),
        # A reader's numbers are not so small that one is somebody.
        _card(
            signs["pact"].count,
            ("interesse nuovo per il Patto", "interessi nuovi per il Patto"),
            "da segnare",
            "/patto?stato=new",
            "blue",
            role=Role.OPERATOR,
        ),
    ]
    return [card for card in cards if card.count and _ORDER.index(role) >= _ORDER.index(card.role)]


def _incomplete(meetings: Sequence[Meeting], now: datetime) -> Card:
    left = [
        start - now
        for m in meetings
        if m.is_upcoming(now) and not (m.hour and m.link) and (start := m.starts_at()) and start - now <= _NEAR
    ]
    tone = "red" if min(left, default=_NEAR) <= _URGENT else "amber"
    return _card(
        len(left), ("incontro incompleto", "incontri incompleti"), "manca l'ora o il collegamento", "/incontri", tone
    )
