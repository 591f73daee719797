"""Writes a claimed row into the message that goes out.

Reminders, notices and broadcasts are written only now, from today's data.

A row whose reason is gone (registration withdrawn, meeting over) is not written: the reason comes back instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from conversation.meeting import Meeting
from conversation.message import Address, Outgoing, Reply
from conversation.wording import (
    Voice,
    change_notice,
    form_for,
    greet,
    meeting_news,
    news_for,
    own_links,
    reminder,
    seat_notice,
    staff_message,
)
from db.addresses import reachable_addresses, told_by_voice
from db.broadcasts import Broadcast, get_broadcasts
from db.engine import Transaction
from db.meetings import programme
from db.models import Kind, RegistrationStatus
from db.outbox import SEAT, Row, is_correction, unpack
from db.people import languages_of
from db.registrations import Registration, get_registrations
from delivery.broadcasts import members
from delivery.failures import SkipReason
from delivery.reminders import Schedule, reminder_key
from knowledge.library import Library

log = structlog.get_logger("delivery")


@dataclass(frozen=True, slots=True)
class Skipped:
    """Why a row is not sent. ``error``: what was raised where it was to be written."""

    reason: SkipReason
    error: str = ""

    def __str__(self) -> str:
        return f"{self.reason}: {self.error}" if self.error else self.reason.value


@dataclass(frozen=True, slots=True)
class PutOff:
    """The quiet hours began before it could leave: until when it waits."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """One row as it goes out, or why it does not."""

    row: Row
    result: Outgoing | Skipped | PutOff


@dataclass(frozen=True, slots=True)
class Foretold:
    """What is not written down yet and is taken as if it were, for samples: by number."""

    meetings: Mapping[int, Meeting] = field(default_factory=dict)
    registrations: Mapping[int, Registration] = field(default_factory=dict)
    said: Mapping[int, Broadcast] = field(default_factory=dict)


async def write(
    tx: Transaction,
    rows: Sequence[Row],
    *,
    library: Library,
    schedule: Schedule,
    mailbox: str,
    now: datetime,
    foretold: Foretold | None = None,
) -> list[Written]:
    """Every row, written, skipped or put off, in the order given."""
    late = [row for row in rows if row.payload is None]
    context = await _context(tx, late, schedule, foretold or Foretold()) if late else None
    return [Written(_telling(row, context), _written(row, context, library, mailbox, now)) for row in rows]


def _telling(row: Row, context: "_Context | None") -> Row:
    """The row with what it says of its meeting, which its person knows when it has arrived."""
    if context is None or row.payload is not None or row.kind is Kind.BROADCAST:
        return row
    held = context.held(row)
    if held is None:
        return row
    return replace(row, told=context.meetings[held.meeting_id].as_told())


def _finished(row: Row) -> Outgoing | Skipped:
    if row.payload is None or row.address is None or not row.address.value:
        return Skipped(SkipReason.NO_ADDRESS)
    reply, thread = unpack(row.payload)
    return Outgoing(
        row.key,
        row.address,
        reply,
        subject=row.payload["subject"],
        thread=thread,
        automatic=row.payload["automatic"],
        language=row.payload["language"],
        for_office=row.kind is Kind.STAFF,
    )


@dataclass(frozen=True, slots=True)
class _Context:
    meetings: dict[int, Meeting]
    sectors: dict[str, dict[str, str]]
    addresses: dict[int, list[Address]]
    registrations: dict[int, Registration]
    #: Of those who are reached nowhere: who never was.
    spoken_to: set[int]
    languages: dict[int, str]
    broadcasts: dict[int, Broadcast]
    #: Of each broadcast who is still meant, with the registration that it is about to them.
    meant: dict[int, dict[int, int | None]]
    schedule: Schedule

    def held(self, row: Row) -> Registration | None:
        """The registration that it is about, as things are now."""
        return self.registrations.get(_registration_of(row, self.meant) or 0)


def _registration_of(row: Row, meant: Mapping[int, Mapping[int, int | None]]) -> int | None:
    if row.kind is not Kind.BROADCAST:
        return row.registration_id
    return meant.get(int(row.detail), {}).get(row.person_id or 0)


async def _context(tx: Transaction, rows: Sequence[Row], schedule: Schedule, foretold: Foretold) -> _Context:
    persons = {row.person_id for row in rows if row.person_id is not None}
    numbers = {int(row.detail) for row in rows if row.kind is Kind.BROADCAST} - foretold.said.keys()
    said = {**(await get_broadcasts(tx, numbers) if numbers else {}), **foretold.said}
    meant = {number: await members(tx, broadcast, persons) for number, broadcast in said.items()}
    ids = {number for row in rows if (number := _registration_of(row, meant)) is not None}
    held = {**await get_registrations(tx, ids), **foretold.registrations}
    left = await get_registrations(tx, {r.instead_of for r in held.values() if r.instead_of is not None})
    meetings, sectors = await programme(tx)
    addresses = await reachable_addresses(tx, persons)
    lost = persons - addresses.keys()
    return _Context(
        {**{m.id: m for m in meetings}, **foretold.meetings},
        sectors,
        addresses,
        held | left,
        await told_by_voice(tx, lost) if lost else set(),
        await languages_of(tx, persons),
        said,
        meant,
        schedule,
    )


def _written(
    row: Row, context: _Context | None, library: Library, mailbox: str, now: datetime
) -> Outgoing | Skipped | PutOff:
    try:
        if row.payload is not None or context is None:
            return _finished(row)
        return _late(row, context, library, mailbox, now)
    except Exception as error:  # one row that cannot be written must not keep the others
        log.exception("cannot_write", row=row.id)
        return Skipped(SkipReason.CANNOT_WRITE, type(error).__name__)


def _late(row: Row, context: _Context, library: Library, mailbox: str, now: datetime) -> Outgoing | Skipped | PutOff:
    gone = _reason_gone(row, context, now)
    if gone is not None:
        return Skipped(gone)
    at = _not_before(row, context, now)
    if at > now and (row.expires_at is None or at < row.expires_at):
        return PutOff(at)
    addresses = context.addresses.get(row.person_id or 0, [])
    if not addresses:
        # Who is told by voice is told of what changes, and needs nobody to telephone each reminder.
        needless = row.kind is Kind.REMINDER and row.person_id in context.spoken_to
        return Skipped(SkipReason.BY_VOICE if needless else SkipReason.UNREACHABLE)
    address = addresses[0]
    language = context.languages.get(row.person_id or 0, "it")
    held = context.held(row)
    form = form_for(address.channel, private=held is not None and not held.organisation)
    voice = Voice(library, language if language in library.texts else "en", now, context.sectors, mailbox, form)
    subject, reply = _compose(row, voice, context, address)
    if address.channel.is_letter:
        reply = own_links(replace(reply, text=greet(voice, reply.text), buttons=()), context.meetings.values())
    return Outgoing(row.key, address, reply, subject=subject, automatic=True, language=voice.language)


def _reason_gone(row: Row, context: _Context, now: datetime) -> SkipReason | None:
    """Why there is nothing to say any more; ``None`` when there is."""
    if row.kind is Kind.BROADCAST:
        return _broadcast_gone(row, context, now)
    held = context.held(row)
    if held is None:
        return SkipReason.REGISTRATION_GONE
    if held.status is RegistrationStatus.WITHDRAWN:
        return SkipReason.WITHDRAWN
    meeting = context.meetings[held.meeting_id]
    due = True
    if row.kind is Kind.REMINDER or row.detail == SEAT:
        due = held.status is RegistrationStatus.CONFIRMED and meeting.is_upcoming(now)
    elif row.kind is Kind.NOTICE:
        waiting = held.status is RegistrationStatus.WAITLISTED
        due = not meeting.is_over(now) and bool(news_for(meeting, held.told, waiting=waiting))
    if row.kind is Kind.REMINDER:  # one of an earlier life of the registration, or of the meeting, is another's double
        due = due and row.key.startswith(reminder_key(held.id, held.revision, meeting.revision))
    return None if due else SkipReason.NOT_DUE


def _not_before(row: Row, context: _Context, now: datetime) -> datetime:
    """When it may leave without disturbing anybody's night. A change that was due in the quiet hours could not wait."""
    schedule = context.schedule
    held = context.held(row)
    meeting = context.meetings[held.meeting_id] if held else None
    if row.kind is Kind.REMINDER and meeting is not None and meeting.changed_at is not None:
        # A change that may still be taken back is not given away by a reminder.
        now = max(now, meeting.changed_at + schedule.grace)
    if row.kind is Kind.NOTICE and row.detail != SEAT and schedule.outside_quiet(row.due_at) != row.due_at:
        return now
    return schedule.disturbs_from(now, meeting.starts_at() if meeting else None)


