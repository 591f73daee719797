"""Not understood: say what can be done, in chat; a letter goes to a person."""

from conversation.message import Button, Reply
from conversation.outcome import HandOverReason, TurnOutcome
from handlers import hand_over
from handlers.answer import Answer
from handlers.turn import Turn, clean, rows


async def again(turn: Turn) -> Answer:
    """Not the answer that was asked for; the open question follows below. A letter goes to a person."""
    if turn.channel.is_letter:
        return await unclear(turn)
    return Answer(Reply(turn.say("unclear.again")), TurnOutcome.UNCLEAR)


async def off_limits(turn: Turn) -> Answer:
    """Opinions, politics, other people's data, abuse, attempts to steer the program: a calm, short refusal."""
    return Answer(Reply(turn.say("ask.off_limits")), TurnOutcome.DECLINED)


async def undecided(turn: Turn) -> Answer:
    """Not decided yet: nothing is done, and nothing is pressed for."""
    return Answer(Reply(turn.say("unclear.undecided")), TurnOutcome.ANSWERED)


async def unclear(turn: Turn) -> Answer:
    """The last resort of every turn."""
    if turn.channel.is_letter:
        before = await hand_over.hand_over(turn, turn.incoming.text, HandOverReason.UNCLEAR)
        if before is not None:
            return Answer(Reply(hand_over.answered_before(turn, before)), TurnOutcome.HANDED_OVER)
        return Answer(Reply(turn.say("unclear.mail")), TurnOutcome.HANDED_OVER)
    turn.dialogue.words = clean(turn.incoming.text, 1000)
    buttons = [
        Button(turn.say("button.programme"), data="go:programme"),
        Button(turn.say("button.register"), data="go:register"),
        Button(turn.say("button.person"), data="go:person"),
    ]
    return Answer(Reply(turn.say("unclear.text"), buttons=rows(buttons)), TurnOutcome.UNCLEAR)
