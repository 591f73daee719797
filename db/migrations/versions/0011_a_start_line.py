"""What lies in a mailbox when the bot first opens it, or comes back after long, waits for staff's word."""

import sqlalchemy as sa
from alembic import op

from db.models import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NUMBERS = ("lying", "recent", "lies_after", "lies_until")
_MOMENTS = ("line_at", "seen_at", "lying_since", "adopt_since")


def upgrade() -> None:
    """Add the columns: a folder that is already being read has no line, and nothing waits."""
    for name in _NUMBERS:
        op.add_column("mail_cursors", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    for name in _MOMENTS:
        op.add_column("mail_cursors", sa.Column(name, Instant))


def downgrade() -> None:
    """Take them away."""
    for name in (*_MOMENTS, *_NUMBERS):
        op.drop_column("mail_cursors", name)
