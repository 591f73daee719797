"""One turn: an Incoming becomes its effects and its replies, inside the transaction that it is given.

1. The turn is opened: who speaks, in what thread, what the words mean (``opening``).
2. Things that are not words: the person left or came back, sent a photo, wrote for the office.
3. The brakes (``limits``).
4. A button, a command, then the open question: each may answer (``routing``). What the open question does not take is
   treated as a message of its own (``wishes``), and the question is asked again below the answer.
5. The dialogue is saved, the replies are queued: the caller commits all of it, or nothing.
"""

from dataclasses import replace
from datetime import datetime

from conversation.dialogue import Dialogue
from conversation.intents import Intent, Trait, has_trait
from conversation.message import Event, Incoming, Reply, Source, TurnRecord
from conversation.open_questions import Asks
from conversation.outcome import HandOverReason, TurnOutcome
from db.addresses import set_reachable
from db.dialogues import forget_dialogue, save_dialogue
from db.engine import Transaction
from db.outbox import CONFIRMATION
from handlers import albums, ask, buttons, edits, hand_over, office_answer, privacy, unfinished
from handlers.answer import Answer, Ended
from handlers.limits import held_back
from handlers.opening import open_turn
from handlers.proving import spend_proof
from handlers.queueing import queue_answer
from handlers.routing import route
from handlers.services import Services
from handlers.telling import note_said
from handlers.turn import Turn


async def answer(
    tx: Transaction, incoming: Incoming, key: str, *, services: Services, now: datetime
) -> tuple[Turn, list[Reply]]:
    """Answer one message: effects written to ``tx``, replies returned and not yet queued. ``now``: the clock."""
    turn, counted = await open_turn(tx, incoming, key, services=services, now=now)
    asked = turn.dialogue.asks
    ended = await _without_words(turn) or await held_back(turn, counted) or await route(turn)
    record = TurnRecord(outcome=ended.outcome, intent=ended.intent or Intent.OTHER)
    record.language, record.evidence = turn.language, turn.heard.evidence
    if isinstance(ended, Answer):
        answered = await _finish(turn, ended, asked)
        record.replies, record.sources = await _with_news(turn, answered.reply), list(answered.sources)
        record.registrations = answered.registrations
        await note_said(turn, answered.reply.plain)
        record.asks = turn.dialogue.asks.value if turn.dialogue.asks else None
    elif ended.reply is not None:
        record.replies = [ended.reply]
    turn.record = record
    return turn, record.replies


async def _finish(turn: Turn, answered: Answer, asked: Asks | None) -> Answer:
    """The answer with what stands beside it, and what is kept of both. ``asked``: the question that was open before."""
    if answered.asks is not None:
        turn.leave_open(answered.asks)
        buttons.remember(turn, answered.reply)
    answered = await _answer_besides(turn, answered)
    answered = replace(answered, reply=buttons.bind(answered.reply, turn.dialogue))
    await spend_proof(turn, answered.outcome)
    edits.note(turn, asked, answered.outcome)
    await _keep(turn, answered.reply)
    return answered


async def _without_words(turn: Turn) -> Ended | None:
    """What became of what nobody said to us for an answer: moves, edits of nothing, the office's answers.

    Else ``None``.
    """
    incoming = turn.incoming
    if incoming.event in {Event.LEFT, Event.RETURNED}:
        here = incoming.event is Event.RETURNED
        reason = "" if here else "blocked"
        await set_reachable(turn.tx, incoming.address, reachable=here, reason=reason, now=turn.now)
        turn.dialogue.close()
        await unfinished.plan_reminder(turn)
        return Ended(TurnOutcome.DONE)
    if incoming.event is Event.MOVED:
        await office_answer.note_move(turn)
        return Ended(TurnOutcome.DONE)
    if incoming.edited and edits.says_nothing_new(turn):
        return Ended(TurnOutcome.DONE)
    passed_on = await office_answer.answer_for_staff(turn)
    if passed_on is not None:
        edits.note(turn, None, passed_on.outcome)
        await _keep(turn, passed_on.reply)
        return Ended(passed_on.outcome, passed_on.reply)
    if incoming.album and incoming.event is Event.ATTACHMENT and not incoming.group:
        await albums.photo(turn)
        return Ended(TurnOutcome.UNCLEAR)
    if incoming.album:
        await albums.caption(turn)
    return None


