"""Who answers a message: a command, a button, the open question, or its words."""

from conversation.intents import Intent, Trait, has_trait
from conversation.message import Event, Reply
from conversation.outcome import TurnOutcome
from conversation.understanding import SURE
from handlers import ask, buttons, edits, hand_over, interrupted, programme, welcome
from handlers.answer import Answer, Ended
from handlers.commands import BREAK_OFF, COMMANDS, JOINS, REGISTERS, Command
from handlers.intents import INTENTS
from handlers.registration import flow, withdraw
from handlers.resuming import RESUMERS
from handlers.turn import Handler, Turn, number_in
from handlers.wishes import answer_wish, choose_intent

#: A calendar that said no to an invitation presses this, with the registration's uid.
_DECLINED = "declined:"
#: What carries no words that we can read.
_UNREAD: dict[Event, Handler] = {Event.ATTACHMENT: welcome.attachment, Event.ENCRYPTED: hand_over.cannot_read}


async def route(turn: Turn) -> Answer | Ended:
    """The answer, or that none is to be given."""
    incoming = turn.incoming
    if incoming.press.startswith(_DECLINED):
        return await withdraw.offer(turn, incoming.press.removeprefix(_DECLINED))
    if incoming.group:
        return await _in_group(turn)
    if (handler := _UNREAD.get(incoming.event)) is not None:
        return await interrupted.aside_if_open(turn, handler)
    if turn.command is not None:
        return await _command(turn)
    if incoming.edited:
        if (refused := edits.refuse_yes(turn)) is not None:
            return refused
        edits.answers_again(turn)
    if buttons.is_stale(turn):
        if turn.dialogue.kept is None or interrupted.is_open(turn):
            return Answer(buttons.show_again(turn, turn.say("welcome.stale")), TurnOutcome.UNCLEAR)
        return await flow.take_up(turn)
    if (number := number_in(incoming.press, "withdraw")) is not None:
        turn.dialogue.close()
        return (await withdraw.start_for(turn, number)).about(Intent.CANCEL)
    if buttons.is_own_wish(turn):
        return await _pressed(turn)
    if not _asks_something(turn) and (resumed := await _resume(turn)) is not None:
        return resumed
    if incoming.press:
        return await _pressed(turn)
    return await answer_wish(turn)


async def _resume(turn: Turn) -> Answer | None:
    """What the answer to the open question does; ``None``: the message is about something else."""
    question = turn.dialogue.open
    if question is None:
        return None
    resumer = RESUMERS[question.action]
    resumed = await resumer.resume(turn, question)
    return resumed and resumed.about(resumer.intent or turn.heard.intent)


def _asks_something(turn: Turn) -> bool:
    """Whether the words surely ask something themselves, so that they answer nothing."""
    asked = turn.incoming.text.rstrip().endswith("?") and not turn.incoming.press
    return asked and INTENTS[choose_intent(turn.heard)].aside and turn.heard.certainty >= SURE


async def _in_group(turn: Turn) -> Answer:
    if turn.heard.means(Intent.CALENDAR) or turn.command == "programma":
        lines = programme.programme_lines(turn) or turn.say("programme.none")
        shown = (await welcome.in_group(turn)).saying(f"{lines}\n\n{turn.say('welcome.group')}")
        return shown.about(Intent.CALENDAR)
    return await welcome.in_group(turn)


async def _command(turn: Turn) -> Answer:
    name, words = turn.command or "", turn.incoming.text
    if name == BREAK_OFF and not words:
        was_open = turn.dialogue.asks is not None
        turn.dialogue.close()
        return Answer(Reply(turn.say("welcome.stopped" if was_open else "welcome.nothing_open")), TurnOutcome.DONE)
    if name == "start" and words.startswith(JOINS):
        turn.dialogue.close()
        return await welcome.join_channels(turn, words.removeprefix(JOINS))
    if name == "start" and words.startswith(REGISTERS) and words.removeprefix(REGISTERS).isdecimal():
        turn.dialogue.close()
        return await _start_for(turn, int(words.removeprefix(REGISTERS)))
    command = COMMANDS.get(f"/{name}")
    if words and _is_clear_besides(turn, command):
        return await answer_wish(turn)
    if interrupted.is_open(turn) and command is not None and not command.ends_open:
        return await interrupted.aside(turn, command.handler)
    turn.dialogue.close()
    if command is None:
        return await welcome.show_help(turn)
    handler = command.with_words if command.with_words and words else command.handler
    return (await handler(turn)).about(command.intent)


def _is_clear_besides(turn: Turn, command: Command | None) -> bool:
    """Whether the words behind a command plainly wish something else than the command.

    Of ``None``, an unknown one, anything.
    """
    intent = choose_intent(turn.heard)
    if command is None or command.says_nothing:
        return intent not in {Intent.OTHER, Intent.YES, Intent.NO}
    return not has_trait(intent, Trait.COURTESY) and intent != command.intent and turn.heard.certainty >= SURE


async def _start_for(turn: Turn, meeting_id: int) -> Answer:
    is_coming = any(m.id == meeting_id for m in turn.upcoming)
    answer = await flow.start_for(turn, meeting_id) if is_coming else await programme.show_programme(turn)
    return answer.about(Intent.REGISTER)


async def _pressed(turn: Turn) -> Answer:
    """A button that does not belong to the open question."""
    verb, _, argument = turn.incoming.press.partition(":")
    if turn.incoming.press == "go:resume":
        return await flow.take_up(turn)
    if verb == "go" and (command := COMMANDS.get(turn.incoming.press)) is not None:
        turn.dialogue.close()
        return (await command.handler(turn)).about(command.intent)
    if verb == "meeting" and argument.isdecimal():
        turn.dialogue.close()
        return await _start_for(turn, int(argument))
    if verb == "wrong" and ask.is_about_last(turn, argument):
        return await interrupted.aside_if_open(turn, ask.wrong_answer)
    if verb == "fact" and argument in turn.library.facts:
        return ask.answer_with(turn, turn.library.facts[argument])
    return Answer(buttons.show_again(turn, turn.say("welcome.stale")), TurnOutcome.UNCLEAR)
