"""What the office's console keeps: operators, sessions, who did what; turns of a question, attendance, drafts, taught facts.

SQLite makes a table anew to give it a foreign key, and dropping the old one takes along what hangs on it: for registrations
that is put aside meanwhile.
"""

import sqlalchemy as sa
from alembic import op

from db.models import Instant, Json

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_YES, _NO = sa.text("true"), sa.text("false")


def _text(name: str, length: int, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), server_default=default, nullable=False)


def _number(name: str, default: str = "1") -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default=default, nullable=False)


def _added() -> dict[str, list[sa.Column]]:
    """The columns of each table, made anew each time: a column belongs to one statement."""
    return {
        "staff": [
            _text("name", 200),
            _text("role", 16, "operator"),
            _text("password", 200),
            _text("totp", 64),
            sa.Column("totp_step", sa.BigInteger(), server_default="0", nullable=False),
            sa.Column("recovery", Json),
            sa.Column("active", sa.Boolean(), server_default=_YES, nullable=False),
            sa.Column("morning", sa.Boolean(), server_default=_NO, nullable=False),
            sa.Column("keys", sa.Boolean(), server_default=_YES, nullable=False),
            _number("failed", "0"),
            sa.Column("locked_until", Instant),
            sa.Column("seen_at", Instant),
        ],
        "audit": [_text("staff_name", 200)],
        "hand_overs": [
            _number("version"),
            sa.Column("taken_until", Instant),
            _text("closed_as", 32),
            sa.Column("evidence", Json),
            sa.Column("same_as", sa.Integer()),
            _text("fact_id", 120),
        ],
        "meetings": [
            _number("version"),
            sa.Column("text", sa.Text(), server_default="", nullable=False),
            sa.Column("materials", sa.Text(), server_default="", nullable=False),
        ],
        "meeting_changes": [_number("from_revision", "0"), sa.Column("after", Json)],
        "registrations": [sa.Column("attended_at", Instant), _text("attended_how", 16)],
        "broadcasts": [
            _number("version"),
            _text("state", 16, "queued"),
            sa.Column("segment", Json),
            sa.Column("send_at", Instant),
        ],
        "adhesions": [_text("state", 16, "interested"), sa.Column("signed_on", sa.Date()), _text("note", 500)],
    }


#: Columns that name an operator of the console.
_BY = {
    "audit": ["staff_id"],
    "hand_overs": ["taken_by"],
    "meeting_changes": ["staff_id"],
    "registrations": ["added_by"],
    "broadcasts": ["author", "approver"],
    "adhesions": ["noted_by"],
}
#: What hangs on registrations: table and column.
_HANGING = [("outbox", "registration_id"), ("registrations", "instead_of")]
_INDEXES = [
    ("ix_addresses_unreached", "addresses", ["person_id"], "NOT reachable"),
    ("ix_outbox_not_arrived", "outbox", ["state"], "state IN ('failed', 'unsure')"),
    ("ix_registrations_registered_at", "registrations", ["registered_at", "source"], None),
    ("ix_hand_overs_open", "hand_overs", ["created_at"], "state = 'open'"),
]


def _staff(table: str, name: str, *, owner: bool = False) -> sa.ForeignKeyConstraint:
    gone = "CASCADE" if owner else "SET NULL"
    return sa.ForeignKeyConstraint([name], ["staff.id"], name=f"fk_{table}_{name}", ondelete=gone)


def upgrade() -> None:
    """Add the columns, the tables and the indexes."""
    _put_aside()
    for table, columns in _added().items():
        # What names nobody is added in place: nothing is dropped for it.
        with op.batch_alter_table(table, recreate="auto" if table in _BY else "never") as batch:
            for column in columns:
                batch.add_column(column)
            for name in _BY.get(table, []):
                batch.add_column(sa.Column(name, sa.Integer()))
                batch.create_foreign_key(f"fk_{table}_{name}", "staff", [name], ["id"], ondelete="SET NULL")
    _put_back()
    _add_entering()
    _add_work()
    for name, table, columns, where in _INDEXES:
        condition = sa.text(where) if where else None
        op.create_index(name, table, columns, postgresql_where=condition, sqlite_where=condition)


