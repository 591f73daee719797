"""An index of who was there: the Patto counts them without reading every registration."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_NAME, _THERE = "ix_registrations_attended", sa.text("attended_at IS NOT NULL")


def upgrade() -> None:
    """Make it."""
    columns = ["person_id", "meeting_id"]
    op.create_index(_NAME, "registrations", columns, postgresql_where=_THERE, sqlite_where=_THERE)


def downgrade() -> None:
    """Take it away."""
    op.drop_index(_NAME, "registrations")
