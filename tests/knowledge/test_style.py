"""The house style of every text that people read, alone and put together.

In chat ``tu``; by mail ``voi`` to associations, ``Lei`` to a person who writes for herself, or a form that addresses
nobody. Sentences begin with capitals, one person is "1 persona", a letter greets once. A text that addresses people
stands in the locale once for each form (``ask_name.tu = "Come ti chiami?"``).
"""

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from itertools import product

import pytest

from conversation.channel import Channel
from conversation.meeting import Meeting, Told
from conversation.message import Reply
from conversation.wording import (
    Voice,
    change_notice,
    form_for,
    greet,
    meeting_news,
    reminder,
    seat_notice,
    staff_message,
)
from knowledge.library import Form, load_library

NOW = datetime(2021, 1, 20, 9, 0, tzinfo=UTC)
SECTORS = {"sport": {"it": "associazioni sportive", "en": "sports associations"}}
TU = re.compile(
    r"\b(?:tu|te|ti|tuo|tua|tuoi|tue|sei|hai|puoi|vuoi|devi|fai|vieni|intendi|preferisci|cercavi|partecipi|"
    r"indicato tu|scrivi|scrivimi|scrivimelo|scrivimela|scrivici|rispondi|dimmi|scegli|premi|confermi|"
    r"\w+(?:arti|erti|irti|arteli))\b",
    re.IGNORECASE,
)
VOI = re.compile(
    r"\b(?:voi|vi|vostr[aeio]|siete|avete|potete|volete|dovete|sarete|parteciperete|scrivete|scriveteci|scrivetemelo|"
    r"rispondete|indicate|\w+(?:arvi|ervi|irvi))\b",
    re.IGNORECASE,
)
LEI = re.compile(r"(?<=[a-zà-ù,;:] )(?:Lei|Le|Suo|Sua|Suoi|Sue)\b")
#: Words of the button's presser, not of the bot; and the commands, which only a chat shows.
CHAT_ONLY = ("button.", "commands.")
#: Parts of sentences: they begin as the sentence wants.
PARTS = re.compile(
    r"(?:and|(?:times|people)\..*|staff\.(?:reason_|kind_|missing_|on_telegram|by_voice|unreachable|said_|answer_|"
    r"adhesion).*|privacy\.status_.*|copy\..*|register\.(?:who.*|detail_private|in_the_name_of|for_meetings)|"
    r"mine\.waiting|meeting\.no_hour_short|ask\.source_one|page\.place|programme\.line.*|mine\.line|"
    r"calendar\.summary|change\.taken)"
)
VALUES = {
    "who": "Circolo Il Noce, {people} (a nome di Anna Esempio)",
    "when": "giovedì 21 gennaio, ore 17.30",
    "topic": "associazioni sportive",
    "meeting": "giovedì 21 gennaio: associazioni sportive",
    "access": "Link Zoom: https://zoom.example/j/1",
    "day": "giovedì 21 gennaio",
    "leave": "Per disdire basta scrivere.",
    "what": "• L'orario: ore 17.30",
    "details": "Circolo Il Noce, {people}, per «giovedì 21 gennaio: associazioni sportive»",
    "programme": "• giovedì 21 gennaio: associazioni sportive",
    "why": "Quell'incontro si è già svolto.",
    "answer": "Lo offre il Comune.",
    "question": "Chi paga il rinfresco?",
    "officer": "Il Comune ha un responsabile.",
    "context": "",
    "places": "• Il Patto (2020), paragrafo 3",
    "name": "Anna Esempio",
    "names": "• Circolo Il Noce",
    "waiting": "",
    "status": "confermata",
    "where": "Non ha altri recapiti.",
}


def rendered(language: str) -> Iterator[tuple[str, str]]:
    """Every text with example values, for one person and for three."""
    for key, text in load_library().texts[language].items():
        for number in (1, 3):
            people = load_library().say("people.one" if number == 1 else "people.many", language, number=number)
            fields = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            values = {name: VALUES.get(name, "Esempio").format(people=people) for name in fields}
            values |= {"people": people} if "people" in fields else {}
            values |= {"number": "12" if key != "people.many" else str(number)} if "number" in fields else {}
            if key == "people.many" and number == 1:
                continue
            base, _, form = key.rpartition(".")
            known = form in set(Form)
            told = load_library().address(base if known else key, language, Form(form) if known else Form.TU, values)
            yield key, told


