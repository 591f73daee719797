"""What Telegram adds to words: edits, albums, commands, groups, topics, and when something was written."""

from pathlib import Path
from typing import Any

import pytest

from conversation.channel import Channel
from conversation.message import Address, Outcome, Receipt
from knowledge.library import load_library
from tests.conftest import OpenRehearsal
from tests.handlers.test_buttons import registered
from tests.support.rehearsal import BOT_NAME, STAFF, Citizen, Rehearsal, Said, text_of

MAILS = Path(__file__).parents[1] / "mails"
CHOIR = "siamo il Coro Le Rondini https://lerondini.example, veniamo in tre giovedì 21"
PLACE = {"latitude": 43.84, "longitude": 10.5}
PHOTO = {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}], "text": None}


async def says(citizen: Citizen, words: str, **extra: Any) -> tuple[int, Said]:
    message = citizen.message(words, **extra)
    return message["message_id"], await citizen.does("message", message)


async def people(rehearsal: Rehearsal) -> int:
    return int((await rehearsal.rows("SELECT count(*) FROM people"))[0][0])


# Edits


@pytest.mark.parametrize("edit", ["ok, grazie", "sì", "Sì, confermo!", "va bene grazie", "no", "OK GRAZIE"])
async def test_an_edit_never_answers_a_question_asked_after_it(rehearsal: Rehearsal, edit: str) -> None:
    anna = await registered(rehearsal)
    number, _ = await says(anna, "ok grazie")
    asked = await anna.says("cancellate tutti i miei dati")
    for _ in range(2):
        await anna.edits(number, edit)
    assert await people(rehearsal) == 1
    await anna.edits(7, edit)  # of a message that nobody remembers
    assert await people(rehearsal) == 1
    await anna.presses_data(asked.messages[-1].buttons[0][0].data)  # the question is still open
    assert await people(rehearsal) == 0


