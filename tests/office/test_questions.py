"""What the bot passed on: answered from the office's desk by the same way as by mail, taken back, closed, passed on."""

from datetime import timedelta
from email import policy
from email.message import EmailMessage

import pytest

from office.errors import RefusedError
from office.questions import (
    Closing,
    Question,
    QuestionMovedError,
    QuestionState,
    Side,
    answer,
    close,
    get_question,
    hold,
    lines_of,
    pass_on,
    undo_answer,
    waiting_questions,
)
from tests.office.people import desk, operator
from tests.support.rehearsal import OFFICE, Citizen, Rehearsal, text_of

WORDS = "Quanto costa il parcheggio vicino al mercato di Camaiore?"


async def asked(rehearsal: Rehearsal) -> Question:
    """By mail, and passed on."""
    await rehearsal.association().writes(f"Buongiorno. Vorrei parlare con una persona. {WORDS}")
    async with rehearsal.database.begin() as tx:
        (question,) = await waiting_questions(tx)
    assert question.version == 1
    return question


async def test_the_answer_leaves_after_the_grace(rehearsal: Rehearsal) -> None:
    question, paola = await asked(rehearsal), await operator(rehearsal, "Paola")
    async with rehearsal.database.begin() as tx:
        due = (await answer(tx, desk(rehearsal, paola), question.id, "Lo chieda al Comune.", seen=1)).due
    club = rehearsal.association()
    before = len(club.mails)
    await rehearsal.works()
    assert len(club.mails) == before
    rehearsal.clock.move_to(due + timedelta(seconds=1))
    await rehearsal.works()
    mail = await club.gets("Lo chieda al Comune.")
    assert "Camaiore" in text_of(mail)
    async with rehearsal.database.begin() as tx:
        found = await get_question(tx, question.id)
        assert found
        assert (found.state, found.answer, found.version) == (QuestionState.ANSWERED, "Lo chieda al Comune.", 2)
        (line,) = await lines_of(tx, question.id)
        assert (line.side, line.staff_id) == (Side.OFFICE, paola.staff_id)
        with pytest.raises(RefusedError, match="già partita"):
            await undo_answer(tx, desk(rehearsal, paola), question.id)


async def test_what_was_said_before_stands_beside_the_question(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says("Quando è il prossimo incontro?")
    await anna.says("Vorrei parlare con una persona")
    async with rehearsal.database.begin() as tx:
        (question,) = await waiting_questions(tx)
        them, bot = await lines_of(tx, question.id)
    assert (them.side, them.text) == (Side.THEM, "Quando è il prossimo incontro?")
    assert (bot.side, bot.at) == (Side.BOT, them.at)
    assert bot.at is not None
    assert abs(bot.at - rehearsal.clock()) < timedelta(minutes=1)
    assert "gennaio" in bot.text
    assert question.evidence["intent"] == "human"
    assert 0 < question.evidence["certainty"] <= 1
    assert 0 < question.evidence["enough"] < 1
    assert 0 <= question.evidence["beyond"] < 1
    async with rehearsal.database.begin() as tx:
        await answer(tx, desk(rehearsal), question.id, "Eccomi.", seen=1)
        assert [line.side for line in await lines_of(tx, question.id)] == [Side.THEM, Side.BOT, Side.OFFICE]


async def test_that_a_letter_brought_files_is_kept_and_nothing_of_them(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    letter = EmailMessage(policy=policy.SMTP)
    letter["From"], letter["To"], letter["Message-ID"] = club.address, OFFICE, "<1@querce.example>"
    letter.add_attachment(b"PK", maintype="application", subtype="zip", filename="soci.zip")
    await club.sends(letter.as_bytes())
    async with rehearsal.database.look() as tx:
        (question,) = await waiting_questions(tx)
    assert question.question == ""
    assert question.evidence["attached"] is True
    assert "soci" not in repr(question)


async def test_taken_back_the_question_is_open_and_nobody_hears(rehearsal: Rehearsal) -> None:
    question = await asked(rehearsal)
    club = rehearsal.association()
    before = len(club.mails)
    async with rehearsal.database.begin() as tx:
        await answer(tx, desk(rehearsal), question.id, "x" * 3000, seen=1)
        assert (await undo_answer(tx, desk(rehearsal), question.id)).text == "x" * 3000
        assert [q.version for q in await waiting_questions(tx)] == [3]
        assert not await lines_of(tx, question.id)
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(minutes=5))
    await rehearsal.works()
    assert len(club.mails) == before


async def test_the_second_who_answers_sees_what_the_first_wrote(rehearsal: Rehearsal) -> None:
    question = await asked(rehearsal)
    alert = await rehearsal.staff.gets("rif. 1-")
    await rehearsal.staff.writes("Si chieda al Comune.", answers=alert)
    await rehearsal.association().gets("Si chieda al Comune.")
    async with rehearsal.database.begin() as tx:
        with pytest.raises(QuestionMovedError) as moved:
            await answer(tx, desk(rehearsal), question.id, "Altro.", seen=1)
        assert moved.value.question.answer == "Si chieda al Comune."
        with pytest.raises(QuestionMovedError):
            await close(tx, desk(rehearsal), question.id, Closing.SPAM, seen=1)
    log = await rehearsal.rows("SELECT staff_name FROM audit WHERE action = 'question_answered'")
    assert log == [("email",)]


async def test_what_was_closed_waits_no_more_in_what_the_office_reads(rehearsal: Rehearsal) -> None:
    question = await asked(rehearsal)
    club = rehearsal.association()
    await club.writes("Vorrei parlare con una persona. Dove si mangia la sera?", subject="cena")
    assert "e aspetta ancora: «Partecipazione" in text_of(rehearsal.staff.mails[-1])
    async with rehearsal.database.begin() as tx:
        await close(tx, desk(rehearsal), question.id, Closing.NO_QUESTION, seen=1)
    await club.writes("Vorrei parlare con una persona. Dove si dorme la notte?", subject="notte")
    told = text_of(rehearsal.staff.mails[-1])
    assert "e aspetta ancora: «Partecipazione" not in told
    assert "L'ufficio l'ha chiusa senza rispondere" in told
    assert "e aspetta ancora: «cena" in told


async def test_who_has_it_in_hand(rehearsal: Rehearsal) -> None:
    question = await asked(rehearsal)
    paola, renzo = await operator(rehearsal, "Paola"), await operator(rehearsal, "Renzo")
    async with rehearsal.database.begin() as tx:
        assert (await hold(tx, desk(rehearsal, paola), question.id))[1] is None
        assert (await hold(tx, desk(rehearsal, renzo), question.id))[1] == paola.staff_id
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(minutes=4))
    async with rehearsal.database.begin() as tx:
        assert (await hold(tx, desk(rehearsal, renzo), question.id))[1] is None
        assert paola.staff_id
        await pass_on(tx, desk(rehearsal, renzo), question.id, paola.staff_id, seen=1)
        with pytest.raises(RefusedError, match="non lavora qui"):
            await pass_on(tx, desk(rehearsal, renzo), question.id, 99, seen=2)
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(hours=4))
    async with rehearsal.database.begin() as tx:
        assert (await hold(tx, desk(rehearsal, renzo), question.id))[1] == paola.staff_id  # it was passed on to her
        assert (await hold(tx, desk(rehearsal, paola), question.id))[1] is None
        await answer(tx, desk(rehearsal, renzo), question.id, "Rispondo io.", seen=2)  # it binds nobody


