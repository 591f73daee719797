"""A small IMAP server in a thread, as well-behaved as its ``Ways`` let it be.

And a mail store in memory for the listener.
"""

import re
import socketserver
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from db.cursors import MailCursor
from db.inbox import Arrival


@dataclass
class Letter:
    raw: bytes
    received: datetime
    flags: tuple[str, ...] = ()


@dataclass
class Ways:
    """How the server misbehaves, by UID. ``omits``: leaves the letter out of FETCH; ``nil``: gives NIL for its body;
    ``nameless``: gives its body without UID; ``hangs_up``: ends the connection when its body is asked for. ``absurd``:
    added to every answer to SEARCH. ``literal``: the size announced for bodies; ``drips``: seconds between the bytes of
    a body. ``lies``: sizes that RFC822.SIZE gives; ``moments``: what INTERNALDATE gives. ``patient_from``: after so
    many attempts at a letter it is given all the same. ``garbles``: what is said instead, by the beginning of the
    command.
    """

    omits: set[int] = field(default_factory=set)
    nil: set[int] = field(default_factory=set)
    nameless: set[int] = field(default_factory=set)
    hangs_up: set[int] = field(default_factory=set)
    absurd: list[int] = field(default_factory=list)
    literal: int = 0
    drips: float = 0.0
    lies: dict[int, int] = field(default_factory=dict)
    moments: dict[int, str] = field(default_factory=dict)
    patient_from: int = 10**9
    no_uidnext: bool = False
    garbles: dict[str, str] = field(default_factory=dict)


