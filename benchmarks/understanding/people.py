"""Scores whole turns on sets written by strangers: what stands in the register at the end, and what was answered.

A letter or chat has ``expect``: the requests that a careful clerk understands. A question has ``answerable``. Both go
through the real handlers on a database of their own; what each field means stands in
tests/understanding/sets/README.md.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks.understanding.scoring import START
from bot.settings import Settings
from conversation.channel import Channel
from conversation.message import Address, Event, Incoming, Trust, TurnRecord
from conversation.office import Office
from conversation.outcome import TurnOutcome
from conversation.understanding.classifier import IntentClassifier
from conversation.understanding.organisations import same_organisation
from conversation.words import fold
from db.dialogues import load_dialogue
from db.engine import Database
from db.meetings import all_meetings
from db.migrate import migrate
from db.models import RegistrationStatus, hand_overs, meetings, organisations, people, registrations
from db.people import add_person, organisation_id
from db.registrations import save_registration
from handlers.dispatch import handle
from handlers.intents import INTENTS, contract_name
from handlers.services import Services
from handlers.turn import PRIVACY_NOTICE_VERSION
from knowledge.library import OWN_TOWN
from mail.reading.message import read_letter
from office.programme import load_programme

Row = dict[str, Any]
OFFICE = "luccalearningcity@comune.lucca.example"
_BORDER = "mx.comune.lucca.example"
#: What a person says when asked for something that their row gives no answer to.
_SHRUGS = "non saprei"
_MOST_TURNS = 9
_SETTLED = frozenset({"consent", "confirm"})


@dataclass(frozen=True, slots=True)
class FinalRegistration:
    """One registration as it stands in the end."""

    day: str
    organisation: str
    people: int


@dataclass(slots=True)
class Verdict:
    """What became of one row: ``marks`` by what is measured (``giusto``, ``chiesto``…), and the milliseconds of CPU."""

    marks: dict[str, str] = field(default_factory=dict)
    spent: float = 0.0


class Town:
    """A database with the programme in it, and everybody who writes."""

    def __init__(self, classifier: IntentClassifier, folder: Path) -> None:
        self._database = Database(f"sqlite:///{folder / 'people.db'}")
        self._services = Services(classifier, Office(OFFICE))
        self._number = 0

    async def open(self) -> None:
        """Make the tables and load the programme."""
        await migrate(self._database)
        async with self._database.begin() as tx:
            plain = Settings(_env_file=None)  # without the .env of who runs it
            await load_programme(tx, OWN_TOWN / "programme.toml", plain.schedule, START)

    async def close(self) -> None:
        """Close it."""
        await self._database.close()

    async def says(self, incoming: Incoming, now: datetime) -> TurnRecord:
        """One turn, kept."""
        self._number += 1
        async with self._database.begin() as tx:
            return await handle(tx, incoming, f"people:{self._number}", services=self._services, now=now)

    async def confirms(self, address: Address, now: datetime) -> None:
        """The yes to what the newest mail asked, by its link."""
        async with self._database.begin() as tx:
            asked_in = (await load_dialogue(tx, address, now)).asked_in
        yes = Incoming(address, event=Event.PRESS, at=now, press="yes", trust=Trust.PASS, proof=f"{asked_in}.")
        await self.says(yes, now)

    async def asks(self, address: Address, now: datetime) -> str:
        """What is open in that conversation; empty when nothing is."""
        async with self._database.begin() as tx:
            found = (await load_dialogue(tx, address, now)).asks
        return found.value if found else ""

    async def registrations(self, person_id: int) -> list[FinalRegistration]:
        """What stands in the register for somebody."""
        query = (
            select(meetings.c.day, organisations.c.name, registrations.c.participants)
            .select_from(registrations.join(meetings).outerjoin(organisations))
            .where(registrations.c.person_id == person_id, registrations.c.status != "withdrawn")
        )
        async with self._database.begin() as tx:
            return [FinalRegistration(str(r[0]), r[1] or "", r[2]) for r in (await tx.execute(query)).all()]

    async def has_registered(self, row: Row, address: Address) -> int:
        """Write down what ``row`` says stood before its letter; whose it is."""
        wish = next((e for e in row["expect"] if e["organisation"] is not None), row["expect"][0])
        async with self._database.begin() as tx:
            person = await add_person(
                tx,
                address,
                name=wish["writer"] or "Pia Neri",
                language="it",
                notice_version=PRIVACY_NOTICE_VERSION,
                now=START,
            )
            association = await organisation_id(tx, wish["organisation"], START) if wish["organisation"] else None
            numbers = {str(m.day): m.id for m in await all_meetings(tx)}
            for held in row["registered"]:
                await save_registration(
                    tx,
                    person_id=person.id,
                    meeting_id=numbers[held["meeting"]],
                    organisation_id=association,
                    participants=held["participants"],
                    status=RegistrationStatus.CONFIRMED,
                    source=address.channel,
                    notice_version=PRIVACY_NOTICE_VERSION,
                    now=START,
                )
        return person.id

    async def newest_person(self) -> tuple[int, str]:
        """The last one written down: id and name."""
        async with self._database.begin() as tx:
            found = (await tx.execute(select(people.c.id, people.c.name).order_by(people.c.id.desc()).limit(1))).first()
        return (found[0], found[1] or "") if found else (0, "")

    async def questions(self) -> int:
        """How many were passed to the office."""
        async with self._database.begin() as tx:
            return int((await tx.execute(select(func.count()).select_from(hand_overs))).scalar_one())


def _raw(row: Row) -> bytes:
    """The row's letter, as a domain that vouches for it would deliver it, from an address of its own.

    Each is somebody else's first.
    """
    message = EmailMessage(policy=SMTP)
    before, _, after = row["from"].rpartition("@")
    domain = after.strip(" <>")
    message["Authentication-Results"] = f"{_BORDER}; dmarc=pass header.from={domain}"
    message["From"], message["To"] = f"{before}.{row['id']}@{after}", OFFICE
    message["Subject"] = " ".join((row.get("subject") or "").split())
    message["Date"] = format_datetime(datetime.fromisoformat(row["date"]))
    message["Message-ID"] = make_msgid(domain="people.example")
    message.set_content(row["text"])
    return message.as_bytes()


async def _converse(town: Town, row: Row, now: datetime, number: int) -> TurnRecord:
    """Let the person of ``row`` write, and answer what they are asked; the first turn's record."""
    if row["channel"] == "mail":
        letter = read_letter(_raw(row), ours=OFFICE, authserv_id=_BORDER)
        if letter.incoming is None:
            return TurnRecord(intent=f"posta: {letter.screening.reason}", outcome=TurnOutcome.UNCLEAR)
        return await town.says(letter.incoming, now)
    address, asked = Address(Channel.TELEGRAM, str(9_000_000 + number)), list[str]()
    first = await town.says(Incoming(address, row["text"], at=now), now)
    for _ in range(_MOST_TURNS):
        asks = await town.asks(address, now)
        if not asks or asks in {"topic", "which_registration"} or asked.count(asks) > 1:
            break
        asked.append(asks)
        said = "sì" if asks in _SETTLED | {"adhesion"} else row["answers"].get(asks) or _SHRUGS
        await town.says(Incoming(address, said, at=now), now)
    return first


