"""A change that was taken back is remembered until its correction leaves."""

import sqlalchemy as sa
from alembic import op

from db.models import Instant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is made anew for it: none of those that are remembered was taken back."""
    with op.batch_alter_table("meeting_changes", recreate="never") as table:
        table.add_column(sa.Column("undone_at", Instant))


def downgrade() -> None:
    """What was taken back is not remembered."""
    op.execute("DELETE FROM meeting_changes WHERE undone_at IS NOT NULL")
    with op.batch_alter_table("meeting_changes", recreate="never") as table:
        table.drop_column("undone_at")