def without_quotes(text: str) -> str:
    """What others say between guillemets is theirs."""
    return re.sub(r"«[^»]*»|“[^”]*”", "…", text)


def small_beginnings(text: str) -> list[str]:
    """Sentences and paragraphs that begin with a small letter; lines of a list and continued lines apart."""
    found = re.findall(r"(?:^|\n\n|(?<![Aa]rt)(?<!artt)(?<!\bn)[.!?]\s+)([a-zà-ù][^\n]{0,40})", text)
    return [f for f in found if not f.startswith(("http", "python", "www"))]


def faults(text: str) -> list[str]:
    """What is wrong with a text whoever reads it."""
    marks = re.findall(r"  +|\s[.,;:!?](?=\s|$)|[.,;:]{2,}|\{|\}|\b1 persone\b|\b(?:[2-9]|1\d) persona\b|\n{3,}", text)
    return [repr(m) for m in marks if m != "…"]


@pytest.mark.parametrize("language", ["it", "en"])
def test_every_text_is_well_written(language: str) -> None:
    wrong = []
    for key, text in rendered(language):
        if "only_english" in key or "identity_" in key:
            continue  # in languages whose marks stand otherwise
        wrong += [(key, f) for f in faults(re.sub(r"\n +", "\n", text) if key.startswith("mine.line") else text)]
        if not PARTS.fullmatch(key.removesuffix(".tu")) and not key.startswith("alert."):
            wrong += [(key, s) for s in small_beginnings(text)]
    assert wrong == []


def test_every_text_keeps_to_the_form_of_its_channel() -> None:
    wrong = []
    for key, text in load_library().texts["it"].items():
        form = key.rpartition(".")[2]
        if key.startswith(CHAT_ONLY):
            continue
        forbidden = {"tu": (VOI, LEI), "voi": (TU, LEI), "lei": (TU, VOI)}.get(form, (TU, VOI, LEI))
        said = without_quotes(re.sub(r"\{\w+(?:!c)?\}", "…", text))
        wrong += [(key, m.group()) for pattern in forbidden for m in pattern.finditer(said)]
    assert wrong == []


@dataclass(frozen=True)
class Held:
    organisation: str = ""
    participants: int = 1
    uid: str = "iscrizione-1"
    sequence: int = 0
    told: Told = field(default_factory=dict)


def composed() -> Iterator[tuple[Channel, Form, str]]:
    """Every message made of several texts, on each channel, for one and for three, with and without an hour."""
    base = Meeting(1, "sport", "", date(2021, 1, 21), link="https://zoom.example/j/1", passcode="123", sequence=1)
    before = base.as_told() | {"day": "2021-01-14", "hour": "16:00:00", "link": ""}
    cases = product(
        (Channel.TELEGRAM, Channel.EMAIL), (1, 3), ("", "Circolo Il Noce"), (None, time(17, 30)), (True, False)
    )
    for channel, people, organisation, hour, waiting in cases:
        meeting = replace(base, hour=hour)
        held = Held(organisation, people, told=before)
        awaits = replace(held, told=base.as_told() | {"link": ""})
        form = form_for(channel, private=not organisation)
        voice = Voice(load_library(), "it", NOW, SECTORS, "noi@lucca.example", form)
        value = "a@b.example"
        messages = [
            reminder(voice, meeting, channel, held),
            reminder(replace(voice, now=datetime(2021, 1, 21, 15, 30, tzinfo=UTC)), meeting, channel, held),
            reminder(replace(voice, now=datetime(2021, 1, 14, 15, 30, tzinfo=UTC)), meeting, channel, held),
            change_notice(voice, meeting, channel, value, held, waiting=waiting),
            *([change_notice(voice, meeting, channel, value, awaits, waiting=waiting)] if hour else []),
            change_notice(voice, meeting, channel, value, held, waiting=waiting, corrects=True),
            *(
                change_notice(
                    voice, replace(meeting, cancelled=True), channel, value, held, waiting=waiting, corrects=corrects
                )
                for corrects in (False, True)
            ),
            seat_notice(voice, meeting, channel, value, held, (held, replace(base, day=date(2021, 1, 26)))),
            meeting_news(voice, [meeting, replace(base, title="Una visita")], channel),
            staff_message(voice, "Avviso", "Gentili associazioni, l'incontro si tiene su Zoom.", meeting),
            staff_message(voice, "Avviso", "L'incontro si è tenuto su Zoom.", meeting, attended=True),
            staff_message(voice, "Avviso", "L'incontro si tiene su Zoom.", None),
        ]
        for subject, reply in messages:
            text = greet(voice, reply.text) if channel is Channel.EMAIL else reply.text
            yield channel, form, f"{subject}\n\n{Reply(text, title=reply.title).plain}"


