"""One turn: an Incoming becomes its effects and its replies, inside the transaction that it is given.

1. Things that are not words: the person left or came back, sent a photo, wrote in a group.
2. Understand the words.
3. A button, a command, then the open question: each may answer. What the open question does not take is treated as
   a message of its own, and the question is asked again below the answer.
4. Otherwise the likeliest intent's handler answers; a question goes to the facts.
5. The dialogue is saved, the replies are queued: the caller commits all of it, or nothing.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from conversation.dialogue import Dialogue
from conversation.intents import Intent, Trait, has_trait
from conversation.links import Links
from conversation.message import Event, Incoming, Reply, Trust, TurnRecord
from conversation.office import Office
from conversation.times import ROME
from conversation.understanding import SURE, Understanding, understand
from conversation.understanding.classifier import IntentClassifier, Match
from conversation.understanding.headcount import corrects_headcount
from conversation.understanding.meetings import Choice, Doubt
from conversation.understanding.organisations import same_organisation
from conversation.understanding.weighing import DOES, HEARD
from conversation.understanding.yes_no import read_yes_no
from conversation.wording import greet, own_links
from conversation.words import fold
from db.addresses import set_reachable, touch_address
from db.dialogues import open_dialogue, save_dialogue
from db.engine import Transaction
from db.meetings import programme as programme_of
from db.outbox import queue_reply
from handlers import (
    albums,
    ask,
    buttons,
    edits,
    elsewhere,
    hand_over,
    interrupted,
    office_answer,
    privacy,
    programme,
    unclear,
    unfinished,
    welcome,
)
from handlers.commands import BREAK_OFF, COMMANDS, Command
from handlers.intents import INTENTS, check_intents
from handlers.proving import spend_proof, weigh_proof
from handlers.registration import change, flow, questions, withdraw
from handlers.resuming import RESUMERS
from handlers.turn import Handler, Turn, number_in
from knowledge.library import Library

#: "Spostateci a venerdì": who is registered comes there instead, not as well.
_SHIFTS = re.compile(r"\b(?:spost|trasfer|pass(?:o|a|iamo|ate|ateci|atemi) (?:a|al)\b|move (?:me|us|it)\b)")
#: ``/name``, perhaps with ours behind it; what follows any white space or mark is what the person says.
_COMMAND = re.compile(r"/(\w*)(?:@\w+)?[\s.,;:!–—-]*(.*)", re.DOTALL)
#: How long Telegram keeps what comes while nobody asks (Bot API, "Getting updates"): so long "tomorrow" may have waited.
_KEPT = timedelta(hours=24)
#: Fewer characters than this ("sì", "venerdì") a person may well write twice.
_A_SENTENCE = 25


@dataclass(frozen=True, slots=True)
class Services:
    """What every turn is answered with."""

    classifier: IntentClassifier
    office: Office
    links: Links | None = None

    def __post_init__(self) -> None:
        """Raises ``KnowledgeError`` where intents.toml and the table of intents differ."""
        check_intents(self.library.intents)

    @property
    def library(self) -> Library:
        """The texts and facts."""
        return self.classifier.library


async def answer(
    tx: Transaction, incoming: Incoming, key: str, *, services: Services, now: datetime
) -> tuple[Turn, list[Reply]]:
    """Answer one message: effects written to ``tx``, replies returned and not yet queued. ``now``: the clock."""
    turn = await _open(tx, incoming, key, services=services, now=now)
    early = await _without_words(turn)
    if early is None:
        early = await _held_back(turn)
    if early is not None:
        return turn, early
    asked = turn.dialogue.asks
    press = turn.incoming.press
    declined = press.removeprefix("declined:") if press.startswith("declined:") else ""
    routed = await withdraw.offer(turn, declined) if declined else await _route(turn)
    if routed is None:
        return turn, []
    if turn.asked and turn.dialogue.asks is not None:
        buttons.remember(turn, routed)
    reply = buttons.bind(await _answer_besides(turn, routed), turn.dialogue)
    await spend_proof(turn)
    edits.note(turn, asked)
    turn.record.asks = turn.dialogue.asks.value if turn.dialogue.asks else None
    await _keep(turn, reply)
    turn.record.replies = await _with_news(turn, reply)
    return turn, turn.record.replies


async def _open(tx: Transaction, incoming: Incoming, key: str, *, services: Services, now: datetime) -> Turn:
    """The turn: who speaks, in what thread, and what their words mean."""
    if incoming.address.channel.buttons:
        incoming = buttons.unbind(incoming)
    dialogue, known = await open_dialogue(tx, incoming.address, now)
    incoming = await weigh_proof(tx, incoming, dialogue.asked_in, services.office, now)
    command, incoming = _split_command(incoming)
    meetings, sectors = await programme_of(tx)
    heard = understand(
        incoming.text,
        dialogue,
        services.classifier,
        _written(incoming, now),
        meetings=meetings,
        signature=incoming.signature,
        language=incoming.language,
        sender=incoming.name if incoming.address.channel.is_letter else "",
    )
    turn = Turn(
        tx,
        key,
        incoming,
        heard,
        dialogue,
        services.library,
        services.office,
        meetings,
        sectors,
        now,
        known,
        services.links,
    )
    turn.command = command
    turn.record.language = turn.language
    turn.record.evidence = heard.evidence
    return turn


async def _without_words(turn: Turn) -> list[Reply] | None:
    """The replies to what nobody said to us for an answer: moves, edits of nothing, the office's answers; else ``None``."""
    incoming = turn.incoming
    if incoming.event in {Event.LEFT, Event.RETURNED}:
        here = incoming.event is Event.RETURNED
        await set_reachable(turn.tx, incoming.address, reachable=here, reason="" if here else "blocked")
        turn.dialogue.close()
        await unfinished.plan_reminder(turn)
        turn.record.outcome = "done"
        return []
    if incoming.event is Event.MOVED:
        await office_answer.note_move(turn)
        turn.record.outcome = "done"
        return []
    if incoming.edited and edits.says_nothing_new(turn):
        turn.record.outcome = "done"
        return []
    passed_on = await office_answer.answer_for_staff(turn)
    if passed_on is not None:
        turn.record.replies = [passed_on]
        edits.note(turn, None)
        await _keep(turn, passed_on)
        return [passed_on]
    if incoming.album and incoming.event is Event.ATTACHMENT and not incoming.group:
        await albums.photo(turn)
        return []
    if incoming.album:
        await albums.caption(turn)
    return None


