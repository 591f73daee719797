"""The tables. Written in SQLAlchemy Core: rows are read into the frozen words of ``conversation`` right here in ``db``.

Every instant is stored in UTC; SQLite forgets time zones, so ``Instant`` puts UTC back on.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware instant, in UTC on both databases. A naive one is refused: it would be off by an hour or two."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "an instant needs a time zone"
            raise ValueError(msg)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: JSON; ``None`` is stored as NULL, so that "nothing left" can be asked for in SQL.
Json = JSON(none_as_null=True)


class RegistrationStatus(StrEnum):
    """Where a registration stands."""

    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    WITHDRAWN = "withdrawn"


class InboxState(StrEnum):
    """What became of something that came in."""

    NEW = "new"
    DONE = "done"
    SET_ASIDE = "set_aside"


class OutboxState(StrEnum):
    """What became of something that goes out. ``UNSURE``: it may or may not have arrived; parked for staff."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    VOID = "void"
    EXPIRED = "expired"
    UNSURE = "unsure"


class Kind(StrEnum):
    """What a message is."""

    REPLY = "reply"
    STAFF = "staff"
    NOTICE = "notice"
    REMINDER = "reminder"
    BROADCAST = "broadcast"


#: Written when they leave, of what is so then; they need no address before. The others are put in as they go out.
WRITTEN_LATE = (Kind.REMINDER, Kind.NOTICE, Kind.BROADCAST)


class Lane(StrEnum):
    """Queues, each before the next.

    Nobody who waits for an answer stands behind a thousand reminders, no reminder behind a broadcast.
    """

    REPLY = "reply"
    BULK = "bulk"
    MANY = "many"


# Conditions of partial indexes, as text in the index and in the query: a bound parameter proves nothing to a planner.
HANDLED = "state <> 'new'"
ADDRESSED = "value <> ''"
UNREACHED = "NOT reachable"
NOT_ARRIVED = "state IN ('failed', 'unsure')"
IN_DOUBT = "doubts > 0"
SET_ASIDE = "state = 'set_aside'"
WAITING = "state = 'open'"
FOR_OFFICE = "kind = 'staff' AND detail <> ''"
BROADCAST_ROWS = "kind = 'broadcast'"
#: What is said once, to one or to many, and forgotten: sent; or never to be.
TALK_SENT = "kind IN ('reply', 'staff', 'broadcast') AND state = 'sent'"
TALK_CLOSED = "kind IN ('reply', 'staff', 'broadcast') AND state NOT IN ('pending', 'sending', 'sent')"


def _id() -> Column[Any]:
    return Column("id", Integer, primary_key=True)


def _operator(name: str) -> Column[Any]:
    """Who of the staff did it; nobody when the bot or a citizen did, or when that operator was removed."""
    return Column(name, ForeignKey("staff.id", ondelete="SET NULL"))


people = Table(
    "people",
    metadata,
    _id(),
    Column("name", String(200), nullable=False, server_default=""),
    Column("language", String(8), nullable=False, server_default="it"),
    Column("organisation_id", ForeignKey("organisations.id", ondelete="SET NULL")),
    Column("notice_at", Instant),
    Column("notice_version", Integer, nullable=False, server_default="0"),
    Column("updates", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Instant, nullable=False),
    Column("phone", String(40), nullable=False, server_default=""),
)

addresses = Table(
    "addresses",
    metadata,
    _id(),
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("value", String(320), nullable=False),
    Column("reachable", Boolean, nullable=False, server_default=text("true")),
    Column("reason", String(200), nullable=False, server_default=""),
    Column("stopped_at", Instant),
    Column("used_at", Instant, nullable=False),
    Column("links_since", Instant),
    UniqueConstraint("channel", "value"),
)