class FakeImap:
    """``letters``: UID → letter. ``asked``: how often the body of each was asked for."""

    def __init__(self) -> None:
        self.letters: dict[int, Letter] = {}
        self.ways = Ways()
        self.uidvalidity = 7
        self.asked: dict[int, int] = {}
        self.moved: list[int] = []
        self.commands: list[str] = []
        fake = self

        class Handler(socketserver.StreamRequestHandler):
            disable_nagle_algorithm = True

            def handle(self) -> None:
                _Talk(fake, self.rfile, self.wfile).run()

        class Threads(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Threads(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"imap://bot:segreta@127.0.0.1:{self.port}/INBOX"

    def add(self, raw: bytes, *, ago: timedelta = timedelta(0), flags: tuple[str, ...] = ()) -> int:
        uid = max(self.letters, default=0) + 1
        self.letters[uid] = Letter(raw, datetime.now(UTC) - ago, flags)
        return uid

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Talk:
    def __init__(self, fake: FakeImap, lines: Any, out: Any) -> None:
        self.fake, self.lines, self.out = fake, lines, out

    def say(self, text: str) -> None:
        self.out.write(text.encode() + b"\r\n")

    def run(self) -> None:
        try:
            self.say("* OK ready")
            for line in self.lines:
                tag, _, rest = line.decode().strip().partition(" ")
                if not self.obey(tag, rest):
                    return
        except (OSError, ValueError):
            return

    def obey(self, tag: str, rest: str) -> bool:  # noqa: C901, PLR0912 - the commands, one after the other
        fake, word = self.fake, rest.upper()
        fake.commands.append(rest)
        last = max(fake.letters, default=0)
        nonsense = next((said for begins, said in fake.ways.garbles.items() if word.startswith(begins)), None)
        if nonsense is not None:
            self.say(nonsense)
        elif word.startswith("CAPABILITY"):
            self.say("* CAPABILITY IMAP4rev1 IDLE MOVE NAMESPACE UIDPLUS")
        elif word.startswith("NAMESPACE"):
            self.say('* NAMESPACE (("" "/")) NIL NIL')
        elif word.startswith("LIST"):
            self.say('* LIST () "/" INBOX')
        elif word.startswith(("SELECT", "EXAMINE")):
            self.say(f"* {len(fake.letters)} EXISTS")
            self.say(f"* OK [UIDVALIDITY {fake.uidvalidity}] .")
        elif word.startswith("STATUS"):
            following = "" if fake.ways.no_uidnext else f" UIDNEXT {last + 1}"
            self.say(f"* STATUS INBOX (UIDVALIDITY {fake.uidvalidity}{following})")
        elif word.startswith("UID SEARCH"):
            self.say("* SEARCH " + " ".join(map(str, [*self.search(word), *fake.ways.absurd])))
        elif word.startswith("UID FETCH"):
            if not self.fetch(word):
                return False
        elif word.startswith("UID MOVE"):
            gone = [int(n) for n in word.split()[2].split(",")]
            fake.moved += gone
            for uid in gone:
                fake.letters.pop(uid, None)
        elif word.startswith("IDLE"):
            self.say("+ idling")
            self.lines.readline()
        elif word.startswith("LOGOUT"):
            self.say("* BYE")
        self.say(f"{tag} OK done")
        return not word.startswith("LOGOUT")

    def search(self, word: str) -> list[int]:
        found = sorted(self.fake.letters)
        if (span := re.search(r"UID (\d+):(\d+|\*)", word)) is not None:
            low, high = int(span[1]), 10**12 if span[2] == "*" else int(span[2])
            # As real servers do: "n:*" names the last letter even when n is past it.
            found = [u for u in found if low <= u <= high] or (found[-1:] if span[2] == "*" else [])
        elif (named := re.search(r"UID SEARCH UID ([\d,]+)", word)) is not None:
            wanted = {int(n) for n in named[1].split(",")}
            found = [u for u in found if u in wanted]
        elif word.endswith(" *"):
            found = found[-1:]
        if (since := re.search(r"SINCE (\d+-\w+-\d+)", word)) is not None:
            day = datetime.strptime(since[1].title() + " +0000", "%d-%b-%Y %z").date()
            found = [u for u in found if self.fake.letters[u].received.date() >= day]
        for flag in ("ANSWERED", "DELETED", "DRAFT"):
            if f"UN{flag}" in word:
                found = [u for u in found if f"\\{flag.title()}" not in self.fake.letters[u].flags]
        return found

    def fetch(self, word: str) -> bool:
        fake, ways = self.fake, self.fake.ways
        body = "BODY.PEEK[]" in word
        order = sorted(fake.letters)
        for uid in [int(n) for n in word.split()[2].split(",") if int(n) in fake.letters]:
            if body:
                fake.asked[uid] = fake.asked.get(uid, 0) + 1
            well = fake.asked.get(uid, 0) >= ways.patient_from
            letter, seq = fake.letters[uid], order.index(uid) + 1
            if uid in ways.omits and not well:
                continue
            if not body and "BODY.PEEK[HEADER]" not in word:
                when = ways.moments.get(uid) or letter.received.strftime("%d-%b-%Y %H:%M:%S +0000")
                size = ways.lies.get(uid, len(letter.raw))
                self.say(
                    f'* {seq} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE "{when}" FLAGS '
                    f"({' '.join(letter.flags)}))"
                )
                continue
            if uid in ways.hangs_up and body and not well:
                return False
            section = "BODY[]" if body else "BODY[HEADER]"
            raw = letter.raw if body else letter.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            if uid in ways.nil and not well:
                self.say(f"* {seq} FETCH (UID {uid} {section} NIL)")
                continue
            name = "" if uid in ways.nameless and not well else f"UID {uid} "
            self.out.write(f"* {seq} FETCH ({name}{section} {{{ways.literal or len(raw)}}}\r\n".encode())
            if ways.drips and body:
                for byte in raw:
                    self.out.write(bytes([byte]))
                    self.out.flush()
                    time.sleep(ways.drips)
            else:
                self.out.write(raw)
            self.out.write(b")\r\n")
        return True


class MemoryMailStore:
    """What the database would hold."""

    def __init__(self) -> None:
        self.where = MailCursor()
        self.stored: dict[str, Arrival] = {}
        self.old = 0
        self.lines: list[MailCursor] = []
        self.handled: list[tuple[str, str, str]] = []

    @property
    def texts(self) -> list[str]:
        return [a.payload.rpartition(b"\r\n\r\n")[2].decode().strip() for a in self.stored.values()]

    def cursor(self, _mailbox: str) -> MailCursor:
        return self.where

    def seen(self, _mailbox: str, real_now: datetime) -> MailCursor:
        self.where = replace(self.where, seen_at=real_now)
        return self.where

    def draw_line(self, _mailbox: str, cursor: MailCursor) -> None:
        self.lines.append(cursor)
        self.where = cursor

    def renumber(self, _mailbox: str, cursor: MailCursor) -> None:
        self.where = cursor

    def adopted(self, _mailbox: str) -> None:
        self.where = replace(self.where, lying=0, adopt_since=None)

    def left_old(self, number: int) -> None:
        self.old += number

    def store(self, arrivals: Any, _mailbox: str, uidvalidity: int, last_uid: int) -> int:
        known = {a.message_id for a in self.stored.values()}
        first = {a.message_id: a for a in reversed(arrivals)}.values()
        new = {a.key: a for a in arrivals if a in first and a.key not in self.stored and a.message_id not in known}
        self.stored |= new
        self.where = replace(self.where, uidvalidity=uidvalidity, last_uid=last_uid)
        return len(new)

    def unfiled(self, _prefix: str) -> list[tuple[str, str, str]]:
        return self.handled

    def filed(self, _keys: Any) -> None:
        self.handled = []

    def to_purge(self) -> list[str]:
        return []

    def purged(self, _values: Any) -> None: ...
