"""Answering questions from the facts, with source and date; what is not there goes to a person."""

from conversation.dialogue import Asks
from conversation.message import Button, Reply, Source
from conversation.understanding import ANSWER, PERHAPS
from conversation.understanding.search import Match
from handlers import person
from handlers.turn import Turn, rows
from knowledge.library import Fact

ACTION = "ask"


def sources_of(turn: Turn, fact: Fact) -> list[Source]:
    """The documents a fact rests on, each once, in the language of the answer."""
    language = turn.language
    found: dict[str, Source] = {}
    for foundation in fact.sources:
        document = turn.library.documents[foundation.document]
        title, date = (
            document.title.get(language, document.title["it"]),
            document.date.get(language, document.date["it"]),
        )
        found.setdefault(document.id, Source(document.id, title, date))
    return list(found.values())


def answer_with(turn: Turn, fact: Fact, *, lead: str = "") -> Reply:
    """The fact's answer and where it comes from."""
    sources = sources_of(turn, fact)
    turn.record.sources = sources
    turn.record.outcome = "answered"
    turn.dialogue.last_fact = fact.id
    named = "; ".join(turn.say("ask.source_one", title=s.title, date=s.date) for s in sources)
    text = f"{lead}{fact.answer.get(turn.language, fact.answer['it'])}\n\n{turn.say('ask.source', sources=named)}"
    buttons = ((Button(turn.say("button.wrong"), data="wrong"),),) if not turn.by_mail else ()
    return Reply(text, buttons=buttons)


async def answer(turn: Turn) -> Reply:
    """The nearest fact, if it is near; "forse cercavi" if it might be; a person otherwise."""
    turn.dialogue.question = turn.incoming.text[:1000]
    best = turn.heard.facts[0] if turn.heard.facts else None
    unknown = turn.heard.hand_over
    if unknown is not None and unknown.score >= PERHAPS:
        return await person.give_up(turn)
    if best is not None and best.score >= ANSWER:
        return answer_with(turn, turn.library.facts[best.label])
    if best is not None and best.score >= PERHAPS and not turn.by_mail:
        return _perhaps(turn, [m for m in turn.heard.facts if m.score >= PERHAPS])
    return await person.give_up(turn)


def _perhaps(turn: Turn, matches: list[Match]) -> Reply:
    turn.ask(Asks.TOPIC, ACTION)
    turn.record.outcome = "unclear"
    buttons = []
    for match in matches[:3]:
        variants = turn.library.facts[match.label].questions
        label = variants.get(turn.language, variants["it"])[0]
        buttons.append(Button(label[:60], data=f"fact:{match.label}"[:64]))
    buttons.append(Button(turn.say("button.person"), data="person"))
    return Reply(turn.say("ask.perhaps"), buttons=rows(buttons))


async def resume(turn: Turn) -> Reply | None:
    """A topic was chosen, or none of them."""
    press = turn.incoming.press
    if press.startswith("fact:") and press.removeprefix("fact:") in turn.library.facts:
        turn.dialogue.close()
        return answer_with(turn, turn.library.facts[press.removeprefix("fact:")])
    if press == "person":
        question = turn.dialogue.question
        turn.dialogue.close()
        return await person.give_up(turn, question)
    return None


async def wrong_answer(turn: Turn) -> Reply:
    """The person said "non era questo": the question goes to staff."""
    question = turn.dialogue.question
    turn.dialogue.close()
    return await person.give_up(turn, question)


async def invite_question(turn: Turn) -> Reply:
    """/domanda: say what can be asked."""
    turn.record.outcome = "asked"
    return Reply(turn.say("ask.what"))
