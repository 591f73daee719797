"""What the brakes count stands in a table of its own, and no more in the conversation."""

import sqlalchemy as sa
from alembic import op

from db.models import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; what was counted in the minute or day that runs is counted anew."""
    op.create_table(
        "message_counts",
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("value", sa.String(320), primary_key=True),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, server_default="0"),
        sa.Column("vouched", sa.Integer, nullable=False, server_default="0"),
        sa.Column("last_words", sa.String(16), nullable=False, server_default=""),
    )
    op.create_index("ix_message_counts_ends_at", "message_counts", ["ends_at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("message_counts")
