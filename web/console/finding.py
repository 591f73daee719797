"""Cerca: one box for people, associations, meetings, questions, facts and pages.

Who may not open a page does not find it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from starlette.responses import Response

from conversation.meeting import Meeting
from db.engine import Transaction
from db.finding import (
    all_words,
    find_associations,
    find_people,
    find_people_at,
    find_people_called,
    find_questions,
    has_words,
    words_of,
)
from db.meetings import programme
from db.operators import Role
from db.pact_organisations import names_noted
from db.questions import QuestionState
from db.taught import newest_versions
from web.console.document_facts import address_of
from web.console.frame import say_day, say_moment
from web.console.pact_organisations import STATES as PACT_STATES
from web.console.routes import MENU, ROOT, MenuEntry
from web.console.teaching import STATES
from web.console.visit import Visit

#: Letters of a search that count, and how many it needs.
_LONGEST, _SHORTEST = 100, 2
#: Of each group at first, and when all of one are asked for.
_FEW, _MANY = 5, 100
#: Letters that are shown of a question or an answer.
_SHOWN = 140
#: A question as it is read out: "domanda n. 12".
_NUMBER = re.compile(r"(?:domanda\s+)?(?:n\.?\s*)?(\d{1,9})", re.IGNORECASE)
_QUESTIONS = {
    QuestionState.OPEN: "aspetta",
    QuestionState.ANSWERED: "ha avuto risposta",
    QuestionState.CLOSED: "chiusa senza risposta",
}
#: Pages that no line of the menu leads to.
_MORE = [
    MenuEntry("Risposte già date", "/domande/risposte", Role.OPERATOR),
    MenuEntry("Messaggi partiti", "/uscita/partiti", Role.OPERATOR),
    MenuEntry("Nuovo incontro", "/incontri/nuovo", Role.OPERATOR),
    MenuEntry("Carica il programma da un file", "/incontri/importa", Role.OPERATOR),
    MenuEntry("Iscrivi a mano", "/iscritti/nuovo", Role.OPERATOR),
    MenuEntry("Associazioni e Patto", "/patto/associazioni", Role.OPERATOR),
    MenuEntry("Scrivi un avviso", "/avvisi/nuovo", Role.OPERATOR),
    MenuEntry("Voci dei documenti", "/voci/documenti", Role.OPERATOR),
    MenuEntry("Scrivi una voce nuova", "/voci/nuova", Role.OPERATOR),
    MenuEntry("Il mio accesso: password, codice, mail del mattino", "/profilo", Role.READER),
    MenuEntry("Tasti rapidi", "/tasti", Role.READER),
]


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found; ``beside``: what tells it from others."""

    title: str
    href: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class HitGroup:
    """``rest``: leads to all of them, empty when these are all."""

    title: str
    hits: Sequence[Hit]
    rest: str = ""


@dataclass(frozen=True, slots=True)
class _Sought:
    """``text``: as it was typed; ``most``: hits that are needed of each group."""

    text: str
    words: tuple[str, ...]
    most: int


async def show(visit: Visit) -> Response:
    """What was found; of one group alone when the address names it."""
    text, only = visit.query.get("q", "").strip()[:_LONGEST], visit.query.get("gruppo", "")
    sought = _Sought(text, words_of(text), (_MANY if only else _FEW) + 1)
    enough = sum(map(len, sought.words)) >= _SHORTEST or _NUMBER.fullmatch(text) is not None
    groups = [_group(name, hits, sought) for name, hits in (await _find(visit, sought) if enough else {}).items()]
    shown = [group for group in groups if group.hits and only in {"", group.title}]
    return await visit.show(
        "found.html", title="Cerca", sought=text, enough=enough, groups=shown, only=only, many=_MANY
    )


def _group(title: str, hits: Sequence[Hit], sought: _Sought) -> HitGroup:
    few = sought.most - 1
    rest = f"{ROOT}/cerca?{urlencode({'q': sought.text, 'gruppo': title})}" if len(hits) > few else ""
    return HitGroup(title, hits[:few], rest)


