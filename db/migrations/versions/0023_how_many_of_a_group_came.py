"""Of a registration for several, how many came."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is made anew for it, nor lost: of those who were marked before, all came."""
    with op.batch_alter_table("registrations", recreate="never") as table:
        table.add_column(sa.Column("attended_people", sa.Integer))


def downgrade() -> None:
    """Who came with less than all came."""
    with op.batch_alter_table("registrations", recreate="never") as table:
        table.drop_column("attended_people")