async def _held_back(turn: Turn) -> list[Reply] | None:
    """The replies to what a brake or a failed check holds back; else ``None``."""
    incoming, dialogue, now = turn.incoming, turn.dialogue, turn.now
    if turn.person is not None and not incoming.group and incoming.trust is not Trust.FAIL:
        await touch_address(turn.tx, incoming.address, now)
    if _too_fast(turn):
        first = dialogue.heard == (turn.channel.per_minute or 0) + 1
        calm = [Reply(turn.say("unclear.too_fast"))] if first and not incoming.group else []
        await save_dialogue(turn.tx, incoming.address, dialogue, now + turn.channel.patience)
        return calm
    if not incoming.press and await _too_many(turn):
        await save_dialogue(turn.tx, incoming.address, dialogue, now + turn.channel.patience)
        return []
    if incoming.trust is Trust.FAIL:
        # Its domain disowns the letter (RFC 8601, dmarc=fail): an answer would go to whoever was named in it.
        turn.record.intent = turn.heard.intent
        await hand_over.hand_over(turn, incoming.text, "trust")
        await save_dialogue(turn.tx, incoming.address, dialogue, now + turn.channel.patience)
        return []
    return None


async def _keep(turn: Turn, reply: Reply) -> None:
    """What the next turn goes on from. In a group nothing is, but for the brake and what an edit is known by."""
    address, dialogue, now = turn.incoming.address, turn.dialogue, turn.now
    if turn.forgets:
        turn.dialogue.close()
        await unfinished.plan_reminder(turn)
        await save_dialogue(turn.tx, address, Dialogue(), now)
    elif turn.incoming.group:
        known = Dialogue(heard=dialogue.heard, heard_in=dialogue.heard_in, said=dialogue.said)
        await save_dialogue(turn.tx, address, known, now + turn.channel.patience)
    else:
        dialogue.language = turn.heard.language if turn.incoming.text else dialogue.language
        dialogue.remember(turn.incoming.text, reply.plain)
        await unfinished.plan_reminder(turn)
        await save_dialogue(turn.tx, address, dialogue, now + turn.channel.patience)


