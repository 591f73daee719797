"""Associations that stand to the Patto by their name alone, as the office notes them."""

import sqlalchemy as sa
from alembic import op

from db.models import Instant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "pact_organisations",
        sa.Column("organisation_id", sa.Integer(), sa.ForeignKey("organisations.id"), primary_key=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("signed_on", sa.Date()),
        sa.Column("noted_by", sa.Integer(), sa.ForeignKey("staff.id", ondelete="SET NULL")),
        sa.Column("note", sa.String(500), nullable=False),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("pact_organisations")
