"""What the office writes: its answer to a hand-over goes to the person who asked, on the channel and thread of the question.

Staff answer the mail they got, or reply to the bot's message in their Telegram group. The reference in its subject or
text ("n. 12-3fa9c1d2") says which question. That is no proof, for subjects are quoted and passed on: a mail must be vouched for
by its domain, or by answering the mail that the office got.
"""

import re

from conversation.links import ADDRESS
from conversation.message import Reply, Trust
from conversation.wording import form_for
from db.office_alerts import tell_moved
from db.outbox import queue_reply
from db.requests import HandOver, close_hand_over, find_hand_over
from handlers.turn import Turn

_REFERENCE = re.compile(r"\bn\. (\d{1,9}-[0-9a-f]{8})\b")


async def answer_for_staff(turn: Turn) -> Reply | None:
    """Pass the office's answer on, and say so to the office; ``None`` when this is no such answer."""
    incoming = turn.incoming
    if not is_the_office(turn):
        return None
    named = _REFERENCE.search(incoming.answers)
    asked = await find_hand_over(turn.tx, named[1]) if named else None
    if asked is None:
        return None
    if not turn.vouched:
        turn.record.outcome = "unclear"
        return Reply(turn.library.say("staff.answer_unproven", "it", number=asked.reference))
    if incoming.attached or not incoming.text.strip():
        turn.record.outcome = "unclear"
        return Reply(turn.library.say("staff.answer_with_file", "it", number=asked.reference))
    await _deliver(turn, asked)
    await close_hand_over(turn.tx, asked.id, incoming.text.strip(), turn.now)
    turn.record.outcome = "done"
    return Reply(
        turn.library.say("staff.answer_sent", "it", number=asked.reference, channel=asked.address.channel.value)
    )


def is_the_office(turn: Turn) -> bool:
    """Whether this says that it comes from where hand-overs are sent to. A mail whose domain disowns it does not.

    A group that has become a supergroup has another number; our message that is answered there was sent to the office alone.
    """
    incoming, office = turn.incoming, turn.office
    moved = bool(office.staff_chat) and incoming.group and incoming.answers_us
    return moved or (incoming.address in office.staff_places and incoming.trust is not Trust.FAIL)


async def note_move(turn: Turn) -> None:
    """The office's group has a new number: the settings must name it."""
    if turn.incoming.address in turn.office.staff_places:
        await tell_moved(turn.tx, turn.office, turn.incoming.moved_to, library=turn.library, now=turn.now)


async def _deliver(turn: Turn, asked: HandOver) -> None:
    language = asked.language if asked.language in turn.library.texts else "it"
    form = form_for(asked.address.channel, private=False)
    values = {"question": ADDRESS.sub("…", asked.question)[:300], "answer": turn.incoming.text.strip()}
    text = turn.library.address("person.office_answer", language, form, values)
    await queue_reply(
        turn.tx,
        f"office:{asked.id}:{turn.key}",
        asked.address,
        Reply(text, links=tuple(ADDRESS.findall(turn.incoming.text))),
        now=turn.now,
        person_id=asked.person_id,
        thread=asked.thread,
        subject=turn.library.say("person.office_subject", language),
        language=language,
    )
