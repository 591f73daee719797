"""News of new meetings: on, off."""

from conversation.dialogue import Asks
from conversation.message import Reply
from conversation.understanding import cues
from db.people import stop_writing, update_person
from db.requests import record
from handlers.turn import Turn, name_from, says_no, says_yes, to_confirm

ACTION, STOP, OFF = "updates", "stop", "updates_off"


async def switch_on(turn: Turn) -> Reply:
    """Ask first: in chat, when nothing is stored about the person yet; by mail, when the sender may be forged."""
    if not turn.vouched or (turn.person is None and not turn.channel.is_letter):
        return _ask_on(turn)
    return await _switch(turn)


def _ask_on(turn: Turn) -> Reply:
    turn.ask(Asks.CONSENT, ACTION)
    turn.record.outcome = "asked"
    return to_confirm(turn, turn.say("updates.ask"))


async def _switch(turn: Turn) -> Reply:
    known = await turn.know(name_from(turn.incoming.name))
    await update_person(turn.tx, known.id, updates=True)
    await record(turn.tx, "updates_on", now=turn.now, person_id=known.id)
    turn.finish("recorded")
    notice = (
        "\n\n" + turn.say("register.mail_notice", months=turn.office.retention_months) if turn.channel.is_letter else ""
    )
    return Reply(turn.say("updates.on") + notice)


async def stop(turn: Turn) -> Reply:
    """/stop: nothing more, at once where it is sure who asks."""
    return await _stop_all(turn) if turn.vouched else _ask_stop(turn, STOP)


async def _stop_all(turn: Turn) -> Reply:
    """Nothing more to this address that was not asked for, until somebody writes from it; registrations stay."""
    await stop_writing(turn.tx, turn.incoming.address)
    if turn.person is not None:
        await record(turn.tx, "stopped", now=turn.now, person_id=turn.person.id)
    turn.finish("done")
    return Reply(turn.say("updates.stopped"))


def _ask_stop(turn: Turn, action: str) -> Reply:
    turn.ask(Asks.CONFIRM, action)
    turn.record.outcome = "asked"
    return to_confirm(turn, turn.say("updates.ask_stop" if action == STOP else "updates.ask_off"))


async def resume(turn: Turn) -> Reply | None:
    """The yes or no."""
    action = turn.dialogue.action
    if says_yes(turn):
        if not turn.confirmed:
            return _ask_on(turn) if action == ACTION else _ask_stop(turn, action)
        return await (_switch if action == ACTION else _stop_all if action == STOP else _switch_off)(turn)
    if says_no(turn):
        turn.finish("declined")
        if action == ACTION:
            return Reply(turn.say("register.declined", mailbox=turn.office.mailbox))
        return Reply(turn.say("updates.kept"))
    return None


async def switch_off(turn: Turn) -> Reply:
    """No more news; registrations keep their reminders, unless these are to stop as well."""
    everything = cues.means_everything(turn.incoming.text) and turn.person is not None
    if not turn.vouched:
        return _ask_stop(turn, STOP if everything else OFF)
    return await (_stop_all if everything else _switch_off)(turn)


async def _switch_off(turn: Turn) -> Reply:
    if turn.person is not None:
        await update_person(turn.tx, turn.person.id, updates=False)
        await record(turn.tx, "updates_off", now=turn.now, person_id=turn.person.id)
    turn.finish("done")
    return Reply(turn.say("updates.off"))
