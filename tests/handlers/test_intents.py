"""One row for each intent: the start compares it with intents.toml, and nothing else must name an intent."""

import copy
from dataclasses import replace
from typing import get_args

import pytest

from conversation.channel import Channel
from conversation.intents import Intent
from conversation.message import Address, Incoming, Reply
from conversation.open_questions import OpenQuestion
from conversation.outcome import TurnOutcome
from conversation.understanding import understand
from conversation.understanding.classifier import IntentClassifier, Match
from handlers.answer import Answer
from handlers.commands import COMMANDS
from handlers.dispatch import answer
from handlers.intents import INTENTS, Route, check_intents
from handlers.resuming import RESUMERS
from handlers.services import Services
from handlers.turn import Turn
from knowledge.checking import KnowledgeError
from knowledge.library import Library, load_library
from tests.support.rehearsal import Rehearsal

PHRASES = load_library().intents


def test_every_intent_has_a_row_and_phrases_and_nothing_else_has() -> None:
    assert INTENTS.keys() == PHRASES.keys() == {intent.value for intent in Intent}
    check_intents(PHRASES)


def test_phrases_without_a_row_are_told_with_what_to_do() -> None:
    with pytest.raises(
        KnowledgeError, match=r"intents.toml: la voce «parking» non esiste.*riga in handlers/intents.py"
    ):
        check_intents({**PHRASES, "parking": ("dove parcheggio?",)})


def test_a_row_without_phrases_is_told_with_what_to_do() -> None:
    with pytest.raises(KnowledgeError, match=r"intents.toml: manca la voce «why»: va rimessa con le sue frasi"):
        check_intents({name: phrases for name, phrases in PHRASES.items() if name != "why"})


def test_the_contract_has_its_names_for_all() -> None:
    assert {route.contract or route.intent for route in INTENTS.values()} == {
        "register", "cancel", "change", "resend_link", "calendar", "question", "adhesion_patto", "newsletter", "unsubscribe",
        "human", "privacy_export", "privacy_erase", "other",
    }  # fmt: skip


def test_every_question_that_can_be_open_has_who_takes_its_answer() -> None:
    assert RESUMERS.keys() == {kind.action for kind in get_args(OpenQuestion)}


def test_a_button_is_no_command_and_a_command_no_button() -> None:
    assert all(sent.startswith(("/", "go:")) for sent in COMMANDS)
    assert all(command.ends_open for sent, command in COMMANDS.items() if sent.startswith("go:"))


async def _parking(_turn: Turn) -> Answer:
    return Answer(Reply("In piazzale Don Baroni."), TurnOutcome.ANSWERED)


async def test_a_new_intent_takes_one_row(
    rehearsal: Rehearsal, classifier: IntentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(INTENTS, "parking", Route("parking", _parking, contract="question", aside=True))
    monkeypatch.setattr(
        "handlers.opening.understand",
        lambda *a, **k: replace(understand(*a, **k), intents=(Match("parking", 0.9),), facts=()),
    )
    taught = copy.copy(classifier)
    taught.library = _with(classifier.library, "parking")
    anna = Address(Channel.TELEGRAM, "2001")
    incoming = Incoming(anna, text="dove parcheggio?")
    services = Services(taught, rehearsal.office, rehearsal.links)
    async with rehearsal.database.begin() as tx:
        turn, replies = await answer(tx, incoming, "parking", services=services, now=rehearsal.clock())
    assert (turn.record.intent, turn.record.outcome) == ("parking", "answered")
    assert [reply.text for reply in replies] == ["In piazzale Don Baroni."]


def _with(library: Library, name: str) -> Library:
    return replace(library, intents={**library.intents, name: ("dove parcheggio?",)})