organisations = Table(
    "organisations",
    metadata,
    _id(),
    Column("name", String(200), nullable=False),
    Column("folded", String(200), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
)

sectors = Table(
    "sectors",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("names", Json, nullable=False),
)

meetings = Table(
    "meetings",
    metadata,
    _id(),
    Column("sector", ForeignKey("sectors.key"), nullable=False),
    Column("title", String(200), nullable=False, server_default=""),
    Column("day", Date),
    Column("hour", Time),
    Column("duration", Integer, nullable=False, server_default="90"),
    Column("link", String(500), nullable=False, server_default=""),
    Column("passcode", String(64), nullable=False, server_default=""),
    Column("capacity", Integer),
    Column("cancelled", Boolean, nullable=False, server_default=text("false")),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("sequence", Integer, nullable=False, server_default="0"),
    Column("changed_at", Instant, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("text", Text, nullable=False, server_default=""),
    Column("materials", Text, nullable=False, server_default=""),
)

registrations = Table(
    "registrations",
    metadata,
    _id(),
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("meeting_id", ForeignKey("meetings.id"), nullable=False),
    Column("organisation_id", ForeignKey("organisations.id", ondelete="SET NULL")),
    Column("participants", Integer, nullable=False, server_default="1"),
    Column("status", String(16), nullable=False),
    Column("source", String(16), nullable=False),
    Column("notice_version", Integer, nullable=False, server_default="0"),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("planned", Boolean, nullable=False, server_default=text("false")),
    Column("registered_at", Instant, nullable=False),
    Column("active_since", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("uid", String(64), nullable=False, server_default=""),
    Column("sequence", Integer, nullable=False, server_default="0"),
    Column("told", Json, nullable=False, server_default=text("'{}'")),
    Column("instead_of", ForeignKey("registrations.id", ondelete="SET NULL")),
    Column("attended_at", Instant),
    Column("attended_how", String(16), nullable=False, server_default=""),
    Column("attended_people", Integer),
    _operator("added_by"),
)

meeting_changes = Table(
    "meeting_changes",
    metadata,
    _id(),
    Column("meeting_id", ForeignKey("meetings.id"), nullable=False),
    Column("before", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("undone_at", Instant),
    Column("from_revision", Integer, nullable=False, server_default="0"),
    Column("after", Json),
    _operator("staff_id"),
)

dialogues = Table(
    "dialogues",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("value", String(320), primary_key=True),
    Column("state", Json, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

#: Messages of an address in the minute or day that ends at ``ends_at``: what the brakes go by.
message_counts = Table(
    "message_counts",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("value", String(320), primary_key=True),
    Column("ends_at", Instant, nullable=False),
    Column("number", Integer, nullable=False, server_default="0"),
    Column("vouched", Integer, nullable=False, server_default="0"),
    Column("last_words", String(16), nullable=False, server_default=""),
)

inbox = Table(
    "inbox",
    metadata,
    _id(),
    Column("source_key", String(400), nullable=False, unique=True),
    Column("message_id", String(400), unique=True),
    Column("channel", String(16), nullable=False),
    Column("sender", String(320), nullable=False, server_default=""),
    Column("payload", LargeBinary),
    Column("received_at", Instant, nullable=False),
    Column("state", String(16), nullable=False, server_default=InboxState.NEW.value),
    Column("kind", String(32), nullable=False, server_default=""),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("next_at", Instant, nullable=False),
    Column("token", String(32), nullable=False, server_default=""),
    Column("lease_until", Instant),
    Column("handled_at", Instant),
    Column("error", String(500), nullable=False, server_default=""),
    Column("evidence", Json),
    Column("filed", Boolean, nullable=False, server_default=text("false")),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("note", String(200), nullable=False, server_default=""),
)

keys = Table(
    "keys",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", String(128), nullable=False),
)

rate_limits = Table(
    "paces",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("next_at", Instant, nullable=False),
)

purges = Table(
    "purges",
    metadata,
    Column("value", String(320), primary_key=True),
    Column("asked_at", Instant, nullable=False),
)

mail_cursors = Table(
    "mail_cursors",
    metadata,
    Column("mailbox", String(320), primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
    Column("lying", BigInteger, nullable=False, server_default="0"),
    Column("recent", BigInteger, nullable=False, server_default="0"),
    Column("lies_after", BigInteger, nullable=False, server_default="0"),
    Column("lies_until", BigInteger, nullable=False, server_default="0"),
    Column("line_at", Instant),
    Column("seen_at", Instant),
    Column("lying_since", Instant),
    Column("adopt_since", Instant),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("key", String(200), nullable=False, unique=True),
    Column("lane", String(8), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("detail", String(64), nullable=False, server_default=""),
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE")),
    Column("registration_id", ForeignKey("registrations.id", ondelete="CASCADE")),
    Column("channel", String(16), nullable=False, server_default=""),
    Column("value", String(320), nullable=False, server_default=""),
    Column("payload", Json),
    Column("due_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("state", String(16), nullable=False, server_default=OutboxState.PENDING.value),
    Column("token", String(32), nullable=False, server_default=""),
    Column("lease_until", Instant),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("doubts", SmallInteger, nullable=False, server_default="0"),
    Column("next_at", Instant),
    Column("sent_at", Instant),
    Column("reference", String(400), nullable=False, server_default=""),
    Column("spent", Boolean, nullable=False, server_default=text("false")),
    Column("error", String(300), nullable=False, server_default=""),
)

#: The registrations that a message tells of, where they are several; of one ``outbox`` itself says which.
tells_of = Table(
    "tells_of",
    metadata,
    Column("outbox_id", ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True),
    Column("registration_id", ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True),
)

broadcasts = Table(
    "broadcasts",
    metadata,
    _id(),
    Column("key", String(64), nullable=False, unique=True),
    Column("title", String(200), nullable=False, server_default=""),
    Column("text", Text, nullable=False, server_default=""),
    Column("meeting_id", ForeignKey("meetings.id")),
    Column("announces", Json),
    Column("created_at", Instant, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("state", String(16), nullable=False, server_default="queued"),
    Column("segment", Json),
    _operator("author"),
    _operator("approver"),
    Column("send_at", Instant),
)

returns = Table(
    "returns",
    metadata,
    _id(),
    Column("outbox_id", ForeignKey("outbox.id", ondelete="CASCADE")),
    Column("channel", String(16), nullable=False),
    Column("value", String(320), nullable=False),
    Column("fate", String(16), nullable=False),
    Column("status", String(60), nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
)

hand_overs = Table(
    "hand_overs",
    metadata,
    _id(),
    Column("channel", String(16), nullable=False),
    Column("value", String(320), nullable=False),
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE")),
    Column("question", Text, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("thread", Json),
    Column("state", String(16), nullable=False, server_default="open"),
    Column("created_at", Instant, nullable=False),
    Column("token", String(16), nullable=False, server_default=""),
    Column("answered_at", Instant),
    Column("answer", Text, nullable=False, server_default=""),
    Column("digest", String(32), nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default="1"),
    _operator("taken_by"),
    Column("taken_until", Instant),
    Column("closed_as", String(32), nullable=False, server_default=""),
    Column("evidence", Json),
    Column("same_as", Integer),
    Column("likeness", Float),
    Column("fact_id", String(120), nullable=False, server_default=""),
)

hand_over_turns = Table(
    "hand_over_turns",
    metadata,
    _id(),
    Column("hand_over_id", ForeignKey("hand_overs.id", ondelete="CASCADE"), nullable=False),
    Column("side", String(8), nullable=False),
    _operator("staff_id"),
    Column("text", Text, nullable=False),
    Column("at", Instant),
    Column("outbox_key", String(200), nullable=False, server_default=""),
)

adhesions = Table(
    "adhesions",
    metadata,
    _id(),
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("organisation_id", ForeignKey("organisations.id", ondelete="SET NULL")),
    Column("created_at", Instant, nullable=False),
    Column("state", String(16), nullable=False, server_default="interested"),
    Column("signed_on", Date),
    _operator("noted_by"),
    Column("note", String(500), nullable=False, server_default=""),
)

#: Associations of which no person is known, by what the office noted.
pact_organisations = Table(
    "pact_organisations",
    metadata,
    Column("organisation_id", ForeignKey("organisations.id"), primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("signed_on", Date),
    _operator("noted_by"),
    Column("note", String(500), nullable=False),
)

taught = Table(
    "taught",
    metadata,
    _id(),
    Column("fact_id", String(120), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("state", String(16), nullable=False, server_default="draft"),
    Column("title", Json, nullable=False),
    Column("variants", Json, nullable=False),
    Column("answers", Json, nullable=False),
    Column("source", Json, nullable=False),
    Column("valid_until", Date),
    _operator("author"),
    _operator("publisher"),
    Column("evaluated", Json),
    Column("at", Instant, nullable=False),
    UniqueConstraint("fact_id", "version"),
)

#: One for a person; who wrote it last, by name, for when that operator is removed.
person_notes = Table(
    "person_notes",
    metadata,
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("staff_name", String(200), nullable=False),
    Column("version", Integer, nullable=False),
)

link_tokens = Table(
    "link_tokens",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", Instant, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    _id(),
    Column("email", String(320), nullable=False, unique=True),
    Column("added_at", Instant, nullable=False),
    Column("name", String(200), nullable=False, server_default=""),
    Column("role", String(16), nullable=False, server_default="operator"),
    Column("password", String(200), nullable=False, server_default=""),
    Column("totp", String(64), nullable=False, server_default=""),
    Column("totp_step", BigInteger, nullable=False, server_default="0"),
    Column("recovery", Json),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("morning", Boolean, nullable=False, server_default=text("false")),
    Column("keys", Boolean, nullable=False, server_default=text("true")),
    Column("failed", Integer, nullable=False, server_default="0"),
    Column("locked_until", Instant),
    Column("seen_at", Instant),
)

sessions = Table(
    "sessions",
    metadata,
    _id(),
    Column("digest", String(64), nullable=False, unique=True),
    Column("staff_id", ForeignKey("staff.id", ondelete="CASCADE")),
    Column("made_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("fresh_until", Instant),
    Column("agent", String(200), nullable=False, server_default=""),
    Column("data", Json),
)

staff_links = Table(
    "staff_links",
    metadata,
    _id(),
    Column("digest", String(64), nullable=False, unique=True),
    Column("staff_id", ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("purpose", String(8), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

lockouts = Table(
    "lockouts",
    metadata,
    Column("network", String(64), primary_key=True),
    Column("failed", Integer, nullable=False),
    Column("until", Instant),
    Column("at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at", Instant, nullable=False),
    Column("action", String(64), nullable=False),
    Column("person_id", Integer),
    Column("subject", String(64), nullable=False, server_default=""),
    Column("data", Json),
    _operator("staff_id"),
    Column("staff_name", String(200), nullable=False, server_default=""),
)
