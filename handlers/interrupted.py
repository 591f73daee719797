"""A message that does not answer the open question is answered as a message of its own.

Then the question is asked again.
"""

from dataclasses import replace

from conversation.dialogue import Dialogue
from conversation.links import mark
from conversation.message import Reply
from conversation.open_questions import Asks, Guessing, Registering
from handlers import buttons
from handlers.answer import Answer
from handlers.registration import questions
from handlers.turn import Handler, Turn, to_confirm

#: What a letter can only say yes to by answering the mail that asks, or by its link.
_CLOSED = {Asks.CONSENT, Asks.CONFIRM}


def is_open(turn: Turn) -> bool:
    """Whether a question waits for its answer. What somebody may have meant ("forse cercavi") is only an offer."""
    return turn.dialogue.open is not None and not isinstance(turn.dialogue.open, Guessing)


def _asks(answered: Answer) -> bool:
    """Whether it leaves a question open that waits for its answer."""
    return answered.asks is not None and not isinstance(answered.asks, Guessing)


async def aside(turn: Turn, handler: Handler) -> Answer:
    """Answer with ``handler``, then ask the open question again.

    Unless the answer asks one of its own: that is open then.
    """
    held = replace(turn.dialogue)
    turn.dialogue.close()
    answered = await handler(turn)
    if _asks(answered):
        if held.registering is not None and not isinstance(answered.asks, Registering):
            turn.dialogue.kept = held.registering.draft
        return answered
    _restore(turn.dialogue, held)
    again = _again(turn)
    # What the answer offers stands first: "forse cercavi" without its choices would ask nothing.
    said = answered.reply
    here = {b.data for row in said.buttons for b in row}
    offered = (*said.buttons, *(row for row in again.buttons if not {b.data for b in row} <= here))
    lead = f"{said.plain}\n\n{turn.say('register.again')}"
    return replace(answered, reply=Reply(f"{lead} {again.text}", buttons=offered, files=said.files), asks=None)


async def aside_if_open(turn: Turn, handler: Handler) -> Answer:
    """Answer, without losing the question that may be open."""
    return await aside(turn, handler) if is_open(turn) else await handler(turn)


def _restore(talk: Dialogue, held: Dialogue) -> None:
    talk.open, talk.words, talk.asked_in, talk.shown = held.open, held.words, held.asked_in, held.shown


def _again(turn: Turn) -> Reply:
    rebuilt = questions.reask(turn)
    if rebuilt is not None and rebuilt.asks is not None:
        turn.leave_open(rebuilt.asks)
        buttons.remember(turn, rebuilt.reply)
        return rebuilt.reply
    shown = buttons.show_again(turn, "")
    if turn.channel.is_letter and turn.dialogue.asks in _CLOSED:
        turn.dialogue.asked_in = mark(turn.answer_key)
        return to_confirm(turn, shown.text)
    return shown
