"""Messages that the bot left to a person: looked at as text, answered, tried again, or put away."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from conversation.channel import Channel
from conversation.links import ADDRESS
from conversation.message import Address, Glimpse, Reading, Reply, Thread
from db import set_aside as stored
from db.engine import Transaction
from db.outbox import queue_reply, take_back_pieces
from db.people import find_person
from db.requests import Actor, record
from db.set_aside import LETTER, LeavingReply, SetAside, all_set_aside, answer_key, answers_leaving
from mail.reading.confined import ConfinedReader
from mail.reading.shown import read_shown
from mail.screening.judgement import LetterKind
from office.desk import Desk
from office.errors import RefusedError
from office.questions import GRACE, read_answer

__all__ = [
    "Addressee",
    "GoneError",
    "LeavingReply",
    "NotForUs",
    "Seen",
    "SetAside",
    "all_set_aside",
    "answer_letter",
    "answers_leaving",
    "left_alone",
    "look_at",
    "put_away",
    "stored_at",
    "try_again",
    "undo_letter",
]
#: What nobody wrote. Not a returned letter, which is counted by itself; not spam, which a person calls so, too.
_AUTOMATIC = (
    LetterKind.AUTO_REPLY,
    LetterKind.READ_RECEIPT,
    LetterKind.LIST,
    LetterKind.PEC_RECEIPT,
    LetterKind.ROBOT,
)
_LATELY = timedelta(days=7)
#: Characters of an update that is shown as it came.
_SHOWN = 4_000


class NotForUs(StrEnum):
    """Why nothing is to be done."""

    NOT_FOR_US = "not_for_us"
    SPAM = "spam"


async def left_alone(tx: Transaction, now: datetime) -> tuple[int, int]:
    """How many letters of the last week nobody was answered for, and nobody has to look at.

    Those that were known to be automatic; and those that say that mail of ours did not arrive.
    """
    found = await stored.count_letters(tx, now - _LATELY)
    return sum(found.get(kind, 0) for kind in _AUTOMATIC), found.get(LetterKind.BOUNCE, 0)


class GoneError(RefusedError):
    """The message does not wait any more."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"il messaggio n. {number} non aspetta più nessuno: un'altra persona se ne è occupata, oppure è scaduto"
        )


async def stored_at(tx: Transaction, number: int) -> tuple[Channel, bytes]:
    """What was stored, for ``look_at``. Raises ``GoneError``."""
    found = await stored.payload_of(tx, number)
    if found is None:
        raise GoneError(number)
    return found


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom an answer to a letter goes to, and under what."""

    address: Address
    thread: Thread | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What is in a message, as text.

    ``to``: who may be answered; without it ``why_not``: "chat", or as ``read_shown`` says.
    """

    glimpse: Glimpse
    to: Addressee | None = None
    why_not: str = ""


def look_at(channel: Channel, payload: bytes, *, ours: str, authserv_id: str) -> Seen:
    """What is in it. Takes a moment: a mail is read in a process of its own, with limits.

    Call it outside a transaction.
    """
    if channel is not Channel.EMAIL:
        return Seen(Glimpse(words=_words_of(payload)), why_not="chat")
    reader = ConfinedReader(partial(read_shown, ours=ours, authserv_id=authserv_id))
    try:
        return _seen(reader, payload)
    finally:
        reader.close()


def _seen(read: Callable[[bytes], Reading], payload: bytes) -> Seen:
    try:
        reading = read(payload)
    except (TimeoutError, ChildProcessError) as error:
        return Seen(Glimpse(words=f"({error})"), why_not="no_sender")
    if reading.glimpse is None:
        return Seen(Glimpse(words=f"({reading.reason})"), why_not="no_sender")
    incoming = reading.incoming
    to = Addressee(incoming.address, incoming.thread) if incoming else None
    return Seen(reading.glimpse, to, reading.reason)


def _words_of(payload: bytes) -> str:
    """The words of an update; of one that has none the whole, as it came."""
    try:
        update: Any = json.loads(payload)
        message = update.get("message") or update.get("edited_message") or {}
        words = message.get("text") or message.get("caption")
        return str(words or json.dumps(update, ensure_ascii=False, indent=1))[:_SHOWN]
    except (ValueError, AttributeError, RecursionError):
        return payload[:_SHOWN].decode("utf-8", "replace")


async def try_again(tx: Transaction, number: int, now: datetime, *, by: Actor) -> None:
    """Have the bot read it once more. Raises ``GoneError``."""
    if not await stored.put_back_in(tx, number):
        raise GoneError(number)
    await record(tx, "tried_again", now=now, subject=f"inbox:{number}", by=by)


async def put_away(tx: Transaction, number: int, why: NotForUs, now: datetime, *, by: Actor) -> None:
    """Nothing is to be done; its words are forgotten here, a letter stays in the mailbox. Raises ``GoneError``."""
    if not await stored.dismiss(tx, number, why.value, now):
        raise GoneError(number)
    await record(tx, why.value, now=now, subject=f"inbox:{number}", by=by)


async def answer_letter(
    tx: Transaction, desk: Desk, number: int, text: str, to: Addressee, *, grace: timedelta = GRACE
) -> datetime:
    """Answer its sender, in its thread; the letter is settled.

    When the answer leaves (UTC). Raises ``GoneError``, ``RefusedError``.

    ``to``: as ``look_at`` found it in this very letter. Nothing of the letter is repeated in the answer: whoever forges
    a sender would have us send it on.
    """
    text = read_answer(text)
    if not await stored.settle_answered(tx, number, text, desk.now):
        raise GoneError(number)
    person = await find_person(tx, to.address)
    language = person.language if person and person.language in desk.library.texts else "it"
    answer = desk.library.say("person.office_letter", language, answer=text)
    due = desk.now + grace
    await queue_reply(
        tx,
        answer_key(str(number)),
        to.address,
        Reply(answer, links=tuple(ADDRESS.findall(text))),
        now=due,
        person_id=person.id if person else None,
        thread=to.thread,
        subject=desk.library.say("person.office_subject", language),
        language=language,
    )
    person_id = person.id if person else None
    await record(tx, "letter_answered", now=desk.now, person_id=person_id, subject=f"inbox:{number}", by=desk.by)
    return due


async def undo_letter(tx: Transaction, desk: Desk, number: int) -> str:
    """Take back an answer that has not left: what it said. The letter waits again. Raises ``RefusedError``."""
    taken = await take_back_pieces(tx, answer_key(str(number)))
    said = await stored.unsettle_answered(tx, number) if taken else None
    if said is None:
        msg = "la risposta è già partita, oppure non c'è"
        raise RefusedError(msg)
    await record(tx, "letter_answer_undone", now=desk.now, subject=f"inbox:{number}", by=desk.by)
    return said


def letter_of(key: str) -> int | None:
    """The letter that the message with this key, or one of its pieces, answers."""
    kind, _, number = key.partition("#")[0].partition(":")
    return int(number) if kind == LETTER and number.isdecimal() else None
