"""Answering questions from the facts, with source and date; what is not there goes to a person."""

from dataclasses import dataclass, replace
from enum import StrEnum

from conversation.intents import Intent
from conversation.links import mark
from conversation.message import Button, Reply, Source
from conversation.open_questions import Guessing
from conversation.outcome import HandOverReason, TurnOutcome
from conversation.understanding import ANSWER, PERHAPS, Understanding
from conversation.understanding.classifier import Match
from conversation.understanding.meetings import Choice
from conversation.understanding.verifying import asks_for
from handlers import hand_over, programme
from handlers.answer import Answer
from handlers.turn import Turn, rows
from knowledge.library import BY_OFFICE, Fact


class Band(StrEnum):
    """How a question is met: answered, offered what it may have been, or given to a person."""

    ANSWER = "answer"
    PERHAPS = "perhaps"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The band, and the facts that it is about, likeliest first."""

    band: Band
    matches: tuple[Match, ...] = ()


def judge(heard: Understanding) -> Verdict:
    """The nearest fact, if it is near enough; what it might be; a person otherwise."""
    facts, unknown = heard.facts, heard.hand_over
    best = facts[0].score if facts else 0.0
    if unknown is not None and unknown.score > max(best, PERHAPS):
        return Verdict(Band.PERSON)
    if best >= ANSWER:
        return Verdict(Band.ANSWER, facts[:1])
    if best >= PERHAPS:
        return Verdict(Band.PERHAPS, tuple(m for m in facts if m.score >= PERHAPS / 3)[:3])
    return Verdict(Band.PERSON)


def sources_of(turn: Turn, fact: Fact) -> tuple[Source, ...]:
    """The documents a fact rests on, each once, in the language of the answer."""
    language = turn.language
    found: dict[str, Source] = {}
    for citation in fact.sources:
        document = turn.library.documents[citation.document]
        title, date = (
            document.title.get(language, document.title["it"]),
            document.date.get(language, document.date["it"]),
        )
        found.setdefault(document.id, Source(document.id, title, date))
    return tuple(found.values())


def answer_with(turn: Turn, fact: Fact) -> Answer:
    """The fact's answer and where it comes from."""
    sources = sources_of(turn, fact)
    turn.dialogue.last_fact = fact.id
    turn.dialogue.last_words = turn.dialogue.words or turn.dialogue.last_words
    turn.dialogue.last_asked = _what_was_heard(turn, fact)
    named = "; ".join(turn.say("ask.source_one", title=s.title, date=s.date) for s in sources)
    lead = f"{turn.say(f'ask.only_english_{turn.heard.language}')}\n\n" if turn.is_foreign else ""
    text = f"{lead}{fact.answer.get(turn.language, fact.answer['it'])}\n\n{turn.say('ask.source', sources=named)}"
    return Answer(Reply(text, buttons=_wrong_button(turn)), TurnOutcome.ANSWERED, sources=sources)


def _wrong_button(turn: Turn) -> tuple[tuple[Button, ...], ...]:
    """The way to a person from an answer that was none; it names the question, for another may be asked meanwhile."""
    if not turn.channel.buttons:
        return ()
    return ((Button(turn.say("button.wrong"), data=f"wrong:{mark(turn.dialogue.last_words)}"),),)


def is_about_last(turn: Turn, named: str) -> bool:
    """Whether that button stands under the answer to the last question."""
    return bool(turn.dialogue.last_words) and named == mark(turn.dialogue.last_words)


def _what_was_heard(turn: Turn, fact: Fact) -> str:
    """The question of the library that led to ``fact``: what "why this answer?" shows."""
    heard = next((m for m in turn.heard.facts if m.label == fact.id), None)
    return heard.phrase if heard else ""


async def answer(turn: Turn) -> Answer:
    """Answer in the band that the question falls into."""
    turn.dialogue.words = turn.incoming.text[:1000]
    if turn.heard.questions:
        return await _each(turn)
    verdict = judge(turn.heard)
    if (fact := _about_a_meeting(turn)) and (told := await _from_programme(turn, fact)):
        return told
    if verdict.band is Band.ANSWER:
        return answer_with(turn, turn.library.facts[verdict.matches[0].label])
    if verdict.band is Band.PERHAPS and not turn.channel.is_letter:
        return _perhaps(turn, verdict.matches)
    return await hand_over.give_up(turn)


