"""Facts that the office teaches: a draft, published, withdrawn.

Each version is a row; a published one is never changed, a new version is.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import gathered
from db.models import hand_overs, inbox, people, taught
from db.wakeups import Queue, put_in
from knowledge.library import BY_OFFICE, Citation, Document, Fact

#: Citizens' questions that are compared with a draft, or put into groups, at most: the newest.
_MOST_QUESTIONS = 300
#: Of these, so many are tried with a draft: 12 ms each.
_MOST_COMPARED = 100
#: How the line of a message's evidence begins that names the fact which was told.
_FACT = "voce "
#: Messages that are counted to see which facts are used.
_MOST_READ = 5_000


class FactState(StrEnum):
    """Where a version of a taught fact stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a fact says, and from where. ``title``, ``answers``: by language, ``variants``: its questions by language.

    ``source``: who says so (``it``, ``en``); ``said_on``: on which day. ``valid_until``: the last day on which it may
    be told.
    """

    title: Mapping[str, str]
    variants: Mapping[str, Sequence[str]]
    answers: Mapping[str, str]
    source: Mapping[str, str]
    said_on: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Taught:
    """One version of a taught fact.

    ``id``: of the row. ``author``, ``publisher``: operators. ``evaluated``: what a trial found.
    """

    id: int
    fact_id: str
    version: int
    state: FactState
    wording: Wording
    author: int | None
    publisher: int | None
    evaluated: Mapping[str, Any] | None
    at: datetime

    def as_fact(self) -> Fact:
        """As the library has it: it rests on what the office said, and on no paragraph."""
        said = self.wording
        return Fact(
            self.fact_id,
            said.title,
            {language: tuple(variants) for language, variants in said.variants.items()},
            said.answers,
            (Citation(self._document, BY_OFFICE, ()),),
            valid_until=said.valid_until,
        )

    def as_document(self) -> Document:
        """Its source: the office, and the day on which it said so."""
        day = self.wording.said_on
        return Document(self._document, self.wording.source, {"it": f"{day:%d/%m/%Y}", "en": f"{day:%d/%m/%Y}"})

    @property
    def _document(self) -> str:
        return f"taught-{self.id}"


async def add_version(
    tx: AsyncConnection, fact_id: str, wording: Wording, *, author: int | None, now: datetime
) -> Taught:
    """A draft of a new version. ``fact_id``: empty for a new fact, which gets one."""
    version = 1
    if fact_id:  # two who begin one at once wait for each other
        of_fact = select(taught.c.version).where(taught.c.fact_id == fact_id)
        await tx.execute(of_fact.with_for_update())
        version += max((await tx.execute(of_fact)).scalars(), default=0)
    row = _columns(wording) | {"fact_id": fact_id, "version": version, "author": author, "at": now}
    number = (await tx.execute(insert(taught).values(row).returning(taught.c.id))).scalar_one()
    if not fact_id:
        fact_id = f"ufficio_{number}.voce"
        await tx.execute(update(taught).where(taught.c.id == number).values(fact_id=fact_id))
    return Taught(number, fact_id, version, FactState.DRAFT, wording, author, None, None, now)


async def save_draft(tx: AsyncConnection, number: int, wording: Wording, *, author: int | None, now: datetime) -> bool:
    """Change a draft; what a trial found of its words before is void. ``False`` when it is no draft."""
    values = _columns(wording) | {"author": author, "at": now, "evaluated": None}
    statement = update(taught).where(taught.c.id == number, taught.c.state == FactState.DRAFT.value).values(values)
    return bool((await tx.execute(statement)).rowcount)


async def note_trial(tx: AsyncConnection, number: int, found: Mapping[str, Any], seen: datetime) -> bool:
    """Keep what a trial found of the draft as it was ``seen``; ``False`` when it was changed meanwhile."""
    statement = update(taught).where(taught.c.id == number, taught.c.at == seen).values(evaluated=dict(found))
    return bool((await tx.execute(statement)).rowcount)


async def set_published(tx: AsyncConnection, draft: Taught, *, publisher: int | None, now: datetime) -> bool:
    """The draft is told from now on, instead of the version before it.

    ``False`` when it is a draft no more, or another one.
    """
    asked = (taught.c.id == draft.id) & (taught.c.state == FactState.DRAFT.value) & (taught.c.at == draft.at)
    await withdraw_fact(tx, draft.fact_id)
    values = {"state": FactState.PUBLISHED.value, "publisher": publisher, "at": now}
    done = bool((await tx.execute(update(taught).where(asked).values(values))).rowcount)
    put_in(tx, Queue.TAUGHT)
    return done


async def withdraw_fact(tx: AsyncConnection, fact_id: str) -> bool:
    """The fact is told no more; whether it was."""
    asked = (taught.c.fact_id == fact_id) & (taught.c.state == FactState.PUBLISHED.value)
    done = bool((await tx.execute(update(taught).where(asked).values(state=FactState.WITHDRAWN.value))).rowcount)
    if done:
        put_in(tx, Queue.TAUGHT)
    return done


async def withdraw_draft(tx: AsyncConnection, number: int) -> None:
    """A draft that will not be published."""
    asked = (taught.c.id == number) & (taught.c.state == FactState.DRAFT.value)
    await tx.execute(update(taught).where(asked).values(state=FactState.WITHDRAWN.value))


async def get_taught(tx: AsyncConnection, number: int) -> Taught | None:
    """One version by its row."""
    row = (await tx.execute(select(taught).where(taught.c.id == number))).mappings().first()
    return _read(row) if row is not None else None


async def newest_versions(tx: AsyncConnection) -> list[Taught]:
    """Of each fact the newest version, and the one that is told while a newer one is a draft; newest first."""
    newest = select(func.max(taught.c.id)).group_by(taught.c.fact_id)
    shown = (taught.c.id.in_(newest)) | (taught.c.state == FactState.PUBLISHED.value)
    rows = (await tx.execute(select(taught).where(shown).order_by(taught.c.id.desc()))).mappings().all()
    return [_read(row) for row in rows]


async def published_facts(tx: AsyncConnection) -> list[Taught]:
    """What is told, oldest first."""
    query = select(taught).where(taught.c.state == FactState.PUBLISHED.value).order_by(taught.c.id)
    return [_read(row) for row in (await tx.execute(query)).mappings().all()]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that went to a person and that no published fact was made of.

    ``answer``: what the office said, empty while it waits.

    ``group``: the number of the first question like it; ``None`` when it was not looked at yet.

    ``name``: of who asked, empty where it is not known.

    ``draft``: the row of the fact that is being made of it, if one is.
    """

    number: int
    question: str
    answer: str
    group: int | None
    at: datetime
    name: str
    draft: int | None


