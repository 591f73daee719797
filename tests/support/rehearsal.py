"""The bot in process: the real inbox, its worker, handlers, outbox and mail writer on a copied database; no sockets.

People talk as in the stories, but each word is handled when the call returns:

    reply = await anna.says("Vorrei iscrivermi giovedì")     # a chat; what the bot said, newest last
    answer = await club.writes("Siamo in tre", answers=mail)  # a mailbox; proof and trust as a real letter has them
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import format_datetime, make_msgid
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from bot.sandbox.clock import SandboxClock
from bot.settings import Settings
from bot.telegram.polling import as_arrival
from bot.telegram.reading import read_stored as read_update
from conversation.channel import Channel
from conversation.links import Links
from conversation.message import Address, Outcome, Outgoing, Receipt, Reply, split_reply
from conversation.office import Office
from conversation.times import ROME
from conversation.understanding.cache import user_cache
from conversation.understanding.classifier import IntentClassifier
from db import inbox
from db.engine import Database
from db.inbox import Arrival
from db.meetings import all_meetings
from db.migrate import migrate
from db.models import meetings, organisations, registrations
from delivery.reminders import Schedule
from handlers.services import Services
from knowledge.town import Town
from mail.reading.message import read_stored as read_mail
from mail.smtp.writing import write_mail
from mail.threads import MessageIds
from office.moving import change_meeting
from office.programme import load_programme
from tests.support.outbox_workers import in_flight
from workers.incoming import InboxWorker, Reader
from workers.outgoing import OutboxWorker
from workers.rate_limit import RateLimit
from workers.taught import TaughtFacts

OFFICE = "luccalearningcity@comune.lucca.example"
STAFF = "ufficio@lucca.example"
BORDER = "mx.comune.lucca.example"
BOT_NAME = "prova_bot"
START = datetime(2021, 1, 15, 9, 0, tzinfo=ROME)
#: The reminders of the default settings, at any hour; staff's changes are told at once.
SCHEDULE = Settings(_env_file=None, quiet_hours="-", change_grace=0).schedule


async def write_template(path: Path, *, programme: Path | None, start: datetime = START) -> Path:
    """A migrated SQLite file, with a programme as loaded at ``start`` or empty, to be copied for each test."""
    database = Database(f"sqlite:///{path}")
    await migrate(database)
    if programme is not None:
        async with database.begin() as tx:
            await load_programme(tx, programme, SCHEDULE, start)
    await database.tidy()
    await database.close()
    return path


class _Transport:
    """Takes every message and keeps it; ``answers``: the receipts to give first, for tests of what goes wrong."""

    def __init__(self, reference: Callable[[Outgoing], str] = lambda _outgoing: "") -> None:
        self._reference = reference
        self.taken: list[Outgoing] = []
        self.answers: list[Receipt] = []

    async def send(self, outgoing: Outgoing) -> Receipt:
        receipt = self.answers.pop(0) if self.answers else Receipt(Outcome.SENT, reference=self._reference(outgoing))
        if receipt.outcome is Outcome.SENT:
            self.taken.append(outgoing)
        return receipt


@dataclass(frozen=True, slots=True)
class Said:
    """What the bot said in a chat after one thing that somebody did there."""

    messages: tuple[Reply, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(m.plain for m in self.messages)

    @property
    def labels(self) -> list[str]:
        return [b.label for m in self.messages for row in m.buttons for b in row]

    @property
    def files(self) -> list[str]:
        return [f.content for m in self.messages for f in m.files]


@dataclass
class Citizen:
    """Somebody in a private chat."""

    rehearsal: "Rehearsal"
    id: int
    name: str = "Anna"
    language: str = "it"
    _read: int = 0

    async def hears(self, part: str) -> dict[str, str]:
        """The bot's next message with ``part``, since the person last did something, as the Bot API shows it."""
        new = self.messages[self._read :]
        found = next((m.plain for m in new if part in m.plain), None)
        assert found is not None, f"no {part!r}; heard instead: {[m.plain for m in new]}"
        return {"text": found, "caption": found}

    def heard(self, part: str) -> list[Reply]:
        return [m for m in self.messages if part in m.plain]

    @property
    def messages(self) -> list[Reply]:
        """Everything the bot ever wrote here, oldest first."""
        return self.rehearsal.to(Address(Channel.TELEGRAM, str(self.id)))

    async def writes(self, words: str) -> Said:
        """As in the stories."""
        return await self.says(words)

    async def says(self, words: str, **extra: Any) -> Said:
        """``extra``: further fields of Telegram's Message (``reply_to_message``, ``media_group_id``…)."""
        return await self.does("message", self.message(words, **extra))

    async def edits(self, message_id: int, words: str) -> Said:
        edited = self.message(words) | {"message_id": message_id, "edit_date": self.rehearsal.seconds()}
        return await self.does("edited_message", edited)

    async def presses(self, label: str) -> Said:
        """Press the newest button that reads ``label``, or is sent as that data."""
        for message in reversed(self.messages):
            for button in (b for row in message.buttons for b in row):
                if label in {button.label, button.data, button.data.partition("#")[0]}:
                    return await self.presses_data(button.data, button.label)
        raise AssertionError(f"no button {label!r} in {[m.plain for m in self.messages[-2:]]}")

    async def presses_data(self, data: str, label: str = "") -> Said:
        keyboard = {"inline_keyboard": [[{"text": label, "callback_data": data}]]}
        query = {
            "id": str(next(self.rehearsal.numbers)),
            "from": self.user,
            "chat_instance": "1",
            "data": data,
            "message": self.message("…", reply_markup=keyboard)
            | {"from": {"id": 1, "is_bot": True, "first_name": "Bot"}},
        }
        return await self.does("callback_query", query)

    async def does(self, kind: str, content: dict[str, Any]) -> Said:
        """Any update: ``kind`` is the field of Bot API's Update."""
        self._read = before = len(self.messages)
        update = {"update_id": next(self.rehearsal.numbers), kind: content}
        await self.rehearsal.takes(as_arrival(update))
        return Said(tuple(self.messages[before:]))

    @property
    def user(self) -> dict[str, Any]:
        return {"id": self.id, "is_bot": False, "first_name": self.name, "language_code": self.language}

    def message(self, words: str, **extra: Any) -> dict[str, Any]:
        return {
            "message_id": next(self.rehearsal.numbers),
            "date": self.rehearsal.seconds(),
            "chat": {"id": self.id, "type": "private", "first_name": self.name},
            "from": self.user,
            "text": words,
        } | extra


