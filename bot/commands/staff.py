"""``staff add``, ``staff reset``: who may enter the console.

Links are printed, never mailed: whoever has this terminal has the database.
"""

import sys
from datetime import UTC, datetime

from bot.commands.opening import Opened, opened
from office import operators
from office.desk import TERMINAL
from office.entering import Times

_CODE_OFF = (
    "scelta la password, il codice dell'app si spegne e i codici di riserva di prima non valgono più: "
    "va attivato di nuovo, in «Il mio accesso»\n"
)


async def add(email: str, role: str) -> int:
    """Let somebody in, and print the link with which they choose a password."""
    chosen = operators.role_named(role)
    async with opened() as work:
        made = await operators.invite(work.tx, email, _times(work), role=chosen, by=TERMINAL)
        said = _link(work, made.token) if made.token else ""
    sys.stdout.write(f"operatore aggiunto\n{said}" if made.token else "l'operatore c'era già\n")
    return 0


async def reset(email: str) -> int:
    """Print a new link for somebody who lost password or telephone."""
    async with opened() as work:
        operator = await operators.find(work.tx, email)
        token = await operators.reset(work.tx, operator, _times(work), by=TERMINAL)
        said = _link(work, token) + (_CODE_OFF if operator.totp else "")
    sys.stdout.write(said)
    return 0


def _times(work: Opened) -> Times:
    return Times(work.now, datetime.now(UTC))


def _link(work: Opened, token: str) -> str:
    base = work.settings.public_url.rstrip("/") or f"http://127.0.0.1:{work.settings.port}"
    address = f"{base}/console/primo-accesso/{token}"
    return f"per scegliere la password, una volta ed entro un giorno:\n{address}\n"