async def _with_news(turn: Turn, reply: Reply) -> list[Reply]:
    """The answer, and once what is new in the privacy notice: above it in chat, where its buttons stay last; below it in a letter."""
    news = await privacy.news_of_notice(turn)
    if not news:
        return [reply]
    return [replace(reply, text=f"{reply.text}\n\n{news}")] if turn.channel.is_letter else [Reply(news), reply]


async def handle(tx: Transaction, incoming: Incoming, key: str, *, services: Services, now: datetime) -> TurnRecord:
    """Answer one message and queue the replies, all within ``tx``."""
    turn, replies = await answer(tx, incoming, key, services=services, now=now)
    for number, reply in enumerate(replies):
        await queue_answer(turn, reply, number)
    return turn.record


async def queue_answer(turn: Turn, reply: Reply, number: int = 0) -> None:
    """Put one of a turn's replies in the outbox, as its channel wants it."""
    sent = letter(turn, reply) if turn.channel.is_letter and not office_answer.is_the_office(turn) else reply
    await queue_reply(
        turn.tx,
        f"{turn.key}:{number}",
        turn.incoming.answer_to or turn.incoming.address,
        sent,
        now=turn.now,
        person_id=turn.person.id if turn.person else None,
        thread=turn.thread,
        subject=reply.title or turn.say("programme.title"),
        language=turn.language,
    )


def letter(turn: Turn, reply: Reply) -> Reply:
    """The reply as it goes into a mail: with greeting and the word that it is automatic, our links marked, buttons only that open a page."""
    body = greet(turn.voice, f"{reply.text}\n\n{turn.say('register.mail_automatic')}")
    opening = tuple((button,) for row in reply.buttons for button in row if button.url)
    return own_links(replace(reply, text=body, buttons=opening), turn.meetings)


def _too_fast(turn: Turn) -> bool:
    """The brake on chats: a person cannot write so much in a minute; a program can. One word, then silence."""
    most = turn.channel.per_minute_in_group if turn.incoming.group else turn.channel.per_minute
    if most is None:
        return False
    minute, talk = f"{turn.now:%Y%m%d%H%M}", turn.dialogue
    talk.heard, talk.heard_in = (talk.heard + 1 if talk.heard_in == minute else 1), minute
    return talk.heard > most


async def _too_many(turn: Turn) -> bool:
    """The brakes on letters: two robots that answer each other stop here, and a person looks at it once.

    The same words again as a reply to our answer are a machine's: they stop at the first repetition. Others stop at so
    many a day.
    """
    most = turn.channel.answers_a_day
    if most is None:
        return False
    today = turn.now.date().isoformat()
    talk = turn.dialogue
    words = _words_of(turn.incoming)
    digest = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16] if len(words) >= _A_SENTENCE else ""
    thread = turn.incoming.thread
    replies = thread is not None and len(thread.references) > 1
    again = bool(digest) and replies and digest == talk.last_letter and talk.answers_on == today
    if talk.answers_on != today:
        talk.answers, talk.vouched_answers, talk.answers_on = 0, 0, today
    talk.last_letter = digest
    # Counted apart: who forges a sender must not use up the person's own ten.
    if turn.vouched:
        talk.vouched_answers += 1
    else:
        talk.answers += 1
    number = talk.vouched_answers if turn.vouched else talk.answers
    over = number > most
    if again or number == most + 1 or (over and turn.vouched):
        await hand_over.hand_over(turn, turn.incoming.text, "loop" if again else "brake")
    turn.record.outcome = "handed_over" if again or over else turn.record.outcome
    return again or over


def _words_of(letter: Incoming) -> str:
    """All that was written: a closing sentence may stand under every letter. Less the subject, which an answer lacks."""
    head, _, below = letter.text.partition("\n\n")
    own = below if below and head in letter.answers else letter.text
    return " ".join(own.split())


