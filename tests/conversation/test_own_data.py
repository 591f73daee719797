"""The copy of somebody's data in words says all that the one for programs says, and no codes."""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from conversation.own_data import as_json, readable
from conversation.wording import Voice
from knowledge.library import load_library

AT = datetime(2021, 1, 15, 8, 5, tzinfo=UTC)
SECTORS = {"sport": {"it": "associazioni sportive", "en": "sports associations"}}
#: As ``db.personal_data.export_person`` gives it.
DATA: dict[str, Any] = {
    "name": "Ada Prova",
    "language": "it",
    "organisation": "Circolo Il Noce",
    "notice_accepted_at": None,
    "updates": True,
    "phone": "",
    "addresses": [
        {"channel": "email", "address": "ada@posta.example", "reachable": False, "stopped_at": AT},
        {"channel": "telegram", "address": "2001", "reachable": True},
    ],
    "registrations": [
        {
            "meeting_id": 2,
            "sector": "sport",
            "day": date(2021, 1, 21),
            "organisation": None,
            "participants": 3,
            "status": "waitlisted",
            "source": "voice",
            "registered_at": AT,
            "told": {"day": "2021-01-21", "hour": "17:30:00", "duration": 90, "link": "https://z.example/1"}
            | {"passcode": "44", "cancelled": False},
            "attended_at": AT,
            "attended_people": 2,
        }
    ],
    "pact_interest_at": AT,
    "pact": {"state": "signed", "signed_on": date(2021, 1, 10), "note": "In ufficio."},
    "office_note": {"text": "Viene in bus.\nDa sola.", "at": AT},
    "log": [
        {"at": AT, "action": "notice_accepted", "about": "", "data": {"notice": 3, "channel": "email"}},
        {
            "at": AT,
            "action": "changed_by_hand",
            "about": "registration:1",
            "data": {"changed": ["participants"], "values": {"participants": [2, 3]}, "unheard": "told_by_voice"},
        },
        {"at": AT, "action": "question_closed", "about": "question:7", "data": {"why": "spam"}},
        {"at": AT, "action": "attendance", "about": "registration:1", "data": {"how": "hand", "people": 2}},
    ],
    "hand_overs": [
        {
            "question": "Si può portare il cane?",
            "at": AT,
            "state": "answered",
            "answer": "Sì, al guinzaglio.",
            "conversation": [{"from": "them", "words": "Buongiorno", "at": AT}],
        }
    ],
    "conversation": [{"from": "bot", "words": "A presto."}],
    "messages": [{"kind": "staff", "channel": "email", "state": "pending", "at": AT, "words": "Sì, al guinzaglio."}],
}
#: For a code another that is in the same field.
OTHER = {"email": "voice", "telegram": "voice", "voice": "email", "it": "en", "waitlisted": "confirmed"} | {
    "signed": "ended",
    "answered": "open",
    "them": "office",
    "bot": "office",
    "staff": "reply",
    "pending": "sent",
    "notice_accepted": "registered",
    "changed_by_hand": "changed",
    "question_closed": "question_answered",
    "attendance": "imported",
    "participants": "organisation",
    "told_by_voice": "own_mistake",
    "spam": "no_question",
    "hand": "absent",
    "sport": "social",
    "2021-01-21": "2021-01-22",
    "17:30:00": "18:00:00",
    "": "question:2",
}


def voice(language: str = "it") -> Voice:
    return Voice(load_library(), language, AT, SECTORS, "noi@lucca.example")


def otherwise(value: Any) -> Any:
    match value:
        case None:
            return AT
        case bool():
            return not value
        case datetime():
            return value + timedelta(minutes=1)
        case date():
            return value + timedelta(days=1)
        case str():
            return OTHER.get(value, f"{value}9")
        case _:
            return value + 1


def changed_once(data: Any) -> Iterator[tuple[str, Any]]:
    """The data with one thing in it that is otherwise, or not there; each of them once, with where it is."""

    def places(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        parts = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        yield from ([path] if not isinstance(part, dict | list) else [])
        for key, below in parts:
            yield from places(below, (*path, key))

    for path in places(data):
        other = deepcopy(data)
        holder = other
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = otherwise(holder[path[-1]])
        yield ".".join(map(str, path)), other


@pytest.mark.parametrize("language", ["it", "en"])
def test_nothing_of_the_copy_for_programs_is_missing_in_the_one_to_read(language: str) -> None:
    said = readable(voice(language), DATA)
    tried = dict(changed_once(DATA))
    assert len(tried) > 60
    assert [where for where, other in tried.items() if as_json(other) == as_json(DATA)] == []
    assert [where for where, other in tried.items() if readable(voice(language), other) == said] == []


@pytest.mark.parametrize("language", ["it", "en"])
def test_it_speaks_in_words(language: str) -> None:
    for data in (DATA, *(other for _, other in changed_once(DATA))):
        said = readable(voice(language), data)
        assert re.findall(r"\b[a-z]+_[a-z_]+\b|\b(?:None|True|False)\b|\d-\d\d-\d\d|[{}\[\]]", said) == []


def test_an_italian_reads_italian() -> None:
    said = readable(voice(), DATA)
    for line in (
        "Copia dei dati conservati da Lucca Learning City",
        "Associazione: Circolo Il Noce",
        "Telefono: non c'è",
        "Avvisi su nuovi incontri: sì",
        "Non si raggiunge da: venerdì 15 gennaio 2021, ore 09.05",
        "Giorno: giovedì 21 gennaio 2021",
        "Stato: in lista d'attesa",
        "Firma: domenica 10 gennaio 2021",
        "Testo: Viene in bus.\n  Da sola.",
        "Che cosa: domanda chiusa dall'ufficio senza rispondere\nRiguarda: domanda n. 7\nCome: motivo: pubblicità",
    ):
        assert f"{line}\n" in said
    nobody = readable(voice(), {"addresses": DATA["addresses"], "hand_overs": [], "conversation": [], "messages": []})
    assert nobody.endswith("MESSAGGI MANDATI, O DA MANDARE\n\nNiente.\n")
