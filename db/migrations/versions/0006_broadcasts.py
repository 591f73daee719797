"""What is said to many: to those who asked for news, or to everybody at a meeting. A recipient's line holds what is being sent."""

import sqlalchemy as sa
from alembic import op

from db.models import Instant, Json

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, widen the index."""
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("meeting_id", sa.Integer()),
        sa.Column("announces", Json),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_broadcasts_meeting_id"),
        sa.PrimaryKeyConstraint("id", name="pk_broadcasts"),
        sa.UniqueConstraint("key", name="uq_broadcasts_key"),
    )
    _make_line("state IN ('pending', 'sending')")


def downgrade() -> None:
    """Take the table away, narrow the index."""
    _make_line("state = 'pending'")
    op.drop_table("broadcasts")


def _make_line(which: str) -> None:
    op.drop_index("ix_outbox_line", "outbox")
    where = sa.text(which)
    columns = ["channel", "value", "id"]
    op.create_index("ix_outbox_line", "outbox", columns, postgresql_where=where, sqlite_where=where)
