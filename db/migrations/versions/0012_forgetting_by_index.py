"""Indexes by which what is over, and what hangs on a person, is found without reading everybody's rows."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TALK = "kind IN ('reply', 'staff', 'broadcast') AND state"
_INDEXES = [
    ("people", ["organisation_id"], None),
    ("addresses", ["used_at"], None),
    ("registrations", ["person_id"], None),
    ("registrations", ["organisation_id"], None),
    ("registrations", ["instead_of"], "instead_of IS NOT NULL"),
    ("adhesions", ["organisation_id"], None),
    ("returns", ["at"], None),
    ("hand_overs", ["person_id"], None),
    ("hand_overs", ["answered_at"], None),
    ("hand_overs", ["created_at"], None),
    ("link_tokens", ["expires_at"], None),
    ("audit", ["at"], None),
]
_NAMED = [
    ("ix_inbox_from", "inbox", ["channel", "sender"], "state <> 'new'"),
    ("ix_outbox_value", "outbox", ["channel", "value"], "value <> ''"),
    ("ix_outbox_talk_sent", "outbox", ["sent_at"], f"{_TALK} = 'sent'"),
    ("ix_outbox_talk_closed", "outbox", ["due_at"], f"{_TALK} NOT IN ('pending', 'sending', 'sent')"),
]
_ALL = [(f"ix_{table}_{columns[0]}", table, columns, where) for table, columns, where in _INDEXES] + _NAMED


def upgrade() -> None:
    """Make them; the one on the moment a message was handled begins with the channel now."""
    op.drop_index("ix_inbox_handled_at", "inbox")
    op.create_index("ix_inbox_handled_at", "inbox", ["channel", "handled_at"])
    for name, table, columns, where in _ALL:
        condition = sa.text(where) if where else None
        op.create_index(name, table, columns, postgresql_where=condition, sqlite_where=condition)


def downgrade() -> None:
    """Take them away."""
    for name, table, _, _ in _ALL:
        op.drop_index(name, table)
    op.drop_index("ix_inbox_handled_at", "inbox")
    op.create_index("ix_inbox_handled_at", "inbox", ["handled_at"])
