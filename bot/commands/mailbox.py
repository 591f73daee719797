"""``mailbox show`` and ``mailbox adopt``: the letters that lay in the mailbox before the bot read it."""

import sys
from datetime import UTC, datetime, timedelta

from bot.commands.opening import opened, read_moment
from bot.errors import UsageError
from bot.settings import Settings
from conversation.times import system_clock, to_local
from office.mailbox import cursor_of, describe
from office.mailbox import decide as settle

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


async def show() -> int:
    """Say how far the mailbox is read and what waits for a decision."""
    async with opened() as command:
        cursor = await cursor_of(command.tx, _mailbox(command.settings))
    sys.stdout.write(describe(cursor) + "\n")
    return 0


async def decide(since: str, *, everything: bool, nothing: bool) -> int:
    """Have read what lies there since a day, all of it, or none of it. Raises ``UsageError``."""
    if [bool(since), everything, nothing].count(True) != 1:
        msg = "scegliere una cosa sola: --since 2026-01-31, --all oppure --none"
        raise UsageError(msg)
    now = system_clock()  # a mailbox knows no other time
    start = now if nothing else _EVER if everything else read_moment(since, "--since")
    async with opened() as command:
        mailbox, oldest = _mailbox(command.settings), now - timedelta(days=command.settings.mail_max_age_days)
        waits = await settle(command.tx, mailbox, start)
    if not waits:
        sys.stdout.write("nella casella nessun messaggio aspetta una decisione\n")
    elif nothing:
        sys.stdout.write("i messaggi che erano nella casella restano come sono\n")
    else:
        sys.stdout.write(
            f"verranno letti i messaggi arrivati dal {to_local(max(start, oldest)):%d/%m/%Y} e senza "
            f"risposta, entro un minuto se il bot è acceso\n"
        )
        if start < oldest:
            sys.stdout.write("ai messaggi più vecchi non si risponde (MAIL_MAX_AGE_DAYS)\n")
    return 0


def _mailbox(settings: Settings) -> str:
    if settings.imap is None:
        msg = "nessuna casella configurata: manca IMAP_URL"
        raise UsageError(msg)
    return settings.imap.name
