"""Indexes by which the few messages that wait for a person, or were ever in doubt, are found without reading all."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_ALL = [
    ("ix_outbox_doubts", "outbox", "doubts", "doubts > 0"),
    ("ix_inbox_set_aside", "inbox", "id", "state = 'set_aside'"),
]


def upgrade() -> None:
    """Make them."""
    for name, table, column, where in _ALL:
        op.create_index(name, table, [column], postgresql_where=sa.text(where), sqlite_where=sa.text(where))


def downgrade() -> None:
    """Take them away."""
    for name, table, _, _ in _ALL:
        op.drop_index(name, table)
