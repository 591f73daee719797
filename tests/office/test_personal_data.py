"""Requests about one's own data: found by any address, copied, erased; the registry says who did it."""

from conversation.channel import Channel
from conversation.message import Address
from office.people import add_contact
from office.personal_data import erase, export, find, revoke
from tests.office.people import comes, desk, mail, operator
from tests.support.rehearsal import Rehearsal


async def test_somebody_is_found_copied_erased(rehearsal: Rehearsal) -> None:
    await comes(rehearsal, mail("ada"))
    paola, now = await operator(rehearsal, "Paola"), rehearsal.clock()
    async with rehearsal.database.begin() as tx:
        await add_contact(tx, 1, Address(Channel.TELEGRAM, "2001"), now, by=desk(rehearsal, paola).by)
        found = await find(tx, " 2001 ")
        assert found
        assert (found[0], {place.value for place in found[1].addresses}) == (1, {"ada@posta.example", "2001"})
        assert await find(tx, "nessuno@posta.example") is None
        copy = await export(tx, "ADA@posta.example", now, by=paola)
        assert copy
        assert len(copy["registrations"]) == 1
        assert await revoke(tx, "ada@posta.example", now, by=paola)
        assert await erase(tx, "2001", now, by=paola)
        assert not await erase(tx, "2001", now, by=paola)
        assert await find(tx, "ada@posta.example") is None
    log = await rehearsal.rows("SELECT action, person_id, staff_id FROM audit WHERE staff_id IS NOT NULL ORDER BY id")
    assert [row[0] for row in log] == ["contact_changed", "exported", "links_revoked", "erased"]
    assert {row[1:] for row in log} == {(None, paola.staff_id)}  # nobody's number is left beside it
