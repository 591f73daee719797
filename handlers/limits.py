"""The brakes: who writes faster than a person can, or answers us like a machine, is not answered any more."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from conversation.channel import Channel
from conversation.message import Incoming, Reply, Trust
from conversation.outcome import HandOverReason, TurnOutcome
from conversation.understanding.yes_no import ERASING
from db.addresses import touch_address
from db.message_counts import Counted, count_letter
from handlers import hand_over
from handlers.answer import Ended
from handlers.turn import Turn, says_yes

#: Fewer characters than this ("sì", "venerdì") a person may well write twice.
_A_SENTENCE = 25


def period_of(channel: Channel, now: datetime) -> datetime:
    """When the period ends in which messages are counted: the day that runs, or the minute."""
    if channel.answers_a_day is not None:
        return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


async def held_back(turn: Turn, counted: Counted) -> Ended | None:
    """What became of a message that a brake or a failed check holds back; else ``None``.

    ``counted``: what came from there in its period.
    """
    incoming = turn.incoming
    if turn.person is not None and not incoming.group and incoming.trust is not Trust.FAIL:
        await touch_address(turn.tx, incoming.address, turn.now)
    if _is_too_fast(turn, counted):
        is_first = counted.number == (turn.channel.per_minute or 0) + 1
        calm = Reply(turn.say("unclear.too_fast")) if is_first and not incoming.group else None
        return Ended(TurnOutcome.UNCLEAR, calm)
    if not incoming.press and await _are_too_many(turn, counted):
        return Ended(TurnOutcome.HANDED_OVER)
    if incoming.trust is Trust.FAIL:
        # Its domain disowns the letter (RFC 8601, dmarc=fail): an answer would go to whoever was named in it.
        await hand_over.hand_over(turn, incoming.text, HandOverReason.TRUST)
        return Ended(TurnOutcome.HANDED_OVER, intent=turn.heard.intent)
    return None


def _is_too_fast(turn: Turn, counted: Counted) -> bool:
    """The brake on chats: a person cannot write so much in a minute; a program can. One word, then silence."""
    most = turn.channel.per_minute_in_group if turn.incoming.group else turn.channel.per_minute
    return most is not None and counted.number > most


async def _are_too_many(turn: Turn, counted: Counted) -> bool:
    """The brakes on letters: two robots that answer each other stop here, and a person looks at it once.

    The same words again as a reply to our answer are a machine's: they stop at the first repetition, but for a yes to
    what that answer asks, where a new letter with the same yes was none. Others stop at so many a day.
    """
    most = turn.channel.answers_a_day
    if most is None:
        return False
    words = _words_of(turn.incoming)
    digest = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16] if len(words) >= _A_SENTENCE else ""
    thread = turn.incoming.thread
    replies = thread is not None and len(thread.references) > 1
    again = bool(digest) and replies and digest == counted.last_words and not _agrees(turn)
    # Counted apart: who forges a sender must not use up the person's own ten.
    number = 1 + (counted.vouched if turn.vouched else counted.number)
    kept = replace(counted, vouched=number) if turn.vouched else replace(counted, number=number)
    await count_letter(turn.tx, turn.incoming.address, replace(kept, last_words=digest))
    over = number > most
    if again or number == most + 1 or (over and turn.vouched):
        await hand_over.hand_over(turn, turn.incoming.text, HandOverReason.LOOP if again else HandOverReason.BRAKE)
    return again or over


def _agrees(turn: Turn) -> bool:
    """Whether it surely says yes to the question that is open, and nothing else."""
    return turn.dialogue.open is not None and turn.confirmed and says_yes(turn, ERASING)


def _words_of(letter: Incoming) -> str:
    """All that was written: a closing sentence may stand under every letter.

    Less the subject, which an answer lacks.
    """
    head, _, below = letter.text.partition("\n\n")
    own = below if below and head in letter.answers else letter.text
    return " ".join(own.split())
