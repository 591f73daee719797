"""The office answers hand-overs: a token that names one in a reply, and when it was answered."""

import sqlalchemy as sa
from alembic import op

from db.models import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("hand_overs") as table:
        table.add_column(sa.Column("token", sa.String(length=16), server_default="", nullable=False))
        table.add_column(sa.Column("answered_at", Instant, nullable=True))


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("hand_overs") as table:
        table.drop_column("answered_at")
        table.drop_column("token")
