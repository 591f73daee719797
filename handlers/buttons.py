"""Buttons answer one question: what is sent back carries the mark of the question it stands under (``yes#3f9a…``).

Pressed when that question is no longer open, a button changes nothing: the bot says so, and shows the open question
again. Buttons that are a wish of their own (``go:register``, a meeting of the programme) need no mark.
"""

from dataclasses import replace

from conversation.dialogue import Dialogue
from conversation.message import Button, Incoming, Reply
from handlers.turn import Turn

#: What means something only as an answer.
_ANSWERS = frozenset({"yes", "no", "all", "private", "person", "people", "place", "fix"})
#: A meeting or a fact may be the answer to a question, or be chosen from a list.
_MAY_ANSWER = _ANSWERS | {"meeting", "fact"}
_SIGN = "#"


def unbind(incoming: Incoming) -> Incoming:
    """A pressed button, its mark apart: it proves what it answers, as the reference of a letter does."""
    press, _, mark = incoming.press.partition(_SIGN)
    return replace(incoming, press=press or incoming.press, proof=mark)


def bind(reply: Reply, dialogue: Dialogue) -> Reply:
    """The reply with the mark of the open question on its buttons."""
    if dialogue.asks is None or not reply.buttons:
        return reply
    marked = tuple(tuple(_mark(button, dialogue.asked_in) for button in row) for row in reply.buttons)
    return replace(reply, buttons=marked)


def _mark(button: Button, mark: str) -> Button:
    verb = button.data.partition(":")[0]
    return replace(button, data=f"{button.data}{_SIGN}{mark}") if verb in _MAY_ANSWER else button


def is_stale(turn: Turn) -> bool:
    """Whether the pressed button belongs to another question than the open one."""
    press, talk = turn.incoming.press, turn.dialogue
    if not turn.channel.buttons or not press or (press.partition(":")[0] not in _ANSWERS and not turn.incoming.proof):
        return False
    return talk.asks is None or turn.incoming.proof != talk.asked_in


def is_own_wish(turn: Turn) -> bool:
    """Whether the pressed button answers no question, but says what is wanted.

    A meeting of the programme fills an open registration.
    """
    verb = turn.incoming.press.partition(":")[0]
    if not verb or verb in _ANSWERS or (turn.incoming.proof and turn.channel.buttons):
        return False
    return verb != "meeting" or turn.dialogue.registering is None


def show_again(turn: Turn, lead: str) -> Reply:
    """``lead``, and the open question once more when there is one."""
    shown = turn.dialogue.shown
    if turn.dialogue.asks is None or not shown:
        return Reply(lead)
    text, *rows = shown
    buttons = tuple(tuple(Button(label, data) for label, data in row) for row in rows)
    return Reply(f"{lead}\n\n{text}" if lead else text, buttons=buttons)


def remember(turn: Turn, reply: Reply) -> None:
    """Keep the question that ``reply`` asks, to show it again."""
    rows = [[[b.label, b.data] for b in row if b.data] for row in reply.buttons]
    turn.dialogue.shown = [turn.question or reply.plain, *(row for row in rows if row)]
