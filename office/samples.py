"""A few messages of those that would leave, as they would be read: of a moved meeting, of a broadcast."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from conversation.message import Outgoing
from db.engine import Transaction
from db.outbox import Row
from db.people import names_of
from delivery.composing import Foretold, write
from office.desk import Desk

#: One text to read and four more to compare it with: as many as one looks at.
SAMPLES = 5
_One = TypeVar("_One")


@dataclass(frozen=True, slots=True)
class Sample:
    """A message as it would leave."""

    #: Who gets it, by number and name.
    person: int
    name: str
    message: Outgoing


def chosen(all_of_them: Sequence[_One], kind: Callable[[_One], object]) -> list[_One]:
    """Those to show: first one of each kind, then others."""
    kinds: dict[object, _One] = {}
    for one in all_of_them:
        kinds.setdefault(kind(one), one)
    first = [*kinds.values()]
    return [*first, *islice((one for one in all_of_them if one not in first), SAMPLES)][:SAMPLES]


async def written(
    tx: Transaction, desk: Desk, rows: Sequence[Row], at: datetime, foretold: Foretold
) -> tuple[Sample, ...]:
    """Those rows, each a person's, as they would be written ``at`` that moment; what would not leave is left out."""
    done = await write(
        tx,
        rows,
        library=desk.library,
        schedule=desk.schedule,
        mailbox=desk.office.mailbox,
        now=at,
        foretold=foretold,
    )
    names = await names_of(tx, {row.person_id for row in rows if row.person_id is not None})
    results = zip((row.person_id for row in rows), (one.result for one in done), strict=True)
    return tuple(
        Sample(person, names[person], result)
        for person, result in results
        if person is not None and isinstance(result, Outgoing)
    )
