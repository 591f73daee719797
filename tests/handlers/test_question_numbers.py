"""The office reads "Domanda n. 1", as the console says; what its answer finds the question by stands at the end."""

import re

import pytest

from conversation.channel import Channel
from conversation.message import Address
from db.personal_data import erase_person
from tests.conftest import OpenRehearsal
from tests.handlers.test_chat import Group, asked_for_a_person
from tests.support.rehearsal import Rehearsal, text_of

MARK = re.compile(r"\(rif\. (1-[0-9a-f]{8})\)")


def as_before(said: str) -> str:
    """What the office was sent when the mark still stood in the number."""
    found = MARK.search(said)
    assert found
    return MARK.sub("", said).replace("Domanda n. 1", f"Domanda n. {found[1]}").strip()


async def test_a_mail_names_the_question_by_its_number_alone(rehearsal: Rehearsal) -> None:
    await rehearsal.citizen().says("vorrei parlare con una persona: posso portare il cane?")
    asked = rehearsal.staff.mails[-1]
    assert re.fullmatch(r"\[.+\] Domanda n\. 1 per l'ufficio \(rif\. 1-[0-9a-f]{8}\)", str(asked["Subject"]))
    assert "\n\nDomanda n. 1 (chiede una persona)\n" in text_of(asked)
    assert MARK.search(text_of(asked).strip().splitlines()[-1])
    told = await rehearsal.staff.writes("Sì, al guinzaglio.", answers=asked)
    assert "Fatto: la risposta alla domanda n. 1 è partita" in told.text
    assert "Sì, al guinzaglio." in rehearsal.citizen().messages[-1].plain


async def test_a_mail_that_was_sent_before_is_answered(rehearsal: Rehearsal) -> None:
    await rehearsal.citizen().says("vorrei parlare con una persona: posso portare il cane?")
    asked = rehearsal.staff.mails[-1]
    asked.replace_header("Subject", as_before(str(asked["Subject"])))
    assert re.search(r"Domanda n\. 1-[0-9a-f]{8} per l'ufficio$", str(asked["Subject"]))
    await rehearsal.staff.writes("Sì, al guinzaglio.", answers=asked)
    assert "Sì, al guinzaglio." in rehearsal.citizen().messages[-1].plain


async def test_an_answer_to_who_was_erased_meanwhile_is_no_question_of_the_office(rehearsal: Rehearsal) -> None:
    await rehearsal.citizen().says("vorrei parlare con una persona: posso portare il cane?")
    asked = rehearsal.staff.mails[-1]
    async with rehearsal.database.begin() as tx:
        await erase_person(tx, Address(Channel.TELEGRAM, "2001"), rehearsal.clock())
    before = len(rehearsal.staff.mails)
    told = await rehearsal.staff.writes("Mi lamento: non si può, che vergogna.", answers=asked)
    assert told.text.strip() == "La domanda n. 1 non c'è più: la risposta non è andata a nessuno."
    assert len(rehearsal.staff.mails) == before + 1
    assert await rehearsal.rows("SELECT id FROM hand_overs") == []


@pytest.mark.parametrize("before", [False, True])
async def test_in_the_group_a_message_of_either_kind_is_answered(
    rehearsal_with: OpenRehearsal, *, before: bool
) -> None:
    async with rehearsal_with(staff_chat="-1001234") as rehearsal:
        anna, group = await asked_for_a_person(rehearsal)
        asked = group.heard[-1]
        assert "Domanda n. 1 per l'ufficio" in asked
        note = group.note(as_before(asked) if before else asked)
        (told,) = await group.says("Sì, al guinzaglio.", **note)
        assert "Sì, al guinzaglio." in anna.messages[-1].plain
        assert told.startswith("Fatto: la risposta alla domanda n. 1 è partita")
        await group.says("Anzi, no.", **group.note(told))  # what is said to that finds it, too
        assert "Anzi, no." in anna.messages[-1].plain


async def test_the_last_piece_of_a_long_question_is_answered(rehearsal_with: OpenRehearsal) -> None:
    async with rehearsal_with(staff_chat="-1001234") as rehearsal:
        anna, group = rehearsal.citizen(), Group(rehearsal, -1001234)
        await anna.says("vorrei parlare con una persona. " + "Posso portare il cane? " * 150)
        pieces = group.heard
        for number, piece in enumerate((pieces[0], pieces[-1])):
            await group.says(f"Sì, {number}.", **group.note(piece))
            assert f"Sì, {number}." in anna.messages[-1].plain
