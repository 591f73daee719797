"""Bad weather: servers that hang, reset, refuse, defer, drop, restart, fill up.

When it clears, everything has arrived.
"""

import asyncio
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.fake_bot_api import ApiError
from bot.telegram import client
from db.outbox import uncertain_rows
from mail.imap import wire
from mail.smtp import sending
from tests.conftest import OpenTown
from tests.support.rehearsal import text_of
from tests.support.servers import Postgres, start_postgres
from tests.support.town import Town, open_town, sqlite_url, until
from tests.support.weather import Sky

pytestmark = pytest.mark.endurance
QUESTION = "quante città fanno parte della rete?"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience in seconds instead of half-minutes."""
    monkeypatch.setattr(sending, "_TIMEOUT", 1.0)
    monkeypatch.setattr(sending, "_DATA_TIMEOUT", 1.0)
    monkeypatch.setattr(wire, "_PATIENCE", 1.0)
    monkeypatch.setattr(client, "_READ", 1.0)


def times(mails: list[Any], part: str) -> Counter[str]:
    return Counter(str(m["Message-ID"]) for m in mails if part in text_of(m))


async def registers(town: Town) -> Any:
    """A club writes; what it gets."""
    club = town.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    return club


@pytest.mark.parametrize("sky", [Sky.DEFER, Sky.RESET, Sky.HANG])
async def test_a_relay_that_defers_breaks_or_hangs_delays_and_loses_nothing(
    town_with: OpenTown, one_database_url: str, sky: Sky
) -> None:
    async with town_with(one_database_url, weather=True) as town:
        town.smtp_weather.turns(sky)
        club = await registers(town)
        anna = town.citizen()
        await anna.writes(QUESTION)
        await anna.hears("Fonte")  # a mail server in trouble does not keep chats waiting

        async def tried() -> bool:
            return bool(
                await town.rows("SELECT id FROM outbox WHERE channel = 'email' AND error <> '' AND state <> 'sent'")
            )

        await until(tried, "a first attempt")
        assert not await club.mailbox()
        town.smtp_weather.turns(Sky.FAIR)
        await club.gets("Iscrizione confermata", patience=30)
        await town.quiet()
        assert set(times(await club.mailbox(), "Iscrizione confermata").values()) == {1}
        async with town.system.database.begin() as tx:
            assert await uncertain_rows(tx) == []  # it never got as far as the text


async def test_a_relay_that_drops_after_the_text_gets_the_same_mail_again(
    town_with: OpenTown, one_database_url: str
) -> None:
    async with town_with(one_database_url, weather=True) as town:
        town.smtp_weather.turns(Sky.MUTE)
        club = await registers(town)
        await until(lambda: town.smtp_weather.refused, "the drop")
        town.smtp_weather.turns(Sky.FAIR)
        await club.gets("Iscrizione confermata", count=2, patience=30)
        await town.quiet()
        # It arrived twice under one Message-ID, which mail programs show once; and it is listed.
        assert list(times(await club.mailbox(), "Iscrizione confermata").values()) == [2]
        async with town.system.database.begin() as tx:
            (doubt,) = await uncertain_rows(tx)
        assert (doubt["state"], doubt["doubts"]) == ("sent", 1)


@pytest.mark.parametrize("sky", [Sky.RESET, Sky.HANG, Sky.NO])
async def test_a_mailbox_in_trouble_is_read_when_it_is_well_again(
    town_with: OpenTown, one_database_url: str, monkeypatch: pytest.MonkeyPatch, sky: Sky
) -> None:
    monkeypatch.setattr(sending, "_TIMEOUT", 20.0)  # the relay is well, and may be slow beside other tests
    monkeypatch.setattr(sending, "_DATA_TIMEOUT", 20.0)
    async with town_with(one_database_url, weather=True) as town:
        await until(town.mailbox.last_contact, "the mailbox")
        town.imap_weather.turns(sky)
        club = await registers(town)
        anna = town.citizen()
        await anna.writes(QUESTION)
        await anna.hears("Fonte")
        await asyncio.sleep(2.5)  # it notices, and tries again in vain
        assert not await club.mailbox()
        town.imap_weather.turns(Sky.FAIR)
        await club.gets("Iscrizione confermata", patience=40)
        await town.quiet()
        assert set(times(await club.mailbox(), "Iscrizione confermata").values()) == {1}


async def test_telegram_in_trouble(town_with: OpenTown, one_database_url: str) -> None:
    """5xx and answers that never come: everything is answered, what may have arrived is sent once more and listed."""
    trouble = {"sendmessage": ["bad gateway", "silence", "late"], "getupdates": ["bad gateway", "silence"]}
    async with town_with(one_database_url) as town:
        anna = town.citizen()

        async def before(method: str, _values: dict[str, Any]) -> None:
            what = trouble.get(method.lower(), [])
            kind = what.pop(0) if what else ""
            if kind == "bad gateway":
                raise ApiError(502, "Bad Gateway")
            if kind:
                await asyncio.sleep(3 if kind == "silence" else 1.6)

        town.telegram.before = before
        await anna.writes(QUESTION)
        await anna.hears("Fonte", patience=60)
        await town.quiet(patience=60)
        town.telegram.before = None
        await anna.writes("chi ha firmato il Patto?")
        await anna.hears("Fonte", patience=60)
        await town.quiet(patience=60)
        handled = await town.rows("SELECT count(*) FROM inbox WHERE channel = 'telegram'")
        assert handled[0][0] == 2
        async with town.system.database.begin() as tx:
            listed = await uncertain_rows(tx)
        assert listed  # a slow machine may have put another one in doubt
        assert {doubt["state"] for doubt in listed} <= {"sent", "unsure"}


@pytest.mark.postgres
async def test_the_database_restarts() -> None:
    with tempfile.TemporaryDirectory(prefix="lucca-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        server = start_postgres(Path(folder), fsync=True)
        try:
            await _through_a_restart(server)
        finally:
            server.stop()


async def _through_a_restart(server: Postgres) -> None:
    async with open_town(server.url("postgres")) as town:
        anna = town.citizen()
        await anna.writes(QUESTION)
        await anna.hears("Fonte")
        server.stop()  # immediate: as if the machine had lost power
        await anna.writes("chi ha firmato il Patto?")
        club = await registers(town)
        await asyncio.sleep(2)
        server.start()  # what was claimed just then, and not heard of, is free after its lease: up to ninety seconds
        await anna.hears("Fonte", patience=130)
        await club.gets("Iscrizione confermata", patience=130)
        await town.quiet(patience=130)
        assert len(anna.heard("Fonte")) == 2
        assert set(times(await club.mailbox(), "Iscrizione confermata").values()) == {1}


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of ``size`` in memory, where one can be mounted."""
    disk = folder / "disk"
    disk.mkdir()
    mount: list[str | Path] = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be made here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", disk], check=False)


