"""``migrate``, ``programme load``, ``programme show``."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bot.commands.broadcast import describe_queued
from bot.commands.opening import opened
from bot.settings import read_settings
from conversation.times import speak_day, to_local
from db.engine import Database
from db.migrate import migrate
from office.desk import TERMINAL
from office.moving import Change, undo_changes
from office.programme import load_programme, show_programme, speak_fields


async def upgrade() -> int:
    """Bring the schema to the newest version."""
    database = Database(read_settings().database_url)
    try:
        done = await migrate(database)
    finally:
        await database.close()
    sys.stdout.write("database aggiornato\n" if done else "il database era già aggiornato\n")
    return 0


async def load(file: Path) -> int:
    """Load a programme file."""
    async with opened(migrate_first=True) as work:
        loaded = await load_programme(work.tx, file, work.settings.schedule, work.now, by=TERMINAL)
    sys.stdout.write(
        f"incontri nuovi: {len(loaded.added)}, cambiati: {len(loaded.changed)}, uguali: {loaded.unchanged}\n"
    )
    for line in loaded.changed:
        sys.stdout.write(f"  cambiato: {line}\n")
    if loaded.told:
        sys.stdout.write(_describe_notices(loaded.told, work.now))
    for line in loaded.missing:
        sys.stdout.write(f"  attenzione: {line} non è nel file e resta com'era (per annullarlo: cancelled = true)\n")
    if loaded.announced:
        sys.stdout.write(describe_queued(loaded.announced))
    return 0


def _describe_notices(changes: Sequence[Change], now: datetime) -> str:
    """How many will hear of it and when, and how to take it back while there is time."""
    due = min((c.due for c in changes if c.due is not None), default=now)
    number = sum(c.people for c in changes)
    when = f"{to_local(due):%d/%m/%Y alle %H.%M}" if due > now else "adesso"
    undo = "; per ritirare tutto prima di allora: python -m bot programme undo" if due > now else ""
    return f"  avvisi agli iscritti: {number}, partono {when}{undo}\n"


async def undo(meeting: int | None) -> int:
    """Take back the changes that nobody has heard of yet; 1 when there are none."""
    async with opened() as work:
        undone = await undo_changes(work.tx, work.settings.schedule, work.now, meeting, by=TERMINAL)
    for change in undone:
        sys.stdout.write(f"incontro n. {change.meeting}, com'era prima: {speak_fields(change.changed) or 'nulla'}\n")
    if not undone:
        sys.stdout.write("niente da ritirare: nessun cambiamento recente, oppure gli avvisi sono già partiti\n")
    return 0 if undone else 1


async def show() -> int:
    """Print the programme."""
    async with opened() as work:
        meetings, sectors = await show_programme(work.tx)
    for m in meetings:
        when = speak_day(m.day, "it") + f" {m.day.year}" if m.day else "già svolto, senza data"
        hour = f"ore {m.hour:%H.%M}" if m.hour else "orario da comunicare" if m.day else ""
        state = "annullato" if m.cancelled else m.link or "senza link"
        sys.stdout.write(f"{m.id:>4}  {when}  {hour}  {m.title or sectors[m.sector]['it']}  {state}\n")
    return 0
