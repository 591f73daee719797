"""The telephone of who can be written to nowhere, as the office was told it."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has one yet."""
    op.add_column("people", sa.Column("phone", sa.String(40), nullable=False, server_default=""))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("people", "phone")
