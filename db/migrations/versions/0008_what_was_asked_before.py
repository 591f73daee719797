"""What the office answered, and a digest of the question's words: a question asked before is recognised."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, in place."""
    op.add_column("hand_overs", sa.Column("answer", sa.Text(), server_default="", nullable=False))
    op.add_column("hand_overs", sa.Column("digest", sa.String(length=32), server_default="", nullable=False))
    op.create_index("ix_hand_overs_digest", "hand_overs", ["digest"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_hand_overs_digest", table_name="hand_overs")
    op.drop_column("hand_overs", "digest")
    op.drop_column("hand_overs", "answer")
