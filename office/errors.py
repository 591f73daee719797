"""What staff ask for and cannot have, and why the system refused, in Italian."""

import errno
import os


class RefusedError(ValueError):
    """It cannot be done as it was asked; the message, in Italian, says why and what to do.

    Nothing is to be committed.
    """


_SAID = {
    errno.ENOENT: "non c'è",
    errno.EACCES: "il permesso manca",
    errno.EPERM: "il permesso manca",
    errno.EISDIR: "è una cartella",
    errno.ENOTDIR: "una parte del percorso non è una cartella",
    errno.EEXIST: "c'è già",
    errno.ENOSPC: "il disco è pieno",
    errno.EROFS: "il disco non si può scrivere",
    errno.EADDRINUSE: "la usa già un altro programma",
    errno.EADDRNOTAVAIL: "l'indirizzo non è di questa macchina",
}


def reason(error: OSError) -> str:
    """The reason of a refusal; of a rare one the system's own words."""
    return _SAID.get(error.errno or 0) or error.strerror or os.strerror(error.errno or 0)