async def _route(turn: Turn) -> Reply:
    incoming = turn.incoming
    if incoming.group:
        return await _in_group(turn)
    if incoming.event is Event.ATTACHMENT:
        return await _aside(turn, welcome.attachment)
    if incoming.event is Event.ENCRYPTED:
        return await _aside(turn, hand_over.cannot_read)
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
    return await _fresh(turn)


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


def _written(incoming: Incoming, now: datetime) -> datetime:
    """When the words were written: "tomorrow" counts from there. Of a letter the sender's clock counts, whatever its zone.

    A Date in UTC tells of no zone (RFC 5322 §3.3): many servers write all of theirs so.
    """
    at = incoming.at
    if at is None or at >= now:
        return now
    if incoming.address.channel.is_letter:
        return at.replace(tzinfo=ROME) if at.utcoffset() else at
    return at if now - at <= _KEPT else now


def _split_command(incoming: Incoming) -> tuple[str | None, Incoming]:
    """The command at the head of a message, and the message with the words behind it; no command in an answer to us in a group."""
    found = _COMMAND.match(incoming.text.strip()) if not (incoming.group and incoming.answers_us) else None
    if found is None:
        return None, incoming
    name, words = found[1].lower(), found[2].strip()
    if incoming.address.channel.is_letter and name != BREAK_OFF and f"/{name}" not in COMMANDS:
        return None, incoming  # "/ Gentili, …": a letter may begin with a stroke
    # "/annulla la mia iscrizione": the command is the verb of the sentence.
    return name, replace(incoming, text=f"{name} {words}" if name == BREAK_OFF and words else words)


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
        return await _fresh(turn)
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
        return await _aside(turn, ask.wrong_answer)
    if verb == "fact" and argument in turn.library.facts:
        return ask.answer_with(turn, turn.library.facts[argument])
    turn.record.outcome = "unclear"
    return buttons.show_again(turn, turn.say("welcome.stale"))


async def _fresh(turn: Turn) -> Reply:
    """Words that answer no open question."""
    intent = choose_intent(turn.heard)
    fewer_or_more = turn.heard.details.more is not None
    may_change = intent in {Intent.REGISTER, Intent.CANCEL, Intent.OTHER, Intent.QUESTION} or fewer_or_more
    if may_change and await _means_change(turn):
        intent = Intent.CHANGE
    chosen = turn.heard.meeting.chosen
    if intent == Intent.CHANGE and chosen and not await turn.active_registrations():
        intent = Intent.REGISTER
        if len(chosen) > 1:  # one of them is what is given up
            turn.heard = replace(turn.heard, meeting=Choice((), chosen, Doubt.AMBIGUOUS))
    if INTENTS[intent].harmless and flow.confirms(turn) and await flow.is_held(turn):
        turn.dialogue.close()  # "confermo, a giovedì!": the place is theirs, and a withdrawal that waits for its yes is none
        turn.record.intent = Intent.REGISTER
        return await flow.start(turn)
    if turn.heard.details.leaves and await turn.active_registrations():
        intent = Intent.CANCEL
    turn.record.intent, route = intent, INTENTS[intent]
    stops = intent == Intent.NEWSLETTER_OFF and turn.heard.certainty >= flow.LEAVES
    if not interrupted.is_open(turn) or stops:  # who wants no more messages is not asked again
        turn.dialogue.close()
        return await elsewhere.answer_elsewhere(turn, intent) or await route.handler(turn)
    if turn.dialogue.action == questions.ACTION and (went_on := await _within_registering(turn, intent)) is not None:
        return went_on
    asked = turn.incoming.text.rstrip().endswith("?")
    heard = turn.heard.certainty >= (SURE if route.aside else flow.LEAVES)
    if not heard and not (asked and route.aside):
        return await _aside(turn, unclear.again)
    return await _aside(turn, route.amid or route.handler)