def _same(one: str, other: str | None) -> bool:
    return same_organisation(one.strip(" \"'«»“”"), (other or "").strip(" \"'«»“”"))


def _judge_registrations(row: Row, registrations: Sequence[FinalRegistration], verdict: Verdict) -> None:
    # A change of what nobody here had registered before is met by registering what it says.
    wanted = [e for e in row["expect"] if e["act"] in {"register", "change"}]
    days = {d for e in wanted for d in e["meetings"]}
    got = {p.day for p in registrations}
    if row["channel"] == "chat" and "meeting" in row["ask"] and not days:
        days = got  # what the person answered when asked
    unclear = row["channel"] == "mail" and ("meeting" in row["ask"] or not days)
    if got - days:
        verdict.marks["incontri"] = "sbagliato"
    else:
        verdict.marks["incontri"] = "giusto" if got == days or (unclear and not got) else "chiesto"
    if verdict.marks["incontri"] != "giusto" or not got:
        return
    pairs = [(p, e) for e in wanted for p in registrations if p.day in e["meetings"]]
    per_day = Counter(p.day for p in registrations)
    several = len({fold(e["organisation"] or "") for e in wanted}) > 1
    names = [
        any(_same(p.organisation, e["organisation"]) for p, e in pairs if e is one and p.day == d)
        for one in wanted
        for d in one["meetings"]
        if one["organisation"] is not None
    ]
    if names:
        extra = several and sum(per_day.values()) != sum(len(e["meetings"]) for e in wanted)
        verdict.marks["associazione"] = "giusto" if all(names) and not extra else "sbagliato"
    numbers = [
        any(
            p.people == e["participants"] and (not several or _same(p.organisation, e["organisation"]))
            for p, e in pairs
            if e is one and p.day == d
        )
        for one in wanted
        for d in one["meetings"]
        if one["participants"] is not None
    ]
    if numbers:
        verdict.marks["persone"] = "giusto" if all(numbers) else "sbagliato"


