"""Edits of earlier messages: one corrects what was said; it never answers a question that was asked after it.

Of each message a digest is kept as long as the thread: an edit that changes no word, or only how one is spelt of what
was acted upon already, is not answered again. Nobody's words are kept for it.
"""

from dataclasses import replace
from hashlib import sha256

from conversation.open_questions import Asks
from conversation.outcome import TurnOutcome
from conversation.understanding.yes_no import read_yes_no
from conversation.words import tokens
from handlers.answer import Answer
from handlers.buttons import show_again
from handlers.intents import INTENTS
from handlers.turn import Turn

#: Messages of a thread that are known again. People mend what they have just written.
_KNOWN = 12
#: What a message may answer again, once it is corrected. A yes or a no is said anew.
_OPEN = {Asks.MEETING, Asks.NAME, Asks.ORGANISATION, Asks.PARTICIPANTS}


def note(turn: Turn, asked: Asks | None, outcome: TurnOutcome) -> None:
    """Know this message again. ``asked``: the question that was open when it came; ``outcome``: what became of it."""
    incoming = turn.incoming
    if incoming.number and (incoming.text or turn.command is not None):
        known = [entry for entry in turn.dialogue.said if entry[0] != incoming.number]
        meaning = "" if asked or outcome is TurnOutcome.HANDED_OVER else _meaning(turn)
        entry = [incoming.number, _words(turn), meaning, asked or ""]
        turn.dialogue.said = [*known, entry][-_KNOWN:]


def says_nothing_new(turn: Turn) -> bool:
    """Whether this edit changes nothing that matters."""
    entry = _known(turn)
    return bool(entry) and (entry[1] == _words(turn) or ("" != entry[2] == _meaning(turn)))


def answers_again(turn: Turn) -> None:
    """Let the edit of an answer answer the same question of the registration that is still open."""
    entry, talk = _known(turn), turn.dialogue
    if entry and entry[3] in _OPEN and talk.registering is not None:
        talk.open = replace(talk.registering, asks=Asks(entry[3]))


def refuse_yes(turn: Turn) -> Answer | None:
    """The reply to an edit that would say yes or no: it does not; the open question stands."""
    if read_yes_no(turn.incoming.text) is None or turn.dialogue.asks is None:
        return None
    return Answer(show_again(turn, turn.say("unclear.edited")), TurnOutcome.UNCLEAR)


def _known(turn: Turn) -> list[str]:
    return next((entry for entry in turn.dialogue.said if entry[0] == turn.incoming.number), [])


def _words(turn: Turn) -> str:
    text = turn.incoming.text if turn.command is None else f"/{turn.command} {turn.incoming.text}"
    return _digest(" ".join(tokens(text)) or text)


def _meaning(turn: Turn) -> str:
    """What was understood, where that is all there is to the words; empty elsewhere: of other words each may matter."""
    heard = turn.heard
    if not INTENTS[heard.intent].understood_whole or heard.besides:
        return ""
    meeting, details = heard.meeting, heard.details
    who = (details.organisation, details.participants, details.more, details.contact)
    return _digest(repr((heard.intent, meeting.chosen, meeting.candidates, meeting.excluded, who)))


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
