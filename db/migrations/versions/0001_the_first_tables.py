"""The first tables"""

import sqlalchemy as sa
from alembic import op

from db.models import Instant, Json

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', Instant, nullable=False),
    sa.Column('action', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('subject', sa.String(length=64), server_default='', nullable=False),
    sa.Column('data', Json, nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index('ix_audit_person_id', ['person_id'], unique=False)

    op.create_table('dialogues',
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('value', sa.String(length=320), nullable=False),
    sa.Column('state', Json, nullable=False),
    sa.Column('expires_at', Instant, nullable=False),
    sa.PrimaryKeyConstraint('channel', 'value', name=op.f('pk_dialogues'))
    )
    with op.batch_alter_table('dialogues', schema=None) as batch_op:
        batch_op.create_index('ix_dialogues_expires_at', ['expires_at'], unique=False)

    op.create_table('inbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_key', sa.String(length=400), nullable=False),
    sa.Column('message_id', sa.String(length=400), nullable=True),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('sender', sa.String(length=320), server_default='', nullable=False),
    sa.Column('payload', sa.LargeBinary(), nullable=True),
    sa.Column('received_at', Instant, nullable=False),
    sa.Column('state', sa.String(length=16), server_default='new', nullable=False),
    sa.Column('kind', sa.String(length=32), server_default='', nullable=False),
    sa.Column('attempts', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('next_at', Instant, nullable=False),
    sa.Column('token', sa.String(length=32), server_default='', nullable=False),
    sa.Column('lease_until', Instant, nullable=True),
    sa.Column('handled_at', Instant, nullable=True),
    sa.Column('error', sa.String(length=500), server_default='', nullable=False),
    sa.Column('evidence', Json, nullable=True),
    sa.Column('filed', sa.Boolean(), server_default=sa.text('(false)'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox')),
    sa.UniqueConstraint('message_id', name=op.f('uq_inbox_message_id')),
    sa.UniqueConstraint('source_key', name=op.f('uq_inbox_source_key'))
    )
    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.create_index('ix_inbox_handled_at', ['handled_at'], unique=False)
        batch_op.create_index('ix_inbox_new', ['id'], unique=False, postgresql_where=sa.text("state = 'new'"), sqlite_where=sa.text("state = 'new'"))
        batch_op.create_index('ix_inbox_sender', ['channel', 'sender', 'id'], unique=False, postgresql_where=sa.text("state = 'new'"), sqlite_where=sa.text("state = 'new'"))
        batch_op.create_index('ix_inbox_unfiled', ['id'], unique=False, postgresql_where=sa.text("channel = 'email' AND filed = false AND state <> 'new'"), sqlite_where=sa.text("channel = 'email' AND filed = 0 AND state <> 'new'"))

    op.create_table('mail_cursors',
    sa.Column('mailbox', sa.String(length=320), nullable=False),
    sa.Column('uidvalidity', sa.BigInteger(), nullable=False),
    sa.Column('last_uid', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('mailbox', name=op.f('pk_mail_cursors'))
    )
    op.create_table('organisations',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('folded', sa.String(length=200), nullable=False),
    sa.Column('created_at', Instant, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisations')),
    sa.UniqueConstraint('folded', name=op.f('uq_organisations_folded'))
    )
    op.create_table('sectors',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('names', Json, nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_sectors'))
    )
    op.create_table('staff',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('added_at', Instant, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('email', name=op.f('uq_staff_email'))
    )
    op.create_table('meetings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sector', sa.String(length=64), nullable=False),
    sa.Column('title', sa.String(length=200), server_default='', nullable=False),
    sa.Column('day', sa.Date(), nullable=True),
    sa.Column('hour', sa.Time(), nullable=True),
    sa.Column('duration', sa.Integer(), server_default='90', nullable=False),
    sa.Column('link', sa.String(length=500), server_default='', nullable=False),
    sa.Column('passcode', sa.String(length=64), server_default='', nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=True),
    sa.Column('cancelled', sa.Boolean(), server_default=sa.text('(false)'), nullable=False),
    sa.Column('revision', sa.Integer(), server_default='1', nullable=False),
    sa.Column('sequence', sa.Integer(), server_default='0', nullable=False),
    sa.Column('changed_at', Instant, nullable=False),
    sa.ForeignKeyConstraint(['sector'], ['sectors.key'], name=op.f('fk_meetings_sector')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meetings'))
    )
    with op.batch_alter_table('meetings', schema=None) as batch_op:
        batch_op.create_index('ix_meetings_day', ['day'], unique=False)

    op.create_table('people',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), server_default='', nullable=False),
    sa.Column('language', sa.String(length=8), server_default='it', nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('phone', sa.String(length=32), server_default='', nullable=False),
    sa.Column('notice_at', Instant, nullable=True),
    sa.Column('notice_version', sa.Integer(), server_default='0', nullable=False),
    sa.Column('updates', sa.Boolean(), server_default=sa.text('(false)'), nullable=False),
    sa.Column('created_at', Instant, nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_people_organisation_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_people'))
    )
    op.create_table('addresses',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('value', sa.String(length=320), nullable=False),
    sa.Column('reachable', sa.Boolean(), server_default=sa.text('(true)'), nullable=False),
    sa.Column('reason', sa.String(length=200), server_default='', nullable=False),
    sa.Column('used_at', Instant, nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_addresses_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_addresses')),
    sa.UniqueConstraint('channel', 'value', name=op.f('uq_addresses_channel'))
    )
    with op.batch_alter_table('addresses', schema=None) as batch_op:
        batch_op.create_index('ix_addresses_person_id', ['person_id'], unique=False)

    op.create_table('adhesions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('created_at', Instant, nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_adhesions_organisation_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_adhesions_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_adhesions')),
    sa.UniqueConstraint('person_id', name=op.f('uq_adhesions_person_id'))
    )
    op.create_table('hand_overs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('value', sa.String(length=320), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('reason', sa.String(length=32), nullable=False),
    sa.Column('thread', Json, nullable=True),
    sa.Column('state', sa.String(length=16), server_default='open', nullable=False),
    sa.Column('created_at', Instant, nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_hand_overs_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hand_overs'))
    )
    with op.batch_alter_table('hand_overs', schema=None) as batch_op:
        batch_op.create_index('ix_hand_overs_value', ['channel', 'value'], unique=False)

    op.create_table('link_tokens',
    sa.Column('token', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('expires_at', Instant, nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_link_tokens_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token', name=op.f('pk_link_tokens'))
    )
    with op.batch_alter_table('link_tokens', schema=None) as batch_op:
        batch_op.create_index('ix_link_tokens_person_id', ['person_id'], unique=False)

    op.create_table('registrations',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('participants', sa.Integer(), server_default='1', nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('notice_version', sa.Integer(), server_default='0', nullable=False),
    sa.Column('revision', sa.Integer(), server_default='1', nullable=False),
    sa.Column('planned', sa.Boolean(), server_default=sa.text('(false)'), nullable=False),
    sa.Column('registered_at', Instant, nullable=False),
    sa.Column('active_since', Instant, nullable=False),
    sa.Column('changed_at', Instant, nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_registrations_meeting_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_registrations_organisation_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_registrations_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_registrations')),
    sa.UniqueConstraint('person_id', 'meeting_id', name=op.f('uq_registrations_person_id'))
    )
    with op.batch_alter_table('registrations', schema=None) as batch_op:
        batch_op.create_index('ix_registrations_meeting_id', ['meeting_id', 'status'], unique=False)
        batch_op.create_index('ix_registrations_unplanned', ['id'], unique=False, postgresql_where=sa.text("planned = false AND status = 'confirmed'"), sqlite_where=sa.text("planned = 0 AND status = 'confirmed'"))

    op.create_table('outbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('lane', sa.String(length=8), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('detail', sa.String(length=64), server_default='', nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('registration_id', sa.Integer(), nullable=True),
    sa.Column('channel', sa.String(length=16), server_default='', nullable=False),
    sa.Column('value', sa.String(length=320), server_default='', nullable=False),
    sa.Column('payload', Json, nullable=True),
    sa.Column('due_at', Instant, nullable=False),
    sa.Column('expires_at', Instant, nullable=True),
    sa.Column('state', sa.String(length=16), server_default='pending', nullable=False),
    sa.Column('token', sa.String(length=32), server_default='', nullable=False),
    sa.Column('lease_until', Instant, nullable=True),
    sa.Column('attempts', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('doubts', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('next_at', Instant, nullable=True),
    sa.Column('sent_at', Instant, nullable=True),
    sa.Column('reference', sa.String(length=400), server_default='', nullable=False),
    sa.Column('error', sa.String(length=300), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_outbox_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['registration_id'], ['registrations.id'], name=op.f('fk_outbox_registration_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_key'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_due', ['lane', 'due_at', 'id'], unique=False, postgresql_where=sa.text("state = 'pending'"), sqlite_where=sa.text("state = 'pending'"))
        batch_op.create_index('ix_outbox_person_id', ['person_id'], unique=False)
        batch_op.create_index('ix_outbox_registration_id', ['registration_id'], unique=False)
        batch_op.create_index('ix_outbox_sending', ['lease_until'], unique=False, postgresql_where=sa.text("state = 'sending'"), sqlite_where=sa.text("state = 'sending'"))

