"""Parts of the people that something can be said to."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, false, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import Channel, channel_named
from db.models import meetings, registrations
from db.registrations import ACTIVE


@dataclass(frozen=True, slots=True)
class Segment:
    """Who is meant. Without sectors and meetings: who asked for news."""

    #: Who comes, or came, to a meeting of one of these sectors (keys).
    sectors: tuple[str, ...] = ()
    #: Who comes, or came, to one of these meetings (ids).
    meetings: tuple[int, ...] = ()
    #: Who holds one of these registrations (``chosen_of``): people chosen one by one.
    registrations: tuple[str, ...] = ()
    #: Of them who is reached on one of these channels; on any, when there is none.
    channels: tuple[Channel, ...] = ()
    #: Of them who was there (``True``), or was not (``False``).
    present: bool | None = None

    @property
    def of_meetings(self) -> bool:
        """Whether registrations say who is meant."""
        return bool(self.sectors or self.meetings or self.registrations)

    def to_json(self) -> dict[str, Any]:
        """A JSON object; ``from_json`` reads it back. What says nothing is not in it."""
        said = {
            "sectors": sorted(self.sectors),
            "meetings": sorted(self.meetings),
            "registrations": sorted(self.registrations),
            "channels": sorted(c.value for c in self.channels),
        }
        return {k: v for k, v in said.items() if v} | ({} if self.present is None else {"present": self.present})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Segment":
        """Read what ``to_json`` wrote. Raises ``ValueError`` or ``TypeError`` for anything else."""
        unknown = data.keys() - {"sectors", "meetings", "registrations", "channels", "present"}
        present = data.get("present")
        if unknown or present not in {None, True, False}:
            msg = f"no segment: {sorted(unknown) or present}"
            raise ValueError(msg)
        return cls(
            tuple(str(key) for key in data.get("sectors", ())),
            tuple(int(number) for number in data.get("meetings", ())),
            tuple(str(chosen) for chosen in data.get("registrations", ())),
            tuple(channel_named(name) for name in data.get("channels", ())),
            present,
        )


#: A registration by its number and calendar entry: SQLite gives the number of one that is erased again, and the entry
#: is another.
_CHOSEN = cast(registrations.c.id, String) + "." + registrations.c.uid


async def chosen_of(tx: AsyncConnection, numbers: Collection[int]) -> tuple[str, ...]:
    """How a segment names these registrations."""
    query = select(_CHOSEN).where(registrations.c.id.in_(numbers)).order_by(registrations.c.id)
    return tuple((await tx.execute(query)).scalars().all())


async def meetings_of(tx: AsyncConnection, segment: Segment) -> set[int]:
    """The meetings that are named one by one, by people chosen there too; not all those of a sector."""
    numbers, chosen = [_number(one) for one in segment.registrations], segment.registrations
    query = select(registrations.c.meeting_id).where(registrations.c.id.in_(numbers), _CHOSEN.in_(chosen))
    return {*segment.meetings, *(await tx.execute(query.distinct())).scalars()}


def registered_in(segment: Segment, *columns: ColumnElement[Any]) -> Select[Any]:
    """These columns of the registrations by which people are meant, and of their meetings.

    One that was withdrawn counts when they were there all the same.
    """
    # Each way by an index of registrations, and none that is not asked for: else all of them are read.
    at = registrations.c.meeting_id
    there = registrations.c.attended_at.is_not(None)
    ways: list[ColumnElement[bool]] = []
    if segment.sectors:
        ways.append(at.in_(select(meetings.c.id).where(meetings.c.sector.in_(segment.sectors))))
    if segment.meetings:
        ways.append(at.in_(segment.meetings))
    if chosen := segment.registrations:
        ways.append(and_(registrations.c.id.in_([_number(one) for one in chosen]), _CHOSEN.in_(chosen)))
    query = (
        select(*columns)
        .select_from(registrations.join(meetings, meetings.c.id == registrations.c.meeting_id))
        .where(or_(false(), *ways), or_(registrations.c.status.in_(ACTIVE), there))
    )
    if segment.present is not None:
        query = query.where(there if segment.present else ~there)
    return query


def _number(chosen: str) -> int:
    number = chosen.partition(".")[0]
    return int(number) if number.isdecimal() and len(number) < 10 else 0


def is_reached(segment: Segment | None, channel: Channel) -> bool:
    """Whether who is reached on this channel, the one used last, is meant."""
    return segment is None or not segment.channels or channel in segment.channels