async def _find(visit: Visit, sought: _Sought) -> dict[str, list[Hit]]:
    """Everything, by the names of groups."""
    async with visit.look() as tx:
        return {
            "Persone": await _people(tx, sought),
            "Associazioni": await _associations(tx, sought),
            "Incontri": await _meetings(tx, sought, visit),
            "Domande": await _questions(tx, sought),
            "Che cosa sa": [*await _taught(tx, sought), *_facts(sought, visit)],
            "Pagine": [
                Hit(entry.title, ROOT + entry.path)
                for entry in (*MENU, *_MORE)
                if visit.may(entry.role) and has_words(entry.title, sought.words)
            ],
        }


async def _people(tx: Transaction, sought: _Sought) -> list[Hit]:
    found = await find_people(tx, sought.words, most=sought.most, by_association=True)
    for find in (find_people_at, find_people_called):
        found += [p for p in await find(tx, sought.text, most=sought.most) if p not in found]
    return [Hit(p.name or "senza nome", f"{ROOT}/persone/{p.id}", p.organisation) for p in found]


async def _associations(tx: Transaction, sought: _Sought) -> list[Hit]:
    names = await find_associations(tx, sought.words, most=sought.most)
    noted = await names_noted(tx, names)
    people, pact = f"{ROOT}/iscritti", f"{ROOT}/patto/associazioni"
    lists = [
        (name, *((pact, f"Patto: {PACT_STATES[noted[name]]}") if name in noted else (people, "i suoi iscritti")))
        for name in names
    ]
    return [Hit(name, f"{path}?{urlencode({'q': name})}", said) for name, path, said in lists]


async def _meetings(tx: Transaction, sought: _Sought, visit: Visit) -> list[Hit]:
    """Those to come by their day, then those that are over, the last one first."""
    meetings, sectors = await programme(tx)
    over = [m for m in meetings if m.is_over(visit.times.now)]
    hits = []
    for m in [*(m for m in meetings if m not in over), *reversed(over)]:
        sector = sectors[m.sector]["it"].capitalize()
        if has_words(f"{m.title} {sector} {_day(m)}", sought.words):
            hits.append(Hit(m.title or sector, f"{ROOT}/incontri/{m.id}", _day(m)))
    return hits


def _day(meeting: Meeting) -> str:
    return (say_day(meeting.day) or "giorno non noto") + (", annullato" if meeting.cancelled else "")


async def _questions(tx: Transaction, sought: _Sought) -> list[Hit]:
    number = _NUMBER.fullmatch(sought.text)
    found = await find_questions(tx, sought.words, int(number[1]) if number else None, most=sought.most)
    return [
        Hit(
            _short(q.question),
            f"{ROOT}/domande/{q.id}",
            f"n. {q.id}, {say_moment(q.at)}, {_QUESTIONS[QuestionState(q.state)]}",
        )
        for q in found
    ]


async def _taught(tx: Transaction, sought: _Sought) -> list[Hit]:
    hits = []
    for one in await newest_versions(tx):
        title = one.wording.title["it"]
        if has_words(" ".join([title, *one.wording.variants["it"]]), sought.words):
            hits.append(Hit(title, f"{ROOT}/voci/{one.id}", f"insegnata dall'ufficio, {STATES[one.state]}"))
    return hits


def _facts(sought: _Sought, visit: Visit) -> Iterator[Hit]:
    for fact in visit.world.library.facts.values():
        title = fact.title["it"]
        if _has_line(_lines(title, fact.questions["it"]), sought.words):
            yield Hit(title, address_of(fact.id), _short(fact.answer["it"]))


@lru_cache(maxsize=2048)  # facts never change, and all are looked through each time
def _lines(title: str, questions: tuple[str, ...]) -> str:
    """A line for each text of a fact: its words, a blank before each."""
    return "\n".join("".join(f" {word}" for word in all_words(text)) for text in (title, *questions))


def _has_line(lines: str, words: Sequence[str]) -> bool:
    """Whether each of ``words`` begins a word of one line."""
    begun = [f" {word}" for word in words]
    if not all(one in lines for one in begun):
        return False
    return len(begun) == 1 or any(all(one in line for one in begun) for line in lines.split("\n"))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