def _put_aside() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, column in _HANGING:
            there = f"FROM {table} WHERE {column} IS NOT NULL"
            op.execute(f"CREATE TEMP TABLE kept_{table} AS SELECT id, {column} AS held {there}")
            op.execute(f"CREATE UNIQUE INDEX temp.kept_{table}_id ON kept_{table} (id)")
            op.execute(f"UPDATE {table} SET {column} = NULL WHERE {column} IS NOT NULL")


def _put_back() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, column in _HANGING:
            held = f"(SELECT held FROM kept_{table} WHERE kept_{table}.id = {table}.id)"
            op.execute(f"UPDATE {table} SET {column} = {held} WHERE id IN (SELECT id FROM kept_{table})")
            op.execute(f"DROP TABLE kept_{table}")


def _add_entering() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer()),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("fresh_until", Instant),
        _text("agent", 200),
        sa.Column("data", Json),
        _staff("sessions", "staff_id", owner=True),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("digest", name="uq_sessions_digest"),
    )
    op.create_index("ix_sessions_staff_id", "sessions", ["staff_id"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "staff_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("used_at", Instant),
        _staff("staff_links", "staff_id", owner=True),
        sa.PrimaryKeyConstraint("id", name="pk_staff_links"),
        sa.UniqueConstraint("digest", name="uq_staff_links_digest"),
    )
    op.create_index("ix_staff_links_staff_id", "staff_links", ["staff_id"])
    op.create_index("ix_staff_links_expires_at", "staff_links", ["expires_at"])
    op.create_table(
        "lockouts",
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("until", Instant),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("network", name="pk_lockouts"),
    )
    op.create_index("ix_lockouts_at", "lockouts", ["at"])


def _add_work() -> None:
    op.create_table(
        "hand_over_turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hand_over_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("staff_id", sa.Integer()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Instant),
        _text("outbox_key", 200),
        _staff("hand_over_turns", "staff_id"),
        sa.ForeignKeyConstraint(
            ["hand_over_id"], ["hand_overs.id"], name="fk_hand_over_turns_hand_over_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_hand_over_turns"),
    )
    op.create_index("ix_hand_over_turns_hand_over_id", "hand_over_turns", ["hand_over_id"])
    op.create_table(
        "taught",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fact_id", sa.String(length=120), nullable=False),
        _number("version"),
        _text("state", 16, "draft"),
        sa.Column("title", Json, nullable=False),
        sa.Column("variants", Json, nullable=False),
        sa.Column("answers", Json, nullable=False),
        sa.Column("source", Json, nullable=False),
        sa.Column("valid_until", sa.Date()),
        sa.Column("author", sa.Integer()),
        sa.Column("publisher", sa.Integer()),
        sa.Column("evaluated", Json),
        sa.Column("at", Instant, nullable=False),
        _staff("taught", "author"),
        _staff("taught", "publisher"),
        sa.PrimaryKeyConstraint("id", name="pk_taught"),
        sa.UniqueConstraint("fact_id", "version", name="uq_taught_fact_id"),
    )


def downgrade() -> None:
    """Take them away."""
    for name, table, _, _ in _INDEXES:
        op.drop_index(name, table)
    for table in ("taught", "hand_over_turns", "lockouts", "staff_links", "sessions"):
        op.drop_table(table)
    _put_aside()
    for table, columns in _added().items():
        with op.batch_alter_table(table, recreate="auto" if table in _BY else "never") as batch:
            for name in _BY.get(table, []):
                batch.drop_constraint(f"fk_{table}_{name}", type_="foreignkey")
                batch.drop_column(name)
            for column in columns:
                batch.drop_column(column.name)
    _put_back()
