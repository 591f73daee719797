"""Starting again: nothing past due goes out by itself after a long stop or on an older copy.

On an empty database nothing starts.

A copy is older than it should be when another place remembers a later sign of life: a small file in the user's state
folder (``XDG_STATE_HOME``), written with each heartbeat. What is held stays in the outbox; ``python -m bot resume``
lets it go.
"""

import asyncio
import hashlib
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from conversation.office import Office
from conversation.times import to_local
from db import heartbeats
from db.engine import Database, sqlite_file
from db.office_alerts import Alert, tell_office
from db.pages import DatabaseLostError
from db.sandboxes import is_blank, sandbox_shift
from knowledge.library import Library

log = structlog.get_logger("heartbeat")

#: Seconds between two signs of life. Who is not heard of is silent after many of them (``office.parts``).
_SECONDS = 30.0
#: A restored copy is older than a few of them by far.
_TOLERANCE = timedelta(minutes=5)


class Witness:
    """Remembers the newest sign of life outside of the database."""

    def __init__(self, database_url: str, folder: Path | None = None) -> None:
        state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
        file = sqlite_file(database_url)  # "data/bot.db" is another one in every folder
        name = hashlib.sha256((str(file.resolve()) if file else database_url).encode()).hexdigest()[:16]
        self.file = (folder or state / "lucca-learning-city-bot") / f"alive-{name}"

    def read(self) -> datetime | None:
        """The last sign of life; ``None`` when there is none, or none that can be read."""
        try:
            return datetime.fromisoformat(self.file.read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            return None

    def write(self, at: datetime) -> None:
        """Remember ``at``; a folder that cannot be written only weakens the guard."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self.file.with_suffix(".new")
            fresh.write_text(at.isoformat(), encoding="ascii")
            fresh.replace(self.file)
        except OSError as error:
            log.warning("witness_not_written", error=type(error).__name__)


async def require_known(database: Database, witness: Witness) -> None:
    """Nothing is begun anew where there was life already: the database may be gone. Raises ``DatabaseLostError``."""
    elsewhere = witness.read()
    async with database.begin() as tx:
        if elsewhere is None or await sandbox_shift(tx) is not None:
            return
        known = not await is_blank(tx) and heartbeats.WORKER in await heartbeats.last_seen(tx)
    if not known:
        until = f"{to_local(elsewhere):%d/%m/%Y %H.%M}"
        msg = (
            f"database: è vuoto, ma qui il bot ha lavorato fino al {until}: rimettere al suo posto il "
            f"database, o l'ultima copia. "
            f"Per ricominciare davvero da zero cancellare prima {witness.file}"
        )
        raise DatabaseLostError(msg)


async def look_back(
    database: Database, witness: Witness, *, now: datetime, longest_stop: timedelta, library: Library, office: Office
) -> str:
    """At the start: whether what is past due must wait for staff, who are told; the reason, or nothing.

    ``now``: the clock that meetings follow; signs of life are in real time.
    """
    real_now = datetime.now(UTC)
    async with database.begin() as tx:
        last = (await heartbeats.last_seen(tx)).get(heartbeats.WORKER)
        if last is None:
            return ""
        elsewhere = witness.read()
        restored = elsewhere is not None and elsewhere - last > _TOLERANCE
        if not restored and real_now - last <= longest_stop:
            return ""
        waiting = sum((await heartbeats.past_due(tx, now)).values())
        if not waiting:
            return ""
        reason = "restored" if restored else "stopped"
        await heartbeats.hold(tx, now, reason)
        alert = Alert.HELD_AFTER_RESTORE if restored else Alert.HELD_AFTER_STOP
        since = f"{to_local(last):%d/%m/%Y %H.%M}"
        await tell_office(tx, office, alert, now.isoformat(), library=library, now=now, number=waiting, since=since)
    log.warning("past_due_held", reason=reason, messages=waiting)
    return reason


async def keep_alive(
    database: Database, witness: Witness, seen: Callable[[], Mapping[str, datetime]], restarts: Callable[[], int]
) -> None:
    """A sign of life every half minute.

    This worker's, and when its listeners (``seen``, by their names) last heard something.
    """
    while True:
        await show_heartbeat(database, witness, seen(), restarts=restarts())
        await asyncio.sleep(_SECONDS)


async def show_heartbeat(
    database: Database, witness: Witness, seen: Mapping[str, datetime], *, restarts: int = 0
) -> None:
    """One heartbeat, here and elsewhere."""
    real_now = datetime.now(UTC)
    async with database.begin() as tx:
        await heartbeats.beat(tx, {heartbeats.WORKER: real_now, **seen}, restarts=restarts)
    witness.write(real_now)
