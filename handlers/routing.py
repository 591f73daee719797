"""Who answers a message: a command, a button, the open question, or its words."""

from dataclasses import replace

from conversation.intents import Intent, Trait, has_trait
from conversation.message import Event, Reply
from conversation.understanding import SURE
from handlers import ask, buttons, edits, hand_over, interrupted, programme, welcome
from handlers.commands import BREAK_OFF, COMMANDS, Command
from handlers.intents import INTENTS
from handlers.registration import flow, withdraw
from handlers.resuming import RESUMERS
from handlers.turn import Turn, number_in
from handlers.wishes import answer_wish, choose_intent

#: A calendar that said no to an invitation presses this, with the registration's uid.
_DECLINED = "declined:"


async def route(turn: Turn) -> Reply | None:
    """The answer; ``None`` where none is to be given."""
    incoming = turn.incoming
    if incoming.press.startswith(_DECLINED):
        return await withdraw.offer(turn, incoming.press.removeprefix(_DECLINED))
    if incoming.group:
        return await _in_group(turn)
    if incoming.event is Event.ATTACHMENT:
        return await interrupted.aside_if_open(turn, welcome.attachment)
    if incoming.event is Event.ENCRYPTED:
        return await interrupted.aside_if_open(turn, hand_over.cannot_read)
    if turn.command is not None:
        return await _command(turn)
    if incoming.edited:
        if (refused := edits.refuse_yes(turn)) is not None:
            return refused
        edits.answers_again(turn)
    if buttons.is_stale(turn):
        turn.record.outcome = "unclear"
        again = buttons.show_again(turn, turn.say("welcome.stale"))
        return again if turn.dialogue.kept is None or interrupted.is_open(turn) else await flow.take_up(turn)
    if (number := number_in(incoming.press, "withdraw")) is not None:
        turn.dialogue.close()
        turn.record.intent = Intent.CANCEL
        return await withdraw.start_for(turn, number)
    if buttons.is_own_wish(turn):
        return await _pressed(turn)
    if turn.dialogue.asks is not None and not _asks_something(turn) and (resumed := await _resume(turn)) is not None:
        return resumed
    if incoming.press:
        return await _pressed(turn)
    return await answer_wish(turn)


async def _resume(turn: Turn) -> Reply | None:
    """What the answer to the open question does; ``None``: the message is about something else."""
    resumer = RESUMERS[turn.dialogue.action]
    resumed = await resumer.resume(turn)
    if resumed is not None and turn.record.intent == Intent.OTHER:
        turn.record.intent = resumer.intent or turn.heard.intent
    return resumed


def _asks_something(turn: Turn) -> bool:
    """Whether the words surely ask something themselves, so that they answer nothing."""
    asked = turn.incoming.text.rstrip().endswith("?") and not turn.incoming.press
    return asked and INTENTS[choose_intent(turn.heard)].aside and turn.heard.certainty >= SURE


async def _in_group(turn: Turn) -> Reply:
    if turn.heard.heard(Intent.CALENDAR) or turn.command == "programma":
        turn.record.outcome, turn.record.intent = "answered", Intent.CALENDAR
        lines = programme.programme_lines(turn) or turn.say("programme.none")
        return replace(await welcome.in_group(turn), text=f"{lines}\n\n{turn.say('welcome.group')}")
    return await welcome.in_group(turn)


async def _command(turn: Turn) -> Reply:
    name, words = turn.command or "", turn.incoming.text
    if name == BREAK_OFF and not words:
        was_open = turn.dialogue.asks is not None
        turn.finish("done")
        return Reply(turn.say("welcome.stopped" if was_open else "welcome.nothing_open"))
    if name == "start" and words.startswith("l_"):
        turn.dialogue.close()
        return await welcome.join_channels(turn, words[2:])
    if name == "start" and words.startswith("m_") and words[2:].isdecimal():
        turn.dialogue.close()
        return await _start_for(turn, int(words[2:]))
    command = COMMANDS.get(f"/{name}")
    if words and _is_clear_besides(turn, command):
        return await answer_wish(turn)
    if interrupted.is_open(turn) and command is not None and not command.ends_open:
        return await interrupted.aside(turn, command.handler)
    turn.dialogue.close()
    if command is None:
        return await welcome.show_help(turn)
    turn.record.intent = command.intent
    return await (command.with_words if command.with_words and words else command.handler)(turn)


def _is_clear_besides(turn: Turn, command: Command | None) -> bool:
    """Whether the words behind a command plainly wish something else than the command; of ``None``, an unknown one, anything."""
    intent = choose_intent(turn.heard)
    if command is None or command.says_nothing:
        return intent not in {Intent.OTHER, Intent.YES, Intent.NO}
    return not has_trait(intent, Trait.COURTESY) and intent != command.intent and turn.heard.certainty >= SURE


async def _start_for(turn: Turn, meeting_id: int) -> Reply:
    turn.record.intent = Intent.REGISTER
    if any(m.id == meeting_id for m in turn.upcoming):
        return await flow.start_for(turn, meeting_id)
    return await programme.show_programme(turn)


async def _pressed(turn: Turn) -> Reply:
    """A button that does not belong to the open question."""
    verb, _, argument = turn.incoming.press.partition(":")
    if turn.incoming.press == "go:resume":
        return await flow.take_up(turn)
    if verb == "go" and (command := COMMANDS.get(turn.incoming.press)) is not None:
        turn.dialogue.close()
        turn.record.intent = command.intent
        return await command.handler(turn)
    if verb == "meeting" and argument.isdecimal():
        turn.dialogue.close()
        return await _start_for(turn, int(argument))
    if verb == "wrong" and ask.is_about_last(turn, argument):
        return await interrupted.aside_if_open(turn, ask.wrong_answer)
    if verb == "fact" and argument in turn.library.facts:
        return ask.answer_with(turn, turn.library.facts[argument])
    turn.record.outcome = "unclear"
    return buttons.show_again(turn, turn.say("welcome.stale"))