async def test_an_edit_that_changes_no_word_is_not_answered_again(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    number, _ = await says(anna, CHOIR)
    await anna.presses("yes")
    assert len(await rehearsal.registered()) == 1
    for same in (CHOIR, CHOIR.replace("giovedì", "giovedi"), CHOIR.upper(), CHOIR.replace("veniamo", "venimo")):
        assert (await anna.edits(number, same)).messages == (), same
    changed = await anna.edits(number, CHOIR.replace("in tre", "in quattro"))
    assert "4 persone" in changed.text
    assert [r[2] for r in await rehearsal.registered()] == [3]  # nothing without a yes


async def test_an_edit_of_an_answer_corrects_it(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says("mi iscrivo giovedì 21")
    await anna.presses("yes")
    name, _ = await says(anna, "Zenzero e Lime")
    many, asked = await says(anna, "2")
    assert "Zenzero e Lime" in asked.text
    assert "Zenzero e Limone" in (await anna.edits(name, "Zenzero e Limone")).text
    assert "3 persone" in (await anna.edits(many, "3")).text
    await anna.presses("yes")
    assert [(r[1], r[2]) for r in await rehearsal.registered()] == [("Zenzero e Limone", 3)]


async def test_an_edited_command_is_another_one_or_none(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    number, first = await says(anna, "/programma")
    assert "giovedì 21" in first.text
    assert (await anna.edits(number, "/programma ")).messages == ()
    assert "comandi" in (await anna.edits(number, "/aiuto")).text


async def test_a_question_that_is_edited_is_answered(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    number, _ = await says(anna, "quante città?")
    assert "Fonte" in (await anna.edits(number, "quante città fanno parte della rete?")).text


async def test_a_place_that_moves_is_answered_once(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    place = anna.message("", text=None, location=PLACE | {"live_period": 900})
    first = await anna.does("message", place)
    assert len(first.messages) == 1
    for step in range(5):
        moved = place | {"edit_date": rehearsal.seconds(), "location": PLACE | {"latitude": 43.85 + step / 100}}
        assert (await anna.does("edited_message", moved)).messages == ()


# Albums


@pytest.mark.parametrize("captioned", range(3))
async def test_an_album_is_answered_once_to_its_caption(rehearsal: Rehearsal, captioned: int) -> None:
    anna = rehearsal.citizen()
    words = {"caption": "siamo la Polisportiva Le Querce, veniamo in due giovedì"}
    for photo in range(4):
        extra = PHOTO | {"media_group_id": "777"} | (words if photo == captioned else {})
        await anna.says("", **extra)
    await rehearsal.goes_to("2021-01-15T09:01")
    assert len(anna.messages) == 1
    assert "2 persone" in anna.messages[0].plain


async def test_an_album_without_words_is_answered_once(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    for _ in range(4):
        await anna.says("", **PHOTO, media_group_id="778")
    await rehearsal.goes_to("2021-01-15T09:01")
    assert ["solo i messaggi scritti" in m.plain for m in anna.messages] == [True]


# Commands


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("/iscriviti\nCoro Le Rondini, in tre, giovedì", "Coro Le Rondini"),
        ("/iscriviti\nCoro Le Rondini, in tre, giovedì", "3 persone"),
        ("/iscriviti, Coro Le Rondini, in tre, giovedì", "3 persone"),
        ("/programma.", "giovedì 21"),
        (f"/iscriviti@{BOT_NAME.upper()} Coro Le Rondini, in tre, giovedì", "3 persone"),
        ("/start\nm_2", "privacy"),
        ("/programma\tgiovedì", "giovedì 21"),
        ("/domanda quante città ci sono nella rete?", "Fonte"),
        ("/aiuto quante città ci sono nella rete?", "Fonte"),
        ("/privacy cancellate i miei dati", "Confermi"),
        ("/iscrizioni vorrei disdire giovedì", "confermi"),
        ("/annulla la mia iscrizione di giovedì", "Confermi"),
        ("/stop", "non ti mando più"),
        ("/STOP", "non ti mando più"),
        ("/annulla", "in sospeso"),
        ("/", "comandi"),
        ("/boh", "comandi"),
    ],
)
async def test_words_behind_a_command_are_heard(rehearsal: Rehearsal, words: str, answer: str) -> None:
    anna = await registered(rehearsal) if "iscriviti" not in words and "start" not in words else rehearsal.citizen()
    said = await anna.says(words)
    assert answer.lower() in said.text.lower()


async def test_a_letter_may_begin_with_a_stroke(rehearsal: Rehearsal) -> None:
    answer = await rehearsal.association().writes(
        "/ Vorremmo sapere chi paga il rinfresco della festa di maggio.", subject="rinfresco"
    )
    assert "comandi" not in answer.text
    assert any("rinfresco" in text_of(m) for m in rehearsal.mails if m["To"] == STAFF)


# Groups


class Group:
    """The messages of a group, and what the bot said there."""

    def __init__(self, rehearsal: Rehearsal, number: int) -> None:
        self.rehearsal, self.number = rehearsal, number
        self.member = Citizen(rehearsal, 77, "Ufficio")
        self.chat = {"id": number, "type": "supergroup", "title": "Gruppo"}

    @property
    def heard(self) -> list[str]:
        return [m.plain for m in self.rehearsal.to(Address(Channel.TELEGRAM, str(self.number)))]

    async def says(self, words: str, **extra: Any) -> list[str]:
        before = len(self.heard)
        await self.member.does("message", self.member.message(words, chat=self.chat, **extra))
        return self.heard[before:]

    def note(self, text: str) -> dict[str, Any]:
        """A message of ours, to be answered."""
        us = {"id": 1, "is_bot": True, "first_name": "Bot", "username": BOT_NAME}
        return {"reply_to_message": self.member.message(text, chat=self.chat, **{"from": us})}


async def asked_for_a_person(rehearsal: Rehearsal) -> tuple[Citizen, Group]:
    anna, group = rehearsal.citizen(), Group(rehearsal, -1001234)
    await anna.says("vorrei parlare con una persona: posso portare il cane?")
    assert "cane" in group.heard[-1]
    return anna, group


ANONYMOUS = {"from": {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}}


async def test_an_anonymous_administrator_is_the_office(rehearsal_with: OpenRehearsal) -> None:
    async with rehearsal_with(staff_chat="-1001234") as rehearsal:
        anna, group = await asked_for_a_person(rehearsal)
        note = group.note(group.heard[-1])
        other = {"id": -1009, "type": "channel", "title": "Altro"}
        assert await group.says("Pubblicità", **ANONYMOUS, **note, sender_chat=other) == []
        answer = await group.says("Sì, al guinzaglio.", **ANONYMOUS, **note, sender_chat=group.chat)
        assert "Fatto" in answer[0]
        assert "Sì, al guinzaglio." in anna.messages[-1].plain


async def test_a_file_in_the_offices_answer_is_not_dropped_without_a_word(rehearsal_with: OpenRehearsal) -> None:
    async with rehearsal_with(staff_chat="-1001234") as rehearsal:
        anna, group = await asked_for_a_person(rehearsal)
        note, before = group.note(group.heard[-1]), len(anna.messages)
        document = {"document": {"file_id": "f", "file_unique_id": "u", "file_name": "regolamento.pdf"}, "text": None}
        for extra in (document | {"caption": "Ecco il regolamento."}, document, PHOTO):
            answer = await group.says("", **note, **extra)
            assert "non è partita" in answer[0]
            assert "Fatto" not in answer[0]
        assert len(anna.messages) == before
        assert "Fatto" in (await group.says("Legga il punto 3.", **note))[0]
        assert "punto 3" in anna.messages[-1].plain


async def test_an_edit_of_the_offices_answer_goes_out_when_it_says_something_else(
    rehearsal_with: OpenRehearsal,
) -> None:
    async with rehearsal_with(staff_chat="-1001234") as rehearsal:
        anna, group = await asked_for_a_person(rehearsal)
        message = group.member.message("Sì.", chat=group.chat, **group.note(group.heard[-1]))
        await group.member.does("message", message)
        before = len(anna.messages)
        await group.member.does("edited_message", message | {"edit_date": rehearsal.seconds()})
        assert len(anna.messages) == before
        await group.member.does(
            "edited_message", message | {"edit_date": rehearsal.seconds(), "text": "Al guinzaglio."}
        )
        assert "Al guinzaglio." in anna.messages[-1].plain


async def test_a_group_that_became_a_supergroup_is_still_the_office(rehearsal_with: OpenRehearsal) -> None:
    async with rehearsal_with(staff_chat="-500") as rehearsal:
        anna = rehearsal.citizen()
        old, group = Group(rehearsal, -500), Group(rehearsal, -1001234567)
        old.chat["type"] = "group"
        moved = Receipt(Outcome.GONE, moved_to="-1001234567")
        rehearsal.transports[Channel.TELEGRAM].answers = [Receipt(Outcome.SENT), moved]
        await old.says("", text=None, migrate_to_chat_id=-1001234567)
        await anna.says("vorrei parlare con una persona: posso portare il cane?")
        told = [text_of(m) for m in rehearsal.mails if m["To"] == STAFF]
        assert len([t for t in told if "STAFF_CHAT=-1001234567" in t]) == 1
        note = next(t for t in [*group.heard, *old.heard] if "cane" in t)
        assert "Fatto" in (await group.says("Al guinzaglio.", **group.note(note)))[0]
        assert "Al guinzaglio." in anna.messages[-1].plain
        stranger = Group(rehearsal, -9)
        forged = {"reply_to_message": group.member.message(note, chat=stranger.chat)}  # words of a member, not ours
        assert "Fatto" not in "".join(await stranger.says(f"@{BOT_NAME} Pubblicità", **forged))


async def test_the_answer_stands_in_the_topic_of_the_question(rehearsal: Rehearsal) -> None:
    group = Group(rehearsal, -1009)
    await group.says("/programma", message_thread_id=42, is_topic_message=True)
    await group.says("/programma", message_thread_id=7)  # a thread of answers in General is no topic
    threads = [o.thread for o in rehearsal.transports[Channel.TELEGRAM].taken]
    assert [t.message_id if t else "" for t in threads] == ["42", ""]


@pytest.mark.parametrize(
    "words", ["/meteo Lucca", "/quiz", "/start@altro_bot", "/", "/stop", "/meteo@altro_bot giovedì"]
)
async def test_other_bots_commands_are_not_answered(rehearsal: Rehearsal, words: str) -> None:
    assert await Group(rehearsal, -700).says(words) == []


@pytest.mark.parametrize("words", ["/programma", f"/programma@{BOT_NAME.title()}", f"/meteo@{BOT_NAME}"])
async def test_our_own_are(rehearsal: Rehearsal, words: str) -> None:
    assert len(await Group(rehearsal, -700).says(words)) == 1


# When


async def test_tomorrow_counts_from_when_it_was_written(rehearsal: Rehearsal) -> None:
    await rehearsal.goes_to("2021-01-21T00:10")
    anna = rehearsal.citizen()
    late = await anna.says("siamo la Polisportiva Le Querce, veniamo in due domani", date=rehearsal.seconds() - 20 * 60)
    assert "21 gennaio" in late.text
    now = await rehearsal.citizen("Bruno", 3).says("siamo la Polisportiva Le Querce, veniamo in due domani")
    assert "22 gennaio" in now.text
    for wrong in (1, rehearsal.seconds() + 10**6):  # a clock that is wrong by more than Telegram keeps messages
        said = await rehearsal.citizen("Carla", 10 + wrong % 7).says(
            "veniamo in due domani, Coro Le Rondini", date=wrong
        )
        assert "22 gennaio" in said.text


async def test_tomorrow_in_a_letter_counts_on_its_senders_clock(rehearsal: Rehearsal) -> None:
    await rehearsal.goes_to("2021-01-21T03:00")
    raw = (MAILS / "tomorrow_in_new_york.eml").read_bytes()
    answer = await rehearsal.association().sends(raw)
    assert "21 gennaio" in answer.text
    club = rehearsal.association("coro@lerondini.example", "Coro")  # 00.30 in Rome, told in UTC
    raw = raw.replace(b"20:30:00 -0500", b"23:30:00 +0000").replace(b"segreteria@lequerce", b"coro@lerondini")
    answer = await club.sends(raw.replace(b"tomorrow@", b"utc@").replace(b"Polisportiva Le Querce", b"Coro Le Rondini"))
    assert "22 gennaio" in answer.text


@pytest.mark.parametrize("token", ["wn4m1xP24J0KSxFPNVKpBdS9", "TFSxV03ykI65m6QvCIWrq1s2"])
async def test_what_a_link_carries_is_in_no_language(rehearsal: Rehearsal, token: str) -> None:
    """Of a hundred random tokens one looks French."""
    followed = await rehearsal.citizen(language="").says(f"/start l_{token}")
    assert followed.text == load_library().say("welcome.link_expired", "it")
