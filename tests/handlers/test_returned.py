"""What comes back of our mail, and how fast."""

from conversation.channel import Channel
from conversation.message import DeliveryReport, DeliveryStatus, Outcome, Outgoing, Receipt
from handlers.bounces import take_back
from knowledge.library import load_library
from tests.support.rehearsal import Rehearsal, text_of


async def test_a_failure_that_overtakes_the_receipt_of_its_own_sending_counts(rehearsal: Rehearsal) -> None:
    """A relay next door refuses in no time.

    The report is read before the sender has written down that the mail went out.
    """
    transport, library = rehearsal.transports[Channel.EMAIL], load_library()
    send = transport.send

    async def bounced_at_once(outgoing: Outgoing) -> Receipt:
        receipt = await send(outgoing)
        report = DeliveryReport(DeliveryStatus.HARD, (receipt.reference,), (outgoing.address.value,), "5.1.1")
        async with rehearsal.database.begin() as tx:
            said = await take_back(tx, report, library=library, office=rehearsal.office, now=rehearsal.clock())
        if outgoing.address.value == club.address:
            assert "outbox" in said
        return receipt

    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.")
    transport.send = bounced_at_once  # type: ignore[method-assign] # the transport of this test alone
    await rehearsal.changes("sport", link="https://zoom.example/j/nuovo")
    await rehearsal.changes("sport", link="https://zoom.example/j/altro")
    await rehearsal.goes_to("2021-01-20T09:00")
    assert any("non riceve" in text_of(m) or club.address in text_of(m) for m in rehearsal.staff.mails)
    assert (await rehearsal.rows("SELECT reachable FROM addresses"))[0][0] == 0


async def test_a_relay_that_refuses_us_alarms_the_office_once_a_day(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.")
    refused = Receipt(Outcome.REFUSED, reason="554 5.7.1 blocked using dnsbl.example", refuses_us=True)
    for link in ("nuovo", "altro"):
        rehearsal.transports[Channel.EMAIL].answers = [refused]
        await rehearsal.changes("sport", link=f"https://zoom.example/j/{link}")
        await rehearsal.works()
    told = [text_of(m) for m in rehearsal.staff.mails if "rifiuta le nostre e-mail" in m["Subject"]]
    assert len(told) == 1
    assert "dnsbl.example" in told[0]
    assert (await rehearsal.rows("SELECT reachable FROM addresses"))[0][0] == 1
