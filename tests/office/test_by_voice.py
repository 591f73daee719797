"""Who telephones and can be written to nowhere.

Has a seat, is counted among those to be told by voice, and is nobody's waste of alerts.
"""

from datetime import time
from json import loads

import pytest

from conversation.channel import Channel
from conversation.message import Address
from db.reports import unreachable_coming
from office.errors import RefusedError
from office.newcomers import Newcomer, Unheard
from office.on_behalf import change_seats, register, register_known, send_link, withdraw
from office.people import add_contact
from office.personal_data import erase, export, find
from office.plan import plan
from tests.office.people import MUSEUMS, SPORT, desk
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
    assert (hearing.place, hearing.unheard) == (None, Unheard.NO_ADDRESS)
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


async def test_an_address_that_comes_later_is_written_to(rehearsal: Rehearsal) -> None:
    number, mail = await called(rehearsal), Address(Channel.EMAIL, "ida@posta.example")
    async with rehearsal.database.begin() as tx:
        await add_contact(tx, 1, mail, rehearsal.clock(), by=desk(rehearsal).by)
        assert await unreachable_coming(tx, [SPORT]) == 0
        await send_link(tx, desk(rehearsal), number)
    await rehearsal.works()
    assert len(rehearsal.association(mail.value).mails) == 1
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
