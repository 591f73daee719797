"""News of new meetings: on, off."""

import re

from conversation.dialogue import Asks
from conversation.message import Reply
from conversation.words import fold
from db.people import stop_writing, update_person
from db.requests import record
from handlers.turn import Turn, clean, says_no, says_yes, to_confirm

ACTION, STOP = "updates", "stop"


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


async def _stop_all(turn: Turn) -> Reply:
    """Nothing more to this address that was not asked for, until somebody writes from it; registrations stay."""
    if not turn.vouched:
        turn.ask(Asks.CONFIRM, STOP)
        turn.record.outcome = "asked"
        return to_confirm(turn, turn.say("updates.ask_stop"))
    await stop_writing(turn.tx, turn.incoming.address)
    if turn.person is not None:
        await record(turn.tx, "stopped", now=turn.now, person_id=turn.person.id)
    turn.finish("done")
    return Reply(turn.say("updates.stopped"))


async def resume(turn: Turn) -> Reply | None:
    """The yes or no."""
    if turn.dialogue.action == STOP and says_yes(turn):
        return await _stop_all(turn)
    if says_yes(turn):
        return await _switch(turn) if turn.confirmed or turn.person is None else await switch_on(turn)
    if says_no(turn):
        turn.finish("declined")
        return Reply(turn.say("register.declined", mailbox=turn.office.mailbox))
    return None


#: "nemmeno i promemoria", "più nulla": everything is to stop, not the news alone.
_EVERYTHING = re.compile(r"\b(?:promemoria|nulla|niente|nient'altro|reminders?|anything|nothing)\b")


async def switch_off(turn: Turn) -> Reply:
    """No more news; registrations keep their reminders, unless these are to stop as well."""
    if _EVERYTHING.search(fold(turn.incoming.text)) and turn.person is not None:
        return await _stop_all(turn)
    if turn.person is not None:
        await update_person(turn.tx, turn.person.id, updates=False)
        await record(turn.tx, "updates_off", now=turn.now, person_id=turn.person.id)
    turn.finish("done")
    return Reply(turn.say("updates.off"))