async def _within_registering(turn: Turn, intent: str) -> Reply | None:
    """What goes on with the open registration, or ends it; ``None`` when the words are about something else."""
    draft = turn.dialogue.draft
    if intent == Intent.REGISTER and draft is not None and flow.merge(turn, draft):
        return await flow.proceed(turn, draft)
    bare = read_yes_no(turn.incoming.text) is False
    refused = bare and (has_trait(intent, Trait.COURTESY) or intent in {Intent.QUESTION, Intent.UNDECIDED})
    if intent != Intent.CANCEL and not refused:
        return None
    turn.finish("done")
    dropped = Reply(turn.say("register.dropped"))
    if intent != Intent.CANCEL or bare or not await turn.active_registrations():
        return dropped
    again = await withdraw.start(turn)  # what is registered already may be meant as well: that asks first
    return replace(again, text=f"{dropped.text}\n\n{again.text}")


async def _means_change(turn: Turn) -> bool:
    """Whether somebody who is registered gives up one meeting for another, or just says how many they are now."""
    heard = turn.heard
    shifts = bool(heard.meeting.chosen and _SHIFTS.search(fold(turn.incoming.text)))
    moves = shifts or bool(heard.meeting.excluded and heard.meeting.chosen)
    numbers = heard.details.participants is not None or heard.details.more is not None
    counts = numbers and (heard.meeting.weak or not heard.meeting.spoken_of)
    places = await turn.active_registrations()
    renames = change.renames(turn, places)
    fewer = heard.details.more is not None and heard.details.more < 0
    instead = moves or renames or fewer or corrects_headcount(turn.incoming.text)
    if not (moves or counts or renames) or (heard.heard(Intent.CANCEL) and not instead):
        return False
    held = {m.id for _, m in places}
    if renames:
        return bool(held)
    if fewer and all(r.participants + (heard.details.more or 0) < 1 for r, _ in places):
        return False
    if moves:
        leaves = shifts or bool(held & set(heard.meeting.excluded))
        return bool(held) and leaves and not set(heard.meeting.chosen) <= held
    named = heard.details.organisation
    return bool(held) and (named is None or any(same_organisation(r.organisation, named) for r, _ in places))


async def _answer_besides(turn: Turn, reply: Reply) -> Reply:
    """With a reply to a wish, the answer to the question that stood beside it; what nobody knows goes to a person."""
    besides = turn.heard.besides
    if (
        besides is None
        or turn.record.outcome in {"answered", "handed_over", "unclear", "declined"}
        or turn.incoming.group
    ):
        return reply
    outcome = turn.record.outcome
    verdict = ask.judge(besides)
    if verdict.band is ask.Band.ANSWER:
        told = ask.answer_with(turn, turn.library.facts[verdict.matches[0].label]).text
    else:
        await hand_over.hand_over(turn, turn.incoming.text, "question")
        told = turn.say("ask.besides_handed_over")
    turn.record.outcome = outcome
    # A letter says first what was done; in chat the open question comes last, above its buttons.
    if turn.channel.is_letter or turn.dialogue.asks is None:
        return replace(reply, text=f"{reply.text}\n\n{told}")
    return replace(reply, text=f"{told}\n\n{reply.plain}", title="")


async def _aside(turn: Turn, handler: Handler) -> Reply:
    """Answer, without losing the question that may be open."""
    return await interrupted.aside(turn, handler) if interrupted.is_open(turn) else await handler(turn)


#: Less likely than this, and with no meeting named, nothing is begun.
_FAINT = 0.3


def _is_faint(heard: Understanding, wish: Match) -> bool:
    return has_trait(wish.label, Trait.ACTS) and wish.score < _FAINT and not heard.meeting.spoken_of


def choose_intent(heard: Understanding) -> str:
    """The wish to act upon, or ``question`` where the words are likelier to ask for something; on one scale."""
    wish = next((m for m in heard.intents if m.label != Intent.QUESTION and not _is_faint(heard, m)), None)
    generic = next((m.score for m in heard.intents if m.label == Intent.QUESTION), 0.0)
    fact = heard.facts[0].fused if heard.facts else 0.0
    unknown = heard.hand_over.fused if heard.hand_over else 0.0
    asked = max(fact, unknown, generic)
    if wish is not None and (wish.score >= asked or (has_trait(wish.label, Trait.ACTS) and wish.score >= DOES)):
        return wish.label
    return Intent.QUESTION if asked >= HEARD else wish.label if wish else Intent.OTHER
