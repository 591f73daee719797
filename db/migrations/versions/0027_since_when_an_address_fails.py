"""Since when nothing reaches an address; of those whose mail came back before, when it last did."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it."""
    op.add_column("addresses", sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE addresses SET stopped_at = (SELECT max(r.at) FROM returns r WHERE r.channel = addresses.channel"
        " AND r.value = addresses.value AND r.fate = 'hard') WHERE NOT reachable AND reason LIKE 'bounced%'"
    )


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("addresses") as batch:
        batch.drop_column("stopped_at")
