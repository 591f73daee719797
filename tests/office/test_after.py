"""After a meeting: who came, and how people stand to the Patto."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete

from db.attendance import count_present
from db.models import staff
from db.pact import add_adhesion, reached, standing_of
from db.reports import signs_of
from db.requests import TERMINAL
from office.attendance import How, attendance_at, mark
from office.errors import RefusedError
from office.pact import PactState, StandingMovedError, note
from office.personal_data import export
from tests.office.people import SPORT, comes, desk, mail, operator
from tests.support.rehearsal import Rehearsal


async def test_who_came_is_marked_by_hand(rehearsal: Rehearsal) -> None:
    ada, bice, _ = [await comes(rehearsal, mail(name)) for name in ("ada", "bice", "carla")]
    async with rehearsal.database.begin() as tx:
        with pytest.raises(RefusedError, match="non c'è ancora stato"):
            await mark(tx, desk(rehearsal), ada, present=True)
        with pytest.raises(RefusedError, match="non c'è un'iscrizione"):
            await mark(tx, desk(rehearsal), 99, present=True)
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(days=6))
    paola = await operator(rehearsal, "Paola")
    async with rehearsal.database.begin() as tx:
        await mark(tx, desk(rehearsal, paola), ada, present=True)
        await mark(tx, desk(rehearsal, paola), bice, present=False)
        found = {a.registration: (a.at is not None, a.how) for a in await attendance_at(tx, SPORT)}
        assert found == {1: (True, How.HAND), 2: (False, How.ABSENT), 3: (False, None)}
        await mark(tx, desk(rehearsal, paola), bice, present=None)
        assert (await attendance_at(tx, SPORT))[1].how is None
    log = await rehearsal.rows("SELECT person_id, subject, staff_id FROM audit WHERE action = 'attendance' LIMIT 1")
    assert log == [(1, "registration:1", paola.staff_id)]


async def test_of_a_group_it_is_marked_how_many_came(rehearsal: Rehearsal) -> None:
    ada, bice = [await comes(rehearsal, mail(name), people=5) for name in ("ada", "bice")]
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(days=6))
    async with rehearsal.database.begin() as tx:
        for wrong in (0, 6):
            with pytest.raises(RefusedError, match="da 1 a 5"):
                await mark(tx, desk(rehearsal), ada, present=True, people=wrong)
        await mark(tx, desk(rehearsal), ada, present=True, people=3)
        await mark(tx, desk(rehearsal), bice, present=True, people=5)
        assert [a.people for a in await attendance_at(tx, SPORT)] == [3, None]
        assert (await count_present(tx, SPORT)).people == 8
        copy = await export(tx, "ada@posta.example", rehearsal.clock(), by=TERMINAL)
        assert copy
        assert copy["registrations"][0]["attended_people"] == 3
        await mark(tx, desk(rehearsal), ada, present=False)
        assert [(a.how, a.people) for a in await attendance_at(tx, SPORT)] == [(How.ABSENT, None), (How.HAND, None)]
        assert (await count_present(tx, SPORT)).people == 5
    log = await rehearsal.rows("SELECT data FROM audit WHERE action = 'attendance' ORDER BY id")
    assert log == [('{"how": "hand", "people": 3}',), ('{"how": "hand"}',), ('{"how": "absent"}',)]


async def test_from_invited_to_signed_and_no_more(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    signed = date(2021, 1, 14)
    async with rehearsal.database.begin() as tx:
        await note(tx, desk(rehearsal), 1, PactState.INVITED, seen="", words="Invitati a voce")
        found = await standing_of(tx, 1)
        assert found
        seen = found.version
        assert (found.state, found.organisation, found.note) == ("invited", "Polisportiva Le Querce", "Invitati a voce")
        with pytest.raises(RefusedError, match=r"manca il giorno della firma$"):
            await note(tx, desk(rehearsal), 1, PactState.SIGNED, seen=seen)
        with pytest.raises(RefusedError, match="è nel futuro"):
            await note(tx, desk(rehearsal), 1, PactState.SIGNED, seen=seen, signed_on=date(2021, 2, 1))
        with pytest.raises(RefusedError, match="solo per chi ha firmato"):
            await note(tx, desk(rehearsal), 1, PactState.INTERESTED, seen=seen, signed_on=signed)
        with pytest.raises(RefusedError, match="non c'è una persona"):
            await note(tx, desk(rehearsal), 99, PactState.INVITED, seen="")
        await note(tx, desk(rehearsal), 1, PactState.SIGNED, seen=seen, signed_on=signed)
        whole, by_sector = await reached(tx)
        assert whole.people == by_sector["sport"].people == {PactState.SIGNED: 1}
        with pytest.raises(StandingMovedError):
            await note(tx, desk(rehearsal), 1, PactState.ENDED, seen=seen)
        found = await standing_of(tx, 1)
        assert found
        await note(tx, desk(rehearsal), 1, PactState.ENDED, seen=found.version)
        found = await standing_of(tx, 1)
        assert found
        assert (found.state, found.signed_on) == (PactState.ENDED, signed)


async def test_who_was_invited_and_says_yes_is_interested(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    async with rehearsal.database.begin() as tx:
        await note(tx, desk(rehearsal), 1, PactState.INVITED, seen="")
    await club.writes("Vorremmo aderire al Patto", answers=await club.gets("Iscrizione confermata"))
    async with rehearsal.database.begin() as tx:
        found = await standing_of(tx, 1)
    assert found
    assert found.state is PactState.INTERESTED


async def test_an_interest_is_new_until_the_office_notes_it_whoever_leaves_the_office(rehearsal: Rehearsal) -> None:
    await comes(rehearsal, mail("ada"))
    paola = await operator(rehearsal, "Paola")

    async def new() -> int:
        async with rehearsal.database.begin() as tx:
            return (await signs_of(tx))["pact"].count

    async with rehearsal.database.begin() as tx:
        await add_adhesion(tx, 1, None, rehearsal.clock())
    assert await new() == 1
    async with rehearsal.database.begin() as tx:
        found = await standing_of(tx, 1)
        assert found
        await note(tx, desk(rehearsal, paola), 1, PactState.INTERESTED, seen=found.version)
    assert await new() == 0
    async with rehearsal.database.begin() as tx:
        await tx.execute(delete(staff).where(staff.c.id == paola.staff_id))
    assert await new() == 0
    async with rehearsal.database.begin() as tx:
        found = await standing_of(tx, 1)
        assert found
        await note(tx, desk(rehearsal), 1, PactState.ENDED, seen=found.version)
        await add_adhesion(tx, 1, None, rehearsal.clock() + timedelta(days=1))
    assert await new() == 1
