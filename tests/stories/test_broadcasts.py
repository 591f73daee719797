"""One message for many: to those who asked, once, and never sent twice when nobody knows whether it arrived."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.telegram import client
from conversation.message import Reply
from db.broadcasts import Broadcast, stop_broadcast
from db.forecast import upcoming
from db.outbox import pack, queue, send_again, uncertain_rows
from delivery.broadcasts import Queued, queue_broadcast
from office.programme import load_programme
from tests.conftest import OpenTown
from tests.stories.test_registering import registered
from tests.support.rehearsal import text_of
from tests.support.town import Town, until

NEW = """
[sectors]
scuole = { it = "scuole", en = "schools" }
[[meetings]]
sector = "scuole"
day = 2021-02-04
"""
JOIN = "siamo il Circolo dei Cipressi, veniamo in due giovedì, mi chiamo Ada Prova"
WORDS = Broadcast("Le slide sono pronte", "Chi vuole le slide le chieda all'ufficio.")


async def says(town: Town, broadcast: Broadcast) -> Queued | None:
    async with town.system.database.begin() as tx:
        return await queue_broadcast(tx, broadcast, town.settings.schedule, town.clock())


async def wants_news(town: Town, *, mail: bool = True) -> tuple[Any, Any]:
    """Anna by chat and (for ``mail``) the club by mail ask for news; who they are."""
    anna, club = town.citizen(), town.association()
    await anna.writes("avvisatemi dei prossimi incontri")
    await anna.hears("Va bene?")
    await anna.presses("Sì")
    await anna.hears("quando ci sono nuovi incontri")
    if mail:
        await club.writes("Vorremmo ricevere gli aggiornamenti sui prossimi incontri.")
        asked = await club.gets("rispondere «sì»")  # anybody could have asked in their name
        await club.writes("sì", answers=asked)
        await club.gets("Per smettere basta scrivere")
    return anna, club


def later(town: Town) -> None:
    town.clock.move_to(town.clock() + timedelta(minutes=11))


async def test_new_meetings_are_told_to_those_who_asked(town_with: OpenTown, database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "programma.toml"
    file.write_text(NEW, encoding="utf-8")
    async with town_with(database_url) as town:
        anna, club = await wants_news(town)
        bruno = town.citizen("Bruno", 2002)
        await registered(bruno, JOIN)  # has a place, did not ask for news
        async with town.system.database.begin() as tx:
            loaded = await load_programme(tx, file, town.settings.schedule, town.clock())
            assert loaded.announced
            assert loaded.announced.people == 2
            listed = [row for row in await upcoming(tx) if row["kind"] == "broadcast"]
        assert len(listed) == 2
        assert not anna.heard("Nuovi incontri")  # there is time to stop it
        later(town)
        await anna.hears("Nuovi incontri")
        mail = await club.gets("Nuovi incontri")
        assert "giovedì 4 febbraio: scuole" in text_of(mail)
        assert mail["List-Unsubscribe"]
        await town.quiet()
        assert not bruno.heard("Nuovi incontri")
        await anna.presses("giovedì 4 febbraio: scuole")
        await anna.hears("associazione")
        async with town.system.database.begin() as tx:  # the same file again says nothing again
            assert (await load_programme(tx, file, town.settings.schedule, town.clock())).announced is None


async def test_staff_write_to_everybody_at_a_meeting_once(town_with: OpenTown, one_database_url: str) -> None:
    async with town_with(one_database_url) as town:
        anna = town.citizen()
        await registered(anna, JOIN)
        bruno = town.citizen("Bruno", 2002)
        await registered(bruno, JOIN)
        (sport,) = await town.rows("SELECT meeting_id FROM registrations WHERE person_id = 1")
        words = Broadcast("Le slide", "Sono pronte: chiedetele all'ufficio.", sport[0])
        assert await says(town, words)
        assert await says(town, words) is None
        await bruno.writes("annulla la mia iscrizione")
        await bruno.hears("Annullo")
        await bruno.presses("Sì")
        await bruno.hears("ho annullato")
        later(town)
        heard = await anna.hears("Sono pronte")
        assert "ha un posto a questo incontro" in heard["text"]
        await town.quiet()
        assert not bruno.heard("Sono pronte")


async def test_what_was_stopped_or_is_not_wanted_any_more_does_not_go(
    town_with: OpenTown, one_database_url: str
) -> None:
    async with town_with(one_database_url) as town:
        anna, club = await wants_news(town)
        queued = await says(town, WORDS)
        assert queued
        async with town.system.database.begin() as tx:
            assert await stop_broadcast(tx, queued.number) == 2
            assert await stop_broadcast(tx, 99) is None
        assert await says(town, Broadcast("Altro", "Un'altra notizia."))
        again = await says(town, WORDS)  # nothing of it had left: it may be sent after all
        assert again
        async with town.system.database.begin() as tx:
            assert await stop_broadcast(tx, again.number) == 2
        await club.writes("basta messaggi", answers=await club.gets("Per smettere basta scrivere"))
        await club.gets("non mando più avvisi")
        later(town)
        await anna.hears("Un'altra notizia")
        await town.quiet()
        assert not anna.heard("slide")
        assert not [m for m in await club.mailbox() if "notizia" in text_of(m) or "slide" in text_of(m)]


async def test_one_in_doubt_is_parked_until_staff_let_it_go(
    town_with: OpenTown, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_READ", 3.0)
    async with town_with(database_url) as town:
        anna, _ = await wants_news(town, mail=False)
        await town.quiet()
        assert await says(town, WORDS)
        slow = [5.0]

        async def before(method: str, _values: dict[str, Any]) -> None:
            if method.lower() == "sendmessage" and slow:
                await asyncio.sleep(slow.pop())

        town.telegram.before = before
        later(town)

        async def parked() -> Any:
            async with town.system.database.begin() as tx:
                return [d for d in await uncertain_rows(tx) if d["state"] == "unsure"]

        (doubt,) = await until(parked, "the doubt")
        assert (doubt["kind"], doubt["doubts"]) == ("broadcast", 1)
        await anna.hears("slide")  # it had arrived
        await asyncio.sleep(1.5)
        assert len(anna.heard("slide")) == 1
        async with town.system.database.begin() as tx:
            assert await send_again(tx, [doubt["id"]])
            assert not await send_again(tx, [doubt["id"]])
        await until(lambda: len(anna.heard("slide")) == 2, "the second copy")


async def test_a_reminder_overtakes_a_broadcast(town_with: OpenTown, one_database_url: str) -> None:
    async with town_with(one_database_url, telegram_rate=5) as town:
        anna = town.citizen()
        await registered(anna, JOIN)
        async with town.system.database.begin() as tx:
            many = [
                {"key": f"broadcast:9:{n}", "lane": "many", "kind": "reply", "channel": "telegram", "value": str(n)}
                | {"payload": pack(Reply("a molti")), "due_at": town.clock()}
                for n in range(5000, 5100)
            ]
            await queue(tx, many)
        town.goes_to("2021-01-20T09:00")
        await anna.hears("Promemoria")
        sent = await town.rows("SELECT count(*) FROM outbox WHERE lane = 'many' AND state <> 'pending'")
        assert sent[0][0] < 60  # the hundred take twenty seconds


async def test_who_is_known_twice_and_joins_hears_it_once(town_with: OpenTown, one_database_url: str) -> None:
    async with town_with(one_database_url) as town:
        anna, club = await wants_news(town)
        assert await says(town, WORDS)
        async with town.system.database.begin() as tx:
            from conversation.channel import Channel
            from conversation.message import Address
            from db.people import find_person
            from db.personal_data import join_people

            kept = await find_person(tx, Address(Channel.TELEGRAM, str(anna.id)))
            joined = await find_person(tx, Address(Channel.EMAIL, club.address))
            assert kept
            assert joined
            await join_people(tx, kept.id, joined.id, town.clock())
        later(town)
        await town.quiet()
        mails = [m for m in await club.mailbox() if "slide" in text_of(m)]
        assert len(anna.heard("slide")) + len(mails) == 1


async def test_who_wants_nothing_more_gets_no_reminder_either(town_with: OpenTown, one_database_url: str) -> None:
    async with town_with(one_database_url) as town:
        club = town.association()
        await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
        confirmed = await club.gets("Iscrizione confermata")
        await club.writes("Non mandatemi più nulla, nemmeno i promemoria", answers=confirmed)
        await club.gets("né avvisi né promemoria")
        before = len(await club.mailbox())
        town.goes_to("2021-01-20T09:00")
        await town.quiet()
        assert len(await club.mailbox()) == before
        assert await town.rows("SELECT status FROM registrations") == [("confirmed",)]
