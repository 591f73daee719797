"""A registration belongs to a person and an association, has its own calendar entry, and remembers what its person was told.

The entries that are in people's calendars keep their identifier (``incontro-`` and the meeting's number). What was told of a
meeting is taken for its present state, but for what a waiting notice is still to say.
"""

import sqlalchemy as sa
from alembic import op

from db.models import Instant, Json

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ACTIVE = "status <> 'withdrawn'"
_PRIVATE = "status <> 'withdrawn' AND organisation_id IS NULL"
_TOLD = ("day", "hour", "duration", "link", "passcode", "cancelled")


def upgrade() -> None:
    """Add the columns and fill them, take one unique key for another, add the table of changes."""
    _keep_outbox()
    with op.batch_alter_table("registrations") as batch:
        batch.drop_constraint("uq_registrations_person_id", type_="unique")
        batch.add_column(sa.Column("uid", sa.String(length=64), server_default="", nullable=False))
        batch.add_column(sa.Column("sequence", sa.Integer(), server_default="0", nullable=False))
        batch.add_column(sa.Column("told", Json, server_default=sa.text("'{}'"), nullable=False))
        batch.add_column(sa.Column("instead_of", sa.Integer()))
        batch.create_foreign_key(
            "fk_registrations_instead_of", "registrations", ["instead_of"], ["id"], ondelete="SET NULL"
        )
    _give_back_outbox()
    where = {"postgresql_where": sa.text(_ACTIVE), "sqlite_where": sa.text(_ACTIVE)}
    columns = ["person_id", "meeting_id", "organisation_id"]
    op.create_index("ix_registrations_active", "registrations", columns, unique=True, **where)
    where = {"postgresql_where": sa.text(_PRIVATE), "sqlite_where": sa.text(_PRIVATE)}
    op.create_index("ix_registrations_private", "registrations", columns[:2], unique=True, **where)
    op.execute("UPDATE registrations SET uid = 'incontro-' || meeting_id")
    _fill_told()
    op.create_table(
        "meeting_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("before", Json, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_meeting_changes_meeting_id"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_changes"),
    )
    op.create_index("ix_meeting_changes_until", "meeting_changes", ["until"])


def downgrade() -> None:
    """Back to one registration for each person and meeting: of several the first stays."""
    op.drop_table("meeting_changes")
    op.execute(
        "DELETE FROM registrations WHERE id NOT IN (SELECT min(id) FROM registrations GROUP BY person_id, meeting_id)"
    )
    op.drop_index("ix_registrations_private", "registrations")
    op.drop_index("ix_registrations_active", "registrations")
    _keep_outbox()
    with op.batch_alter_table("registrations") as batch:
        batch.drop_constraint("fk_registrations_instead_of", type_="foreignkey")
        for name in ("instead_of", "told", "sequence", "uid"):
            batch.drop_column(name)
        batch.create_unique_constraint("uq_registrations_person_id", ["person_id", "meeting_id"])
    _give_back_outbox()


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")


def _keep_outbox() -> None:
    """SQLite changes a table by making it anew, and dropping the old one would take the messages that hang on it along."""
    if _is_sqlite():
        op.execute(
            "CREATE TEMP TABLE kept AS SELECT id, registration_id FROM outbox WHERE registration_id IS NOT NULL"
        )
        op.execute("UPDATE outbox SET registration_id = NULL WHERE registration_id IS NOT NULL")


def _give_back_outbox() -> None:
    if _is_sqlite():
        op.execute("CREATE UNIQUE INDEX temp.kept_id ON kept (id)")
        op.execute(
            "UPDATE outbox SET registration_id = (SELECT registration_id FROM kept WHERE kept.id = outbox.id) "
            "WHERE id IN (SELECT id FROM kept)"
        )
        op.execute("DROP TABLE kept")


def _fill_told() -> None:
    meetings = sa.table(
        "meetings",
        sa.column("id", sa.Integer),
        sa.column("day", sa.Date),
        sa.column("hour", sa.Time),
        sa.column("duration", sa.Integer),
        sa.column("link", sa.String),
        sa.column("passcode", sa.String),
        sa.column("cancelled", sa.Boolean),
    )
    registrations = sa.table(
        "registrations", sa.column("id", sa.Integer), sa.column("meeting_id", sa.Integer), sa.column("told", Json)
    )
    outbox = sa.table(
        "outbox",
        sa.column("registration_id", sa.Integer),
        sa.column("kind", sa.String),
        sa.column("state", sa.String),
        sa.column("detail", sa.String),
    )
    connection = op.get_bind()
    told: dict[int, dict[str, object]] = {}
    for row in connection.execute(sa.select(meetings)).mappings().all():
        told[row["id"]] = {k: row[k].isoformat() if k in {"day", "hour"} and row[k] else row[k] for k in _TOLD}
        of_meeting = registrations.c.meeting_id == row["id"]
        connection.execute(sa.update(registrations).where(of_meeting).values(told=told[row["id"]]))
    waiting = sa.select(registrations.c.id, registrations.c.meeting_id, outbox.c.detail).where(
        outbox.c.registration_id == registrations.c.id,
        outbox.c.kind == "notice",
        outbox.c.state.in_(["pending", "sending"]),
        outbox.c.detail != "seat",
    )
    for number, meeting, detail in connection.execute(waiting).all():
        known = {k: v for k, v in told[meeting].items() if k not in detail.split(",")}
        connection.execute(sa.update(registrations).where(registrations.c.id == number).values(told=known))
