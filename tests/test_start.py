"""What a program loads until it says "ready": what only others need costs each start its time, and the memory."""

from pathlib import Path

from tests.support.terminal import python
from tests.support.town import TOKEN

#: What nobody needs to take in what comes, by whom it serves.
_LATER = {
    "handlers", "conversation.understanding", "numpy", "rapidfuzz",  # who answers
    "bot.timetable", "apscheduler", "db.reports", "db.retention",  # the worker that is elected for the clock
    "web", "starlette", "uvicorn", "jinja2", "bot.checks", "office.operators",  # pages
    "mail.imap", "mail.smtp", "mail.reading", "imapclient", "aiosmtplib", "lxml",  # a mailbox that is not set up
    "alembic", "sqlalchemy.orm", "sqlalchemy.dialects.postgresql", "psycopg",  # an older schema, another database
    "telegram.ext", "cryptography", "holidays", "icalendar", "authlib", "xlsxwriter", "rich",
}  # fmt: skip
_RUN = """
import sys
from bot.__main__ import start_quickly
start_quickly()
from bot.__main__ import run_command
from bot.app import System
async def run(self):
    print("LOADED", *(name for name, module in sys.modules.items() if module))
System.run = run
run_command(["run"])
"""


async def test_until_it_is_ready_only_what_takes_in_is_loaded(tmp_path: Path) -> None:
    given = {"DATABASE_URL": f"sqlite:///{tmp_path}/bot.db", "PORT": "0", "TELEGRAM_TOKEN": TOKEN}
    nobody = {"TELEGRAM_API_URL": "http://127.0.0.1:1"}
    await python("-m", "bot", "migrate", env=given)
    said = await python("-c", _RUN, env=given | nobody)
    loaded = set(said.partition("LOADED ")[2].split())
    assert {"telegram", "db.inbox", "bot.app"} <= loaded
    assert not loaded & _LATER


async def test_the_collector_rests_while_modules_load_and_works_afterwards(tmp_path: Path) -> None:
    program = _RUN.replace('print("LOADED"', 'print("WORKS", gc.isenabled(), gc.get_freeze_count() > 50_000, "LOADED"')
    given = {"DATABASE_URL": f"sqlite:///{tmp_path}/bot.db", "PORT": "0", "TELEGRAM_TOKEN": TOKEN}
    said = await python("-c", f"import gc\n{program}", env=given | {"TELEGRAM_API_URL": "http://127.0.0.1:1"})
    assert "WORKS True True" in said
