"""Phone numbers were kept for nobody: the column goes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the column away, in place: SQLite's way by a new table would delete what hangs on the people."""
    op.drop_column("people", "phone")


def downgrade() -> None:
    """Put it back, empty."""
    op.add_column("people", sa.Column("phone", sa.String(length=32), server_default="", nullable=False))
