"""The faults that a person can mend: said in their own sentence, without a traceback."""

from bot.settings import SettingsError
from db.engine import DatabaseUrlError
from db.faults import spoken_fault
from db.migrate import SchemaError
from db.pages import DatabaseLostError
from delivery.reminders import OffsetError
from knowledge.checking import KnowledgeError
from mail.server import ServerUrlError
from office.errors import RefusedError, reason

OF_A_SANDBOX = (
    "DATABASE_URL indica il database di una prova, con persone inventate: usarne un altro, oppure "
    "cancellarlo e ripartire"
)


class UsageError(ValueError):
    """A command was given something that it cannot use."""


class AlreadyRunningError(RuntimeError):
    """SQLite carries one worker; the message says so."""


class PortTakenError(RuntimeError):
    """Nothing can listen on the port; the message says what to do."""


_SPOKEN = (
    AlreadyRunningError,
    DatabaseLostError,
    DatabaseUrlError,
    KnowledgeError,
    OffsetError,
    PortTakenError,
    RefusedError,
    SchemaError,
    ServerUrlError,
    SettingsError,
    UsageError,
)


def sentence(error: Exception) -> str | None:
    """What to tell the person at the terminal.

    ``None`` when only a traceback helps, because the program is at fault.
    """
    if isinstance(error, _SPOKEN):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return (
            f"{error.filename}: non si può aprire o scrivere ({reason(error)}): controllare il percorso, i "
            f"permessi, lo spazio"
        )
    return spoken_fault(error)
