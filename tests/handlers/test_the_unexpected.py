"""Whatever is said while a question is open.

Nothing is done that nobody asked for, it is answered, and the question stands.
"""

import json
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from typing import Any

import pytest

from conversation.open_questions import Asks
from handlers.resuming import RESUMERS
from tests.support.rehearsal import Citizen, Rehearsal, Said

ASSOCIATION = "Polisportiva Le Querce"
QUESTION, THANKS, NAME, NUMBER = "Quante città fanno parte della rete?", "grazie mille", "Luca Bianchi", "7"
PERSON, INSULT, MORE = "vorrei parlare con una persona", "siete degli idioti", "siamo diventati 5"
UNEXPECTED = (
    QUESTION,
    THANKS,
    NAME,
    NUMBER,
    "boh",
    "non so ancora quanti siamo",
    INSULT,
    "🙂",
    PERSON,
    "sì ma non so",
    MORE,
)
STICKER = {
    "file_id": "x",
    "file_unique_id": "x",
    "type": "regular",
    "width": 512,
    "height": 512,
    "is_animated": False,
    "is_video": False,
    "emoji": "🙂",
}
#: What was done, and what is known of people.
EFFECTS = (
    "SELECT meeting_id, participants, status FROM registrations ORDER BY id",
    "SELECT name, updates FROM people ORDER BY id",
    "SELECT channel, value, reachable FROM addresses ORDER BY id",
    "SELECT person_id FROM adhesions",
    "SELECT name FROM organisations ORDER BY id",
)
Setting = Callable[[Citizen], Awaitable[Any]]


async def known(anna: Citizen, *days: str) -> None:
    """Anna is registered."""
    for number, day in enumerate(days or ("giovedì 21",)):
        await anna.says(f"Iscrivimi {day}: siamo in tre, {ASSOCIATION}. Mi chiamo Anna Esempio.")
        await anna.presses("yes")
        if number:
            assert "confermata" in anna.messages[-1].plain


async def which_meeting(anna: Citizen) -> None:
    await anna.says("vorrei iscrivermi a un incontro")


async def consent(anna: Citizen) -> None:
    await anna.says(f"Iscrivimi giovedì 21: siamo in tre, {ASSOCIATION}. Mi chiamo Anna Esempio.")


async def name(anna: Citizen) -> None:
    await consent(anna)
    await anna.presses("fix:ask")
    await anna.presses("fix:name")
    await anna.says("sì")


async def organisation(anna: Citizen) -> None:
    await anna.says("iscrivimi giovedì 21")
    await anna.presses("yes")


async def participants(anna: Citizen) -> None:
    await anna.says(f"iscrivimi giovedì 21, {ASSOCIATION}")
    await anna.presses("yes")


async def a_crowd(anna: Citizen) -> None:
    await anna.says(f"iscrivimi giovedì 21, {ASSOCIATION}, siamo in 60 persone")
    await anna.presses("yes")


async def confirming(anna: Citizen) -> None:
    await known(anna)
    await anna.says("iscrivimi anche venerdì 22")
    await anna.says("in due")


async def withdrawing(anna: Citizen) -> None:
    await known(anna)
    await anna.says("vorrei disdire la mia iscrizione")


async def withdrawing_which(anna: Citizen) -> None:
    await known(anna, "giovedì 21", "venerdì 22")
    await anna.says("vorrei disdire la mia iscrizione")


async def changing(anna: Citizen) -> None:
    await known(anna)
    await anna.says("in realtà siamo in cinque")


async def changing_what(anna: Citizen) -> None:
    await known(anna)
    await anna.says("vorrei modificare la mia iscrizione")


async def changing_which(anna: Citizen) -> None:
    await known(anna, "giovedì 21", "venerdì 22")
    await anna.says("vorrei modificare la mia iscrizione")


async def changing_number(anna: Citizen) -> None:
    await known(anna)
    await anna.says("in realtà siamo in 5000")


