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


async def cards_of(tx: Transaction, meetings: Sequence[Meeting], now: datetime, role: Role) -> list[Card]:
    """What waits, for whom it is; what does not is no card. ``meetings``: all of them."""
    signs = await signs_of(tx)
    lost = await unreachable_coming(tx, now.date())
    cards = [
        Card(signs["questions"].count, "domande da guardare", "qualcuno aspetta una risposta", "/domande", "red"),
        Card(signs["privacy"].count, "richieste sui dati", "il bot le lascia a una persona", "/privacy", "red"),
        Card(signs["letters"].count, "messaggi da vedere", "il bot li lascia a una persona", "/posta", "amber"),
        Card(signs["outgoing"].count, "messaggi non arrivati", "o forse arrivati", "/uscita", "amber"),
        Card(lost, "iscritti non raggiungibili", "si avvisano per telefono", "/iscritti", "amber"),
        _incomplete(meetings, now),
        Card(
            signs["broadcasts"].count,
            "avvisi da approvare",
            "partono quando li hai guardati",
            "/avvisi",
            "amber",
            role=Role.MANAGER,
        ),
        # A reader's numbers are not so small that one is somebody.
        Card(
            signs["pact"].count,
            "interessi nuovi per il Patto",
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
    return Card(len(left), "incontri incompleti", "manca l'ora o il collegamento", "/incontri", tone)