def fill(disk: Path) -> Path:
    """A file that takes all the room there is."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            continue
    return ballast


async def _through_a_full_disk(town: Town, disk: Path) -> None:
    anna = town.citizen()
    await anna.writes(QUESTION)
    await anna.hears("Fonte")
    await town.quiet()
    ballast = fill(disk)
    await anna.writes("chi ha firmato il Patto? " + "x" * 4000)
    club = town.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21\n-- \n" + "x y\n" * 60_000)
    await asyncio.sleep(4)
    assert not await club.mailbox()  # nothing is answered that could not be stored
    ballast.unlink()
    await anna.hears("", patience=60)
    await club.gets("Iscrizione confermata", patience=60)
    await town.quiet(patience=60)
    handled = await town.rows("SELECT state, count(*) FROM inbox GROUP BY state")
    assert [tuple(row) for row in handled] == [("done", 3)]
    assert len(await club.mailbox()) == 1


async def test_the_disk_of_sqlite_is_full_for_a_while(tmp_path: Path) -> None:
    with small_disk(tmp_path, "6m") as disk:
        async with open_town(sqlite_url(disk)) as town:
            await _through_a_full_disk(town, disk)


@pytest.mark.postgres
async def test_the_disk_of_postgresql_is_full_for_a_while() -> None:
    with tempfile.TemporaryDirectory(prefix="lucca-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        with small_disk(Path(folder), "100m") as disk:
            server = start_postgres(disk, fsync=True)
            try:
                async with open_town(server.url("postgres")) as town:
                    await _through_a_full_disk(town, disk)
            finally:
                log = (disk / "log").read_text(encoding="utf-8")
                server.stop()
        assert "No space left on device" in log
