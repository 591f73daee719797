"""One-click unsubscribing: looking changes nothing, pressing stops reminders, writing again starts them."""

import httpx

from tests.conftest import OpenTown
from tests.support.rehearsal import text_of


async def test_the_link_stops_reminders_and_nothing_else(town_with: OpenTown, database_url: str) -> None:
    async with town_with(database_url, mode="webhook", secret_key="una-chiave-per-le-prove") as town:
        club = town.association()
        await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
        answer = await club.gets("Iscrizione confermata")
        assert answer["List-Unsubscribe"] is None  # it was asked for
        town.goes_to("2021-01-20T09:00")
        reminder = await club.gets("Promemoria")
        assert reminder["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = str(reminder["List-Unsubscribe"]).strip("<>").replace(" ", "")
        async with httpx.AsyncClient() as browser:
            page = await browser.get(link)
            assert "Non scrivetemi più" in page.text
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]
            assert (await town.rows("SELECT reachable FROM addresses"))[0][0]
            assert (await browser.post(link[:-3] + "abc")).status_code == 404
            assert (await town.rows("SELECT reachable FROM addresses"))[0][0]
            done = await browser.post(link, data={"List-Unsubscribe": "One-Click"})
            assert "Le iscrizioni restano" in done.text
        before = len(await club.mailbox())
        await town.changes("sport", link="https://zoom.example/j/nuovo")
        await town.quiet()
        assert len(await club.mailbox()) == before
        assert (await town.rows("SELECT status FROM registrations"))[0][0] == "confirmed"
        await club.writes("mi rimandate il link?")
        assert "zoom.example/j/nuovo" in text_of(await club.gets("Ecco il link"))
        assert (await town.rows("SELECT reachable FROM addresses"))[0][0]
