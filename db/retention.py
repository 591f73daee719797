"""What is forgotten, and when.

The periods are those that the privacy notice tells people; docs/privacy.md lists them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, Table, and_, delete, exists, select, text, tuple_

from conversation.channel import CHANNELS, channel_named
from conversation.message import Address
from db.dialogues import keep_unfinished, unfinished_threads
from db.engine import Database
from db.models import (
    TALK_CLOSED,
    TALK_SENT,
    InboxState,
    addresses,
    adhesions,
    audit,
    broadcasts,
    dialogues,
    hand_overs,
    inbox,
    link_tokens,
    lockouts,
    meetings,
    message_counts,
    outbox,
    purges,
    registrations,
    returns,
    sessions,
    staff_links,
)
from db.periods import Periods
from db.personal_data import erase_but_letters, forget_letters, letters_naming
from db.requests import record
from db.set_aside import answered_letters, forget_answered

T = TypeVar("T")

#: How long it is kept that something was said: what stays with no registration.
SENT_REPLIES = timedelta(days=30)
#: Networks from which somebody failed to enter the console; the longest pause is a quarter of an hour.
_FAILURES = timedelta(days=1)
#: A session that is over says whose form it is that is sent too late, as long as the browser keeps its cookie: a day.
_SENT_TOO_LATE = timedelta(hours=16)
#: What one transaction deletes or changes: some hundredths of a second, letters with their words too.
_ROWS_AT_ONCE = 50
#: A clock that is wrong for one night harms so many and no more.
_PEOPLE_A_NIGHT = 200


async def forget(database: Database, now: datetime, periods: Periods) -> int:
    """Delete what its period has passed for; how many people were erased (at most ``_PEOPLE_A_NIGHT``).

    In many short transactions, one for each person, so that nobody who writes meanwhile waits; each finds by an index
    what it deletes. What is read for longer is read where nobody waits for it (``Database.look``).
    """
    async with database.look() as tx:
        unfinished, answered = await unfinished_threads(tx, now), await answered_letters(tx, now)
    for some in _batches(unfinished):
        async with database.begin() as tx:
            await keep_unfinished(tx, some, now)
    for numbers in _batches(answered):
        async with database.begin() as tx:
            await forget_answered(tx, numbers)
    for table, old in _expired(now, periods):
        while await _delete_some(database, table, old) == _ROWS_AT_ONCE:
            continue
    before = now - periods.people
    async with database.look() as tx:
        found = (await tx.execute(_over(before).limit(_PEOPLE_A_NIGHT))).all()
    erased = [await _erase(database, person, now, before) for person in {row[0]: None for row in found}]
    async with database.look() as tx:
        letters = await letters_naming(tx, [address for theirs in erased for address in theirs])
    for numbers in _batches(letters):
        async with database.begin() as tx:
            await forget_letters(tx, numbers)
    return sum(bool(theirs) for theirs in erased)


def _batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[begin : begin + _ROWS_AT_ONCE] for begin in range(0, len(rows), _ROWS_AT_ONCE))


def _expired(now: datetime, periods: Periods) -> list[tuple[Table, ColumnElement[bool]]]:
    """Each table with what is over in it, people apart."""
    before, long_before = now - periods.letters, now - periods.audit
    # The ids of mails stay while a mailbox whose UIDVALIDITY changed may show the mail again.
    mailbox = max(periods.letters, 2 * periods.mail_age)
    known = {c.value: now - (mailbox if c.shown_again is None else c.shown_again) for c in CHANNELS.values()}
    done, aside = inbox.c.state == InboxState.DONE.value, inbox.c.state == InboxState.SET_ASIDE.value
    handled = [and_(inbox.c.channel == channel, done, inbox.c.handled_at < at) for channel, at in known.items()]
    left = [and_(inbox.c.channel == channel, aside, inbox.c.handled_at < before) for channel in known]
    return [
        (dialogues, dialogues.c.expires_at <= now),
        (message_counts, message_counts.c.ends_at <= now),
        (link_tokens, link_tokens.c.expires_at <= now),
        (sessions, sessions.c.expires_at <= now - _SENT_TOO_LATE),
        (staff_links, staff_links.c.expires_at <= now),
        (lockouts, lockouts.c.at < now - _FAILURES),
        *((inbox, old) for old in (*handled, *left)),
        (hand_overs, hand_overs.c.answered_at < before),
        (hand_overs, hand_overs.c.created_at < now - periods.people),
        (returns, returns.c.at < before),
        (purges, purges.c.asked_at < before),
        # Reminders and notices stay with their registration.
        (outbox, and_(text(TALK_SENT), outbox.c.sent_at < now - SENT_REPLIES)),
        (outbox, and_(text(TALK_CLOSED), outbox.c.due_at < before)),
        (audit, audit.c.at < long_before),
        (broadcasts, broadcasts.c.created_at < long_before),
    ]


async def _delete_some(database: Database, table: Table, old: ColumnElement[bool]) -> int:
    """Delete up to ``_ROWS_AT_ONCE`` rows; how many."""
    key = list(table.primary_key)
    some = select(*key).where(old).limit(_ROWS_AT_ONCE)
    async with database.begin() as tx:
        return (await tx.execute(delete(table).where(tuple_(*key).in_(some)))).rowcount


def _over(before: datetime) -> Select[int, str, str]:
    """The addresses of those whose last meeting and last contact are both before then, longest past first.

    They are found by their addresses: whoever can be reached nowhere is in no table (an erasure takes the person
    along).
    """
    other = addresses.alias()
    recent = exists().where(other.c.person_id == addresses.c.person_id, other.c.used_at >= before)
    attends = (
        exists()
        .where(registrations.c.person_id == addresses.c.person_id, registrations.c.meeting_id == meetings.c.id)
        .where((meetings.c.day >= before.date()) | (meetings.c.day.is_(None) & (registrations.c.changed_at >= before)))
    )
    joined = exists().where(adhesions.c.person_id == addresses.c.person_id, adhesions.c.created_at >= before)
    return (
        select(addresses.c.person_id, addresses.c.channel, addresses.c.value)
        .where(addresses.c.used_at < before, ~recent, ~attends, ~joined)
        .order_by(addresses.c.used_at)
    )


async def _erase(database: Database, person_id: int, now: datetime, before: datetime) -> list[Address]:
    """Erase one person, unless they have been heard of since they were found; the addresses that they had."""
    async with database.begin() as tx:
        found = (await tx.execute(_over(before).where(addresses.c.person_id == person_id))).first()
        if found is None:
            return []
        # One address leads to all that hangs on the person, the other addresses too.
        _, theirs = await erase_but_letters(tx, Address(channel_named(found[1]), found[2]), now)
        await record(tx, "expired", now=now)
    return theirs
