"""What the bot left to a person: read as text, tried again, put away."""

from email.message import EmailMessage

import pytest

from conversation.channel import Channel
from db.requests import TERMINAL
from office.errors import RefusedError
from office.set_aside import NotForUs, all_set_aside, as_text, put_away, stored_at, try_again
from tests.support.rehearsal import OFFICE, Rehearsal


def two_authors() -> bytes:
    """A letter that nobody can answer: two mailboxes in From; with HTML and a file."""
    letter = EmailMessage()
    letter["From"] = "Ada Prova <ada@posta.example>, Bruno Prova <bruno@posta.example>"
    letter["To"], letter["Subject"] = OFFICE, "Due iscrizioni"
    letter.set_content("Veniamo in due giovedì 21.")
    letter.add_alternative("<p>Veniamo in due <b>giovedì 21</b>.<script>alert(1)</script></p>", subtype="html")
    letter.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="modulo.pdf")
    return letter.as_bytes()


async def test_it_is_read_as_text_and_its_files_are_named(rehearsal: Rehearsal) -> None:
    await rehearsal.receives(two_authors())
    async with rehearsal.database.begin() as tx:
        (left,) = await all_set_aside(tx)
        channel, payload = await stored_at(tx, left.id)
    assert "two mailboxes" in left.reason
    seen = as_text(channel, payload)
    assert seen.subject == "Due iscrizioni"
    assert "giovedì 21" in seen.words
    assert "<" not in seen.words
    assert "script" not in seen.words
    assert seen.files == ("modulo.pdf",)


async def test_put_away_its_words_are_forgotten(rehearsal: Rehearsal) -> None:
    await rehearsal.receives(two_authors())
    async with rehearsal.database.begin() as tx:
        (left,) = await all_set_aside(tx)
        await put_away(tx, left.id, NotForUs.SPAM, rehearsal.clock(), by=TERMINAL)
        assert not await all_set_aside(tx)
        with pytest.raises(RefusedError, match="non aspetta più"):
            await try_again(tx, left.id, rehearsal.clock(), by=TERMINAL)
    assert await rehearsal.rows("SELECT state, kind, payload, sender, error FROM inbox") == [
        ("done", "spam", None, "", "")
    ]


async def test_what_failed_is_tried_again(rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_args: object, **_named: object) -> None:
        raise ValueError

    monkeypatch.setattr("workers.incoming.handle", fails)
    monkeypatch.setattr("workers.incoming._RETRY_SECONDS", ())
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    async with rehearsal.database.begin() as tx:
        (left,) = await all_set_aside(tx)
    assert left.channel is Channel.EMAIL
    monkeypatch.undo()
    async with rehearsal.database.begin() as tx:
        await try_again(tx, left.id, rehearsal.clock(), by=TERMINAL)
    await rehearsal.works()
    await club.gets("Iscrizione confermata")


def test_an_update_without_words_is_shown_as_it_came() -> None:
    assert as_text(Channel.TELEGRAM, b'{"message": {"text": "ciao"}}').words == "ciao"
    assert "poll" in as_text(Channel.TELEGRAM, b'{"message": {"poll": {}}}').words
    assert as_text(Channel.TELEGRAM, b"[1, \xff").words.startswith("[1, ")
