"""One row for each intent, which the start compares with intents.toml: who answers it, and what tells it from others.

Handlers name an intent where they do what is its own; understanding, a layer below, has traits of its own.
"""

import copy
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import get_args

import pytest

from conversation.channel import Channel
from conversation.intents import Intent, check_intents
from conversation.message import Address, Incoming, Reply
from conversation.open_questions import Exporting, OpenQuestion
from conversation.outcome import TurnOutcome
from conversation.understanding import understand
from conversation.understanding.classifier import IntentClassifier, Match
from handlers.answer import Answer
from handlers.commands import COMMANDS
from handlers.dispatch import answer
from handlers.intents import INTENTS, Route
from handlers.resuming import RESUMERS
from handlers.services import Services
from handlers.turn import Handler, Turn
from knowledge.checking import KnowledgeError
from knowledge.library import Library, load_library
from tests.support.rehearsal import Rehearsal

PHRASES = load_library().intents


def test_every_intent_has_a_row_and_phrases_and_nothing_else_has() -> None:
    assert INTENTS.keys() == PHRASES.keys() == {intent.value for intent in Intent}
    check_intents(PHRASES)


def test_phrases_without_a_row_are_told_with_what_to_do() -> None:
    with pytest.raises(
        KnowledgeError, match=r"intents.toml: la voce «parking» non esiste.*riga in conversation/intents.py e in"
    ):
        check_intents({**PHRASES, "parking": ("dove parcheggio?",)})


def test_a_row_without_phrases_is_told_with_what_to_do() -> None:
    with pytest.raises(KnowledgeError, match=r"intents.toml: manca la voce «why»: va rimessa con le sue frasi"):
        check_intents({name: phrases for name, phrases in PHRASES.items() if name != "why"})


def test_the_contract_has_its_names_for_all() -> None:
    assert {route.contract or route.intent for route in INTENTS.values()} == {
        "register",
        "cancel",
        "change",
        "resend_link",
        "calendar",
        "question",
        "adhesion_patto",
        "newsletter",
        "unsubscribe",
        "human",
        "privacy_export",
        "privacy_erase",
        "other",
    }


def test_every_question_that_can_be_open_has_who_takes_its_answer() -> None:
    assert RESUMERS.keys() == {kind.action for kind in get_args(OpenQuestion)}


def test_a_button_is_no_command_and_a_command_no_button() -> None:
    assert all(sent.startswith(("/", "go:")) for sent in COMMANDS)
    assert all(command.ends_open for sent, command in COMMANDS.items() if sent.startswith("go:"))


async def _parking(_turn: Turn) -> Answer:
    return Answer(Reply("In piazzale Don Baroni."), TurnOutcome.ANSWERED)


async def _may_i(_turn: Turn) -> Answer:
    return Answer.asking(Exporting(), Reply("Devo mandarti i tuoi dati?"))


@pytest.fixture
def parking(
    rehearsal: Rehearsal, classifier: IntentClassifier, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Handler], Awaitable[tuple[Turn, list[Reply]]]]:
    """Asks where to park, of a handler that has just got its row."""
    monkeypatch.setattr(
        "handlers.opening.understand",
        lambda *a, **k: replace(understand(*a, **k), intents=(Match("parking", 0.9),), facts=()),
    )
    taught = copy.copy(classifier)
    taught.library = _with(classifier.library, "parking")
    incoming = Incoming(Address(Channel.TELEGRAM, "2001"), text="dove parcheggio?")

    async def ask(handler: Handler) -> tuple[Turn, list[Reply]]:
        monkeypatch.setitem(INTENTS, "parking", Route("parking", handler, contract="question", aside=True))
        services = Services(taught, rehearsal.office, rehearsal.links)
        async with rehearsal.database.begin() as tx:
            return await answer(tx, incoming, "parking", services=services, now=rehearsal.clock())

    return ask


async def test_a_new_intent_takes_one_row(parking: Callable[[Handler], Awaitable[tuple[Turn, list[Reply]]]]) -> None:
    turn, replies = await parking(_parking)
    assert (turn.record.intent, turn.record.outcome) == ("parking", "answered")
    assert [reply.text for reply in replies] == ["In piazzale Don Baroni."]
    assert turn.dialogue.open is None


async def test_what_an_answer_asks_is_left_open_and_asked_again_below_another(
    parking: Callable[[Handler], Awaitable[tuple[Turn, list[Reply]]]],
) -> None:
    turn, _ = await parking(_may_i)
    assert isinstance(turn.dialogue.open, Exporting)
    assert turn.record.outcome is TurnOutcome.ASKED
    turn, replies = await parking(_parking)  # asks nothing itself: what was open stays
    assert isinstance(turn.dialogue.open, Exporting)
    assert replies[0].text.startswith("In piazzale Don Baroni.")
    assert replies[0].text.endswith("Devo mandarti i tuoi dati?")


def _with(library: Library, name: str) -> Library:
    return replace(library, intents={**library.intents, name: ("dove parcheggio?",)})