def test_messages_that_are_put_together_keep_the_house_style() -> None:
    for channel, form, text in composed():
        assert faults(text) == [], text
        assert small_beginnings(without_quotes(text)) == [], text
        said = without_quotes(text)
        forbidden = {Form.TU: (VOI, LEI), Form.VOI: (TU, LEI), Form.LEI: (TU, VOI)}[form]
        assert [m.group() for p in forbidden for m in p.finditer(said)] == [], text
        greetings = len(re.findall(r"\b(?:Buongiorno|Gentil\w+|Ciao)\b", text))
        assert greetings == (1 if channel is Channel.EMAIL or "Gentili" in text else 0), text


@pytest.mark.parametrize(
    ("now", "hour", "said"),
    [
        (datetime(2021, 1, 21, 15, 30, tzinfo=UTC), time(17, 30), "è tra un'ora, alle ore 17.30."),
        (datetime(2021, 1, 21, 16, 9, tzinfo=UTC), time(17, 30), "è tra 20 minuti, alle ore 17.30."),
        (datetime(2021, 1, 21, 8, 0, tzinfo=UTC), time(17, 30), "è oggi, giovedì 21 gennaio, alle ore 17.30."),
        (datetime(2021, 1, 20, 23, 30, tzinfo=UTC), None, "è oggi, giovedì 21 gennaio."),
        (datetime(2021, 1, 20, 8, 0, tzinfo=UTC), None, "è domani, giovedì 21 gennaio."),
        (datetime(2021, 1, 14, 8, 0, tzinfo=UTC), time(17, 30), "è giovedì 21 gennaio, alle ore 17.30."),
    ],
)
def test_a_reminder_says_when_as_people_say_it(now: datetime, hour: time | None, said: str) -> None:
    voice = Voice(load_library(), "it", now, SECTORS, "noi@lucca.example")
    meeting = Meeting(1, "sport", "", date(2021, 1, 21), hour=hour)
    assert said in reminder(voice, meeting, Channel.TELEGRAM, Held())[1].text


@pytest.mark.parametrize(("language", "said"), [("it", "Correzione: "), ("en", "Correction: ")])
@pytest.mark.parametrize("cancelled", [False, True])
def test_a_correction_is_not_called_a_change(language: str, said: str, *, cancelled: bool) -> None:
    voice = Voice(load_library(), language, NOW, SECTORS, "noi@lucca.example", Form.TU)
    meeting = Meeting(1, "sport", "", date(2021, 1, 21), hour=time(17, 30), cancelled=cancelled)
    held = Held(told=replace(meeting, day=date(2021, 1, 28), cancelled=False).as_told())
    told = [
        change_notice(voice, meeting, Channel.EMAIL, "a@b.example", held, waiting=False, corrects=corrects)
        for corrects in (True, False)
    ]
    assert [subject.startswith(said) for subject, _ in told] == [True, False]
    assert told[0][1].title != told[1][1].title
    assert told[0][1].text != told[1][1].text


@pytest.mark.parametrize(("language", "said"), [("it", "C'è l'orario"), ("en", "The time is set")])
def test_an_hour_that_was_awaited_is_not_called_a_change(language: str, said: str) -> None:
    voice = Voice(load_library(), language, NOW, SECTORS, "noi@lucca.example", Form.TU)
    awaited = Meeting(1, "sport", "", date(2021, 1, 21), link="https://zoom.example/j/1")
    meeting = replace(awaited, hour=time(17, 30))

    def notice(told: Told) -> tuple[str, Reply]:
        return change_notice(voice, meeting, Channel.EMAIL, "a@b.example", Held(told=told), waiting=False)

    subject, reply = notice(awaited.as_told())
    assert subject.startswith(f"{said}: ")
    assert reply.title == said
    for other in ({"day": "2021-01-20"}, {"hour": "16:00:00"}, {"duration": 60}):
        assert not notice(awaited.as_told() | other)[0].startswith(said)
    assert not notice({})[0].startswith(said)
