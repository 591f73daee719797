"""Of an answer that tells of several registrations, of which; of those sent before it is not known any more."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_INDEX = "ix_tells_of_registration_id"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "tells_of",
        sa.Column("outbox_id", sa.Integer, nullable=False),
        sa.Column("registration_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("outbox_id", "registration_id", name="pk_tells_of"),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_tells_of_outbox_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name="fk_tells_of_registration_id", ondelete="CASCADE"
        ),
    )
    op.create_index(_INDEX, "tells_of", ["registration_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("tells_of")
