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
from office import moving
from office.desk import TERMINAL
from office.programme import load_programme, show_programme, speak_fields

_UNDO = "python -m bot programme undo"


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


def _describe_notices(changes: Sequence[moving.Change], now: datetime) -> str:
    """How many will hear of it and when, and how to take it back while there is time."""
    due = min((c.due for c in changes if c.due is not None), default=now)
    number = sum(c.leaving for c in changes)
    when = f"{to_local(due):%d/%m/%Y alle %H.%M}" if due > now else "adesso"
    undo = f"; per ritirare l'ultimo cambiamento prima di allora: {_UNDO}" if due > now else ""
    return f"  aggiornamenti agli iscritti: {number}, partono {when}{undo}\n"


async def undo(meeting: int | None) -> int:
    """Take back one change: the last of a meeting, or of all those that nobody has heard of yet; 1 without any."""
    async with opened() as work:
        number = await moving.newest_unheard(work.tx, work.now) if meeting is None else meeting
        if number is None:
            sys.stdout.write("niente da ritirare: nessun cambiamento recente, o gli aggiornamenti sono già partiti\n")
            return 1
        change = await moving.undo(work.tx, work.desk(), number)
        if meeting is None:
            another = await moving.newest_unheard(work.tx, work.now)
        else:
            another = meeting if await moving.open_change(work.tx, work.now, meeting) else None
    sys.stdout.write(
        f"incontro n. {number}, com'era prima: {speak_fields(change.changed)}; {_describe_hearers(change)}\n"
    )
    if another is not None:
        again = _UNDO if meeting is None else f"{_UNDO} {meeting}"
        sys.stdout.write(f"c'è un altro cambiamento che si può ritirare, dell'incontro n. {another}: {again}\n")
    return 0


def _describe_hearers(change: moving.Change) -> str:
    if change.knew:
        return f"la correzione va a chi lo sapeva già ({change.knew})"
    return "quello che era cambiato prima resta" if change.people else "nessuno ne sa nulla"


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
