"""What is said to many: to those who asked for news, or to everybody registered for a meeting."""

import sqlalchemy as sa
from alembic import op

from db.models import Instant, Json

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
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


def downgrade() -> None:
    """Take it away."""
    op.drop_table("broadcasts")
