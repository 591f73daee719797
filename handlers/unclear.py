"""Not understood: say what can be done, in chat; a letter goes to a person."""

from conversation.message import Button, Reply
from handlers import hand_over
from handlers.turn import Turn, clean, rows


async def again(turn: Turn) -> Reply:
    """Not the answer that was asked for; the open question follows below. A letter goes to a person."""
    if turn.channel.is_letter:
        return await unclear(turn)
    turn.record.outcome = "unclear"
    return Reply(turn.say("unclear.again"))


async def off_limits(turn: Turn) -> Reply:
    """Opinions, politics, other people's data, abuse, attempts to steer the program: a calm, short refusal."""
    turn.record.outcome = "declined"
    return Reply(turn.say("ask.off_limits"))


async def undecided(turn: Turn) -> Reply:
    """Not decided yet: nothing is done, and nothing is pressed for."""
    turn.record.outcome = "answered"
    return Reply(turn.say("unclear.undecided"))


async def unclear(turn: Turn) -> Reply:
    """The last resort of every turn."""
    if turn.channel.is_letter:
        before = await hand_over.hand_over(turn, turn.incoming.text, "unclear")
        if before is not None:
            return Reply(hand_over.answered_before(turn, before))
        return Reply(turn.say("unclear.mail"))
    turn.record.outcome = "unclear"
    turn.dialogue.question = clean(turn.incoming.text, 1000)
    buttons = [
        Button(turn.say("button.programme"), data="go:programme"),
        Button(turn.say("button.register"), data="go:register"),
        Button(turn.say("button.person"), data="go:person"),
    ]
    return Reply(turn.say("unclear.text"), buttons=rows(buttons))
