"""Interest in the Patto: noted and passed to staff. Nobody is ever declared to have signed."""

from conversation.dialogue import Asks
from conversation.message import Reply
from db.people import organisation_id
from db.requests import add_adhesion
from handlers import person
from handlers.turn import Turn, clean, says_no, says_yes, yes_no

ACTION = "adhere"


async def start(turn: Turn) -> Reply:
    """Ask in chat; by mail the letter is the request."""
    turn.dialogue.question = clean(turn.incoming.text, 1000)
    if turn.by_mail:
        return await _do(turn)
    turn.ask(Asks.ADHESION, ACTION)
    turn.record.outcome = "asked"
    notice = "" if turn.person else "\n\n" + turn.say("register.notice", months=turn.office.retention_months)
    return Reply(turn.say("adhere.ask") + notice, buttons=yes_no(turn))


async def resume(turn: Turn) -> Reply | None:
    """The yes or no."""
    if says_yes(turn):
        return await _do(turn)
    if says_no(turn):
        turn.finish("done")
        return Reply(turn.say("adhere.kept"))
    return None


async def _do(turn: Turn) -> Reply:
    known = await turn.know(clean(turn.heard.details.contact or turn.incoming.name))
    name = clean(turn.heard.details.organisation or known.organisation)
    place = await organisation_id(turn.tx, name, turn.now) if name else None
    fresh = await add_adhesion(turn.tx, known.id, place, turn.now)
    question = turn.dialogue.question
    if fresh:
        note = turn.library.say("staff.adhesion", "it", name=known.name or "—", organisation=name or "—")
        await person.hand_over(turn, f"{note}\n\n{question}", "adhesion")
    turn.finish("recorded")
    notice = "\n\n" + turn.say("register.mail_notice", months=turn.office.retention_months) if turn.by_mail else ""
    return Reply(turn.say("adhere.done" if fresh else "adhere.already") + notice)