async def _judge_letter(town: Town, row: Row, number: int) -> Verdict:
    now = datetime.fromisoformat(row["date"]) + timedelta(minutes=1)
    verdict, before, questions = Verdict(), (await town.newest_person())[0], await town.questions()
    begun = time.process_time()
    record = await _converse(town, row, now, number)
    verdict.spent = (time.process_time() - begun) * 1000
    newest, name = await town.newest_person()
    registrations = await town.registrations(newest) if newest != before else []
    acts = {e["act"] for e in row["expect"]}
    if "register" in acts or registrations:
        _judge_registrations(row, registrations, verdict)
        # All three, counted over the letters that say them all and can be registered at once.
        sure = row["channel"] == "mail" and not row["ask"] and "register" in acts
        if sure or (row["channel"] == "chat" and "register" in acts):
            whole = all(m == "giusto" for m in verdict.marks.values())
            wrong = verdict.marks["incontri"] == "sbagliato"
            key = "lettere intere" if sure else "chat finite bene"
            verdict.marks[key] = "giusto" if whole else "sbagliato" if wrong else "da completare"
        writer = next((e["writer"] for e in row["expect"] if e["writer"]), None)
        if writer and registrations and verdict.marks["incontri"] == "giusto":
            verdict.marks["chi scrive"] = "giusto" if fold(writer) == fold(name) else "sbagliato"
    if acts != {"register"}:
        verdict.marks["altri desideri"] = _judge_wishes(acts, record, registrations)
    if "beside" in row:
        _judge_beside(row, record, verdict, passed=await town.questions() > questions)
    return verdict


async def _judge_standing(town: Town, row: Row, _number: int) -> Verdict:
    """A letter by somebody with registrations: whether afterwards stands what ``stands`` says.

    ``proposto``: nothing is done before a yes, and it stands after it.
    """
    now, verdict = datetime.fromisoformat(row["date"]) + timedelta(minutes=1), Verdict()
    letter = read_letter(_raw(row), ours=OFFICE, authserv_id=_BORDER)
    if letter.incoming is None:
        return Verdict({"cambiamenti": f"posta: {letter.screening.reason}"})
    address = letter.incoming.address
    person = await town.has_registered(row, address)
    before, expected = _standing(row["registered"]), _standing(row["stands"])
    begun = time.process_time()
    record = await town.says(letter.incoming, now)
    verdict.spent = (time.process_time() - begun) * 1000
    after = _day_and_people(await town.registrations(person))
    asks = await town.asks(address, now)
    mark = "giusto" if after == expected else "sbagliato"
    if after == before and asks:
        mark = "chiesto"
        if asks == "confirm":
            await town.confirms(address, now)
            agreed = _day_and_people(await town.registrations(person))
            mark = "proposto" if agreed == expected else "proposto male"
    elif after == before and before != expected:
        mark = "passato" if record.outcome == "handed_over" else "niente"
    verdict.marks["cambiamenti"] = "giusto" if row["ask"] and mark == "chiesto" else mark
    return verdict


def _standing(rows: Sequence[Row]) -> set[tuple[str, int]]:
    return {(one["meeting"], one["participants"]) for one in rows}