async def moving(anna: Citizen) -> None:
    await known(anna)
    await anna.says("spostami a martedì 19 o martedì 26")


async def adhering(anna: Citizen) -> None:
    await anna.says("vogliamo aderire al patto")


async def adhering_for(anna: Citizen) -> None:
    await adhering(anna)
    await anna.presses("yes")


async def news(anna: Citizen) -> None:
    await anna.says("vorrei ricevere gli aggiornamenti sui prossimi incontri")


async def erasing(anna: Citizen) -> None:
    await known(anna)
    await anna.says("cancellate tutti i miei dati")


async def joining(anna: Citizen) -> None:
    club = anna.rehearsal.association()
    confirmed = await club.writes(f"Siamo la {ASSOCIATION}, veniamo in due giovedì 21.")
    token = confirmed.text.partition("start=l_")[2].split()[0]
    await anna.says(f"/start l_{token}")


#: Every question that is asked in a chat: the action, what is asked, how one gets there, and what of the unexpected
#: answers it or is a wish of its own, with its own question.
QUESTIONS: dict[tuple[str, Asks], list[tuple[Setting, tuple[str, ...]]]] = {
    ("register", Asks.MEETING): [(which_meeting, ())],
    ("register", Asks.CONSENT): [(consent, ())],
    ("register", Asks.NAME): [(name, (NAME, MORE))],
    ("register", Asks.ORGANISATION): [(organisation, ())],
    ("register", Asks.PARTICIPANTS): [(participants, (NUMBER, MORE)), (a_crowd, (NUMBER, MORE))],
    ("register", Asks.CONFIRM): [(confirming, ())],
    ("withdraw", Asks.CONFIRM): [(withdrawing, (MORE,))],
    ("withdraw", Asks.WHICH_REGISTRATION): [(withdrawing_which, (MORE,))],
    ("change", Asks.CONFIRM): [(changing, ())],
    ("change", Asks.TOPIC): [(changing_what, (NUMBER, MORE))],
    ("change", Asks.WHICH_REGISTRATION): [(changing_which, ())],
    ("change", Asks.PARTICIPANTS): [(changing_number, (NUMBER, MORE))],
    ("change", Asks.MEETING): [(moving, (MORE,))],
    ("adhere", Asks.ADHESION): [(adhering, ())],
    ("adhere", Asks.ORGANISATION): [(adhering_for, (NAME,))],
    ("updates", Asks.CONSENT): [(news, ())],
    ("erase", Asks.CONFIRM): [(erasing, (MORE,))],
    ("join", Asks.CONFIRM): [(joining, ())],
}
#: Asked in letters only; "forse cercavi" is an offer, which the next message may leave lying.
BY_MAIL, OFFERS = {"stop", "updates_off", "export"}, {"ask"}
CASES = [
    pytest.param(action, asks, setting, fitting, id=f"{action}-{asks}-{setting.__name__}")
    for (action, asks), settings in QUESTIONS.items()
    for setting, fitting in settings
]


def test_every_action_that_can_ask_stands_in_the_table() -> None:
    assert {action for action, _ in QUESTIONS} | BY_MAIL | OFFERS == set(RESUMERS)


async def effects(rehearsal: Rehearsal) -> list[Any]:
    return [await rehearsal.rows(statement) for statement in EFFECTS]


async def stored(rehearsal: Rehearsal, chat: int) -> dict[str, Any]:
    rows = await rehearsal.rows(f"SELECT state FROM dialogues WHERE value = '{chat}'")
    return json.loads(rows[0][0]) if rows else {}


async def open_question(rehearsal: Rehearsal, chat: int) -> dict[str, Any]:
    question: dict[str, Any] = (await stored(rehearsal, chat)).get("open", {})
    return question


async def sticker(anna: Citizen) -> Said:
    message = anna.message("") | {"sticker": STICKER}
    return await anna.does("message", {key: value for key, value in message.items() if key != "text"})


