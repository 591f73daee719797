"""Who works elsewhere sees what was done here.

One line in the office's group, never one that is read back as an answer.
"""

from datetime import timedelta

from conversation.channel import Channel
from conversation.message import Address
from db.questions import get_question, settled_by, waiting_questions
from office.questions import GRACE, Closing, answer, close, undo_answer
from tests.conftest import OpenRehearsal
from tests.office.people import desk, operator
from tests.support.rehearsal import BOT_NAME, Rehearsal, text_of

GROUP = Address(Channel.TELEGRAM, "-100500")
WORDS = "Vorrei parlare con una persona. Quanto costa il parcheggio?"
CLERK = {"id": 77, "is_bot": False, "first_name": "Renzo"}
BOT = {"id": 1, "is_bot": True, "first_name": "Bot", "username": BOT_NAME}


def lines(rehearsal: Rehearsal) -> list[str]:
    """What the group heard after the question."""
    return [m.plain for m in rehearsal.to(GROUP) if "parcheggio" not in m.plain]


async def later(rehearsal: Rehearsal) -> None:
    rehearsal.clock.move_to(rehearsal.clock() + GRACE + timedelta(seconds=1))
    await rehearsal.works()


async def test_the_group_hears_of_an_answer_when_it_leaves_and_the_mailbox_does_not(
    rehearsal_with: OpenRehearsal,
) -> None:
    async with rehearsal_with(staff_chat=GROUP.value) as rehearsal:
        await rehearsal.citizen().says(WORDS)
        paola, mails = await operator(rehearsal, "Paola"), len(rehearsal.staff.mails)
        async with rehearsal.database.begin() as tx:
            await answer(tx, desk(rehearsal, paola), 1, "Due euro.", seen=1)
            await undo_answer(tx, desk(rehearsal, paola), 1)
        await later(rehearsal)
        assert lines(rehearsal) == []
        async with rehearsal.database.begin() as tx:
            await answer(tx, desk(rehearsal, paola), 1, "Due euro.", seen=3)
        await rehearsal.works()
        assert lines(rehearsal) == []
        await later(rehearsal)
        assert lines(rehearsal) == ["Domanda n. 1: ha risposto Paola."]
        assert len(rehearsal.staff.mails) == mails


async def test_what_is_said_to_the_line_is_no_answer(rehearsal_with: OpenRehearsal) -> None:
    async with rehearsal_with(staff_chat=GROUP.value) as rehearsal:
        anna, group = rehearsal.citizen(), rehearsal.citizen(chat_id=int(GROUP.value))
        await anna.says(WORDS)
        paola = await operator(rehearsal, "Paola")
        async with rehearsal.database.begin() as tx:
            await close(tx, desk(rehearsal, paola), 1, Closing.SPAM, seen=1)
        await rehearsal.works()
        assert lines(rehearsal) == ["Domanda n. 1: Paola l'ha chiusa senza rispondere."]
        before = len(anna.messages)
        chat = {"id": int(GROUP.value), "type": "supergroup", "title": "Ufficio"}
        line = {"message_id": 5, "date": 1, "chat": chat, "from": BOT, "text": lines(rehearsal)[0]}
        await group.says("Grazie Paola!", chat=chat, **{"from": CLERK}, reply_to_message=line)
        assert len(anna.messages) == before
        assert await rehearsal.rows("SELECT state FROM hand_overs") == [("closed",)]


async def test_an_answer_by_mail_is_seen_in_the_group_and_by_who(rehearsal_with: OpenRehearsal) -> None:
    async with rehearsal_with(staff_chat=GROUP.value) as rehearsal:
        await rehearsal.citizen().says(WORDS)
        await rehearsal.staff.writes("Due euro.", answers=rehearsal.staff.mails[-1])
        assert lines(rehearsal) == ["Domanda n. 1: ha risposto l'ufficio, per e-mail."]
        async with rehearsal.database.begin() as tx:
            asked = await get_question(tx, 1)
            assert asked
            assert await settled_by(tx, asked) == "email"


async def test_who_answers_by_mail_what_was_answered_on_a_page_reads_what_was_said(rehearsal: Rehearsal) -> None:
    await rehearsal.citizen().says(WORDS)
    alert, paola = rehearsal.staff.mails[-1], await operator(rehearsal, "Paola")
    async with rehearsal.database.begin() as tx:
        (asked,) = await waiting_questions(tx)
        await answer(tx, desk(rehearsal, paola), asked.id, "Due euro.", seen=1)
    told = await rehearsal.staff.writes("Tre euro.", answers=alert)
    assert "aveva già risposto Paola: «Due euro.»" in text_of(told.last)
    assert "parte alle ore 09.02" in " ".join(text_of(told.last).split())
    again = await rehearsal.staff.writes("Anzi, quattro.", answers=alert)
    assert "già risposto" not in text_of(again.last)


async def test_after_an_answer_in_the_group_a_mail_still_hears_of_the_one_that_waits(
    rehearsal_with: OpenRehearsal,
) -> None:
    async with rehearsal_with(staff_chat=GROUP.value) as rehearsal:
        group = rehearsal.citizen(chat_id=int(GROUP.value))
        await rehearsal.citizen().says(WORDS)
        alert, paola = rehearsal.staff.mails[-1], await operator(rehearsal, "Paola")
        async with rehearsal.database.begin() as tx:
            (asked,) = await waiting_questions(tx)
            await answer(tx, desk(rehearsal, paola), asked.id, "Due euro.", seen=1)
        chat = {"id": int(GROUP.value), "type": "supergroup", "title": "Ufficio"}
        asking = {"message_id": 5, "date": 1, "chat": chat, "from": BOT, "text": f"rif. {asked.reference}"}
        await group.says("Tre euro.", chat=chat, **{"from": CLERK}, reply_to_message=asking)
        told = text_of((await rehearsal.staff.writes("Quattro euro.", answers=alert)).last)
        assert "aveva già risposto Paola: «Due euro.»" in told
        assert "parte alle ore 09.02" in " ".join(told.split())
        assert "Tre euro." not in told
        async with rehearsal.database.begin() as tx:
            assert (await undo_answer(tx, desk(rehearsal, paola), asked.id)).settled == (asked.id,)
            kept = await get_question(tx, asked.id)
            assert kept
            assert kept.answer == "Quattro euro."
