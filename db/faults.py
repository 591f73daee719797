"""What is wrong with the database, said to who runs it: the faults that no program can mend."""

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

#: SQLite's result codes (sqlite.org/rescode.html) by how their names begin.
_SQLITE = {
    "SQLITE_NOTADB": (
        "il file non è un database SQLite, o è rovinato: controllare DATABASE_URL, oppure rimettere l'ultima copia"
    ),
    "SQLITE_CORRUPT": "il file del database è rovinato: fermare tutto, metterlo da parte e rimettere l'ultima copia",
    "SQLITE_CANTOPEN": "il file non si può aprire: controllare DATABASE_URL e i permessi della cartella",
    "SQLITE_READONLY": "il file non si può scrivere: controllare i permessi del file e della cartella",
    "SQLITE_BUSY": "un altro programma tiene occupato il database: riprovare tra poco",
    "SQLITE_FULL": "il disco è pieno: fare posto",
    "SQLITE_IOERR": "il disco non legge o non scrive: controllarlo",
}
#: PostgreSQL's and libpq's words when a connection fails; they carry no code (libpq, PQerrorMessage).
_POSTGRES = {
    "Connection refused": (
        "nessuno risponde su quell'host e quella porta: accendere il server, o controllare DATABASE_URL"
    ),
    "resolve host": "l'host non si trova: controllare DATABASE_URL",
    "authentication failed": "utente o password non sono accettati: controllare DATABASE_URL",
    "no password supplied": "manca la password: scriverla in DATABASE_URL",
    "role": "l'utente non c'è: controllare DATABASE_URL",
    "does not exist": "il database non c'è: crearlo, o controllarne il nome in DATABASE_URL",
    "timeout": "il server non risponde in tempo: controllare la rete e DATABASE_URL",
}


def spoken_fault(error: BaseException) -> str | None:
    """One sentence with what to do, without any secret; ``None`` when the fault is the program's own."""
    if not isinstance(error, DBAPIError):
        return None
    origin = error.orig
    if isinstance(origin, sqlite3.Error):
        name = getattr(origin, "sqlite_errorname", "")
        return next((f"database: {said}" for code, said in _SQLITE.items() if name.startswith(code)), None)
    if isinstance(error, OperationalError):
        words = str(origin)
        said = next((said for part, said in _POSTGRES.items() if part in words), None)
        return f"database: {said or 'PostgreSQL non risponde: controllare che sia acceso, e DATABASE_URL'}"
    return None


#: What the machine lacks when it refuses, whatever was asked of it (errno(3)).
_LACKS = {
    errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ENOMEM, errno.EAGAIN, errno.EROFS,
    errno.ETIMEDOUT,
}  # fmt: skip
_SQLITE_LACKS = (*_SQLITE, "SQLITE_LOCKED", "SQLITE_NOMEM", "SQLITE_PROTOCOL", "SQLITE_INTERRUPT")
#: Classes of SQLSTATE: connection, rollback for others' sake, resources, intervention, system (PostgreSQL, appendix A).
_POSTGRES_LACKS = ("08", "40", "53", "57", "58")


def is_outage(error: BaseException) -> bool:
    """Whether the machine or the database failed, not the work: anything else would have failed in that moment too."""
    if isinstance(error, OSError) and not isinstance(error, TimeoutError):
        return isinstance(error, ConnectionError) or error.errno in _LACKS
    if isinstance(error, PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return error.__cause__ is not None and is_outage(error.__cause__)
    origin = error.orig
    if isinstance(origin, sqlite3.Error):
        return str(getattr(origin, "sqlite_errorname", "")).startswith(_SQLITE_LACKS)
    state = getattr(origin, "sqlstate", None)
    return error.connection_invalidated or (
        isinstance(error, OperationalError) and (state is None or state[:2] in _POSTGRES_LACKS)
    )
