"""Letters on the server → arrivals: measured first, fetched in batches, each batch stored before the next.

Whoever stores them may move the place in the folder past a batch, for each of its letters is then one of these: stored;
left alone (somebody has answered or deleted it, or it is too old); gone from the folder; or, when it cannot be had
after several tries, stored as a note for a person. A letter that a server leaves out, or gives as NIL, is asked for
again.
"""

import hashlib
import imaplib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.policy import compat32
from email.utils import parsedate_to_datetime
from typing import Any

import structlog

from conversation.channel import Channel
from db.inbox import Arrival
from mail.imap.wire import MailboxClient
from mail.reading.headers import message_ids
from mail.reading.message import OVERSIZED, UNFETCHED, sender_of

log = structlog.get_logger("mail")

#: Letters of one answer and one transaction: 250 small ones take a tenth of a second less in two thousand than 100.
_MEASURED, _BATCH, _BATCH_BYTES = 1000, 250, 8 * 1024 * 1024
#: What is looked at of a header; a letter whose header is longer is read by its beginning.
_HEAD_BYTES = 64 * 1024
#: The empty line that ends the header (RFC 5322 §2.1), for letters with bare line feeds too.
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
#: The fields of a header that are looked at here, and by ``sender_of``: to parse all of it takes five times as long.
_FIELDS = re.compile(
    r"^(from|reply-to|date|received|message-id|x-trasporto|x-ricevuta|content-type|content-disposition)[ \t]*:"
    r"[ \t]*(.*(?:\n[ \t].*)*)",
    re.IGNORECASE | re.MULTILINE,
)
#: Lines that are fields; what follows the first that is none belongs to the body (as Python's parser has it).
_HEAD_LINES = re.compile(r"(?:(?:From |[!-9;-~]*+:|[ \t])[^\n]*+\n?)*+")
#: How often a letter is asked for, on fresh lines and with growing pauses (half a minute in all), before its header has
#: to do; and how often that, before a note has to.
_TRIES, _HEAD_TRIES = 5, 2
#: Somebody has dealt with the letter, or has not finished writing it.
_SETTLED = {b"\\answered", b"\\deleted", b"\\draft"}
_TRACES = 10
#: Characters of a Message-ID and sender that name a letter.
_LONGEST_ID = 400
_BLANKS = b" \t\r\n"

Store = Callable[[Sequence[Arrival], int], None]


class OmittedError(imaplib.IMAP4.error):
    """The server lists a letter but does not give it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the server says of a letter without showing it; ``None`` and nothing where it does not say."""

    size: int | None = None
    received: datetime | None = None
    settled: bool = False


