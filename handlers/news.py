"""News of new meetings: on, off."""

from conversation.message import Reply
from conversation.open_questions import EndingAll, EndingNews, SubscribingToNews
from conversation.outcome import TurnOutcome
from conversation.understanding import cues
from db.people import stop_writing, update_person
from db.requests import record
from handlers.answer import Answer
from handlers.turn import Turn, name_from, says_no, says_yes, to_confirm


async def switch_on(turn: Turn) -> Answer:
    """Ask first: in chat, when nothing is stored about the person yet; by mail, when the sender may be forged."""
    if not turn.vouched or (turn.person is None and not turn.channel.is_letter):
        return _ask_on(turn)
    return await _switch(turn)


def _ask_on(turn: Turn) -> Answer:
    return Answer.asking(SubscribingToNews(), to_confirm(turn, turn.say("updates.ask")))


async def _switch(turn: Turn) -> Answer:
    known = await turn.know(name_from(turn.incoming.name))
    await update_person(turn.tx, known.id, updates=True)
    await record(turn.tx, "updates_on", now=turn.now, person_id=known.id)
    turn.dialogue.close()
    notice = (
        "\n\n" + turn.say("register.mail_notice", months=turn.office.retention_months) if turn.channel.is_letter else ""
    )
    return Answer(Reply(turn.say("updates.on") + notice), TurnOutcome.RECORDED)


async def stop(turn: Turn) -> Answer:
    """/stop: nothing more, at once where it is sure who asks."""
    return await _stop_all(turn) if turn.vouched else _ask_stop(turn, EndingAll())


async def _stop_all(turn: Turn) -> Answer:
    """Nothing more to this address that was not asked for, until somebody writes from it; registrations stay."""
    await stop_writing(turn.tx, turn.incoming.address, turn.now)
    if turn.person is not None:
        await record(turn.tx, "stopped", now=turn.now, person_id=turn.person.id)
    turn.dialogue.close()
    return Answer(Reply(turn.say("updates.stopped")), TurnOutcome.DONE)


def _ask_stop(turn: Turn, question: EndingAll | EndingNews) -> Answer:
    key = "updates.ask_stop" if isinstance(question, EndingAll) else "updates.ask_off"
    return Answer.asking(question, to_confirm(turn, turn.say(key)))


async def resume(turn: Turn, question: SubscribingToNews | EndingAll | EndingNews) -> Answer | None:
    """The yes or no."""
    if says_yes(turn):
        if isinstance(question, SubscribingToNews):
            return await _switch(turn) if turn.confirmed else _ask_on(turn)
        if not turn.confirmed:
            return _ask_stop(turn, question)
        return await (_stop_all if isinstance(question, EndingAll) else _switch_off)(turn)
    if says_no(turn):
        turn.dialogue.close()
        if isinstance(question, SubscribingToNews):
            return Answer(Reply(turn.say("register.declined", mailbox=turn.office.mailbox)), TurnOutcome.DECLINED)
        return Answer(Reply(turn.say("updates.kept")), TurnOutcome.DECLINED)
    return None


async def switch_off(turn: Turn) -> Answer:
    """No more news; registrations keep their reminders, unless these are to stop as well."""
    everything = cues.means_everything(turn.incoming.text) and turn.person is not None
    if not turn.vouched:
        return _ask_stop(turn, EndingAll() if everything else EndingNews())
    return await (_stop_all if everything else _switch_off)(turn)


async def _switch_off(turn: Turn) -> Answer:
    if turn.person is not None:
        await update_person(turn.tx, turn.person.id, updates=False)
        await record(turn.tx, "updates_off", now=turn.now, person_id=turn.person.id)
    turn.dialogue.close()
    return Answer(Reply(turn.say("updates.off")), TurnOutcome.DONE)