def _made_of_it(state: FactState) -> ColumnElement[bool]:
    """SQL: in this state is a version of the fact that was made of the question."""
    return (taught.c.fact_id == hand_overs.c.fact_id) & (taught.c.state == state.value)


#: SQL: the question is taught.
_IS_TAUGHT = exists().where(_made_of_it(FactState.PUBLISHED)).correlate(hand_overs)


def _unanswered() -> Any:
    draft = select(func.max(taught.c.id)).where(_made_of_it(FactState.DRAFT)).correlate(hand_overs)
    columns = (
        hand_overs.c.id,
        hand_overs.c.question,
        hand_overs.c.answer,
        hand_overs.c.same_as,
        hand_overs.c.created_at,
        func.coalesce(people.c.name, ""),
        draft.scalar_subquery(),
    )
    asked = hand_overs.outerjoin(people, people.c.id == hand_overs.c.person_id)
    return select(*columns).select_from(asked).where(hand_overs.c.reason == "question", ~_IS_TAUGHT)


async def glance(tx: AsyncConnection) -> tuple[tuple[int, ...], bool]:
    """With one statement: the rows that are told, and whether a new question has no group yet.

    Rows are never changed, so that the same numbers mean the same facts.
    """
    numbers = select(gathered(tx.dialect.name, taught.c.id)).where(taught.c.state == FactState.PUBLISHED.value)
    newest = _unanswered().order_by(hand_overs.c.id.desc()).limit(_MOST_QUESTIONS).subquery()
    ungrouped = exists().select_from(newest).where(newest.c.same_as.is_(None))
    found, new = (await tx.execute(select(numbers.scalar_subquery(), ungrouped))).one()
    return tuple(sorted(found or ())), bool(new)


