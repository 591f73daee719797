"""An index of what was sent: the newest of each kind and channel are found without reading all."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_NAME, _SENT = "ix_outbox_sent", sa.text("state = 'sent'")


def upgrade() -> None:
    """Make it."""
    columns = ["kind", "channel", "sent_at", "id"]
    op.create_index(_NAME, "outbox", columns, postgresql_where=_SENT, sqlite_where=_SENT)


def downgrade() -> None:
    """Take it away."""
    op.drop_index(_NAME, "outbox")
