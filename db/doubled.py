"""Associations that several people registered for one meeting, perhaps without knowing of each other."""

from sqlalchemy import Select, func, select

from db.engine import Transaction
from db.models import people, registrations
from db.registrations import ACTIVE


def _doubled(meeting_id: int) -> Select[int]:
    """Their numbers; who withdrew does not count."""
    row = registrations.c
    mine = (row.meeting_id == meeting_id, row.status.in_(ACTIVE), row.organisation_id.is_not(None))
    return (
        select(row.organisation_id)
        .where(*mine)
        .group_by(row.organisation_id)
        .having(func.count(row.person_id.distinct()) > 1)
    )


async def count_doubled(tx: Transaction, meeting_id: int) -> int:
    """How many associations they are."""
    return int((await tx.execute(select(func.count()).select_from(_doubled(meeting_id).subquery()))).scalar_one())


async def also_registered_by(tx: Transaction, meeting_id: int) -> dict[int, list[str]]:
    """For each registration (id) of such an association the names of the others who registered it, by name."""
    row = registrations.c
    query = (
        select(row.id, row.organisation_id, row.person_id, people.c.name)
        .join(people, people.c.id == row.person_id)
        .where(row.meeting_id == meeting_id, row.status.in_(ACTIVE), row.organisation_id.in_(_doubled(meeting_id)))
        .order_by(people.c.name, row.id)
    )
    held: dict[int, list[tuple[int, int, str]]] = {}
    for number, club, person, name in (await tx.execute(query)).all():
        held.setdefault(club, []).append((number, person, name))
    return {
        number: [name for _, other, name in theirs if other != person]
        for theirs in held.values()
        for number, person, _ in theirs
    }
