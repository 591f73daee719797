"""What a whole worker to which nobody writes asks of its database: listeners, inbox, outbox, ticks, signs of life."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.support.servers import Postgres
from tests.support.statements import statements_of
from tests.support.town import open_town, sqlite_url

pytestmark = [pytest.mark.endurance, pytest.mark.postgres]

#: Seconds until what belongs to the start is over, and those that are counted.
_SETTLING, _COUNTED = 25, 60
#: How PostgreSQL's log begins a line that tells of a statement.
_SAID = "LOG:  statement: ", "LOG:  execute "
#: Not counted: where transactions begin and end, and whether a connection from the pool is there (an empty statement).
_APART = "BEGIN", "COMMIT", "ROLLBACK", ";"
#: By this the elected keep their locks: three times a minute for each thing that only one worker does.
_BEAT = "SELECT 1"


async def test_at_rest_a_whole_worker_asks_at_most_twenty_things_a_minute(
    migrated_file: Path,
    migrated_postgres: str,
    postgres: Postgres,
    one_classifier: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The mailbox is looked into every two minutes once it has been quiet for two: here once in what is counted.
    monkeypatch.setattr("mail.imap.listening._FIRST_WINDOW", 60.0)
    monkeypatch.setattr("mail.imap.listening._WINDOW", 60.0)
    shutil.copy(migrated_file, tmp_path / "bot.db")
    server = postgres.copy(migrated_postgres, "at_rest")
    postgres.sql("ALTER DATABASE at_rest SET log_statement = 'all'")
    log = postgres.folder / "log"
    async with open_town(sqlite_url(tmp_path)) as embedded, open_town(server):
        await asyncio.sleep(_SETTLING)
        before = log.stat().st_size
        with statements_of(embedded.system.database) as on_sqlite:
            await asyncio.sleep(_COUNTED)
        logged = log.read_bytes()[before:].decode(errors="replace")
    asked = [statement for statement in _statements(logged) if not statement.startswith(_APART)]
    on_postgres = [statement for statement in asked if statement != _BEAT]
    for seen in (on_sqlite, on_postgres):
        assert any("UPDATE inbox" in statement for statement in seen)
        assert any("mail_cursors" in statement for statement in seen)
        assert len(seen) <= 20, seen
    assert len(asked) - len(on_postgres) <= 9


def _statements(log: str) -> list[str]:
    """The statements in PostgreSQL's log, the first line of each."""
    lines = [line.partition(said)[2] for line in log.splitlines() for said in _SAID if said in line]
    return [line.partition(": ")[2] if line.startswith(("<unnamed>: ", "_pg3_")) else line for line in lines]
