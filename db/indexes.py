"""The indexes of the tables: ``metadata`` is that of ``db.models``, with them.

They stand apart because only migrations ask for them, and a condition in PostgreSQL's words loads all of its dialect,
which a program on SQLite has no use for.
"""

from typing import Any

from sqlalchemy import Index, Table, text

from db.models import (
    ADDRESSED,
    BROADCAST_ROWS,
    FOR_OFFICE,
    HANDLED,
    IN_DOUBT,
    NOT_ARRIVED,
    SET_ASIDE,
    TALK_CLOSED,
    TALK_SENT,
    UNREACHED,
    WAITING,
    addresses,
    adhesions,
    audit,
    dialogues,
    hand_over_turns,
    hand_overs,
    inbox,
    link_tokens,
    lockouts,
    meeting_changes,
    meetings,
    message_counts,
    metadata,
    outbox,
    people,
    registrations,
    returns,
    sessions,
    staff_links,
    tells_of,
)

__all__ = ["metadata"]


def _index(table: Table, name: str, *columns: str, **more: Any) -> None:
    table.append_constraint(Index(name, *columns, **more))


def _where(condition: str) -> dict[str, Any]:
    """The condition of a partial index, in the words of both databases: SQLite keeps its truths as numbers."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition.replace("= false", "= 0"))}


_index(people, "ix_people_organisation_id", "organisation_id")
_index(addresses, "ix_addresses_person_id", "person_id")
_index(addresses, "ix_addresses_used_at", "used_at")
_index(addresses, "ix_addresses_unreached", "person_id", **_where(UNREACHED))
_index(meetings, "ix_meetings_day", "day")
_index(
    registrations,
    "ix_registrations_active",
    "person_id",
    "meeting_id",
    "organisation_id",
    unique=True,
    **_where("status <> 'withdrawn'"),
)
_index(
    registrations,
    "ix_registrations_private",
    "person_id",
    "meeting_id",
    unique=True,
    **_where("status <> 'withdrawn' AND organisation_id IS NULL"),
)
_index(registrations, "ix_registrations_meeting_id", "meeting_id", "status")
_index(registrations, "ix_registrations_person_id", "person_id")
_index(registrations, "ix_registrations_organisation_id", "organisation_id")
_index(registrations, "ix_registrations_registered_at", "registered_at", "source")
_index(registrations, "ix_registrations_instead_of", "instead_of", **_where("instead_of IS NOT NULL"))
_index(registrations, "ix_registrations_attended", "person_id", "meeting_id", **_where("attended_at IS NOT NULL"))
_index(registrations, "ix_registrations_unplanned", "id", **_where("planned = false AND status = 'confirmed'"))
_index(meeting_changes, "ix_meeting_changes_until", "until")
_index(dialogues, "ix_dialogues_expires_at", "expires_at")
_index(message_counts, "ix_message_counts_ends_at", "ends_at")
_index(inbox, "ix_inbox_unfiled", "id", **_where("channel = 'email' AND filed = false AND state <> 'new'"))
_index(inbox, "ix_inbox_new", "id", **_where("state = 'new'"))
_index(inbox, "ix_inbox_sender", "channel", "sender", "id", **_where("state = 'new'"))
_index(inbox, "ix_inbox_handled_at", "channel", "handled_at")
_index(inbox, "ix_inbox_from", "channel", "sender", **_where(HANDLED))
_index(inbox, "ix_inbox_set_aside", "id", **_where(SET_ASIDE))
_index(outbox, "ix_outbox_due", "lane", "due_at", "id", **_where("state = 'pending'"))
_index(outbox, "ix_outbox_line", "channel", "value", "id", **_where("state IN ('pending', 'sending')"))
_index(outbox, "ix_outbox_sending", "lease_until", **_where("state = 'sending'"))
_index(outbox, "ix_outbox_registration_id", "registration_id")
_index(outbox, "ix_outbox_reference", "reference", **_where("reference <> ''"))
_index(outbox, "ix_outbox_person_id", "person_id")
_index(outbox, "ix_outbox_value", "channel", "value", **_where(ADDRESSED))
_index(outbox, "ix_outbox_broadcast", "detail", **_where(BROADCAST_ROWS))
_index(outbox, "ix_outbox_not_arrived", "state", **_where(NOT_ARRIVED))
_index(outbox, "ix_outbox_doubts", "doubts", **_where(IN_DOUBT))
_index(outbox, "ix_outbox_sent", "kind", "channel", "sent_at", "id", **_where("state = 'sent'"))
_index(outbox, "ix_outbox_expired", "expires_at", **_where("state = 'expired'"))
_index(outbox, "ix_outbox_talk_sent", "sent_at", **_where(TALK_SENT))
_index(outbox, "ix_outbox_talk_closed", "due_at", **_where(TALK_CLOSED))
_index(outbox, "ix_outbox_concerns", "detail", **_where(FOR_OFFICE))
_index(returns, "ix_returns_value", "channel", "value")
_index(returns, "ix_returns_at", "at")
_index(returns, "ix_returns_outbox_id", "outbox_id")
_index(tells_of, "ix_tells_of_registration_id", "registration_id")
_index(hand_overs, "ix_hand_overs_value", "channel", "value")
_index(hand_overs, "ix_hand_overs_person_id", "person_id")
_index(hand_overs, "ix_hand_overs_answered_at", "answered_at")
_index(hand_overs, "ix_hand_overs_created_at", "created_at")
_index(hand_overs, "ix_hand_overs_digest", "digest")
_index(hand_overs, "ix_hand_overs_open", "created_at", **_where(WAITING))
_index(hand_over_turns, "ix_hand_over_turns_hand_over_id", "hand_over_id")
_index(adhesions, "ix_adhesions_organisation_id", "organisation_id")
_index(link_tokens, "ix_link_tokens_person_id", "person_id")
_index(link_tokens, "ix_link_tokens_expires_at", "expires_at")
_index(sessions, "ix_sessions_staff_id", "staff_id")
_index(sessions, "ix_sessions_expires_at", "expires_at")
_index(staff_links, "ix_staff_links_staff_id", "staff_id")
_index(staff_links, "ix_staff_links_expires_at", "expires_at")
_index(lockouts, "ix_lockouts_at", "at")
_index(audit, "ix_audit_person_id", "person_id")
_index(audit, "ix_audit_at", "at")
