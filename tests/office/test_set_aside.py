"""What the bot left to a person: read as text, tried again, put away."""

from datetime import timedelta
from email.message import EmailMessage

import pytest

from conversation.channel import Channel
from db.requests import TERMINAL
from db.set_aside import answered_letters, forget_answered
from mail.reading.shown import read_shown
from office.errors import RefusedError
from office.questions import GRACE
from office.set_aside import (
    NotForUs,
    Seen,
    all_set_aside,
    answer_letter,
    answers_leaving,
    look_at,
    put_away,
    stored_at,
    try_again,
    undo_letter,
)
from tests.office.people import desk
from tests.support.rehearsal import BORDER, OFFICE, Rehearsal, text_of
from tests.support.statements import statements_of


def look(channel: Channel, payload: bytes) -> Seen:
    return look_at(channel, payload, ours=OFFICE, authserv_id=BORDER)


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
    seen = look(channel, payload).glimpse
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
    assert look(Channel.TELEGRAM, b'{"message": {"text": "ciao"}}').glimpse.words == "ciao"
    assert "poll" in look(Channel.TELEGRAM, b'{"message": {"poll": {}}}').glimpse.words
    assert look(Channel.TELEGRAM, b"[1, \xff").glimpse.words.startswith("[1, ")


def in_copy(**headers: str) -> bytes:
    """What a person wrote to somebody else, with a copy to us."""
    letter = EmailMessage()
    given = {"From": "Ada Prova <ada@posta.example>", "To": "sindaco@altro.example", "Cc": OFFICE, "Subject": "Sala"}
    for name, value in (given | {k.replace("_", "-"): v for k, v in headers.items()}).items():
        letter[name] = value
    letter["Message-ID"] = "<sala@posta.example>"
    letter.set_content("Si può avere la sala per una riunione del circolo? zanzibar")
    return letter.as_bytes()


@pytest.mark.parametrize(
    ("headers", "to", "why"),
    [
        ({}, "ada@posta.example", ""),
        ({"From": "Sito <noreply@sito.example>", "Reply_To": "ada@posta.example"}, "ada@posta.example", ""),
        ({"From": OFFICE, "Reply_To": "ada@posta.example"}, "ada@posta.example", ""),
        ({"From": "noreply@sito.example"}, "", "robot"),
        ({"From": "noreply@sito.example", "Reply_To": "bounces+7@sito.example"}, "", "robot"),
        ({"From": "postmaster@sito.example"}, "", "robot"),
        ({"From": OFFICE, "Reply_To": OFFICE}, "", "robot"),
        ({"From": "ada@posta.example, bruno@posta.example"}, "", "no_sender"),
        ({"Auto_Submitted": "auto-replied"}, "", "robot"),
        ({"Return_Path": "<>"}, "", "robot"),
        ({"X_Luccabot": "1"}, "", "robot"),
        ({"List_Id": "<soci.querce.example>"}, "", "list"),
        ({"X_Spam_Flag": "YES"}, "", "forged"),
        ({"Authentication_Results": f"{BORDER}; dmarc=fail header.from=posta.example"}, "", "forged"),
    ],
)
def test_only_a_person_who_is_surely_the_sender_is_answered(headers: dict[str, str], to: str, why: str) -> None:
    reading = read_shown(in_copy(**headers), ours=OFFICE, authserv_id=BORDER)
    assert (reading.incoming.address.value if reading.incoming else "", reading.reason) == (to, why)


async def test_it_is_answered_in_its_thread_once_and_its_words_are_forgotten(rehearsal: Rehearsal) -> None:
    await rehearsal.receives(in_copy(), sender="ada@posta.example")
    ada = rehearsal.association("ada@posta.example")
    async with rehearsal.database.begin() as tx:
        (left,) = await all_set_aside(tx)
        seen = look(*await stored_at(tx, left.id))
        assert seen.to
        await answer_letter(tx, desk(rehearsal), left.id, "Sì, la sala è libera.", seen.to)
        assert await undo_letter(tx, desk(rehearsal), left.id) == "Sì, la sala è libera."
        assert [one.id for one in await all_set_aside(tx)] == [left.id]
        await answer_letter(tx, desk(rehearsal), left.id, "No, la sala è occupata.", seen.to)
        with pytest.raises(RefusedError, match="non aspetta più"):
            await answer_letter(tx, desk(rehearsal), left.id, "Sì.", seen.to)
    rehearsal.clock.move_to(rehearsal.clock() + GRACE + timedelta(seconds=1))
    await rehearsal.works()
    (mail,) = ada.mails
    assert (mail["In-Reply-To"], mail["Subject"]) == ("<sala@posta.example>", "Re: Sala")
    assert "la sala è occupata" in text_of(mail)
    assert "zanzibar" not in mail.as_string()
    async with rehearsal.database.begin() as tx:
        with pytest.raises(RefusedError, match="già partita"):
            await undo_letter(tx, desk(rehearsal), left.id)
    async with rehearsal.database.begin() as tx:
        await forget_answered(tx, await answered_letters(tx, rehearsal.clock() + timedelta(hours=2)))
    assert await rehearsal.rows("SELECT kind, payload, sender, evidence FROM inbox") == [
        ("answered_by_hand", None, "", None)
    ]
    done = await rehearsal.rows("SELECT action FROM audit WHERE subject LIKE 'inbox:%' ORDER BY id")
    assert [row[0] for row in done] == ["letter_answered", "letter_answer_undone", "letter_answered"]


async def test_answers_that_have_not_left_are_found_by_one_question(rehearsal: Rehearsal) -> None:
    for name in ("ada", "bruno"):
        letter = in_copy().replace(b"<sala@", f"<{name}@".encode())
        await rehearsal.receives(letter, sender=f"{name}@posta.example")
    async with rehearsal.database.begin() as tx:
        numbers = [left.id for left in await all_set_aside(tx)]
        for number in numbers:
            seen = look(*await stored_at(tx, number))
            assert seen.to
            due = await answer_letter(tx, desk(rehearsal), number, f"Sì, {number}.", seen.to)
    async with rehearsal.database.look() as tx:
        with statements_of(rehearsal.database) as asked:
            found = await answers_leaving(tx, rehearsal.clock())
    assert [(one.number, one.text) for one in found] == [(number, f"Sì, {number}.") for number in numbers]
    assert found[-1].due == due
    assert len(asked) == 1
    rehearsal.clock.move_to(rehearsal.clock() + GRACE + timedelta(seconds=1))
    await rehearsal.works()
    async with rehearsal.database.look() as tx:
        assert await answers_leaving(tx, rehearsal.clock()) == []
