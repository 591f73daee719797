"""An answer that has left is put right: who had it reads so, each on their channel; taken back, and done again."""

import pytest

from db.questions import QuestionState
from office.correcting import correct, given_the_same
from office.errors import RefusedError
from office.outgoing import hold_back
from office.questions import QuestionMovedError, answer, get_question, lines_of, undo_answer
from tests.office.people import desk, operator
from tests.office.test_equal_questions import ANSWER, heard, later, three
from tests.support.rehearsal import Rehearsal, text_of

RIGHT = "Lo sa il Comune di Viareggio."


async def answered(rehearsal: Rehearsal) -> None:
    """All three, and it has left."""
    await three(rehearsal)
    async with rehearsal.database.begin() as tx:
        await answer(tx, desk(rehearsal), 1, ANSWER, seen=1, others={2: 1, 3: 1})
    await later(rehearsal)


async def test_who_had_the_answer_reads_that_it_is_corrected(rehearsal: Rehearsal) -> None:
    await answered(rehearsal)
    paola, club = await operator(rehearsal, "Paola"), rehearsal.association()
    async with rehearsal.database.begin() as tx:
        asked = await get_question(tx, 1)
        assert asked
        assert [q.id for q in await given_the_same(tx, asked)] == [2, 3]
        given = await correct(tx, desk(rehearsal, paola), 1, RIGHT, seen=2, others={3: 2})
        assert (given.numbers, given.left_out) == ((1, 3), ())
        with pytest.raises(RefusedError, match="non è ancora partita"):
            await correct(tx, desk(rehearsal, paola), 1, "Altro.", seen=3)
    before = len(club.mails)
    await rehearsal.works()
    assert len(club.mails) == before  # the same delay
    await later(rehearsal)
    (read,) = rehearsal.citizen(chat_id=2001).heard(RIGHT)
    assert "corregge la risposta che ti ha già dato" in str(read)
    assert not rehearsal.citizen(chat_id=2002).heard(RIGHT)
    mail, first = club.mails[-1], next(m for m in club.mails if ANSWER in text_of(m))
    assert "corregge la risposta già data alla domanda" in text_of(mail)
    assert "Correzione" in mail["Subject"]
    assert mail["References"].split()[0] == first["References"].split()[0]
    async with rehearsal.database.begin() as tx:
        asked = await get_question(tx, 1)
        assert asked
        assert (asked.state, asked.answer) == (QuestionState.ANSWERED, RIGHT)
        assert [line.text for line in await lines_of(tx, 1)] == [ANSWER, RIGHT]
        assert await given_the_same(tx, asked) != []
        await correct(tx, desk(rehearsal), 1, "Né l'uno né l'altro.", seen=asked.version)
    await later(rehearsal)
    assert rehearsal.citizen(chat_id=2001).heard("Né l'uno né l'altro.")
    log = await rehearsal.rows("SELECT action, subject FROM audit WHERE action LIKE 'question_%' ORDER BY id")
    first_three = [("question_answered", f"question:{n}") for n in (1, 2, 3)]
    corrected = [("question_corrected", f"question:{n}") for n in (1, 3, 1)]
    assert log == [*first_three, *corrected]


async def test_a_correction_taken_back_leaves_the_answer_before_it(rehearsal: Rehearsal) -> None:
    await answered(rehearsal)
    async with rehearsal.database.begin() as tx:
        await correct(tx, desk(rehearsal), 1, RIGHT, seen=2, others={2: 2, 3: 2})
        undone = await undo_answer(tx, desk(rehearsal), 2)
        assert (undone.text, undone.numbers, undone.corrected) == (RIGHT, (1, 2, 3), True)
        asked = await get_question(tx, 1)
        assert asked
        assert (asked.state, asked.answer) == (QuestionState.ANSWERED, ANSWER)
    await later(rehearsal)
    assert heard(rehearsal) == [1, 1, 1]
    assert not rehearsal.citizen(chat_id=2001).heard(RIGHT)
    async with rehearsal.database.begin() as tx:
        await correct(tx, desk(rehearsal), 1, RIGHT, seen=asked.version)
    number = await rehearsal.rows("SELECT id FROM outbox WHERE key LIKE 'office:1:%' AND state = 'pending'")
    async with rehearsal.database.begin() as tx:
        held = await hold_back(tx, desk(rehearsal), number[0][0])
        assert (held.question, held.corrects) == (1, True)
    assert await rehearsal.rows("SELECT state FROM hand_overs WHERE id = 1") == [("answered",)]


async def test_what_cannot_be_corrected(rehearsal: Rehearsal) -> None:
    await three(rehearsal)
    async with rehearsal.database.begin() as tx:
        for number in (1, 99):
            with pytest.raises(RefusedError, match="non c'è una risposta"):
                await correct(tx, desk(rehearsal), number, RIGHT, seen=1)
        await answer(tx, desk(rehearsal), 1, ANSWER, seen=1, others={2: 1})
        with pytest.raises(RefusedError, match="non è ancora partita"):
            await correct(tx, desk(rehearsal), 1, RIGHT, seen=2)
    await later(rehearsal)
    async with rehearsal.database.begin() as tx:
        with pytest.raises(QuestionMovedError):
            await correct(tx, desk(rehearsal), 1, RIGHT, seen=1)
        await correct(tx, desk(rehearsal), 2, "Due euro.", seen=2)
        given = await correct(tx, desk(rehearsal), 1, RIGHT, seen=2, others={2: 2, 3: 1})
        assert given.numbers == (1,)  # the second was corrected by itself, the third was never answered
        assert [q.answer for q in given.left_out] == ["Due euro."]
