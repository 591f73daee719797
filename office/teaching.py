"""The office teaches the bot: a fact is drafted, tried, published, withdrawn.

Who may do what is the caller's to know, but for publishing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from conversation.language import detect_language
from conversation.naming import holds_address
from conversation.times import to_local
from conversation.words import tokens
from db.engine import Transaction
from db.operators import Role
from db.requests import Actor, record
from db.taught import (
    FactState,
    Taught,
    Unanswered,
    Wording,
    add_version,
    get_taught,
    note_fact_of,
    note_trial,
    published_facts,
    save_draft,
    set_published,
    unanswered_questions,
    withdraw_draft,
    withdraw_fact,
)
from office.asking import without_greeting, without_name, without_names
from office.errors import RefusedError

#: A title is a button in chats; an answer is one message with its source; a variant is a question.
TITLE, ANSWER, VARIANT, SOURCE = 60, 1500, 200, 120
#: With fewer variants than this the bot hardly knows a question in other words; more than the most are no more help to
#: it.
FEWEST_VARIANTS, MOST_VARIANTS = 3, 60


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions that ask the same and that the bot could not answer, newest first. ``number``: the group's."""

    number: int
    questions: Sequence[Unanswered]

    @property
    def draft(self) -> int | None:
        """The row of the fact that is being made of them, the newest; ``None`` where none is."""
        return max((q.draft for q in self.questions if q.draft is not None), default=None)


async def unanswered_groups(tx: Transaction) -> list[QuestionGroup]:
    """What nobody could answer, the largest groups first."""
    groups: dict[int, list[Unanswered]] = {}
    for question in await unanswered_questions(tx):
        groups.setdefault(question.group or question.number, []).append(question)
    return sorted((QuestionGroup(n, qs) for n, qs in groups.items()), key=lambda g: -len(g.questions))


def read_wording(fields: Mapping[str, str], today: date) -> Wording:
    """What was written in the form.

    ``title``, ``variants``, ``answer`` (and ``…_en``), ``source``, ``said_on``, ``valid_until``.

    Variants one a line. Raises ``RefusedError``.
    """
    title, answer = _line(fields, "title", TITLE), _text(fields, "answer")
    variants = _variants(fields.get("variants", ""))
    source, said_on = _line(fields, "source", SOURCE), _day(fields.get("said_on", ""), "data della fonte") or today
    for value, name in ((title, "il titolo"), (answer, "la risposta in italiano"), (source, "la fonte")):
        if not value:
            msg = f"Manca {name}."
            raise RefusedError(msg)
    if len(variants) < FEWEST_VARIANTS:
        msg = (
            f"Servono almeno {FEWEST_VARIANTS} domande in italiano, una per riga: con meno il bot non la "
            f"riconosce in altre parole."
        )
        raise RefusedError(msg)
    if said_on > today:
        msg = "La data della fonte è nel futuro."
        raise RefusedError(msg)
    title_en, answer_en, variants_en = (
        _line(fields, "title_en", TITLE),
        _text(fields, "answer_en"),
        _variants(fields.get("variants_en", "")),
    )
    english = bool(answer_en)
    return Wording(
        {"it": title} | ({"en": title_en or title} if english else {}),
        {"it": variants} | ({"en": variants_en} if variants_en else {}),
        {"it": answer} | ({"en": answer_en} if english else {}),
        {"it": source, "en": _line(fields, "source_en", SOURCE) or source},
        said_on,
        _day(fields.get("valid_until", ""), "data di scadenza"),
    )


def _line(fields: Mapping[str, str], name: str, most: int) -> str:
    value = " ".join(fields.get(name, "").split())
    if len(value) > most:
        msg = f"«{value[:30]}…» è troppo lungo: al massimo {most} caratteri."
        raise RefusedError(msg)
    return value


def _text(fields: Mapping[str, str], name: str) -> str:
    value = "\n".join(line.rstrip() for line in fields.get(name, "").strip().splitlines())
    if len(value) > ANSWER:
        msg = f"La risposta ha {len(value)} caratteri: al massimo {ANSWER}."
        raise RefusedError(msg)
    return value


