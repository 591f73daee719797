"""Associations of which nobody is known, in the Patto: noted by name once, put right, taken away, never lost."""

from datetime import date

import pytest

from db.pact import PactState
from db.pact_organisations import count_organisations, noted_organisation
from db.people import organisation_id
from office.errors import RefusedError
from office.pact import StandingMovedError, add_organisation, note_organisation, remove_organisation
from office.personal_data import erase
from tests.office.people import comes, desk, mail, operator
from tests.support.rehearsal import Rehearsal

DAY = date(2021, 1, 14)


async def test_it_is_noted_put_right_and_taken_away(rehearsal: Rehearsal) -> None:
    paola = desk(rehearsal, await operator(rehearsal, "Paola"))
    async with rehearsal.database.begin() as tx:
        number = await add_organisation(tx, paola, "  Coop.  Il Faggio ", PactState.SIGNED, signed_on=DAY)
        noted = await noted_organisation(tx, number)
        assert noted
        assert (noted.name, noted.state, noted.signed_on) == ("Coop. Il Faggio", PactState.SIGNED, DAY)
        await note_organisation(tx, paola, number, PactState.ENDED, seen=noted.version, words="Sciolta.")
        with pytest.raises(StandingMovedError):
            await note_organisation(tx, paola, number, PactState.INVITED, seen=noted.version)
        with pytest.raises(StandingMovedError):
            await remove_organisation(tx, paola, number, seen=noted.version)
        ended = await noted_organisation(tx, number)
        assert ended
        assert (ended.state, ended.signed_on, ended.note) == (PactState.ENDED, DAY, "Sciolta.")
        assert await count_organisations(tx) == {PactState.ENDED: 1}
        await remove_organisation(tx, paola, number, seen=ended.version)
        assert await noted_organisation(tx, number) is None
    assert await rehearsal.rows("SELECT * FROM organisations") == []
    log = await rehearsal.rows(
        "SELECT action, person_id, subject, data, staff_name FROM audit WHERE staff_name <> '' ORDER BY id"
    )
    subject = f"organisation:{number}"
    assert log == [(action, None, subject, None, "Paola") for action in ("pact_signed", "pact_ended", "pact_removed")]


async def test_what_cannot_be_noted_is_said(rehearsal: Rehearsal) -> None:
    await comes(rehearsal, mail("ada"), association="Coro Le Rondini")
    paola = desk(rehearsal)
    async with rehearsal.database.begin() as tx:
        await add_organisation(tx, paola, "Coop. Il Faggio", PactState.INVITED)
        for name, state, day, said in (
            (" ", PactState.SIGNED, DAY, "manca il nome"),
            ("x" * 201, PactState.SIGNED, DAY, "200 caratteri"),
            ("coop. il faggio", PactState.SIGNED, DAY, "già in elenco"),
            ("coro le rondini", PactState.SIGNED, DAY, "si conosce già qualcuno"),
            ("Il Tiglio", PactState.SIGNED, None, "manca il giorno"),
            ("Il Tiglio", PactState.SIGNED, date(2031, 1, 1), "futuro"),
            ("Il Tiglio", PactState.INVITED, DAY, "per chi ha firmato"),
        ):
            with pytest.raises(RefusedError, match=said):
                await add_organisation(tx, paola, name, state, signed_on=day)


async def test_it_stays_when_the_last_person_of_it_is_erased(rehearsal: Rehearsal) -> None:
    paola = desk(rehearsal)
    async with rehearsal.database.begin() as tx:
        number = await add_organisation(tx, paola, "Coop. Il Faggio", PactState.SIGNED, signed_on=DAY)
    await comes(rehearsal, mail("ada"), association="coop. il faggio")
    async with rehearsal.database.begin() as tx:
        noted = await noted_organisation(tx, number)
        assert noted
        assert noted.has_people
        assert await erase(tx, "ada@posta.example", paola.now, by=paola.by)
        noted = await noted_organisation(tx, number)
        assert noted
        assert not noted.has_people
        assert await organisation_id(tx, "Coop. Il Faggio", paola.now) == number
