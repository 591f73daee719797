"""Who telephones and can be written to nowhere.

Has a seat, is counted among those to be told by voice, and is nobody's waste of alerts.
"""

from dataclasses import replace
from datetime import time
from json import loads

import pytest

from conversation.channel import Channel
from conversation.message import Address
from db.not_arrived import not_arrived
from db.people import phone_of
from db.reports import unreachable_coming
from office.errors import RefusedError
from office.kinds import say_kind
from office.newcomers import Newcomer, Unheard
from office.on_behalf import change_seats, register, register_known, send_link, withdraw
from office.people import add_contact, join, set_phone
from office.personal_data import erase, export, find
from office.plan import plan
from tests.office.people import MUSEUMS, SPORT, comes, desk, mail
from tests.support.rehearsal import Rehearsal, text_of

IDA = Newcomer(None, "Ida Prova", "Coro Le Rondini", 2, SPORT)


async def called(rehearsal: Rehearsal) -> int:
    """Ida's registration."""
    async with rehearsal.database.begin() as tx:
        made, _ = await register(tx, desk(rehearsal), IDA, unheard=Unheard.TOLD_BY_VOICE)
    return made.id


async def test_they_have_a_seat_and_are_among_those_who_cannot_be_reached(rehearsal: Rehearsal) -> None:
    number = await called(rehearsal)
    assert await rehearsal.registered() == [("sport", "Coro Le Rondini", 2, "confirmed")]
    async with rehearsal.database.begin() as tx:
        assert await unreachable_coming(tx, [SPORT]) == 1
        assert (await plan(tx, desk(rehearsal), SPORT, {"hour": time(18)})).unreached == ((1, "Ida Prova"),)
        await change_seats(tx, desk(rehearsal), number, 3)
        with pytest.raises(RefusedError, match="a voce"):
            await send_link(tx, desk(rehearsal), number)
    log = await rehearsal.rows("SELECT data FROM audit WHERE action LIKE '%by_hand' ORDER BY id")
    changed = {"changed": ["participants"], "values": {"participants": [2, 3]}}
    assert [loads(data) for (data,) in log] == [{"unheard": "told_by_voice"}, changed | {"unheard": "no_address"}]
    assert await rehearsal.rows("SELECT id FROM outbox WHERE kind = 'reply'") == []
    async with rehearsal.database.begin() as tx:
        await withdraw(tx, desk(rehearsal), number)
        assert await unreachable_coming(tx, [SPORT]) == 0


async def test_they_are_registered_for_one_more_meeting(rehearsal: Rehearsal) -> None:
    await called(rehearsal)
    async with rehearsal.database.begin() as tx:
        _, hearing = await register_known(tx, desk(rehearsal), 1, MUSEUMS, "Coro Le Rondini", 1)
    assert (hearing.address, hearing.unheard) == (None, Unheard.NO_ADDRESS)
    assert await rehearsal.rows("SELECT person_id, meeting_id FROM registrations ORDER BY meeting_id") == [
        (1, SPORT),
        (1, MUSEUMS),
    ]
    assert await rehearsal.rows("SELECT id FROM outbox WHERE kind = 'reply'") == []


async def test_the_office_hears_of_what_changes_and_not_of_each_reminder(rehearsal: Rehearsal) -> None:
    await called(rehearsal)
    await rehearsal.works()
    await rehearsal.goes_to("2021-01-20T12:00")
    assert await rehearsal.rows("SELECT DISTINCT error FROM outbox WHERE kind = 'reminder' AND state = 'void'") == [
        ("told by voice",)
    ]
    assert rehearsal.staff.mails == []
    await rehearsal.changes("sport", hour=time(18))
    (told,) = rehearsal.staff.mails
    assert "Ida Prova, senza recapito: avvisare a voce" in text_of(told)


async def test_whoever_telephones_is_told_that_the_meeting_was_cancelled(rehearsal: Rehearsal) -> None:
    await called(rehearsal)
    await rehearsal.changes("sport", cancelled=True)
    assert "Un messaggio non è arrivato: l'annuncio che un incontro è annullato (" in text_of(rehearsal.staff.mails[-1])
    async with rehearsal.database.begin() as tx:
        [lost] = await not_arrived(tx, rehearsal.clock(), most=9)
    assert say_kind(lost["kind"], lost["detail"]) == "annullamento di un incontro"