def _broadcast_gone(row: Row, context: _Context, now: datetime) -> SkipReason | None:
    """Who withdrew, or wants no news any more, is not meant; who holds another registration that counts still is."""
    if row.person_id not in context.meant[int(row.detail)]:
        return SkipReason.NOT_MEANT
    announces = context.broadcasts[int(row.detail)].announces
    return SkipReason.NOT_DUE if announces and not _coming(announces, context, now) else None


def _coming(ids: Sequence[int], context: _Context, now: datetime) -> list[Meeting]:
    return [context.meetings[i] for i in ids if i in context.meetings and context.meetings[i].is_upcoming(now)]


def _compose(row: Row, voice: Voice, context: _Context, address: Address) -> tuple[str, Reply]:
    held = context.held(row)
    meeting = context.meetings[held.meeting_id] if held else None
    if row.kind is Kind.BROADCAST:
        said = context.broadcasts[int(row.detail)]
        if said.announces:
            return meeting_news(voice, _coming(said.announces, context, voice.now), address.channel)
        return staff_message(voice, said.title, said.text, meeting, attended=said.is_for_those_present)
    if held is None or meeting is None:
        msg = f"a {row.kind.value} without a registration"
        raise ValueError(msg)
    if row.kind is Kind.REMINDER:
        return reminder(voice, meeting, address.channel, held)
    if row.kind is not Kind.NOTICE:
        msg = f"a {row.kind.value} without words"
        raise ValueError(msg)
    if row.detail == SEAT:
        before = context.registrations.get(held.instead_of or 0)
        left = (before, context.meetings[before.meeting_id]) if before else None
        return seat_notice(voice, meeting, address.channel, address.value, held, left)
    waiting = held.status is RegistrationStatus.WAITLISTED
    corrects = is_correction(row.detail)
    return change_notice(voice, meeting, address.channel, address.value, held, waiting=waiting, corrects=corrects)