async def _each(turn: Turn) -> Answer:
    """Several questions at once: the answers one below the other.

    What nobody knows goes to a person, and is said so.
    """
    told, sources, asked = [], list[Source](), turn.heard
    unknown = False
    for question in asked.questions:
        turn.heard = question
        if question.facts and (question.hand_over is None or question.facts[0].score >= question.hand_over.score):
            fact = turn.library.facts[question.facts[0].label]
            answered = await _from_programme(turn, fact) or answer_with(turn, fact)
            told.append(answered.reply.plain)
            sources += answered.sources
        else:
            unknown = True
    turn.heard = asked
    if unknown:
        await hand_over.hand_over(turn, turn.incoming.text, HandOverReason.QUESTION)
        told.append(turn.say("ask.besides_handed_over"))
    reply = Reply("\n\n".join(dict.fromkeys(told)), buttons=_wrong_button(turn))
    return Answer(reply, TurnOutcome.ANSWERED, Intent.QUESTION, tuple(dict.fromkeys(sources)))


#: The programme says nothing that could be wrong: it is told from a lower probability on, to who asks what it can tell.
_PROGRAMME = 0.18
_NOT_IN_PROGRAMME = frozenset({"many", "how", "why"})


def _about_a_meeting(turn: Turn) -> Fact | None:
    """The likeliest fact, where it stands for a meeting of the programme and is likely enough."""
    best = turn.heard.facts[0] if turn.heard.facts else None
    if best is None or not turn.library.facts[best.label].live:
        return None
    enough = ANSWER if _NOT_IN_PROGRAMME & set(asks_for(turn.incoming.text)) else _PROGRAMME
    unknown = turn.heard.hand_over
    sure = best.score >= enough and (unknown is None or best.score >= ANSWER or unknown.score < best.score)
    return turn.library.facts[best.label] if sure else None


async def _from_programme(turn: Turn, fact: Fact) -> Answer | None:
    """What the programme itself says, while the meeting that the fact is about is still to come."""
    about = [m for m in turn.upcoming if fact.live in {"*", m.sector}]
    if not fact.live or not about:
        return None
    chosen = (about[0].id,) if fact.live != "*" else ()
    turn.heard = replace(turn.heard, meeting=Choice(chosen))
    return (await programme.show_programme(turn)).about(Intent.CALENDAR)


def _perhaps(turn: Turn, matches: tuple[Match, ...]) -> Answer:
    buttons = []
    for match in matches:
        titles = turn.library.facts[match.label].title
        buttons.append(Button(titles.get(turn.language, titles["it"])[:60], data=f"fact:{match.label}"[:64]))
    buttons.append(Button(turn.say("button.none_of_these"), data="person"))
    reply = Reply(turn.say("ask.perhaps"), buttons=rows(buttons))
    return Answer(reply, TurnOutcome.UNCLEAR, asks=Guessing(turn.dialogue.words))


async def resume(turn: Turn, question: Guessing) -> Answer | None:
    """A topic was chosen, or none of them."""
    press = turn.incoming.press
    if press.startswith("fact:") and press.removeprefix("fact:") in turn.library.facts:
        turn.dialogue.close()
        turn.dialogue.words = question.question
        return answer_with(turn, turn.library.facts[press.removeprefix("fact:")])
    if press == "person":
        turn.dialogue.close()
        return await hand_over.give_up(turn, question.question)
    return None


async def explain_last(turn: Turn) -> Answer:
    """Why the last answer was given: the question that was heard, and the paragraphs that the fact rests on."""
    fact = turn.library.facts.get(turn.dialogue.last_fact)
    if fact is None:
        return Answer(Reply(turn.say("ask.why_nothing")), TurnOutcome.ANSWERED)
    places = []
    for citation in fact.sources:
        document = turn.library.documents[citation.document]
        title, date = (part.get(turn.language, part["it"]) for part in (document.title, document.date))
        key = "ask.why_office" if citation.paragraph == BY_OFFICE else "ask.why_place"
        places.append(turn.say(key, title=title, date=date, paragraph=citation.paragraph))
    heard = turn.dialogue.last_asked or fact.title.get(turn.language, fact.title["it"])
    text = turn.say("ask.why", heard=heard, places="\n".join(dict.fromkeys(places)))
    return Answer(Reply(text, buttons=_wrong_button(turn)), TurnOutcome.ANSWERED, sources=sources_of(turn, fact))


async def wrong_answer(turn: Turn) -> Answer:
    """The person said "non era questo": the question goes to staff."""
    turn.dialogue.close()
    return await hand_over.give_up(turn, turn.dialogue.last_words)


async def invite_question(turn: Turn) -> Answer:
    """/domanda: say what can be asked."""
    return Answer(Reply(turn.say("ask.what")), TurnOutcome.ASKED)
