"""Reads and checks the staff's files: facts with their sources, phrases, sector words, texts. Clear errors, no guesses.

Everything is plain TOML. What holds for any town: intents.toml, organisations.toml, locales/*.toml. What is one town's
stands in its folder: town.toml, facts/*.toml, sources.toml, sectors.toml, handover.toml, programme.toml (where its
sandbox begins).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import rtoml

from knowledge.checking import KnowledgeError, check_phrases, check_texts
from knowledge.town import Town, read_town

HERE = Path(__file__).parent
#: The town that the program brings along; the marked letters speak of its programme.
OWN_TOWN = HERE / "towns" / "lucca"
#: The languages that every text is written in.
LANGUAGES = ("it", "en")
_FACT_ID = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")


class Form(StrEnum):
    """How Italian addresses people.

    ``tu`` in chat, ``voi`` an association by mail, ``Lei`` a person who writes for herself.

    ``VOI_LEI``: a text by mail that is the same for both.
    """

    TU = "tu"
    VOI = "voi"
    LEI = "lei"
    VOI_LEI = "voi_lei"


#: What is said where the form that is asked for is missing.
_NEAREST = (Form.VOI, Form.VOI_LEI, Form.LEI, Form.TU)


@cache
def _parts(text: str) -> tuple[tuple[str, str | None, bool], ...]:
    """What stands before each place, its name, and whether it begins with a capital there: ``{when!c}``.

    Read once: one message says ten texts. Raises ``ValueError`` for what no text of ours says otherwise.
    """
    parts = tuple(Formatter().parse(text))
    if any(spec or conversion not in {None, "c"} for _, _, spec, conversion in parts):
        msg = f"only {{name}} and {{name!c}}: {text}"
        raise ValueError(msg)
    return tuple((before, name, conversion == "c") for before, name, _, conversion in parts)


def _fill(text: str, values: Mapping[str, object]) -> str:
    """The text with its places filled. Raises ``KeyError`` when there is nothing for one of them."""
    filled = []
    for before, name, capital in _parts(text):
        filled.append(before)
        if name is not None:
            value = str(values[name])
            filled.append(value[:1].upper() + value[1:] if capital else value)
    return "".join(filled)


@dataclass(frozen=True, slots=True)
class Document:
    """A source document: its seed id, and title and date per language."""

    id: str
    title: Mapping[str, str]
    date: Mapping[str, str]


#: The "paragraph" of what the office says itself.
BY_OFFICE = 0


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a fact stands.

    Document, paragraph (from 1, empty lines apart; ``BY_OFFICE``), and the words and figures it rests on.
    """

    document: str
    paragraph: int
    rests_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that can be asked: title, question variants and answer per language, and its foundations.

    ``live``: the sector whose coming meeting the programme itself tells better (``*``: any). ``near``: questions about
    the same things that no document answers. ``valid_until``: the last day on which the fact may be stated; after it
    the question goes to a person.
    """

    id: str
    title: Mapping[str, str]
    questions: Mapping[str, tuple[str, ...]]
    answer: Mapping[str, str]
    sources: tuple[Citation, ...]
    near: tuple[str, ...] = ()
    live: str = ""
    valid_until: date | None = None

    def is_valid(self, today: date) -> bool:
        """Whether it may still be stated."""
        return self.valid_until is None or today <= self.valid_until


@dataclass(frozen=True, slots=True)
class Library:
    """All that the town says.

    ``texts``: language → key → text with ``{places}``; one that addresses people has a key for each form.
    """

    town: Town
    documents: Mapping[str, Document]
    facts: Mapping[str, Fact]
    intents: Mapping[str, tuple[str, ...]]
    sectors: Mapping[str, tuple[str, ...]]
    hand_over: Mapping[str, tuple[str, ...]]
    organisations: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, Mapping[str, str]]

    def with_facts(self, facts: Iterable[Fact], documents: Iterable[Document]) -> "Library":
        """One with more ``facts``, and the ``documents`` that they cite; what has the same id is replaced."""
        known = {**self.documents, **{document.id: document for document in documents}}
        return replace(self, documents=known, facts={**self.facts, **{fact.id: fact for fact in facts}})

    def say(self, key: str, language: str, **values: object) -> str:
        """The text ``key`` in ``language``, as said in a chat."""
        return self.address(key, language, Form.TU, values)

    def address(self, key: str, language: str, form: Form, values: Mapping[str, object]) -> str:
        """The text ``key`` in ``language`` (Italian where there is none), its places filled, the town's by its names.

        ``KeyError`` if unknown.

        A text that has not this form is said in the nearest that it has.
        """
        table = self.texts.get(language, self.texts["it"])
        text = table.get(key)
        if text is None:
            nearest = (form, *_NEAREST) if form is Form.TU else (form, Form.VOI_LEI, *_NEAREST)
            text = next((table[name] for one in nearest if (name := f"{key}.{one}") in table), None)
        if text is None:
            raise KeyError(key)
        return _fill(text, {**values, **self.town.names(language)}).strip()


def _read(path: Path) -> dict[str, Any]:
    try:
        return rtoml.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        msg = f"{path.name}: non si può leggere (un file di testo UTF-8 in formato TOML): {error}"
        raise KnowledgeError(msg) from error


def _flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        flat |= _flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": str(value)}
    return flat


def _documents(folder: Path) -> dict[str, Document]:
    return {
        key: Document(key, {"it": row["title"], "en": row["title_en"]}, {"it": row["date"], "en": row["date_en"]})
        for key, row in _read(folder / "sources.toml").items()
    }


def _fact(row: dict[str, Any], file: str, documents: Mapping[str, Document]) -> Fact:
    name = row.get("id", "?")
    missing = {"id", "title", "questions", "answer", "sources"} - row.keys()
    if missing:
        msg = f"{file}: alla voce «{name}» manca {', '.join(sorted(missing))}"
        raise KnowledgeError(msg)
    if not row["questions"].get("it") or not row["answer"].get("it") or not row["title"].get("it"):
        msg = f"{file}: la voce «{name}» deve avere almeno una domanda, il titolo e la risposta in italiano"
        raise KnowledgeError(msg)
    if not _FACT_ID.fullmatch(name):
        msg = f"{file}: l'id «{name}» dev'essere del tipo «argomento.voce», in lettere minuscole, cifre e _"
        raise KnowledgeError(msg)
    valid_until = row.get("valid_until")
    if valid_until is not None and not isinstance(valid_until, date):
        msg = f"{file}: alla voce «{name}» valid_until dev'essere una data senza virgolette, come 2021-12-31"
        raise KnowledgeError(msg)
    citations = []
    for source in row["sources"]:
        if source.get("document") not in documents:
            msg = f"{file}: la voce «{name}» cita il documento «{source.get('document')}», che non è in sources.toml"
            raise KnowledgeError(msg)
        if not source.get("rests_on"):
            msg = f"{file}: alla voce «{name}» manca rests_on (le parole e le cifre su cui si fonda)"
            raise KnowledgeError(msg)
        if not isinstance(source.get("paragraph"), int) or source["paragraph"] < 1:
            msg = f"{file}: alla voce «{name}» manca il paragrafo della fonte (un numero da 1)"
            raise KnowledgeError(msg)
        citations.append(Citation(source["document"], source["paragraph"], tuple(source["rests_on"])))
    return Fact(
        name,
        dict(row["title"]),
        {lang: tuple(q) for lang, q in row["questions"].items()},
        dict(row["answer"]),
        tuple(citations),
        tuple(row.get("near", ())),
        str(row.get("live", "")),
        valid_until,
    )


def _facts(folder: Path, documents: Mapping[str, Document]) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for path in sorted((folder / "facts").glob("*.toml")):
        for row in _read(path).get("fact", []):
            fact = _fact(row, path.name, documents)
            if fact.id in facts:
                msg = f"{path.name}: la voce «{fact.id}» esiste già"
                raise KnowledgeError(msg)
            facts[fact.id] = fact
    _check_variants(facts)
    return facts


def _check_variants(facts: Mapping[str, Fact]) -> None:
    """The same question under two facts would be answered by chance."""
    owners: dict[str, str] = {}
    for fact in facts.values():
        for question in {q.casefold() for group in (*fact.questions.values(), fact.near) for q in group}:
            if question in owners:
                msg = (
                    f"facts: la domanda «{question}» sta sia in «{owners[question]}» sia in «{fact.id}»: "
                    f"toglierla da una"
                )
                raise KnowledgeError(msg)
            owners[question] = fact.id


def _without_forms(table: Mapping[str, str]) -> dict[str, str]:
    """Each text with its forms together."""
    whole: dict[str, str] = {}
    for key, text in table.items():
        stem, _, form = key.rpartition(".")
        name = stem if form in set(Form) else key
        whole[name] = whole.get(name, "") + text
    return whole


@cache
def load_phrases(name: str, folder: Path = HERE) -> dict[str, tuple[str, ...]]:
    """The phrases of ``name``.toml by entry: those of every town, or those in the town's ``folder``.

    Raises ``KnowledgeError``.
    """
    return check_phrases(name, _read(folder / f"{name}.toml"))


@cache
def load_library(folder: Path = OWN_TOWN, common: Path = HERE) -> Library:
    """What the town of ``folder`` says, and what ``common`` gives every town.

    Raises ``KnowledgeError`` at the first fault.
    """
    town = read_town(folder)
    documents = _documents(folder)
    places = {"intents": common, "sectors": folder, "handover": folder, "organisations": common}
    groups = {name: load_phrases(name, place) for name, place in places.items()}
    return Library(
        town,
        documents,
        _facts(folder, documents),
        groups["intents"],
        groups["sectors"],
        groups["handover"],
        groups["organisations"],
        _texts(common, town),
    )


def _texts(common: Path, town: Town) -> dict[str, dict[str, str]]:
    """Every text in the town's languages."""
    unknown = set(town.languages) - set(LANGUAGES)
    if unknown:
        msg = f"town.toml: alla voce «languages» sta «{min(unknown)}»: i testi ci sono in {', '.join(LANGUAGES)}"
        raise KnowledgeError(msg)
    texts = {lang: _flatten(_read(common / "locales" / f"{lang}.toml")) for lang in LANGUAGES}
    check_texts({lang: _without_forms(table) for lang, table in texts.items()})
    return {lang: texts[lang] for lang in town.languages}
