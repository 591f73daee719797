"""Reports on mail of ours: bounces, complaints, receipts; found by the id of the mail that they are about."""

import sqlalchemy as sa
from alembic import op

from db.models import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the index."""
    op.create_table(
        "returns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=320), nullable=False),
        sa.Column("fate", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=60), server_default="", nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_returns_outbox_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_returns"),
    )
    op.create_index("ix_returns_value", "returns", ["channel", "value"])
    op.create_index("ix_returns_outbox_id", "returns", ["outbox_id"])
    where = sa.text("reference <> ''")
    op.create_index("ix_outbox_reference", "outbox", ["reference"], postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_outbox_reference", table_name="outbox")
    op.drop_table("returns")