async def test_an_address_that_comes_later_is_written_to(rehearsal: Rehearsal) -> None:
    number, ida = await called(rehearsal), Address(Channel.EMAIL, "ida@posta.example")
    async with rehearsal.database.begin() as tx:
        await add_contact(tx, 1, ida, rehearsal.clock(), by=desk(rehearsal).by)
        assert await unreachable_coming(tx, [SPORT]) == 0
        await send_link(tx, desk(rehearsal), number)
    await rehearsal.works()
    assert len(rehearsal.association(ida.value).mails) == 1
    assert await rehearsal.rows("SELECT channel FROM addresses") == [("email",)]


async def test_they_have_their_data_and_are_erased_by_the_name_that_stands_for_an_address(rehearsal: Rehearsal) -> None:
    await called(rehearsal)
    ((name,),) = await rehearsal.rows("SELECT value FROM addresses")
    async with rehearsal.database.begin() as tx:
        assert await find(tx, name)
        copy = await export(tx, name, rehearsal.clock(), by=desk(rehearsal).by)
        assert copy
        assert copy["name"] == "Ida Prova"
        assert await erase(tx, name, rehearsal.clock(), by=desk(rehearsal).by)
    assert await rehearsal.rows("SELECT * FROM people") == []


async def test_their_telephone_is_kept_copied_and_erased_and_stands_in_no_registry(rehearsal: Rehearsal) -> None:
    by, now = desk(rehearsal).by, rehearsal.clock()
    async with rehearsal.database.begin() as tx:
        who = replace(IDA, phone=" 0583  123.456 ")
        made, _ = await register(tx, desk(rehearsal), who, unheard=Unheard.TOLD_BY_VOICE)
        assert await phone_of(tx, made.person_id) == "0583 123.456"
        await set_phone(tx, made.person_id, "+39 (333) 12-34", now, by=by)
        for wrong in ("12 34", "chiedere in parrocchia", "333 1234567 int. 5", "1" * 40):
            with pytest.raises(RefusedError, match="non è un numero di telefono"):
                await set_phone(tx, made.person_id, wrong, now, by=by)
        with pytest.raises(RefusedError, match=r"non c'è una persona n\. 99"):
            await set_phone(tx, 99, "", now, by=by)
    ((name,),) = await rehearsal.rows("SELECT value FROM addresses")
    async with rehearsal.database.begin() as tx:
        copy = await export(tx, name, now, by=by)
        assert copy
        assert copy["phone"] == "+39 (333) 12-34"
        await set_phone(tx, made.person_id, "", now, by=by)
        assert await phone_of(tx, made.person_id) == ""
    log = await rehearsal.rows("SELECT action, data FROM audit WHERE action LIKE 'phone%' ORDER BY id")
    assert log == [("phone_written", None), ("phone_removed", None)]


async def test_a_telephone_beside_an_address_is_not_asked_for(rehearsal: Rehearsal) -> None:
    async with rehearsal.database.begin() as tx:
        with pytest.raises(RefusedError, match="solo per chi non ha altri recapiti"):
            await register(tx, desk(rehearsal), replace(IDA, address=mail("ida"), phone="0583 123456"))


@pytest.mark.parametrize("own", ["", "0583 1"])
async def test_of_two_rows_that_are_one_person_the_telephone_stays(rehearsal: Rehearsal, own: str) -> None:
    await comes(rehearsal, mail("ida"))
    async with rehearsal.database.begin() as tx:
        made, _ = await register(tx, desk(rehearsal), replace(IDA, phone="0583 22222"), unheard=Unheard.TOLD_BY_VOICE)
        await set_phone(tx, 1, own and "0583 11111", rehearsal.clock(), by=desk(rehearsal).by)
        await join(tx, 1, made.person_id, rehearsal.clock(), by=desk(rehearsal).by)
        assert await phone_of(tx, 1) == ("0583 11111" if own else "0583 22222")