class Fetcher:
    """Fetches for one mailbox, and remembers which letters make trouble. ``mailbox``: its name in the database."""

    def __init__(self, mailbox: str, *, max_bytes: int, max_age: timedelta) -> None:
        self._mailbox = mailbox
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._uidvalidity = 0
        self._tries: Counter[int] = Counter()
        self._one_by_one_until = 0

    @property
    def most(self) -> int:
        """Bytes that the letters of one answer may hold."""
        return max(self._max_bytes, _BATCH_BYTES)

    def fetch(
        self,
        client: MailboxClient,
        uids: Sequence[int],
        uidvalidity: int,
        store: Store,
        *,
        since: datetime | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> int:
        """Hand the letters, in batches, to ``store`` with the highest UID of each batch; how many were too old.

        ``since``: older ones do not count either. Raises ``OSError`` or ``imaplib.IMAP4.error``; what was stored stays.
        """
        if uidvalidity != self._uidvalidity:
            self._uidvalidity, self._one_by_one_until = uidvalidity, 0
            self._tries.clear()
        oldest = max(datetime.now(UTC) - self._max_age, since or datetime.min.replace(tzinfo=UTC))
        old = 0
        for start in range(0, len(uids), _MEASURED):
            chunk = uids[start : start + _MEASURED]
            facts = measure(client, chunk)
            for batch in self._batches(chunk, facts):
                if stopping():
                    return old
                open_ = [uid for uid in batch if not facts[uid].settled]
                wanted = [uid for uid in open_ if (facts[uid].received or oldest) >= oldest]
                letters = self._fetch_batch(client, wanted, facts)
                arrivals = [self._arrival(raw, uid, facts[uid], oldest) for uid, raw in sorted(letters.items())]
                store([a for a in arrivals if a is not None], batch[-1])
                old += len(open_) - len(wanted) + arrivals.count(None)
        return old

    def _batches(self, uids: Sequence[int], facts: dict[int, Facts]) -> list[list[int]]:
        batches: list[list[int]] = [[]]
        weight = 0
        for uid in uids:
            size = min(facts[uid].size or 0, self._max_bytes)
            full = len(batches[-1]) == _BATCH or weight + size > _BATCH_BYTES
            if batches[-1] and (full or batches[-1][-1] <= self._one_by_one_until):
                batches.append([])
                weight = 0
            batches[-1].append(uid)
            weight += size
        return batches

    def _fetch_batch(self, client: MailboxClient, uids: list[int], facts: dict[int, Facts]) -> dict[int, bytes]:
        """The letters that are there; a batch in trouble is taken apart the next time."""
        try:
            return self._fetch_letters(client, uids, facts)
        except (OSError, imaplib.IMAP4.error):
            self._one_by_one_until = max(self._one_by_one_until, uids[-1])
            if len(uids) == 1:
                self._tries[uids[0]] += 1
            raise

    def _fetch_letters(self, client: MailboxClient, uids: list[int], facts: dict[int, Facts]) -> dict[int, bytes]:
        letters: dict[int, bytes] = {}
        hopeless = [u for u in uids if self._tries[u] >= _TRIES + _HEAD_TRIES]
        for uid in hopeless:
            log.warning("letter_not_fetched", uid=uid)
            letters[uid] = UNFETCHED + f"X-Luccabot-Place: {self._uidvalidity} {uid}\r\n\r\n".encode()
        stubborn = [u for u in uids if self._tries[u] >= _TRIES and u not in hopeless]
        large = [u for u in uids if (facts[u].size or 0) > self._max_bytes and u not in hopeless and u not in stubborn]
        whole = [u for u in uids if u not in hopeless and u not in stubborn and u not in large]
        letters |= _parts(client, whole, "BODY[]")
        for group, mark in ((stubborn, UNFETCHED), (large, OVERSIZED)):
            for uid in group:
                letters |= {u: mark + head[:_HEAD_BYTES] for u, head in _parts(client, [uid], "BODY[HEADER]").items()}
        missing = [u for u in uids if u not in letters]
        # Who deletes or moves a letter in between makes it vanish; what is still listed must be had.
        if missing and set(client.search(["UID", ",".join(map(str, missing))])) & set(missing):
            msg = f"{len(missing)} letters are listed and not given"
            raise OmittedError(msg)
        return letters

    def _arrival(self, raw: bytes, uid: int, facts: Facts, oldest: datetime) -> Arrival | None:
        """What to store; ``None`` for a letter older than ``oldest``."""
        sender, known, written = "", "", None
        try:
            head = _head(raw)
            sender, written = sender_of(head), written_at(head)
            known = _identity(head, sender, raw)
        except Exception:  # one unreadable header must not stop the mailbox: the inbox worker sets such a mail aside
            log.exception("unreadable_headers", uid=uid)
        if min(moment for moment in (facts.received, written, datetime.now(UTC)) if moment is not None) < oldest:
            return None
        return Arrival(
            key=f"mail:{self._mailbox}:{self._uidvalidity}:{uid}",
            channel=Channel.EMAIL,
            sender=sender,
            payload=raw,
            message_id=known or "sha256:" + hashlib.sha256(raw).hexdigest(),
        )


def _head(raw: bytes) -> Message:
    """The fields that are looked at, of a whole letter or its beginning."""
    text = _END_OF_HEAD.split(raw[:_HEAD_BYTES], maxsplit=1)[0].decode("ascii", "surrogateescape")
    lines = _HEAD_LINES.match(text.replace("\r\n", "\n"))
    message = Message(policy=compat32)
    for name, value in _FIELDS.findall(lines[0] if lines else ""):
        message.set_raw(name, value.rstrip("\n"))
    return message


def measure(client: MailboxClient, uids: Sequence[int]) -> dict[int, Facts]:
    """Size, arrival and flags of each of ``uids``; empty facts for those of which the server says nothing."""
    facts: dict[int, Facts] = {}
    for start in range(0, len(uids), _MEASURED):
        chunk = uids[start : start + _MEASURED]
        said = client.letters(chunk, ["RFC822.SIZE", "INTERNALDATE", "FLAGS"])
        facts |= {uid: _facts(said.get(uid, {})) for uid in chunk}
    return facts


def _facts(said: dict[bytes, Any]) -> Facts:
    size, received, flags = said.get(b"RFC822.SIZE"), said.get(b"INTERNALDATE"), said.get(b"FLAGS")
    names = {bytes(f).lower() for f in flags if isinstance(f, bytes)} if isinstance(flags, tuple) else set()
    try:
        moment = received.astimezone(UTC) if isinstance(received, datetime) else None
    except OverflowError:  # on the last day that there is
        moment = None
    return Facts(size if isinstance(size, int) else None, moment, bool(names & _SETTLED))


def _parts(client: MailboxClient, uids: Sequence[int], section: str) -> dict[int, bytes]:
    """This part of each letter that the server gives; NIL is nothing given."""
    found = client.letters(uids, [section.replace("BODY", "BODY.PEEK")])
    return {uid: said[section.encode()] for uid, said in found.items() if isinstance(said.get(section.encode()), bytes)}


def written_at(head: Message) -> datetime | None:
    """When a letter set out: its Date, or the newest stamp of the servers that passed it on (RFC 5321 §4.4).

    A computer whose clock stands in the past writes an old Date, but its letter is stamped today; an old letter that
    was copied into the folder is not.
    """
    stamps = [str(v).rpartition(";")[2] for v in (head.get_all("Received") or [])[:_TRACES]]
    moments = [_moment(text) for text in (str(head.get("Date") or ""), *stamps)]
    return max((m for m in moments if m is not None), default=None)


def _moment(text: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(text[:200])
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _identity(head: Message, sender: str, raw: bytes) -> str:
    """The Message-ID, the sender and the words: some devices and programs give every mail the same id.

    Empty without an id that can be one.
    """
    named = message_ids(str(head.get("Message-ID") or ""))
    known = f"{named[0]}|{sender}" if named and "@" in named[0] else ""
    if not 0 < len(known) <= _LONGEST_ID or not known.isprintable():
        return ""
    # On its way to a second folder or past a second server a letter may be wrapped anew: blanks do not count.
    body = b"".join(_END_OF_HEAD.split(raw, maxsplit=1)[1:])
    return f"{known}|{hashlib.sha256(body.translate(None, _BLANKS)).hexdigest()}"
