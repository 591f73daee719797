"""Finding by the beginnings of words: people, associations, questions; people by their address and telephone, too.

Nothing is kept folded but the names of associations. So the database looks for a word with its vowels left open, which
an accent may stand on, and what it finds is compared here; what has the word as it was typed comes first.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from conversation.channel import Channel
from conversation.words import fold
from db.engine import Transaction
from db.models import addresses, hand_overs, organisations, people

_WORD = re.compile(r"[^\W_]+")
_VOWELS = str.maketrans("aeiou", "_____")
#: What people write between the digits of a telephone number.
_BETWEEN = " +()./-"
_PHONE = re.compile(rf"[\d{re.escape(_BETWEEN)}]+")
#: Digits by which a number is looked for: as many as the shortest has. Before them may stand what one of the two leaves
#: out ("+39").
_TAIL = 5
#: Words of a search that count.
_WORDS = 6
#: Rows that are compared: with more, what was typed is too short to be found by.
_COMPARED = 300


def all_words(text: str) -> tuple[str, ...]:
    """The folded words of a text."""
    return tuple(_WORD.findall(fold(text)))


def words_of(sought: str) -> tuple[str, ...]:
    """Those of a search that count."""
    return all_words(sought)[:_WORDS]


def begin_with(own: Sequence[str], words: Sequence[str]) -> bool:
    """Whether each of ``words`` begins one of ``own``."""
    return bool(words) and all(any(one.startswith(word) for one in own) for word in words)


def has_words(text: str, words: Sequence[str]) -> bool:
    """The same of a text."""
    return begin_with(all_words(text), words)


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person, and the association they named last."""

    id: int
    name: str
    organisation: str


@dataclass(frozen=True, slots=True)
class FoundQuestion:
    """A question to the office, waiting or not."""

    id: int
    question: str
    at: datetime
    state: str


async def find_people(
    tx: Transaction, words: Sequence[str], *, most: int, by_association: bool = False
) -> list[FoundPerson]:
    """Those who are called so; ``by_association``: then those who are with an association that is, or half and half."""
    name, own = people.c.name, organisations.c.folded
    fitting = and_(*(or_(_like(name, [w]), own.contains(w)) for w in words)) if by_association else _like(name, words)
    by_name = case((_typed(name, words) == 0, 0), (_like(name, words), 1), else_=2)
    query = _who().where(fitting).order_by(by_name, name, people.c.id)

    def fits(row: Any) -> bool:
        return has_words(f"{row.name} {row.organisation}" if by_association else row.name, words)

    return _read(await _rows(tx, query), fits, most)


async def find_people_at(tx: Transaction, address: str, *, most: int) -> list[FoundPerson]:
    """Those whose e-mail address begins so."""
    begins = address.strip().lower()
    query = (
        _who(addresses.c.value)
        .join(addresses, addresses.c.person_id == people.c.id)
        .where(addresses.c.channel == Channel.EMAIL.value, _begins(tx, addresses.c.value, begins))
        .order_by(addresses.c.value)
    )
    return _read(await _rows(tx, query), lambda row: row.value.startswith(begins), most)


async def find_people_called(tx: Transaction, sought: str, *, most: int) -> list[FoundPerson]:
    """Those whose telephone number has these digits, however they are written; nobody for what is no number."""
    digits = _digits(sought)
    if len(digits) < _TAIL or not _PHONE.fullmatch(sought):
        return []
    phone: ColumnElement[str] = people.c.phone
    bare = phone
    for sign in _BETWEEN:
        bare = func.replace(bare, sign, "")
    query = _who(phone).where(phone != "", bare.contains(digits[-_TAIL:])).order_by(people.c.name, people.c.id)

    def fits(row: Any) -> bool:
        own = _digits(row.phone)
        return digits in own or digits.endswith(own)

    return _read(await _rows(tx, query), fits, most)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


async def find_associations(tx: Transaction, words: Sequence[str], *, most: int) -> list[str]:
    """Names of associations: first those that begin with the first word, which an index knows."""
    first = words[0]
    columns, own = (organisations.c.name, organisations.c.folded), organisations.c.folded
    begin = select(*columns).where(_begins(tx, own, first)).order_by(own)
    found = [row.name for row in await _rows(tx, begin) if has_words(row.folded, words)]
    if len(found) < most:
        inside = select(*columns).where(*(own.contains(word) for word in words)).order_by(own)
        found += [row.name for row in await _rows(tx, inside) if has_words(row.folded, words)]
    return list(dict.fromkeys(found))[:most]


async def find_questions(
    tx: Transaction, words: Sequence[str], number: int | None, *, most: int
) -> list[FoundQuestion]:
    """Questions with these words, or with this number; the newest first."""
    text = hand_overs.c.question
    query = select(hand_overs.c.id, text, hand_overs.c.created_at, hand_overs.c.state)
    asked = _like(text, words) if number is None else hand_overs.c.id == number
    rows = await _rows(tx, query.where(asked).order_by(hand_overs.c.id.desc()))
    fitting = [row for row in rows if number is not None or has_words(row.question, words)]
    return [FoundQuestion(*row) for row in fitting[:most]]


def _who(*more: ColumnElement[Any]) -> Select[Any]:
    known = people.outerjoin(organisations, organisations.c.id == people.c.organisation_id)
    name = func.coalesce(organisations.c.name, "").label("organisation")
    return select(people.c.id, people.c.name, name, *more).select_from(known)


async def _rows(tx: Transaction, query: Select[Any]) -> Sequence[Any]:
    found: Sequence[Any] = (await tx.execute(query.limit(_COMPARED))).all()
    return found


def _read(rows: Iterable[Any], fits: Callable[[Any], bool], most: int) -> list[FoundPerson]:
    return [FoundPerson(row.id, row.name, row.organisation) for row in rows if fits(row)][:most]


def _begins(tx: Transaction, column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """As an index serves it: SQLite's knows where a text lies, not LIKE.

    In PostgreSQL the order of a language has no last letter.
    """
    if tx.dialect.name == "sqlite":
        return column.between(text, f"{text}\U0010ffff")
    return column.startswith(text, autoescape=True)


def _like(column: ColumnElement[str], words: Sequence[str]) -> ColumnElement[bool]:
    """Each word is somewhere in it, with any accents on its vowels."""
    return and_(*(func.lower(column).like(f"%{word.translate(_VOWELS)}%") for word in words))


def _typed(column: ColumnElement[str], words: Sequence[str]) -> ColumnElement[int]:
    """0 for what has the words as they were typed."""
    return case((and_(*(func.lower(column).like(f"%{word}%") for word in words)), 0), else_=1)