async def unanswered_questions(tx: AsyncConnection) -> list[Unanswered]:
    """The newest questions that the bot could not answer, whoever has answered them since; newest first."""
    query = _unanswered().order_by(hand_overs.c.id.desc()).limit(_MOST_QUESTIONS)
    return [Unanswered(*row) for row in (await tx.execute(query)).all()]


async def questions_about(tx: AsyncConnection, fact_id: str) -> list[str]:
    """What citizens asked in vain: those questions that the fact was made of, and those that no fact is told for."""
    own = (hand_overs.c.fact_id == fact_id) | ~_IS_TAUGHT
    query = select(hand_overs.c.question).where(hand_overs.c.reason == "question", own)
    return list((await tx.execute(query.order_by(hand_overs.c.id.desc()).limit(_MOST_COMPARED))).scalars().all())


async def fact_uses(tx: AsyncConnection) -> Counter[str]:
    """How often each fact was told in what is still kept of the newest messages."""
    newest = select(inbox.c.evidence).where(inbox.c.evidence.is_not(None)).order_by(inbox.c.id.desc())
    kept = newest.limit(_MOST_READ).subquery()
    fact = _fact_named(tx.dialect.name, kept.c.evidence).label("fact")
    told = (kept.c.evidence["outcome"].as_string() == "answered", kept.c.evidence["intent"].as_string() == "question")
    rows = (await tx.execute(select(fact, func.count()).where(*told).group_by(fact))).all()
    return Counter({name: count for name, count in rows if name})


def _fact_named(dialect: str, evidence: ColumnElement[Any]) -> ColumnElement[str]:
    """SQL: of the lines of a message's evidence the first "voce rete.cosa 0.9" names the fact."""
    if dialect == "sqlite":
        line = func.json_each(evidence, "$.evidence").table_valued("value").c.value
        rest = func.substr(line, len(_FACT) + 1)
        name = func.substr(rest, 1, func.instr(rest + " ", " ") - 1)
    else:
        line = func.json_array_elements_text(evidence["evidence"]).table_valued("value").c.value
        name = func.split_part(line, " ", 2)
    return select(name).where(line.startswith(_FACT)).limit(1).scalar_subquery()


async def group_question(tx: AsyncConnection, number: int, group: int, likeness: float) -> None:
    """The question belongs to the group whose first is ``group``: itself, when it is like no other.

    ``likeness``: the cosine to that one.
    """
    await tx.execute(update(hand_overs).where(hand_overs.c.id == number).values(same_as=group, likeness=likeness))


async def note_fact_of(tx: AsyncConnection, group: int, fact_id: str) -> None:
    """That fact was made of the questions of this group, but for those that are taught."""
    asked = (hand_overs.c.same_as == group) | (hand_overs.c.id == group)
    await tx.execute(update(hand_overs).where(asked, ~_IS_TAUGHT).values(fact_id=fact_id))


async def fact_told_for(tx: AsyncConnection, number: int) -> int | None:
    """The published row of the fact that was made of this question, if there is one."""
    query = select(taught.c.id).join(hand_overs, _made_of_it(FactState.PUBLISHED)).where(hand_overs.c.id == number)
    return (await tx.execute(query)).scalar()


def _columns(wording: Wording) -> dict[str, Any]:
    return {
        "title": dict(wording.title),
        "variants": {language: list(variants) for language, variants in wording.variants.items()},
        "answers": dict(wording.answers),
        "source": {**wording.source, "date": wording.said_on.isoformat()},
        "valid_until": wording.valid_until,
    }


def _read(row: Mapping[Any, Any]) -> Taught:
    source = dict(row["source"])
    said_on = date.fromisoformat(source.pop("date"))
    wording = Wording(row["title"], row["variants"], row["answers"], source, said_on, row["valid_until"])
    names = ("author", "publisher", "evaluated", "at")
    return Taught(
        row["id"], row["fact_id"], row["version"], FactState(row["state"]), wording, *(row[name] for name in names)
    )