async def put_back(rehearsal: Rehearsal, chat: int, state: dict[str, Any]) -> None:
    text = json.dumps(state, ensure_ascii=True).replace("'", "''").replace(":", "\\:")
    await rehearsal.does(f"UPDATE dialogues SET state = '{text}' WHERE value = '{chat}'")


@pytest.mark.parametrize(("action", "asks", "setting", "fitting"), CASES)
async def test_the_question_stands(
    rehearsal: Rehearsal, action: str, asks: Asks, setting: Setting, fitting: tuple[str, ...]
) -> None:
    anna = rehearsal.citizen()
    await setting(anna)
    whole = await stored(rehearsal, anna.id)
    state, before = await open_question(rehearsal, anna.id), await effects(rehearsal)
    assert (state["action"], state["asks"]) == (action, asks), anna.messages[-1].plain
    wrong = []
    for words in (*UNEXPECTED, "sticker"):
        if words in fitting:
            continue
        said = await (sticker(anna) if words == "sticker" else anna.says(words))
        after = await open_question(rehearsal, anna.id)
        stands = (after.get("action"), after.get("asks")) == (action, asks)
        asked_again = bool(said.messages) and (bool(said.labels) or said.text.rstrip().endswith(("?", ".")))
        if await effects(rehearsal) != before or not stands or not asked_again:
            wrong.append((words, after.get("action"), after.get("asks"), said.text[:200]))
        await put_back(rehearsal, anna.id, whole)
    assert wrong == []
    if action != "join":
        asked = await anna.says(QUESTION)
        assert "Riprendiamo" in asked.text
        assert "Fonte" in asked.text


async def test_a_closed_question_is_asked_again_by_mail_and_only_the_newest_counts(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes(f"Siamo la {ASSOCIATION}, veniamo in due giovedì 21.")
    first = (await club.writes("Vogliamo disdire l'iscrizione", subject="disdetta")).last
    for words in ("Grazie mille!", "Non so.", "Luca Bianchi", QUESTION):
        again = await club.writes(words, answers=first)
        assert "annull" in again.text.lower()
        assert "rispondere «sì»" in again.text
        assert [r[3] for r in await rehearsal.registered()] == ["confirmed"], words
        first = again.last
    await press(rehearsal, club.mails[-1])
    assert [r[3] for r in await rehearsal.registered()] == ["withdrawn"]


async def press(rehearsal: Rehearsal, asked: EmailMessage) -> None:
    await rehearsal.association().writes("Sì", answers=asked)


@pytest.mark.parametrize("words", ["no", "no grazie", "lascia stare", "/annulla"])
@pytest.mark.parametrize("setting", [consent, withdrawing, changing, adhering, news, erasing])
async def test_who_says_no_is_not_asked_again(rehearsal: Rehearsal, setting: Setting, words: str) -> None:
    anna = rehearsal.citizen()
    await setting(anna)
    before = await effects(rehearsal)
    said = await anna.says(words)
    assert await effects(rehearsal) == before
    assert (await open_question(rehearsal, anna.id)).get("asks") is None, said.text


async def test_a_name_instead_of_a_yes_says_for_whom(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await adhering(anna)
    asked = await anna.says("Circolo Il Noce")
    assert "Circolo Il Noce" in asked.text
    await anna.presses("yes")
    assert await rehearsal.rows("SELECT o.name FROM adhesions a JOIN organisations o ON o.id = a.organisation_id") == [
        ("Circolo Il Noce",)
    ]


async def test_another_wish_is_taken_up(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await participants(anna)
    asked = await anna.says("vogliamo aderire al patto")
    assert "Patto" in asked.text
    assert (await open_question(rehearsal, anna.id))["action"] == "adhere"


async def test_the_notice_is_shown_whole_once(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await consent(anna)
    for words in ("siamo in quattro", "anzi in cinque", QUESTION):
        assert "art. 6.1.e" not in (await anna.says(words)).text
    assert "privacy" in anna.messages[-1].plain
