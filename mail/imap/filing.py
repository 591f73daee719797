"""Handled letters go to their folders; those of who was erased are deleted. Courtesies: the truth is the database."""

import imaplib
from collections.abc import Sequence
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import Any

import structlog

from mail.imap.wire import MailboxClient
from mail.reading.message import sender_of
from mail.server import Folders

log = structlog.get_logger("mail")


class Cabinet:
    """The three folders on one server; made where they are missing."""

    def __init__(self, client: MailboxClient, folders: Folders) -> None:
        self._client = client
        self._folders = folders
        self._prefix, self._separator = _namespace(client)
        self._can_move = client.has_capability("MOVE")
        known = {name for _, _, name in client.list_folders()}
        for name in self._all():
            if name not in known:
                try:
                    client.create_folder(name)
                except imaplib.IMAP4.error:
                    log.warning("folder_not_created")

    def _all(self) -> list[str]:
        return [self._full(f) for f in (self._folders.handled, self._folders.automatic, self._folders.for_staff)]

    def _full(self, name: str) -> str:
        """The folder's full name on this server: some keep all of them under INBOX, some separate by a dot."""
        return self._prefix + name.replace("/", self._separator)

    def file(self, handled: Sequence[tuple[int, str, str]]) -> None:
        """Move letters of the open folder: UID, state and kind of each."""
        by_folder: dict[str, list[int]] = {}
        for uid, state, kind in handled:
            by_folder.setdefault(self._folders.of(state, kind), []).append(uid)
        try:
            for folder, uids in by_folder.items():
                self._move(uids, self._full(folder))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            # The server says NO: the mails stay where they are; they have been handled all the same.
            log.warning("filing_refused", count=len(handled))

    def purge(self, erased: Sequence[str]) -> None:
        """Delete the handled letters of those who were erased; afterwards another folder is open.

        What a server refuses is left, and said: it must keep nobody else's letters waiting.
        """
        for folder in self._all():
            for value in erased:
                try:
                    self._client.select_folder(folder)
                    self._delete(_written_by(self._client, value))
                except imaplib.IMAP4.abort:
                    raise
                except imaplib.IMAP4.error:
                    log.warning("purge_refused")

    def _move(self, uids: list[int], folder: str) -> None:
        if self._can_move:
            self._client.move(uids, folder)
            return
        self._client.copy(uids, folder)
        self._delete(uids)

    def _delete(self, uids: list[int]) -> None:
        if not uids:
            return
        self._client.delete_messages(uids, silent=True)
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge(uids)
        else:
            self._client.expunge()


def _written_by(client: MailboxClient, address: str) -> list[int]:
    """The mails of the open folder that ``address`` wrote, certified ones included (there it stands in Reply-To)."""
    # Quoted here: a local part may hold characters that a server takes for syntax.
    quoted = '"' + address.replace("\\", "\\\\").replace('"', '\\"') + '"'
    found = client.search(f"OR FROM {quoted} HEADER Reply-To {quoted}", None if address.isascii() else "UTF-8")
    heads = client.letters(found, ["BODY.PEEK[HEADER]"])
    return [uid for uid, data in heads.items() if sender_of(_head(data)) == address]


def _head(data: dict[bytes, Any]) -> Message:
    return BytesHeaderParser(policy=compat32).parsebytes(bytes(data.get(b"BODY[HEADER]") or b""))


def _namespace(client: MailboxClient) -> tuple[str, str]:
    """Prefix and separator of the personal folders (RFC 2342)."""
    try:
        prefix, separator = client.namespace().personal[0]
    except (imaplib.IMAP4.error, IndexError, TypeError, ValueError):
        return "", "/"
    as_text = [part.decode() if isinstance(part, bytes) else str(part or "") for part in (prefix, separator)]
    return as_text[0], as_text[1] or "/"
