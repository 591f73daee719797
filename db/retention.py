"""What is forgotten, and when. The periods are those that the privacy notice tells people; docs/privacy.md lists them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.message import Address, Channel
from db.models import (
    InboxState,
    addresses,
    adhesions,
    audit,
    broadcasts,
    dialogues,
    hand_overs,
    inbox,
    link_tokens,
    meetings,
    people,
    purges,
    registrations,
    returns,
)
from db.outbox import forget_closed
from db.people import erase_person
from db.requests import record

#: Telegram shows an update for 24 hours (Bot API, getUpdates).
_UPDATE_IDS = timedelta(days=3)
_SENT_REPLIES = timedelta(days=30)
_MONTH = timedelta(days=30.44)
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Periods:
    """``people``: after the last meeting or contact; ``letters``: set aside, answered, come back; ``mail_age``: the oldest mail read."""

    people: timedelta
    letters: timedelta
    audit: timedelta
    mail_age: timedelta

    @classmethod
    def of(cls, *, months: int, days: int, audit_months: int, mail_days: int) -> "Periods":
        """From the settings."""
        return cls(months * _MONTH, timedelta(days=days), audit_months * _MONTH, timedelta(days=mail_days))


async def forget(tx: AsyncConnection, now: datetime, periods: Periods) -> int:
    """Delete what its period has passed for; how many people were erased (at most a couple of hundred at a time)."""
    await tx.execute(delete(dialogues).where(dialogues.c.expires_at <= now))
    await tx.execute(delete(link_tokens).where(link_tokens.c.expires_at <= now))
    await _forget_messages(tx, now, periods)
    await tx.execute(delete(audit).where(audit.c.at < now - periods.audit))
    await tx.execute(delete(broadcasts).where(broadcasts.c.created_at < now - periods.audit))
    return await _forget_people(tx, now, now - periods.people)


async def _forget_messages(tx: AsyncConnection, now: datetime, periods: Periods) -> None:
    done = inbox.c.state == InboxState.DONE.value
    before = now - periods.letters
    await tx.execute(delete(inbox).where(inbox.c.channel == "telegram", done, inbox.c.handled_at < now - _UPDATE_IDS))
    # The ids of mails stay while a mailbox whose UIDVALIDITY changed may show the mail again.
    known = max(periods.letters, 2 * periods.mail_age)
    await tx.execute(delete(inbox).where(inbox.c.channel == "email", done, inbox.c.handled_at < now - known))
    await tx.execute(delete(inbox).where(inbox.c.state == InboxState.SET_ASIDE.value, inbox.c.handled_at < before))
    await tx.execute(delete(hand_overs).where(hand_overs.c.answered_at < before))
    await tx.execute(delete(hand_overs).where(hand_overs.c.created_at < now - periods.people))
    await tx.execute(delete(returns).where(returns.c.at < before))
    await tx.execute(delete(purges).where(purges.c.asked_at < before))
    await forget_closed(tx, sent_before=now - _SENT_REPLIES, closed_before=before)


async def _forget_people(tx: AsyncConnection, now: datetime, before: datetime) -> int:
    """Erase those whose last meeting and last contact are both past their period."""
    recent = exists().where(addresses.c.person_id == people.c.id, addresses.c.used_at >= before)
    attends = (
        exists()
        .where(registrations.c.person_id == people.c.id, registrations.c.meeting_id == meetings.c.id)
        .where((meetings.c.day >= before.date()) | (meetings.c.day.is_(None) & (registrations.c.changed_at >= before)))
    )
    joined = exists().where(adhesions.c.person_id == people.c.id, adhesions.c.created_at >= before)
    old = select(people.c.id).where(people.c.created_at < before, ~recent, ~attends, ~joined).limit(_AT_ONCE)
    found = [int(row[0]) for row in (await tx.execute(old)).all()]
    for person in found:
        # One address leads to all that hangs on the person, the other addresses too.
        place = select(addresses.c.channel, addresses.c.value).where(addresses.c.person_id == person).limit(1)
        found_at = (await tx.execute(place)).first()
        if found_at is not None:
            await erase_person(tx, Address(Channel(found_at[0]), found_at[1]), now)
        else:  # nobody can have been reached: only the name is left
            await tx.execute(update(audit).where(audit.c.person_id == person).values(person_id=None, data=None))
            await tx.execute(delete(people).where(people.c.id == person))
        await record(tx, "expired", now=now)
    return len(found)
