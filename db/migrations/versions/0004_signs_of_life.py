"""Signs of life: when each part was last seen, and since when what is past due is held back. Message-IDs become digests."""

import hashlib

import sqlalchemy as sa
from alembic import op

from db.models import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeats"),
    )
    inbox = sa.table("inbox", sa.column("id", sa.Integer), sa.column("message_id", sa.String))
    connection = op.get_bind()
    known = sa.select(inbox.c.id, inbox.c.message_id).where(inbox.c.message_id.like("<%"))
    for number, message_id in connection.execute(known).all():
        digest = hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()
        connection.execute(sa.update(inbox).where(inbox.c.id == number).values(message_id=digest))


def downgrade() -> None:
    """Take it away."""
    op.drop_table("heartbeats")
