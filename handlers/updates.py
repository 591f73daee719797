"""News of new meetings: on, off."""

from conversation.dialogue import Asks
from conversation.message import Reply
from db.people import update_person
from db.requests import record
from handlers.turn import Turn, clean, says_no, says_yes, to_confirm

ACTION = "updates"


async def switch_on(turn: Turn) -> Reply:
    """Ask first: in chat, when nothing is stored about the person yet; by mail, when the sender may be forged."""
    if not turn.vouched or (turn.person is None and not turn.by_mail):
        turn.ask(Asks.CONSENT, ACTION)
        turn.record.outcome = "asked"
        return to_confirm(turn, turn.say("updates.ask"))
    return await _switch(turn)


async def _switch(turn: Turn) -> Reply:
    known = await turn.know(clean(turn.incoming.name))
    await update_person(turn.tx, known.id, updates=True)
    await record(turn.tx, "updates_on", now=turn.now, person_id=known.id)
    turn.finish("recorded")
    notice = "\n\n" + turn.say("register.mail_notice", months=turn.office.retention_months) if turn.by_mail else ""
    return Reply(turn.say("updates.on") + notice)


async def resume(turn: Turn) -> Reply | None:
    """The yes or no."""
    if says_yes(turn):
        return await _switch(turn) if turn.confirmed or turn.person is None else await switch_on(turn)
    if says_no(turn):
        turn.finish("declined")
        return Reply(turn.say("register.declined", mailbox=turn.office.mailbox))
    return None


async def switch_off(turn: Turn) -> Reply:
    """No more news; registrations keep their reminders."""
    if turn.person is not None:
        await update_person(turn.tx, turn.person.id, updates=False)
        await record(turn.tx, "updates_off", now=turn.now, person_id=turn.person.id)
    turn.finish("done")
    return Reply(turn.say("updates.off"))
