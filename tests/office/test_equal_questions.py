"""Questions that ask the same: answered once, heard by each on its own channel, taken back together."""

from datetime import timedelta

import pytest

from db.questions import Question
from office.equal_questions import count_equal, equal_to
from office.errors import RefusedError
from office.questions import (
    GRACE,
    Closing,
    QuestionMovedError,
    answer,
    close,
    get_question,
    undo_answer,
    waiting_questions,
)
from tests.office.people import desk, operator
from tests.support.rehearsal import Rehearsal

WORDS = "Quanto costa il parcheggio vicino al mercato di Camaiore?"
ANSWER = "Lo chieda al Comune di Camaiore."


async def three(rehearsal: Rehearsal) -> list[Question]:
    """Of two citizens and an association, put together as the worker does."""
    for chat in (2001, 2002):
        await rehearsal.citizen(chat_id=chat).says(WORDS)
    await rehearsal.association().writes(WORDS, subject="Parcheggio")
    await rehearsal.taught.group()
    async with rehearsal.database.begin() as tx:
        return await waiting_questions(tx)


def heard(rehearsal: Rehearsal) -> list[int]:
    """How often each of the three got the answer."""
    chats = [len(rehearsal.citizen(chat_id=chat).heard(ANSWER)) for chat in (2001, 2002)]
    mails = [m for m in rehearsal.association().mails if ANSWER in m.as_string()]
    return [*chats, len(mails)]


async def later(rehearsal: Rehearsal) -> None:
    rehearsal.clock.move_to(rehearsal.clock() + GRACE + timedelta(seconds=1))
    await rehearsal.works()


async def test_one_answer_reaches_each_on_its_own_channel_once(rehearsal: Rehearsal) -> None:
    first, second, third = await three(rehearsal)
    async with rehearsal.database.begin() as tx:
        assert count_equal(await waiting_questions(tx)) == {first.id: 3, second.id: 3, third.id: 3}
        equal = await equal_to(tx, first)
        assert [(e.question.id, e.surely) for e in equal] == [(second.id, True), (third.id, True)]
        others = {e.question.id: e.question.version for e in equal}
        given = await answer(tx, desk(rehearsal), first.id, ANSWER, seen=1, others=others)
        assert (given.numbers, given.left_out) == ((1, 2, 3), ())
    assert heard(rehearsal) == [0, 0, 0]
    await later(rehearsal)
    assert heard(rehearsal) == [1, 1, 1]
    async with rehearsal.database.begin() as tx:
        assert await waiting_questions(tx) == []


async def test_one_undo_takes_all_back_but_what_has_left(rehearsal: Rehearsal) -> None:
    first, second, third = await three(rehearsal)
    both = {second.id: 1, third.id: 1}
    async with rehearsal.database.begin() as tx:
        await answer(tx, desk(rehearsal), first.id, ANSWER, seen=1, others=both)
        undone = await undo_answer(tx, desk(rehearsal), second.id)
        assert (undone.text, undone.numbers, undone.gone) == (ANSWER, (1, 2, 3), ())
    await later(rehearsal)
    assert heard(rehearsal) == [0, 0, 0]
    async with rehearsal.database.begin() as tx:
        versions = {q.id: q.version for q in await waiting_questions(tx)}
        seen = versions.pop(first.id)
        await answer(tx, desk(rehearsal), first.id, ANSWER, seen=seen, others=versions)
    await rehearsal.does("UPDATE outbox SET state = 'sending' WHERE key LIKE 'office:1:%'")
    async with rehearsal.database.begin() as tx:
        undone = await undo_answer(tx, desk(rehearsal), first.id)
        assert (undone.numbers, undone.gone) == ((2, 3), (1,))
        assert [q.id for q in await waiting_questions(tx)] == [2, 3]
        with pytest.raises(RefusedError, match="già partita"):
            await undo_answer(tx, desk(rehearsal), first.id)


async def test_one_that_a_colleague_was_quicker_with_is_left_out(rehearsal: Rehearsal) -> None:
    first, second, third = await three(rehearsal)
    paola = await operator(rehearsal, "Paola")
    async with rehearsal.database.begin() as tx:
        await answer(tx, desk(rehearsal, paola), second.id, "Due euro.", seen=1)
        given = await answer(tx, desk(rehearsal), first.id, ANSWER, seen=1, others={second.id: 1, third.id: 1})
        assert given.numbers == (first.id, third.id)
        assert [q.answer for q in given.left_out] == ["Due euro."]
        with pytest.raises(QuestionMovedError):
            await answer(tx, desk(rehearsal), second.id, ANSWER, seen=1, others={third.id: 1})
    await later(rehearsal)
    assert heard(rehearsal) == [1, 0, 1]


async def test_only_open_questions_of_the_same_group_and_reason_are_answered(rehearsal: Rehearsal) -> None:
    first, second, third = await three(rehearsal)
    await rehearsal.citizen(chat_id=2003).says("Vorrei parlare con una persona. " + WORDS)
    await rehearsal.does("UPDATE hand_overs SET same_as = 1, likeness = 1 WHERE id = 4")
    async with rehearsal.database.begin() as tx:
        await close(tx, desk(rehearsal), third.id, Closing.SPAM, seen=1)
        assert [e.question.id for e in await equal_to(tx, first)] == [second.id]
        given = await answer(tx, desk(rehearsal), first.id, ANSWER, seen=1, others={4: 1, 99: 1})
        assert (given.numbers, given.left_out) == ((first.id,), ())
        stranger = await get_question(tx, 4)
        assert stranger
        assert stranger.answer == ""


@pytest.mark.parametrize(("one", "other", "surely"), [(1, 0.91, True), (1, 0.89, False), (0.95, 0.95, False)])
async def test_what_is_only_near_waits_for_a_persons_eye(
    rehearsal: Rehearsal, one: float, other: float, *, surely: bool
) -> None:
    first, second, _ = await three(rehearsal)
    await rehearsal.does(f"UPDATE hand_overs SET digest = '', likeness = {one} WHERE id = {first.id}")
    await rehearsal.does(f"UPDATE hand_overs SET digest = '', likeness = {other} WHERE id = {second.id}")
    async with rehearsal.database.begin() as tx:
        asked = await get_question(tx, first.id)
        assert asked
        assert [e.surely for e in await equal_to(tx, asked) if e.question.id == second.id] == [surely]


async def test_what_is_wrapped_otherwise_asks_the_same(rehearsal: Rehearsal) -> None:
    """A greeting, a subject and a signature make no other question of it; another question in them is another."""
    club = rehearsal.association()
    await rehearsal.citizen(chat_id=2001).says("ciao, quanto costa il parcheggio vicino al mercato di Camaiore?")
    for asked in (WORDS, "Al mercato di Camaiore si può portare il cane?"):
        words = (
            f"Buongiorno,\nsono Marta Verdi, segretaria della Pro Loco. {asked}\nGrazie e buon lavoro\n\nMarta Verdi"
        )
        await club.writes(words, subject="Informazioni sul mercato di Camaiore")
    await rehearsal.taught.group()
    async with rehearsal.database.look() as tx:
        chat, letter, other = await waiting_questions(tx)
        assert [e.question.id for e in await equal_to(tx, chat)] == [letter.id]
        assert await equal_to(tx, other) == []