@dataclass
class Correspondent:
    """Somebody with a mailbox."""

    rehearsal: "Rehearsal"
    address: str
    name: str

    async def gets(self, part: str, *, count: int = 1) -> EmailMessage:
        """The newest mail whose subject or text contains ``part``; there must be ``count`` at least."""
        found = [m for m in self.mails if part in str(m["Subject"]) or part in text_of(m)]
        assert len(found) >= count, (
            f"{len(found)} mails with {part!r}; the last: {[text_of(m) for m in self.mails[-2:]]}"
        )
        return found[-1]

    @property
    def mails(self) -> list[EmailMessage]:
        """Everything that ever came from us, oldest first."""
        return [m for m in self.rehearsal.mails if m["To"] == self.address]

    async def writes(
        self,
        words: str,
        *,
        subject: str = "Partecipazione incontro",
        answers: EmailMessage | None = None,
        headers: dict[str, str] | None = None,
        vouched: bool = False,
    ) -> "Mailed":
        """``answers``: the mail of ours that this one answers, which proves its sender; ``vouched``: DMARC passes."""
        message = EmailMessage(policy=policy.SMTP)
        if vouched:
            domain = self.address.rpartition("@")[2]
            message["Authentication-Results"] = f"{BORDER}; dmarc=pass header.from={domain}"
        message["From"] = f'"{self.name}" <{self.address}>'
        message["To"] = OFFICE
        message["Subject"] = f"Re: {answers['Subject']}" if answers else subject
        message["Date"] = format_datetime(self.rehearsal.clock())
        message["Message-ID"] = make_msgid(domain=self.address.rpartition("@")[2])
        if answers:
            message["In-Reply-To"] = answers["Message-ID"]
            message["References"] = f"{answers['References'] or ''} {answers['Message-ID']}".strip()
        for name, value in (headers or {}).items():
            message[name] = value
        message.set_content(words)
        return await self.sends(message.as_bytes())

    async def sends(self, raw: bytes) -> "Mailed":
        """A raw letter, however it is made; what came back to this mailbox."""
        before = len(self.mails)
        await self.rehearsal.receives(raw, sender=self.address)
        return Mailed(tuple(self.mails[before:]))