def _day_and_people(registrations: Sequence[FinalRegistration]) -> set[tuple[str, int]]:
    return {(held.day, held.people) for held in registrations}


#: Wishes that are met by the same answer.
_ALIKE = {"calendar": "question", "my_registrations": "resend_link", "privacy_info": "question", "complaint": "human"}


def _judge_wishes(acts: set[str], record: TurnRecord, registrations: Sequence[FinalRegistration]) -> str:
    """Whether what else was wished was met.

    A withdrawal or change asked about, a question answered or passed on, nothing done.
    """
    known = contract_name(record.intent) if record.intent in INTENTS else ""  # not what mail was put down as
    found = {record.intent, known, _ALIKE.get(record.intent, "")}
    if acts == {"none"}:
        fits = not registrations and record.outcome != "asked"
    elif acts == {"human"}:
        fits = record.outcome == "handed_over"
    elif "register" in acts:
        fits = bool(registrations) or bool(found & acts)
    else:
        fits = bool(found & acts)
    return "giusto" if fits else "sbagliato"


def _judge_beside(row: Row, record: TurnRecord, verdict: Verdict, *, passed: bool) -> None:
    """What became of what a registration asks besides: ``question`` or ``courtesy``."""
    mark = "passato" if passed else "risposto" if record.sources else "taciuto"
    verdict.marks["domande accanto" if row["beside"] == "question" else "cortesie accanto"] = mark


def _told(record: TurnRecord) -> str:
    return "\n".join(reply.plain for reply in record.replies)


async def _judge_question(town: Town, row: Row, number: int) -> Verdict:
    verdict, now = Verdict(), START
    address = Address(Channel.EMAIL, f"q{number}@people.example") if row["channel"] == "mail" else None
    address = address or Address(Channel.TELEGRAM, str(8_000_000 + number))
    if row["before"]:
        await town.says(Incoming(address, row["before"], at=now), now)
    begun = time.process_time()
    record = await town.says(Incoming(address, row["text"], at=now), now)
    verdict.spent = (time.process_time() - begun) * 1000
    told, answered = _told(record), record.outcome in {"answered", "greeted", "recorded", "done"}
    if row["answerable"]:
        plain = told.casefold()
        fits = all(any(part.casefold() in plain for part in group) for group in row["must"])
        key = f"domande: {row['kind']}"
        mark = "giusto" if fits else "sbagliato" if answered else "passato"
        if not fits and record.asks == "topic":
            mark = "tra le proposte"
        verdict.marks[key] = verdict.marks["domande"] = mark
    else:
        # A reply that states nothing about the network or the meetings is no answer to what was asked.
        states = bool(record.sources)
        verdict.marks[f"fuori: {row['kind']}"] = verdict.marks["fuori fonti"] = "risposto" if states else "giusto"
    return verdict


def _judge(row: Row) -> Callable[[Town, Row, int], Awaitable[Verdict]]:
    if row.get("registered"):
        return _judge_standing
    return _judge_letter if "expect" in row else _judge_question


async def judge_rows(rows: Sequence[Row], classifier: IntentClassifier) -> list[Verdict]:
    """Every row, each by somebody else, in one town."""
    with tempfile.TemporaryDirectory(prefix="luccabot-") as folder:
        town = Town(classifier, Path(folder))
        await town.open()
        try:
            judged = []
            for number, row in enumerate(rows):
                judged.append(await _judge(row)(town, row, number))
            return judged
        finally:
            await town.close()


def table(verdicts: Sequence[Verdict]) -> str:
    """Counts by what is measured, and the time of a turn."""
    counts: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        for tested, mark in verdict.marks.items():
            counts.setdefault(tested, Counter())[mark] += 1
    lines = []
    for tested, marks in sorted(counts.items()):
        total = sum(marks.values())
        parts = ", ".join(f"{mark} {n} ({n / total:.0%})" for mark, n in marks.most_common())
        lines.append(f"  {tested:<22} {total:>4}: {parts}")
    spent = sorted(v.spent for v in verdicts)
    if spent:
        lines.append(f"  ms di CPU: p50 {spent[len(spent) // 2]:.1f}, p95 {spent[int(len(spent) * 0.95)]:.1f}")
    return "\n".join(lines)
