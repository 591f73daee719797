"""The office teaches.

Drafted, tried, published only when nothing gets worse or somebody has looked, told within seconds, withdrawn.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from conversation.understanding.cache import user_cache
from conversation.understanding.classifier import IntentClassifier
from db.engine import Database, Transaction
from db.operators import Role
from db.requests import Actor
from db.taught import FactState, Taught, get_taught, newest_versions, published_facts
from knowledge.library import OWN_TOWN, Fact
from office.errors import RefusedError
from office.teaching import (
    add_draft,
    change,
    group_of,
    keep_trial,
    prefilled,
    publish,
    read_wording,
    unanswered_groups,
    withdraw,
    without_greetings,
)
from office.trial import Comparison
from office.trial_process import try_draft
from tests.conversation.test_taught import BIKES, HELD_BACK
from tests.support.rehearsal import Rehearsal

PAOLA, RENZO = Actor(None, "Paola"), Actor(None, "Renzo")
TODAY = date(2021, 1, 15)
FORM = {
    "title": "Biciclette alla sede",
    "variants": "\n".join(BIKES.questions["it"]),
    "answer": "Davanti alla sede c'è una rastrelliera per venti biciclette.",
    "source": "Ufficio Learning City",
}
CLEAN: dict[str, Any] = {"lost": 0, "taken": 0}


async def drafted(tx: Transaction, rehearsal: Rehearsal, **fields: str) -> Taught:
    return await add_draft(tx, read_wording(FORM | fields, TODAY), rehearsal.clock(), by=PAOLA)


async def published(tx: Transaction, rehearsal: Rehearsal) -> Taught:
    draft = await drafted(tx, rehearsal)
    await keep_trial(tx, draft, CLEAN, rehearsal.clock(), by=PAOLA)
    return await publish(tx, draft.id, rehearsal.clock(), by=RENZO, role=Role.MANAGER)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"title": " "}, "Manca il titolo"),
        ({"answer": ""}, "Manca la risposta"),
        ({"source": ""}, "Manca la fonte"),
        ({"variants": "dove lego la bici?\nDove lego la bici"}, "almeno 3"),
        ({"variants": "a chi scrivo?\nscrivo a ada@posta.example?\ne poi?"}, "indirizzo"),
        ({"said_on": "2021-02-01"}, "futuro"),
        ({"valid_until": "domani"}, "non è una data"),
        ({"answer": "a" * 1501}, "1501 caratteri"),
    ],
)
def test_what_cannot_be_taught_is_said(fields: dict[str, str], told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        read_wording(FORM | fields, TODAY)


async def test_only_who_decides_publishes_and_only_what_was_tried(rehearsal: Rehearsal) -> None:
    now = rehearsal.clock()
    async with rehearsal.database.begin() as tx:
        draft = await drafted(tx, rehearsal)
        with pytest.raises(RefusedError, match="responsabile"):
            await publish(tx, draft.id, now, by=PAOLA, role=Role.OPERATOR)
        with pytest.raises(RefusedError, match="Prova"):
            await publish(tx, draft.id, now, by=RENZO, role=Role.MANAGER)
        await keep_trial(tx, draft, CLEAN | {"taken": 2}, now, by=PAOLA)
        with pytest.raises(RefusedError, match="2 domande"):
            await publish(tx, draft.id, now, by=RENZO, role=Role.MANAGER)
        assert await published_facts(tx) == []
        await publish(tx, draft.id, now, by=RENZO, role=Role.MANAGER, in_spite=True)
        assert [one.fact_id for one in await published_facts(tx)] == [draft.fact_id]
    rows = await rehearsal.rows("SELECT action, staff_name FROM audit WHERE action LIKE 'fact%' ORDER BY id")
    assert rows == [("fact_drafted", "Paola"), ("fact_tried", "Paola"), ("fact_published", "Renzo")]


async def test_a_trial_counts_only_for_the_words_that_were_tried(rehearsal: Rehearsal) -> None:
    now = rehearsal.clock()
    async with rehearsal.database.begin() as tx:
        draft = await drafted(tx, rehearsal)
        await keep_trial(tx, draft, CLEAN, now, by=PAOLA)
        rehearsal.clock.move_to(now + timedelta(minutes=1))
        changed = await change(tx, draft.id, read_wording(FORM | {"answer": "No."}, TODAY), rehearsal.clock(), by=PAOLA)
        assert not await keep_trial(tx, draft, CLEAN, now, by=PAOLA)
        with pytest.raises(RefusedError, match="Prova"):
            await publish(tx, draft.id, now, by=RENZO, role=Role.MANAGER)
        await keep_trial(tx, changed, CLEAN, now, by=PAOLA)
        await published(tx, rehearsal)
        with pytest.raises(RefusedError, match="Prova"):
            await publish(tx, draft.id, now, by=RENZO, role=Role.MANAGER)


async def test_what_is_published_stays_until_its_new_version_is(rehearsal: Rehearsal) -> None:
    async with rehearsal.database.begin() as tx:
        first = await published(tx, rehearsal)
        wording = read_wording(FORM | {"answer": "Ora sono trenta."}, TODAY)
        second = await change(tx, first.id, wording, rehearsal.clock(), by=PAOLA)
        assert (second.fact_id, second.version) == (first.fact_id, 2)
        assert [one.version for one in await published_facts(tx)] == [1]
        assert {(one.version, one.state) for one in await newest_versions(tx)} == {
            (1, FactState.PUBLISHED),
            (2, FactState.DRAFT),
        }
        await keep_trial(tx, second, CLEAN, rehearsal.clock(), by=PAOLA)
        await publish(tx, second.id, rehearsal.clock(), by=RENZO, role=Role.MANAGER)
        assert [one.version for one in await published_facts(tx)] == [2]
        await withdraw(tx, second.id, rehearsal.clock(), by=PAOLA)
        assert await published_facts(tx) == []
        old = await get_taught(tx, first.id)
        assert old is not None
        assert old.state is FactState.WITHDRAWN
        with pytest.raises(RefusedError, match="già ritirata"):
            await withdraw(tx, second.id, rehearsal.clock(), by=PAOLA)


async def test_a_question_asked_in_vain_is_answered_once_it_is_taught(rehearsal: Rehearsal) -> None:
    taught = rehearsal.taught
    anna = rehearsal.citizen()
    assert "ufficio" in (await anna.says(HELD_BACK[0])).text
    await taught.group()
    async with rehearsal.database.begin() as tx:
        (group,) = await unanswered_groups(tx)
        filled = prefilled(group, "Ufficio Learning City", rehearsal.clock())
        assert filled["variants"].lower() == HELD_BACK[0].lower()
        draft = await add_draft(tx, read_wording(FORM, TODAY), rehearsal.clock(), by=PAOLA, group=group.number)
        await keep_trial(tx, draft, CLEAN, rehearsal.clock(), by=PAOLA)
        await publish(tx, draft.id, rehearsal.clock(), by=RENZO, role=Role.MANAGER)
        assert await unanswered_groups(tx) == []
    assert await taught.refresh()
    assert not await taught.refresh()
    said = (await anna.says(HELD_BACK[1])).text
    assert "rastrelliera per venti biciclette" in said
    assert "Ufficio Learning City (15/01/2021)" in said
    assert "parole dell'ufficio" in (await anna.says("perché mi hai risposto così?")).text
    async with rehearsal.database.begin() as tx:
        await withdraw(tx, draft.id, rehearsal.clock(), by=PAOLA)
    assert await taught.refresh()
    assert "rastrelliera per" not in (await anna.says(HELD_BACK[1])).text


async def test_equal_questions_are_together_and_no_languages_are_mixed(rehearsal: Rehearsal) -> None:
    taught = rehearsal.taught
    for number, words in enumerate(
        [
            "Posso lasciare la bicicletta alla sede?",
            "posso lasciare lì la bici in sede?",
            "Can I leave my bike at your office?",
        ]
    ):
        await rehearsal.citizen(chat_id=number + 100).says(words)
    await taught.group()
    async with rehearsal.database.begin() as tx:
        groups = await unanswered_groups(tx)
    assert [len(group.questions) for group in groups] == [2, 1]


@pytest.mark.parametrize(
    ("answer", "taught"),
    [
        ("Buongiorno Anna, no: il parcheggio è in piazza.", "No: il parcheggio è in piazza."),
        ("Gentile signora Esempio,\nil bar è chiuso.\n\nCordiali saluti\nPaola Prova, ufficio", "Il bar è chiuso."),
        ("Buonasera! Sì Anna Esempio, il bar è aperto. Grazie, Paola", "Sì …, il bar è aperto."),
        ("Ciao Anna no, il bar è chiuso", "No, il bar è chiuso"),
        ("Dear Anna, the bar is open. Kind regards, Paola", "The bar is open."),
        ("Grazie al Comune il bus è gratuito. Saluta anche l'autista.", None),
        ("Buona parte dei posti è libera.", None),
    ],
)
def test_an_answer_is_taught_without_greetings_and_the_name_of_who_asked(answer: str, taught: str | None) -> None:
    assert without_greetings(answer, "Anna Esempio") == (taught or answer)


async def test_the_form_of_a_fact_names_nobody(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says(HELD_BACK[0])
    await rehearsal.taught.group()
    answered = "UPDATE hand_overs SET state = 'answered', answer = 'Buongiorno! Per Ada c''è posto.', person_id = 1"
    await rehearsal.does("INSERT INTO people (id, name, created_at) VALUES (1, 'Ada Prova', '2021-01-15 08:00:00')")
    await rehearsal.does(answered)
    async with rehearsal.database.look() as tx:
        filled = prefilled(await group_of(tx, 1), "Ufficio Learning City", rehearsal.clock())
    assert filled["answer"] == "Per … c'è posto."


def test_a_trial_says_what_gets_better_and_what_worse(classifier: IntentClassifier) -> None:
    found = Comparison(classifier, [], user_cache()).try_draft(BIKES, list(HELD_BACK))
    assert (found.lost, found.taken) == (0, 0)
    assert (found.asked, found.answered) == (2, 2)
    assert found.variants == 5
    assert found.compared > 10_000
    phrases = classifier.library.facts["rete.numeri"].questions["it"]
    rival = Fact("ufficio_9.voce", {"it": "Doppione"}, {"it": phrases[:4]}, {"it": "Boh."}, ())
    worse = Comparison(classifier, [], user_cache()).try_draft(rival, [])
    assert worse.lost or worse.taken
    assert worse.losses or worse.takings


@pytest.mark.endurance
async def test_what_a_trial_finds_good_is_published_and_another_worker_answers_with_it(rehearsal: Rehearsal) -> None:
    """The trial, in a process beside the bot, is the one that counts when the fact is published."""
    now, anna, elsewhere = rehearsal.clock(), rehearsal.citizen(), Database(rehearsal.database.url)
    assert "ufficio" in (await anna.says(HELD_BACK[0])).text
    async with elsewhere.begin() as tx:
        draft = await drafted(tx, rehearsal)
    found = await try_draft(draft, [], [HELD_BACK[0]], OWN_TOWN)
    assert (found["answered"], found["lost"], found["taken"]) == (1, 0, 0)
    assert not await rehearsal.taught.refresh()
    async with elsewhere.begin() as tx:
        assert await keep_trial(tx, draft, found, now, by=PAOLA)
        await publish(tx, draft.id, now, by=RENZO, role=Role.MANAGER)
    await elsewhere.close()
    assert await rehearsal.taught.refresh()
    assert "rastrelliera per venti biciclette" in (await anna.says(HELD_BACK[1])).text