@dataclass(frozen=True, slots=True)
class Mailed:
    """The mails that one letter was answered with."""

    mails: tuple[EmailMessage, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(text_of(m) for m in self.mails)

    @property
    def last(self) -> EmailMessage:
        assert self.mails, "no mail came back"
        return self.mails[-1]

    @property
    def calendars(self) -> list[str]:
        return [c for m in self.mails for c in calendars_of(m)]


def html_of(message: EmailMessage) -> str:
    body = message.get_body(("html",))
    return body.get_content() if body else ""


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return body.get_content().replace("\r\n", "\n") if body else ""


def payload_of(part: Message) -> bytes:
    """What a part that holds no others carries."""
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def calendars_of(message: EmailMessage) -> list[str]:
    """The calendar objects of a mail, each once."""
    parts = [p for p in message.walk() if p.get_content_type() == "text/calendar"]
    return list(dict.fromkeys(payload_of(p).decode() for p in parts))


@dataclass
class Rehearsal:
    """Everything but the sockets. ``rows``: SQL for what no sentence shows."""

    database: Database
    clock: SandboxClock
    inbox_worker: InboxWorker
    outbox_worker: OutboxWorker
    ids: MessageIds
    links: Links
    transports: dict[Channel, _Transport]
    office: Office
    schedule: Schedule
    town: Town
    taught: TaughtFacts
    mails: list[EmailMessage] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(1000))
    _written: int = 0

    def citizen(self, name: str = "Anna", chat_id: int = 2001, *, language: str = "it") -> Citizen:
        return Citizen(self, chat_id, name, language)

    def association(
        self, address: str = "segreteria@lequerce.example", name: str = "Polisportiva Le Querce"
    ) -> Correspondent:
        return Correspondent(self, address, name)

    @property
    def staff(self) -> Correspondent:
        return Correspondent(self, STAFF, "Ufficio")

    def to(self, address: Address) -> list[Reply]:
        taken = self.transports[address.channel].taken
        return [piece for o in taken if o.address == address for piece in split_reply(o.reply, address.channel)]

    def seconds(self) -> int:
        return int(self.clock().timestamp())

    async def takes(self, arrival: Arrival) -> None:
        """Store what came in, handle it, send what is due."""
        async with self.database.begin() as tx:
            await inbox.store(tx, [arrival], self.clock())
        await self.works()

    async def receives(self, raw: bytes, *, sender: str = "") -> None:
        """A mail as the mailbox holds it."""
        await self.takes(Arrival(f"mail:{next(self.numbers)}", Channel.EMAIL, sender, raw, None))

    async def works(self) -> None:
        """Until nothing waits to be handled or is due to be sent."""
        while await self.inbox_worker.cycle():
            pass
        for _ in range(2):  # what could not be sent tells the office, and that is due at once
            while await self.outbox_worker.cycle() or in_flight(self.outbox_worker):
                await asyncio.sleep(0)
        self._write()

    def _write(self) -> None:
        """What went out by mail, as bytes that were really written and read again."""
        taken = self.transports[Channel.EMAIL].taken
        for outgoing in taken[self._written :]:
            message_id = self.ids.of(outgoing.key, outgoing.address.value)
            written = write_mail(outgoing, mailbox=OFFICE, town=self.town, now=self.clock(), message_id=message_id)
            read = message_from_bytes(written.as_bytes(), policy=policy.default)
            assert isinstance(read, EmailMessage)
            self.mails.append(read)
        self._written = len(taken)

    async def goes_to(self, when: str) -> None:
        """Move the clock to a local time and do what is due then."""
        self.clock.move_to(datetime.fromisoformat(when).replace(tzinfo=ROME))
        await self.works()

    async def changes(self, sector: str, *, grace: timedelta = timedelta(0), **values: Any) -> None:
        """Staff change the last meeting of a sector; people hear of it after ``grace``."""
        schedule = replace(self.schedule, grace=grace)
        async with self.database.begin() as tx:
            meeting = next(m for m in reversed(await all_meetings(tx)) if m.sector == sector)
            await change_meeting(tx, meeting.id, schedule, self.clock(), **values)
        await self.works()

    async def registered(self) -> list[tuple[str, str, int, str]]:
        """``(sector, organisation, people, status)`` of every registration, oldest first."""
        query = (
            select(meetings.c.sector, organisations.c.name, registrations.c.participants, registrations.c.status)
            .select_from(registrations.join(meetings).outerjoin(organisations))
            .order_by(registrations.c.id)
        )
        async with self.database.begin() as tx:
            return [(r[0], r[1] or "", r[2], str(r[3])) for r in (await tx.execute(query)).all()]

    async def does(self, statement: str) -> None:
        """SQL that changes something, for what takes long to bring about."""
        async with self.database.begin() as tx:
            await tx.execute(text(statement))

    async def rows(self, statement: str) -> Sequence[Any]:
        async with self.database.begin() as tx:
            return (await tx.execute(text(statement))).all()


