"""An index of what was not sent in time: it is counted, and the newest found, without reading all that went out."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_NAME, _EXPIRED = "ix_outbox_expired", sa.text("state = 'expired'")


def upgrade() -> None:
    """Make it."""
    op.create_index(_NAME, "outbox", ["expires_at"], postgresql_where=_EXPIRED, sqlite_where=_EXPIRED)


def downgrade() -> None:
    """Take it away."""
    op.drop_index(_NAME, "outbox")
