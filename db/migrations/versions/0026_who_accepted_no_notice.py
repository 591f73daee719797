"""Who was imported, or registered by the office, has accepted no privacy notice."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The day on which they were written down stood there as that of their acceptance."""
    op.execute("UPDATE people SET notice_at = NULL WHERE notice_version = 0")


def downgrade() -> None:
    """What was never accepted is not invented."""