@asynccontextmanager
async def open_rehearsal(
    template: Path,
    folder: Path,
    classifier: IntentClassifier,
    *,
    staff_chat: str = "",
    staff_email: str = STAFF,
    others: Mapping[Channel, Reader] | None = None,
    start: datetime = START,
) -> AsyncIterator[Rehearsal]:
    """A rehearsal on a copy of ``template`` in ``folder``; ``others``: further channels, each with what reads it."""
    shutil.copy(template, folder / "bot.db")
    url = f"sqlite:///{folder / 'bot.db'}"
    async with rehearsing(
        url, classifier, staff_chat=staff_chat, staff_email=staff_email, others=others, start=start
    ) as opened:
        yield opened


@asynccontextmanager
async def rehearsing(
    url: str,
    classifier: IntentClassifier,
    *,
    staff_chat: str = "",
    staff_email: str = STAFF,
    others: Mapping[Channel, Reader] | None = None,
    start: datetime = START,
    rate_limits: Mapping[Channel, RateLimit] | None = None,
) -> AsyncIterator[Rehearsal]:
    """A rehearsal on the database at ``url``; ``rate_limits``: those of the channels that have one."""
    database = Database(url)
    clock = SandboxClock(start)
    taught = TaughtFacts(database, classifier, user_cache())
    office = replace(Office(OFFICE), staff_email=staff_email, staff_chat=staff_chat, telegram_name=BOT_NAME)
    ids, links = MessageIds(OFFICE, "a key for tests"), Links("https://bot.lucca.example", "a key for tests")
    transports = {Channel.TELEGRAM: _Transport(), Channel.EMAIL: _Transport(lambda o: ids.of(o.key, o.address.value))}
    transports |= {channel: _Transport() for channel in others or {}}
    inbox_worker = InboxWorker(
        database,
        {
            Channel.TELEGRAM: partial(read_update, bot_name=BOT_NAME),
            Channel.EMAIL: partial(read_mail, ours=OFFICE, authserv_id=BORDER, ids=ids),
            **(others or {}),
        },
        services=lambda: Services(taught.classifier, office, links),
        clock=clock,
    )
    outbox_worker = OutboxWorker(
        database,
        transports,
        library=classifier.library,
        schedule=SCHEDULE,
        office=office,
        clock=clock,
        rate_limits=rate_limits,
    )
    try:
        town = classifier.library.town
        yield Rehearsal(
            database, clock, inbox_worker, outbox_worker, ids, links, transports, office, SCHEDULE, town, taught
        )
    finally:
        await database.close()