#: What is beside an answer of this kind was passed on with it, or is nothing to add to.
_WHOLE = {TurnOutcome.HANDED_OVER, TurnOutcome.UNCLEAR, TurnOutcome.DECLINED}


def _is_whole(answered: Answer) -> bool:
    """Whether nothing is to be added: a question was answered as a whole, or it goes to a person anyway."""
    told = answered.outcome is TurnOutcome.ANSWERED and not has_trait(answered.intent or Intent.OTHER, Trait.ACTS)
    return told or answered.outcome in _WHOLE


async def _answer_besides(turn: Turn, answered: Answer) -> Answer:
    """With the answer to a wish, those to the questions beside it; what nobody knows goes to a person, at once."""
    if not turn.heard.besides or _is_whole(answered) or turn.incoming.group:
        return answered
    told, sources, unknown = [], list[Source](), False
    for question in turn.heard.besides:
        verdict = ask.judge(question)
        if verdict.band is ask.Band.ANSWER:
            fact = ask.answer_with(turn, turn.library.facts[verdict.matches[0].label])
            told.append(fact.reply.text)
            sources += fact.sources
        else:
            unknown = True
    if unknown:
        await hand_over.hand_over(turn, turn.incoming.text, HandOverReason.QUESTION)
        told.append(turn.say("ask.besides_handed_over"))
    text, reply = "\n\n".join(dict.fromkeys(told)), answered.reply
    # A letter says first what was done; in chat the open question comes last, above its buttons.
    if turn.channel.is_letter or turn.dialogue.asks is None:
        reply = replace(reply, text=f"{reply.text}\n\n{text}")
    else:
        reply = replace(reply, text=f"{text}\n\n{reply.plain}", title="")
    return replace(answered, reply=reply, sources=tuple(dict.fromkeys(sources)) or answered.sources)


async def _keep(turn: Turn, reply: Reply) -> None:
    """What the next turn goes on from. In a group nothing is, but for what an edit is known by."""
    address, dialogue, now = turn.incoming.address, turn.dialogue, turn.now
    if turn.forgets:
        turn.dialogue.close()
        await unfinished.plan_reminder(turn)
        await forget_dialogue(turn.tx, address)
    elif turn.incoming.group:
        known = Dialogue(said=dialogue.said)
        await save_dialogue(turn.tx, address, known, now + turn.channel.patience)
    else:
        dialogue.language = turn.heard.language if turn.incoming.text else dialogue.language
        dialogue.remember(turn.incoming.text, reply.plain, now, pressed=turn.incoming.label)
        await unfinished.plan_reminder(turn)
        await save_dialogue(turn.tx, address, dialogue, now + turn.channel.patience)


async def _with_news(turn: Turn, reply: Reply) -> list[Reply]:
    """The answer, and once what is new in the privacy notice: above it in chat, where its buttons stay last.

    Below it in a letter.
    """
    news = await privacy.news_of_notice(turn)
    if not news:
        return [reply]
    return [replace(reply, text=f"{reply.text}\n\n{news}")] if turn.channel.is_letter else [Reply(news), reply]


async def handle(tx: Transaction, incoming: Incoming, key: str, *, services: Services, now: datetime) -> TurnRecord:
    """Answer one message and queue the replies, all within ``tx``."""
    turn, replies = await answer(tx, incoming, key, services=services, now=now)
    registered = turn.record.outcome is TurnOutcome.REGISTERED
    for number, reply in enumerate(replies):
        last = reply is replies[-1]
        about = turn.record.registrations if last else ()
        await queue_answer(turn, reply, number, detail=CONFIRMATION if registered and last else "", about=about)
    return turn.record
