"""How near a question is to the first of its group; what the office notes on a person, in a table of its own."""

import sqlalchemy as sa
from alembic import op

from db.models import Instant

revision = "0019"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table: nothing is made anew for them."""
    with op.batch_alter_table("hand_overs", recreate="never") as batch:
        batch.add_column(sa.Column("likeness", sa.Float()))
    op.create_table(
        "person_notes",
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("staff_name", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("person_notes")
    with op.batch_alter_table("hand_overs", recreate="never") as batch:
        batch.drop_column("likeness")
