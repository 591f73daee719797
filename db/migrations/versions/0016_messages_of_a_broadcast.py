"""The messages of one broadcast are found without reading the whole outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index them by their broadcast."""
    ours = sa.text("kind = 'broadcast'")
    op.create_index("ix_outbox_broadcast", "outbox", ["detail"], postgresql_where=ours, sqlite_where=ours)


def downgrade() -> None:
    """Without."""
    op.drop_index("ix_outbox_broadcast", "outbox")
