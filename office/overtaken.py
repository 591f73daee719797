"""A form that was opened before a colleague changed the same meeting must not take that back unseen."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from conversation.meeting import Meeting
from db.changes import changes_since
from db.engine import Transaction
from office.desk import Desk
from office.errors import RefusedError

#: A form that is older than a day was opened before the last log-in: of it nobody is named.
_LATELY = timedelta(days=1)


class OvertakenError(RefusedError):
    """``meeting``: as it is now; ``changed``: the fields that are not as the form showed them.

    ``by``: who changed one of them last, as the audit trail has it; empty where it does not say.
    """

    def __init__(self, meeting: Meeting, changed: tuple[str, ...], by: str) -> None:
        super().__init__("nel frattempo l'incontro è cambiato")
        self.meeting, self.changed, self.by = meeting, changed, by


async def check_seen(tx: Transaction, desk: Desk, meeting: Meeting, seen: Mapping[str, Any]) -> None:
    """Raises ``OvertakenError`` when one of the fields is not as it was ``seen`` when the form was opened."""
    changed = tuple(name for name, value in seen.items() if getattr(meeting, name) != value)
    if not changed:
        return
    lately = await changes_since(tx, meeting.id, desk.now - _LATELY)
    by = [who for who, fields in lately if {*fields} & {*changed}]
    raise OvertakenError(meeting, changed, by[-1] if by else "")