def _variants(text: str) -> list[str]:
    """One a line, each once, whatever its capitals and punctuation."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        question = " ".join(line.split())
        if len(question) > VARIANT:
            msg = f"La domanda «{question[:30]}…» è troppo lunga: al massimo {VARIANT} caratteri."
            raise RefusedError(msg)
        if holds_address(question):
            msg = f"La domanda «{question[:60]}» contiene un indirizzo: toglierlo, chi ha chiesto non deve comparire."
            raise RefusedError(msg)
        if key := " ".join(tokens(question)):
            found.setdefault(key, question)
    if len(found) > MOST_VARIANTS:
        msg = f"Le domande sono {len(found)}: al massimo {MOST_VARIANTS}."
        raise RefusedError(msg)
    return list(found.values())


def _day(text: str, name: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        msg = f"La {name} «{text[:20]}» non è una data."
        raise RefusedError(msg) from error


async def add_draft(tx: Transaction, wording: Wording, now: datetime, *, by: Actor, group: int | None = None) -> Taught:
    """A new fact as a draft.

    ``group``: the unanswered questions that it was made of, which are taught once it is published.
    """
    draft = await add_version(tx, "", wording, author=by.staff_id, now=now)
    if group is not None:
        await note_fact_of(tx, group, draft.fact_id)
    await _note(tx, "fact_drafted", draft, now, by)
    return draft


async def change(tx: Transaction, number: int, wording: Wording, now: datetime, *, by: Actor) -> Taught:
    """Change a draft, or begin a new version of what is published or withdrawn; the draft. Raises ``RefusedError``."""
    before = await _found(tx, number)
    if before.state is not FactState.DRAFT:
        draft = await add_version(tx, before.fact_id, wording, author=by.staff_id, now=now)
    else:
        await save_draft(tx, number, wording, author=by.staff_id, now=now)
        draft = replace(before, wording=wording, author=by.staff_id, at=now, evaluated=None)
    await _note(tx, "fact_drafted", draft, now, by)
    return draft


async def keep_trial(tx: Transaction, draft: Taught, found: Mapping[str, Any], now: datetime, *, by: Actor) -> bool:
    """Keep what a trial of ``draft`` found, beside what it was compared with.

    ``False`` when the draft has changed since.
    """
    beside = [one.id for one in await published_facts(tx)]
    if not await note_trial(tx, draft.id, {**found, "beside": beside}, draft.at):
        return False
    await _note(tx, "fact_tried", draft, now, by, lost=found["lost"], taken=found["taken"])
    return True


async def publish(
    tx: Transaction, number: int, now: datetime, *, by: Actor, role: Role, in_spite: bool = False
) -> Taught:
    """Tell it from now on.

    ``in_spite``: also where the trial found that something gets worse. Raises ``RefusedError``.
    """
    draft = await _found(tx, number)
    if role is not Role.MANAGER:
        msg = "Pubblica chi è responsabile: la bozza è pronta e l'aspetta."
        raise RefusedError(msg)
    if draft.state is not FactState.DRAFT:
        msg = "Non è più una bozza: qualcuno l'ha già pubblicata o ritirata."
        raise RefusedError(msg)
    if draft.evaluated is None or draft.evaluated["beside"] != [one.id for one in await published_facts(tx)]:
        msg = "Prima va provata così com'è adesso: premere «Prova la bozza»."
        raise RefusedError(msg)
    worse = draft.evaluated["lost"] + draft.evaluated["taken"]
    if worse and not in_spite:
        msg = f"La prova ha trovato {worse} domande che cambierebbero risposta: guardarle, poi spuntare «le ho viste»."
        raise RefusedError(msg)
    if not await set_published(tx, draft, publisher=by.staff_id, now=now):
        msg = "Nel frattempo la bozza è cambiata: rileggerla."
        raise RefusedError(msg)
    await _note(tx, "fact_published", draft, now, by, worse=worse)
    return draft


async def withdraw(tx: Transaction, number: int, now: datetime, *, by: Actor) -> Taught:
    """It is told no more, or not at all when it is a draft. Raises ``RefusedError``."""
    taught = await _found(tx, number)
    if taught.state is FactState.DRAFT:
        await withdraw_draft(tx, number)
    elif not await withdraw_fact(tx, taught.fact_id):
        msg = "È già ritirata."
        raise RefusedError(msg)
    await _note(tx, "fact_withdrawn", taught, now, by)
    return taught


async def group_of(tx: Transaction, number: int) -> QuestionGroup | None:
    """The group that a question stands in, while no fact that is told was made of it."""
    groups = await unanswered_groups(tx)
    return next((group for group in groups if any(q.number == number for q in group.questions)), None)


def prefilled(group: QuestionGroup | None, source: str, now: datetime) -> dict[str, str]:
    """The form filled in.

    Today's date, ``source``, and of a group what it asks and what the office answered, both without names.
    """
    questions = group.questions if group is not None else ()
    by_language: dict[str, list[str]] = {"it": [], "en": []}
    for question in questions:
        language = "en" if detect_language(question.question) == "en" else "it"
        asked = [v[:VARIANT] for v in without_names(question.question, question.name)]
        by_language[language] += [v for v in asked if v not in by_language[language]]
    answer = next((without_greetings(q.answer, q.name) for q in questions if q.answer), "")
    return {
        "variants": "\n".join(by_language["it"]),
        "variants_en": "\n".join(by_language["en"]),
        "answer": answer,
        "source": source,
        "said_on": to_local(now).date().isoformat(),
    }


_CLOSES = re.compile(
    r"(?:^|(?<=[.!?…])\s+|\n\s*)(?:(?:un )?(?:cordial\w*|distint\w*|car[oi]) salut\w*|(?:un )?salut[oi]|a presto|"
    r"buona (?:giornata|serata)|(?:kind|best) regards|regards|(?:grazie|thanks)(?=\s*(?:[,.!\n]|\Z)))\b.{0,150}\Z",
    re.IGNORECASE | re.DOTALL,
)


def without_greetings(answer: str, name: str) -> str:
    """What the office answered one person, for all: without its greetings, "…" where ``name`` stood.

    For a person to look through.
    """
    said = without_name(_CLOSES.sub("", without_greeting(answer)).strip(), name)
    return said[:1].upper() + said[1:]


async def _found(tx: Transaction, number: int) -> Taught:
    taught = await get_taught(tx, number)
    if taught is None:
        msg = f"la voce n. {number} non c'è"
        raise RefusedError(msg)
    return taught


async def _note(tx: Transaction, action: str, taught: Taught, now: datetime, by: Actor, **data: object) -> None:
    told = {"version": taught.version, **data}
    await record(tx, action, now=now, subject=f"fact:{taught.fact_id}"[:64], data=told, by=by)
