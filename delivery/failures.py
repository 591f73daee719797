"""A message that will not arrive.

The office is told who, where and what, so that it can reach the person another way.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from conversation.message import Address, Outgoing
from conversation.office import Office
from conversation.wording import Voice, name_contact
from db.engine import Transaction
from db.meetings import all_meetings, sector_names
from db.models import Kind
from db.office_alerts import Alert, tell_office
from db.outbox import CONFIRMATION, Row, is_called_off
from db.people import Contact, contact_of
from db.registrations import get_registrations
from knowledge.library import Library

#: Characters of the message that the office is shown: its beginning says what it was about.
_SHOWN = 1000
#: What nobody is told of when it does not arrive: the office's own mail, and each copy of a broadcast.
UNTOLD = frozenset({Kind.STAFF, Kind.BROADCAST})


class SkipReason(StrEnum):
    """Why a row of the outbox is not sent, as it is kept there."""

    #: Nobody can be reached.
    UNREACHABLE = "unreachable"
    CANNOT_WRITE = "cannot be written"
    NO_ADDRESS = "no address"
    REGISTRATION_GONE = "registration gone"
    WITHDRAWN = "withdrawn"
    NOT_DUE = "no longer due"
    NOT_MEANT = "no longer meant"
    BY_VOICE = "told by voice"

    @property
    def fails(self) -> bool:
        """Whether there was something to say, so that staff must know; else its own reason is gone."""
        return self in {SkipReason.UNREACHABLE, SkipReason.CANNOT_WRITE}


async def tell_not_delivered(
    tx: Transaction,
    row: Row,
    outgoing: Outgoing | None,
    reason: str,
    *,
    office: Office,
    library: Library,
    now: datetime,
) -> None:
    """Tell the office that ``row`` failed for good. ``outgoing``: as it was written, if it was."""
    voice = Voice(library, "it", now, await sector_names(tx), office.mailbox)
    contact = await contact_of(tx, row.person_id) if row.person_id is not None else Contact("", "", ())
    address = outgoing.address if outgoing else row.address
    tried = [address] if address else list(contact.addresses)
    others = [a for a in contact.addresses if a not in tried]
    words = outgoing.reply.plain[:_SHOWN] if outgoing else ""
    await tell_office(
        tx,
        office,
        Alert.NOT_DELIVERED,
        row.key,
        library=library,
        now=now,
        concerns=tried[0] if tried else None,
        what=_what(row, voice),
        meeting=await _meeting(tx, row, voice),
        who="; ".join(name_contact(voice, contact.name, a) for a in tried) or "—",
        reason=voice.say("staff.unreachable") if reason == SkipReason.UNREACHABLE else reason[:200],
        context="".join(f"\n\n{part}" for part in (_others(voice, others), words) if part),
    )


def _what(row: Row, voice: Voice) -> str:
    """What it is. Whoever telephones must not say of a cancelled meeting that it takes place."""
    if row.kind is Kind.NOTICE and is_called_off(row.detail):
        return voice.say("staff.kind_cancellation")
    if row.kind is Kind.REPLY and row.detail == CONFIRMATION:
        return voice.say("staff.kind_confirmation")
    return name_kind(voice, row.kind)


def name_kind(voice: Voice, kind: Kind) -> str:
    """What it is called where the office is told that it did not arrive."""
    return voice.say(f"staff.kind_{kind}")


def _others(voice: Voice, others: Sequence[Address]) -> str:
    named = ", ".join(name_contact(voice, "", address) for address in others)
    return voice.say("staff.other_addresses", places=named) if others else ""


async def _meeting(tx: Transaction, row: Row, voice: Voice) -> str:
    """The meeting that a reminder or notice is about; empty for the rest."""
    if row.registration_id is None:
        return ""
    held = (await get_registrations(tx, [row.registration_id])).get(row.registration_id)
    meeting = next((m for m in await all_meetings(tx) if held and m.id == held.meeting_id), None)
    return f" ({voice.name_meeting(meeting)})" if meeting else ""
