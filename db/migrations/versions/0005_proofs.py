"""What proves whose a letter is; whose letters must leave the mailbox; the pace that workers share."""

import sqlalchemy as sa
from alembic import op

from db.models import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and the column."""
    op.create_table(
        "keys",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_keys"),
    )
    op.create_table(
        "paces",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("next_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("channel", name="pk_paces"),
    )
    op.create_table(
        "purges",
        sa.Column("value", sa.String(length=320), nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("value", name="pk_purges"),
    )
    op.create_index(
        "ix_outbox_line",
        "outbox",
        ["channel", "value", "id"],
        postgresql_where=sa.text("state = 'pending'"),
        sqlite_where=sa.text("state = 'pending'"),
    )
    op.add_column("addresses", sa.Column("links_since", Instant))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("addresses", "links_since")
    op.drop_index("ix_outbox_line", "outbox")
    op.drop_table("purges")
    op.drop_table("paces")
    op.drop_table("keys")
