"""The office's note on a person.

Two do not overwrite each other unseen, it goes with the person, and is in their copy.
"""

import pytest

from db.notes import note_of
from office.errors import RefusedError
from office.people import NoteMovedError, join, set_note
from office.personal_data import erase, export
from tests.office.people import comes, desk, mail, operator
from tests.support.rehearsal import Rehearsal


async def test_who_saw_another_note_overwrites_nothing(rehearsal: Rehearsal) -> None:
    await comes(rehearsal, mail("ada"))
    paola, renzo, now = await operator(rehearsal, "Paola"), await operator(rehearsal, "Renzo"), rehearsal.clock()
    async with rehearsal.database.begin() as tx:
        await set_note(tx, 1, " Telefonare dopo le 18. \n\n", now, seen=0, by=paola)
        with pytest.raises(NoteMovedError) as moved:
            await set_note(tx, 1, "Solo e-mail.", now, seen=0, by=renzo)
        assert moved.value.note
        assert (moved.value.note.text, moved.value.note.by) == ("Telefonare dopo le 18.", "Paola")
        await set_note(tx, 1, "", now, seen=1, by=renzo)
        with pytest.raises(NoteMovedError):
            await set_note(tx, 1, "Solo e-mail.", now, seen=1, by=paola)  # taken away is a step, too
        for text, person, said in (("x" * 501, 1, "501"), ("x", 99, "persona n. 99")):
            with pytest.raises(RefusedError, match=said):
                await set_note(tx, person, text, now, seen=2, by=paola)
    log = await rehearsal.rows("SELECT action, person_id, data FROM audit WHERE action LIKE 'note%' ORDER BY id")
    assert log == [("note_written", 1, None), ("note_removed", 1, None)]


async def test_it_is_copied_joined_and_erased_with_the_person(rehearsal: Rehearsal) -> None:
    for name in ("ada", "bice"):
        await comes(rehearsal, mail(name))
    now, by = rehearsal.clock(), desk(rehearsal).by
    async with rehearsal.database.begin() as tx:
        await set_note(tx, 1, "Telefonare.", now, seen=0, by=by)
        await set_note(tx, 2, "È sorda: scrivere.", now, seen=0, by=by)
        await join(tx, 1, 2, now, by=by)
        note = await note_of(tx, 1)
        assert note
        assert (note.text, note.version) == ("Telefonare.\nÈ sorda: scrivere.", 2)
        copy = await export(tx, "ada@posta.example", now, by=by)
        assert copy
        assert copy["office_note"]["text"] == note.text
        assert await erase(tx, "ada@posta.example", now, by=by)
    assert await rehearsal.rows("SELECT * FROM person_notes") == []
