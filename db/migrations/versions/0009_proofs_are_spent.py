"""A mail of ours proves its reader once; what waits for the office is found by whom it concerns."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INDEX = "ix_outbox_concerns"
_WHERE = "kind = 'staff' AND detail <> ''"


def upgrade() -> None:
    """Add the mark and the index."""
    op.add_column("outbox", sa.Column("spent", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index(_INDEX, "outbox", ["detail"], postgresql_where=sa.text(_WHERE), sqlite_where=sa.text(_WHERE))


def downgrade() -> None:
    """Take both away."""
    op.drop_index(_INDEX, "outbox")
    op.drop_column("outbox", "spent")
