"""Requests about one's own data: found by any address, copied, erased; the registry says who did it."""

import re
from pathlib import Path

import pytest
from sqlalchemy import insert

from conversation.channel import Channel
from conversation.message import Address
from db.models import outbox
from db.questions import data_requests
from db.reports import signs_of
from knowledge.library import load_library
from office.errors import RefusedError
from office.people import add_contact
from office.personal_data import erase, erase_confirmed, export, find, kept, revoke
from tests.office.people import comes, desk, mail, operator
from tests.support.rehearsal import BORDER, Rehearsal


async def test_somebody_is_found_copied_erased(rehearsal: Rehearsal) -> None:
    ada = rehearsal.citizen("Ada", 2001)
    await ada.says("Si può portare il cane a zanzibar?")  # before anybody knew whose chat this is
    await comes(rehearsal, mail("ada"))
    paola, now = await operator(rehearsal, "Paola"), rehearsal.clock()
    async with rehearsal.database.begin() as tx:
        await add_contact(tx, 1, Address(Channel.TELEGRAM, "2001"), now, by=desk(rehearsal, paola).by)
        found = await find(tx, " 2001 ")
        assert found
        assert (found[0], {place.value for place in found[1].addresses}) == (1, {"ada@posta.example", "2001"})
        assert await find(tx, "nessuno@posta.example") is None
        to_ada = {"key": "x", "lane": "reply", "kind": "staff", "channel": "telegram", "value": "2001"}
        await tx.execute(insert(outbox).values(to_ada | {"due_at": now, "payload": {"text": "Il cane può venire."}}))
        copy = await export(tx, "ADA@posta.example", now, by=paola)
        assert copy
        assert len(copy["registrations"]) == len(copy["hand_overs"]) == 1
        assert (copy["registrations"][0]["sector"], str(copy["registrations"][0]["day"])) == ("sport", "2021-01-21")
        sent = [(one["channel"], one["kind"], "words" in one) for one in copy["messages"]]
        assert {("telegram", "staff", True), ("email", "reminder", False)} <= {*sent}
        assert await revoke(tx, "ada@posta.example", now, by=paola)
        assert await erase(tx, "2001", now, by=paola)
        assert not await erase(tx, "2001", now, by=paola)
        assert await find(tx, "ada@posta.example") is None
    log = await rehearsal.rows("SELECT action, person_id, staff_id FROM audit WHERE staff_id IS NOT NULL ORDER BY id")
    assert [row[0] for row in log] == ["contact_changed", "data_copied", "links_revoked", "erased"]
    assert {row[1:] for row in log} == {(None, paola.staff_id)}  # nobody's number is left beside it


async def test_a_request_that_the_bot_does_not_trust_waits_for_a_person(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    fails = {"Authentication-Results": f"{BORDER}; dmarc=fail header.from=lequerce.example"}
    await club.writes("Cancellate tutti i nostri dati", headers=fails)
    await club.writes("Dove si parcheggia?", headers=fails)
    async with rehearsal.database.begin() as tx:
        (waiting,) = await data_requests(tx)
        assert (waiting.reason, waiting.evidence["intent"]) == ("trust", "privacy_erase")
        assert (await signs_of(tx))["privacy"].count == 1
        assert await kept(tx, club.address)


async def test_erasing_by_a_page_needs_one_of_their_addresses_typed_again(rehearsal: Rehearsal) -> None:
    await comes(rehearsal, mail("ada"))
    paola, now = await operator(rehearsal, "Paola"), rehearsal.clock()
    async with rehearsal.database.begin() as tx:
        await add_contact(tx, 1, Address(Channel.TELEGRAM, "7007007007"), now, by=paola)
        for typed in ("", "bice@posta.example", "ada@posta", "700"):
            with pytest.raises(RefusedError, match="niente è stato cancellato"):
                await erase_confirmed(tx, "ada@posta.example", typed, now, by=paola)
        gone = await erase_confirmed(tx, "ada@posta.example", " 7007007007 ", now, by=paola)
        assert (gone.person, len(gone.addresses)) == (1, 2)
        with pytest.raises(RefusedError, match="non c'è più niente"):
            await erase_confirmed(tx, "ada@posta.example", "ada@posta.example", now, by=paola)


def test_what_the_registry_holds_of_somebody_is_said_in_words_in_their_copy() -> None:
    """Every action that is written down with the number of whom it is about."""
    call = re.compile(r'await record\((\s*(?:turn\.|self\.)?tx,\s*"(\w+)"(?:[^()]|\([^()]*\))*)\)')
    here = Path(__file__).parents[2]
    code = [path.read_text("utf-8") for room in ("office", "handlers", "db") for path in (here / room).rglob("*.py")]
    of_people = {found[2] for text in code for found in call.finditer(text) if "person_id" in found[1]}
    assert {"message_seen_to", "note_written"} <= of_people
    assert {action for action in of_people if f"copy.action.{action}" not in load_library().texts["it"]} == set()