async def test_closed_with_a_reason_nobody_is_written_to(rehearsal: Rehearsal) -> None:
    question = await asked(rehearsal)
    before = len(rehearsal.association().mails)
    async with rehearsal.database.begin() as tx:
        for text, said in (("  ", "vuota"), ("x" * 3501, "3500")):
            with pytest.raises(RefusedError, match=said):
                await answer(tx, desk(rehearsal), question.id, text, seen=1)
        await close(tx, desk(rehearsal), question.id, Closing.ANSWERED_ELSEWHERE, seen=1)
        assert not await waiting_questions(tx)
        with pytest.raises(RefusedError, match="non c'è una domanda"):
            await close(tx, desk(rehearsal), 99, Closing.SPAM, seen=1)
    await rehearsal.works()
    assert len(rehearsal.association().mails) == before
    assert await rehearsal.rows("SELECT state, closed_as FROM hand_overs") == [("closed", "answered_elsewhere")]


async def _asks(rehearsal: Rehearsal) -> Citizen:
    """In a chat, of somebody who is not known yet; passed on."""
    anna = rehearsal.citizen()
    await anna.says(f"Vorrei parlare con una persona. {WORDS}")
    assert await rehearsal.rows("SELECT person_id FROM hand_overs") == [(None,)]
    return anna


async def _registers(anna: Citizen) -> None:
    await anna.says("Iscrivimi all'incontro di sport: siamo in tre, Polisportiva Le Querce. Mi chiamo Anna Esempio.")
    await anna.presses("yes")


async def test_what_was_asked_before_somebody_was_known_is_theirs(rehearsal: Rehearsal) -> None:
    anna = await _asks(rehearsal)
    await _registers(anna)
    async with rehearsal.database.begin() as tx:
        (question,) = await waiting_questions(tx)
        assert (question.person_id, question.name, question.version) == (1, "Anna Esempio", 1)
        await answer(tx, desk(rehearsal), question.id, "Eccomi.", seen=1)
    assert await rehearsal.rows("SELECT person_id FROM outbox WHERE key LIKE 'office:1:%'") == [(1,)]


@pytest.mark.parametrize("gone", [False, True])
async def test_what_was_answered_before_somebody_was_known_is_theirs(rehearsal: Rehearsal, *, gone: bool) -> None:
    anna = await _asks(rehearsal)
    async with rehearsal.database.begin() as tx:
        due = (await answer(tx, desk(rehearsal), 1, "Eccomi.", seen=1)).due
    if gone:
        rehearsal.clock.move_to(due + timedelta(seconds=1))
        await rehearsal.works()
    await _registers(anna)
    assert await rehearsal.rows("SELECT person_id FROM hand_overs") == [(1,)]
    state = "sent" if gone else "pending"
    assert await rehearsal.rows("SELECT person_id, state FROM outbox WHERE key LIKE 'office:1:%'") == [(1, state)]
