"""What waits for staff: questions; and the audit trail of what was done."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.message import Address, Thread
from conversation.outcome import HandOverReason
from conversation.words import tokens
from db.models import audit, hand_overs


@dataclass(frozen=True, slots=True)
class EarlierQuestion:
    """A question that reached the office before. ``answer``: what the office said, empty when it did not.

    ``waits``: nobody has answered or closed it. ``own``: the same person asked it; ``same``: in the same words.
    """

    asked_at: datetime
    question: str
    answer: str
    waits: bool
    own: bool
    same: bool


#: What the office is reminded of; a person who writes every day must not fill the mail with it.
_EARLIER = 3
#: Fewer words than this ("sì, grazie") say nothing about what is asked.
_FEWEST_WORDS = 3


async def earlier_questions(tx: AsyncConnection, address: Address, question: str) -> list[EarlierQuestion]:
    """What ``address`` asked the office before, or anybody asked in these words.

    At most three, those in these words first.
    """
    digest = _digest(question)
    here = (hand_overs.c.channel == address.channel.value) & (hand_overs.c.value == address.value)
    same = (hand_overs.c.digest == digest) & (hand_overs.c.digest != "")
    query = (
        select(hand_overs)
        .where(or_(here, same & (hand_overs.c.answer != "")))
        .order_by(same.desc(), hand_overs.c.id.desc())
        .limit(_EARLIER)
    )
    return [
        EarlierQuestion(
            row["created_at"],
            row["question"],
            row["answer"],
            waits=row["state"] == "open",
            own=(row["channel"], row["value"]) == (address.channel.value, address.value),
            same=bool(digest) and row["digest"] == digest,
        )
        for row in (await tx.execute(query)).mappings().all()
    ]


def _digest(question: str) -> str:
    """The words in their order, without capitals, accents and punctuation, as a fingerprint; empty for too few."""
    words = tokens(question)
    return sha256(" ".join(words).encode()).hexdigest()[:32] if len(words) >= _FEWEST_WORDS else ""


async def add_hand_over(
    tx: AsyncConnection,
    address: Address,
    *,
    person_id: int | None,
    question: str,
    reason: HandOverReason,
    thread: Thread | None,
    now: datetime,
    evidence: dict[str, Any] | None = None,
) -> str:
    """A question that waits for staff; its reference: number and token, which only the office is told.

    ``evidence``: what the bot understood, by names and numbers.
    """
    token = secrets.token_hex(4)
    statement = insert(hand_overs).values(
        channel=address.channel.value,
        value=address.value,
        person_id=person_id,
        question=question[:4000],
        digest=_digest(question),
        reason=reason.value,
        thread=thread.to_json() if thread else None,
        created_at=now,
        token=token,
        evidence=evidence,
    )
    number = (await tx.execute(statement.returning(hand_overs.c.id))).scalar_one()
    return f"{number}-{token}"


async def has_open_hand_over(tx: AsyncConnection, address: Address) -> bool:
    """Whether a question of this address waits for staff."""
    query = select(func.count()).where(
        hand_overs.c.channel == address.channel.value,
        hand_overs.c.value == address.value,
        hand_overs.c.state == "open",
    )
    return bool((await tx.execute(query)).scalar_one())


@dataclass(frozen=True, slots=True)
class Actor:
    """Who of the staff does something, as the audit trail keeps it."""

    #: The operator's number; ``None`` where no operator is known by one.
    staff_id: int | None
    #: How they are called, for when the operator is removed.
    name: str


#: Who works at the terminal.
TERMINAL = Actor(None, "cli")


async def record(
    tx: AsyncConnection,
    action: str,
    *,
    now: datetime,
    person_id: int | None = None,
    subject: str = "",
    data: dict[str, Any] | None = None,
    by: Actor | None = None,
) -> None:
    """One line of the audit trail: what was done, about whom (by number), to what. Never anybody's words.

    ``by``: who of the staff did it; ``None``: the person, or the bot by itself.
    """
    who = {"staff_id": by.staff_id, "staff_name": by.name[:200]} if by else {}
    values = {"at": now, "action": action, "person_id": person_id, "subject": subject, "data": data}
    await tx.execute(insert(audit).values(values | who))
