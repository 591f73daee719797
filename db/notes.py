"""What the office notes on a person, for its own work: one short text, with who wrote it last."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.models import people, person_notes


@dataclass(frozen=True, slots=True)
class Note:
    """``by``: who wrote it, by name. ``version``: grows with every step; whoever changes it says which one they saw."""

    text: str
    at: datetime
    by: str
    version: int


async def note_of(tx: AsyncConnection, person_id: int) -> Note | None:
    """The note on a person; ``None`` when there never was one. One that was taken away is empty."""
    columns = (person_notes.c.text, person_notes.c.at, person_notes.c.staff_name, person_notes.c.version)
    row = (await tx.execute(select(*columns).where(person_notes.c.person_id == person_id))).first()
    return Note(*row) if row else None


async def hold_note(tx: AsyncConnection, person_id: int) -> Note | None:
    """The same; nobody else changes it until the transaction ends."""
    await tx.execute(select(people.c.id).where(people.c.id == person_id).with_for_update(key_share=True))
    return await note_of(tx, person_id)


async def save_note(tx: AsyncConnection, person_id: int, note: Note) -> None:
    """It reads so from now on."""
    values = {"text": note.text, "at": note.at, "staff_name": note.by[:200], "version": note.version}
    done = await tx.execute(update(person_notes).where(person_notes.c.person_id == person_id).values(values))
    if not done.rowcount:
        await tx.execute(insert(person_notes).values(values | {"person_id": person_id}))


async def join_notes(tx: AsyncConnection, kept: int, joined: int) -> None:
    """Of two people who are one: the words of both, one below the other."""
    mine, theirs = await note_of(tx, kept), await note_of(tx, joined)
    if theirs is None or not theirs.text:
        return
    text = f"{mine.text}\n{theirs.text}" if mine and mine.text else theirs.text
    newest = mine if mine and mine.at > theirs.at else theirs
    await save_note(tx, kept, Note(text, newest.at, newest.by, (mine.version if mine else 0) + 1))
