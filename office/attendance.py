"""Who came: marked by a person, until something better knows it."""

from collections.abc import Sequence
from datetime import datetime

from conversation.meeting import Meeting
from conversation.times import to_local
from db.attendance import Attendance, How, attendance_at, set_attendance
from db.engine import Transaction
from db.meetings import get_meeting
from db.registrations import get_registrations
from db.requests import record
from office.desk import Desk
from office.errors import RefusedError

__all__ = ["Attendance", "How", "attendance_at", "can_be_marked", "mark", "mark_all"]


def can_be_marked(meeting: Meeting, now: datetime) -> bool:
    """Who came is marked from the meeting's day on; of one without a day, which was some time ago, always."""
    return meeting.day is None or to_local(now).date() >= meeting.day


async def mark_all(
    tx: Transaction, desk: Desk, registration_ids: Sequence[int], *, present: bool | None, people: int | None = None
) -> None:
    """As ``mark``, of several. Raises ``RefusedError`` also when ``people`` is said of more than one."""
    if present and people is not None and len(registration_ids) > 1:
        msg = "quante persone sono venute si scrive di un'iscrizione alla volta: scegline una sola"
        raise RefusedError(msg)
    for number in registration_ids:
        await mark(tx, desk, number, present=present, people=people)


async def mark(
    tx: Transaction, desk: Desk, registration_id: int, *, present: bool | None, people: int | None = None
) -> None:
    """They came, did not come, or (``None``) nobody knows after all.

    ``people``: how many of those registered came; ``None``: all of them. Raises ``RefusedError`` for a number that
    cannot be, and before the meeting's day.
    """
    held = (await get_registrations(tx, [registration_id])).get(registration_id)
    meeting = await get_meeting(tx, held.meeting_id) if held else None
    if held is None or meeting is None:
        msg = f"non c'è un'iscrizione n. {registration_id}"
        raise RefusedError(msg)
    if not can_be_marked(meeting, desk.now):
        msg = "l'incontro non c'è ancora stato"
        raise RefusedError(msg)
    if present and people is not None and not 1 <= people <= held.participants:
        msg = f"le persone venute sono un numero da 1 a {held.participants}, quante sono iscritte"
        raise RefusedError(msg)
    people = people if present and people != held.participants else None
    how = None if present is None else How.HAND if present else How.ABSENT
    await set_attendance(tx, registration_id, how, desk.now if present else None, people=people)
    subject, data = f"registration:{registration_id}", {"how": how.value if how else "unknown", "people": people}
    data = {name: value for name, value in data.items() if value}
    await record(tx, "attendance", now=desk.now, person_id=held.person_id, subject=subject, data=data, by=desk.by)
