"""Where the mailbox and the relay are.

IMAP_URL and SMTP_URL taken apart, TLS insisted on outside this machine; folders.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_PORTS = {"imap": 143, "imaps": 993, "smtp": 587, "smtps": 465}


class ServerUrlError(ValueError):
    """IMAP_URL or SMTP_URL cannot be used; the message says what to write."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """One mail server. ``folder`` only for IMAP. ``oauth``: log in by XOAUTH2 instead of a password.

    ``tls``: from the first byte. ``starttls``: after the greeting, required. ``ca_file``: an authority of one's own.
    """

    host: str
    port: int
    user: str
    password: str
    folder: str = "INBOX"
    tls: bool = False
    starttls: bool = False
    oauth: bool = False
    ca_file: str = ""

    def context(self) -> ssl.SSLContext:
        """A verifying TLS context."""
        return ssl.create_default_context(cafile=self.ca_file or None)

    @property
    def name(self) -> str:
        """``user@host/folder`` without any secret: names the mailbox in the database."""
        return f"{self.user}@{self.host}/{self.folder}"


@dataclass(frozen=True, slots=True)
class Folders:
    """Where handled mail goes."""

    handled: str = "Trattate"
    automatic: str = "Automatiche"
    for_staff: str = "Da guardare"

    def of(self, state: str, kind: str) -> str:
        """The folder for a mail that ended in ``state`` as ``kind``."""
        if state == "set_aside" or kind in {"oversized", "handed_over"}:
            return self.for_staff
        return self.handled if kind == "human" else self.automatic


def read_server(text: str, setting: str) -> MailServer:
    """``imaps://user:password@host:993/INBOX`` or ``smtp://…?starttls=required``. Raises ``ServerUrlError``.

    User and password are percent-encoded. Plain ``imap://`` and ``smtp://`` are refused except to this machine.
    Options: ``starttls=required``, ``auth=xoauth2``, ``ca=/path/to/ca.pem``.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # whose words would repeat a piece of the password
        parts, port = urlsplit(""), None
    whole = "@" not in parts.path and (parts.username or not setting.startswith("IMAP"))
    if (
        not whole
        or parts.scheme not in _PORTS
        or not parts.hostname
        or not parts.scheme.startswith(setting[:4].lower())
    ):
        kind = (
            "imaps://utente:password@host:993/INBOX"
            if setting.startswith("IMAP")
            else "smtps://utente:password@host:465"
        )
        msg = (
            f"{setting} non è leggibile: scrivere {kind} (utente e password con i caratteri speciali "
            f"codificati, es. %40 per @)"
        )
        raise ServerUrlError(msg)
    options = {k: v[-1] for k, v in parse_qs(parts.query).items()}
    starttls = options.get("starttls") == "required"
    tls = parts.scheme.endswith("s")
    if not tls and not starttls and parts.hostname not in _LOOPBACK:
        msg = f"{setting} userebbe la rete in chiaro: scrivere {parts.scheme}s://… oppure aggiungere ?starttls=required"
        raise ServerUrlError(msg)
    ca_file = options.get("ca", "")
    if ca_file and not Path(ca_file).is_file():
        msg = f"{setting}: il file dell'autorità indicato con ca= non esiste"
        raise ServerUrlError(msg)
    return MailServer(
        parts.hostname,
        port or _PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        unquote(parts.path.lstrip("/")) or "INBOX",
        tls,
        starttls,
        options.get("auth") == "xoauth2",
        ca_file,
    )
