"""A database as a town has it after some years.

``size`` registrations of seven people in ten, most of them for one meeting.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Table, func, insert, select

from conversation.meeting import Meeting
from db.changes import note_change
from db.engine import Database, Transaction
from db.heartbeats import HOLD
from db.models import (
    InboxState,
    Kind,
    Lane,
    OutboxState,
    addresses,
    adhesions,
    audit,
    broadcasts,
    hand_over_turns,
    hand_overs,
    heartbeats,
    inbox,
    meetings,
    organisations,
    outbox,
    pact_organisations,
    people,
    registrations,
    sectors,
    taught,
)
from delivery.reminders import reminder_key
from knowledge.library import load_library

#: The meeting that everybody comes to, and how many "everybody" is at most.
BIGGEST, _MOST = 1, 7_000
#: Meetings that are still to come.
_COMING = 12
_FIRST = ("Anna", "Ugo", "Paola", "Lia", "Dino", "Carla", "Ivo", "Rosa", "Elio", "Nora")
_LAST = ("Rossi", "Bianchi", "Verdi", "Neri", "Costa", "Monti", "Riva", "Serra", "Valli", "Conti", "Marini")
_LETTER = b"From: Lia <lia@tre.example>\r\nSubject: Domanda\r\n\r\nBuongiorno, quando si comincia?\r\n"


def meetings_in(size: int) -> int:
    """How many there are for so many registrations."""
    return max(20, size // 500)


async def fill(database: Database, size: int, now: datetime) -> dict[str, int | str]:
    """Make it all. What stands in addresses of pages ("meeting", "voci/number") → the number of one that there is."""
    chance = random.Random(28)
    persons = max(10, size * 7 // 10)
    async with database.begin() as tx:
        planned = await _meetings(tx, meetings_in(size), now.date(), now)
        await _people(tx, persons, chance, now)
        await _registrations(tx, size, persons, planned, chance, now)
        question, letter = await _waiting(tx, size, persons, now)
        fact = await _taught(tx, now)
        draft = await _broadcasts(tx, now)
        organisation = await _pact_organisations(tx, max(5, size // 1_000), now)
    found = {"meeting": BIGGEST, "person": 1, "registration": 1, "question": question, "letter": letter, "message": 1}
    found |= {"voci/number": fact, "avvisi/number": draft, "organisation": organisation}
    return {**found, "fact": next(iter(load_library().facts))}


async def _add(tx: Transaction, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 5_000):
        await tx.execute(insert(table), rows[start : start + 5_000])


async def _meetings(tx: Transaction, count: int, today: date, now: datetime) -> list[Meeting]:
    keys = [f"settore{n}" for n in range(8)]
    await _add(tx, sectors, [{"key": k, "names": {"it": k.capitalize(), "en": k.capitalize()}} for k in keys])
    found = []
    for n in range(1, count + 1):
        days = n * 5 if n <= _COMING else -3 * (n - _COMING)
        link = f"https://zoom.example/j/{n}"
        found.append(Meeting(n, keys[n % 8], "", today + timedelta(days=days), time(17, 30), 90, link, "", None))
    names = ("id", "sector", "title", "day", "hour", "duration", "link", "passcode", "capacity")
    await _add(tx, meetings, [{k: getattr(m, k) for k in names} | {"changed_at": now} for m in found])
    # Everybody knows already that the biggest one was moved: what a withdrawal would do is shown for all of them.
    moved, left = found[BIGGEST - 1], now - timedelta(minutes=5)
    before = replace(moved, hour=time(18, 30))
    await note_change(tx, before, moved.as_told(), now=left, until=left, by=None)
    return found


async def _people(tx: Transaction, count: int, chance: random.Random, now: datetime) -> None:
    rows, places = [], []
    names = [f"Circolo {chance.choice(_LAST)} {n}" for n in range(1, _associations_of(count) + 1)]
    for n in range(1, count + 1):
        name = f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
        named = {"organisation_id": 1 + n % len(names) if n % 3 == 0 else None}
        rows.append({"id": n, "name": name, "language": "it", "created_at": now, "updates": n % 3 == 0} | named)
        at = {"person_id": n, "used_at": now, "reachable": n % 100 != 0}
        if n % 2 or n % 10 == 0:
            places.append(at | {"channel": "email", "value": f"p{n}@posta.example"})
        if n % 2 == 0:
            places.append(at | {"channel": "telegram", "value": str(1_000_000 + n)})
    associations = [{"id": i, "name": n, "folded": n.lower(), "created_at": now} for i, n in enumerate(names, 1)]
    await _add(tx, organisations, associations)
    await _add(tx, people, rows)
    await _add(tx, addresses, places)
    states = ("interested", "interested", "invited", "signed")
    stand = [{"person_id": n, "state": states[n // 10 % 4], "created_at": now} for n in range(10, count + 1, 10)]
    await _add(tx, adhesions, stand)


def _associations_of(persons: int) -> int:
    return max(1, persons // 7)


async def _registrations(
    tx: Transaction, size: int, persons: int, planned: list[Meeting], chance: random.Random, now: datetime
) -> None:
    biggest = min(_MOST, persons)
    others, associations = planned[1:], _associations_of(persons)
    rows, messages = [], []
    for n in range(1, size + 1):
        rest = n - biggest - 1
        meeting = planned[0] if n <= biggest else others[(rest + rest // persons) % len(others)]
        person = n if n <= biggest else rest % persons + 1
        coming = meeting.id <= _COMING
        assert meeting.day is not None
        back = chance.randrange(30 * 24) if coming else 24 * (10 + (now.date() - meeting.day).days)
        status = "withdrawn" if n % 17 == 0 else "waitlisted" if n % 25 == 0 else "confirmed"
        source = "telegram" if person % 2 == 0 else "email"
        place = str(1_000_000 + person) if person % 2 == 0 else f"p{person}@posta.example"
        at = now - timedelta(hours=back)
        rows.append(
            {
                "id": n,
                "person_id": person,
                "meeting_id": meeting.id,
                "participants": 1 + n % 3,
                "status": status,
                "organisation_id": 1 + n % associations if n % 3 == 0 else None,
                "source": source,
                "planned": True,
                "uid": str(n),
                "registered_at": at,
                "active_since": at,
                "changed_at": at,
                "attended_at": at if not coming and n % 5 and status == "confirmed" else None,
                "told": meeting.as_told(),
            }
        )
        message = {"person_id": person, "registration_id": n, "channel": source, "value": place}
        if status == "confirmed" and coming:
            messages += [message | _reminder(n, meeting, now, label, days) for label, days in (("1d", 1), ("1h", 0))]
        messages.append(message | _sent(n, at))
    await _add(tx, registrations, rows)
    await _add(tx, outbox, messages)


def _reminder(registration: int, meeting: Meeting, now: datetime, label: str, days: int) -> dict[str, Any]:
    assert meeting.day is not None
    due = now + (meeting.day - now.date()) - timedelta(days=days)
    key = reminder_key(registration, 1, meeting.revision, label)
    state = {"state": OutboxState.PENDING.value, "sent_at": None}
    return {"key": key, "lane": Lane.BULK.value, "kind": Kind.REMINDER.value, "detail": label, "due_at": due} | state


def _sent(registration: int, at: datetime) -> dict[str, Any]:
    state = OutboxState.FAILED if registration % 500 == 0 else OutboxState.SENT
    values = {"lane": Lane.BULK.value, "kind": Kind.NOTICE.value, "detail": "hour", "due_at": at, "sent_at": at}
    return {"key": f"notice:{registration}:0", "state": state.value} | values


async def _waiting(tx: Transaction, size: int, persons: int, now: datetime) -> tuple[int, int]:
    """What was asked, some of it without an answer yet; what came in, some of it set aside; what was done.

    A question and a letter.
    """
    asked, open_from = max(60, min(size // 20, 2_000)), max(60, min(size // 20, 2_000)) - 40
    evidence = {"outcome": "answered", "intent": "question", "evidence": ["voce rete.cosa 0.9"], "language": "it"}
    await _add(
        tx,
        hand_overs,
        [
            {
                "id": n,
                "channel": "email",
                "value": f"p{n % persons + 1}@posta.example",
                "person_id": n % persons + 1,
                "question": f"Dove si parcheggia per l'incontro numero {n}?",
                "reason": "question",
                "digest": str(n % 50),
                "state": "open" if n > open_from else "answered",
                "answer": "" if n > open_from else "In piazza.",
                "created_at": now - timedelta(hours=n % 300),
                "answered_at": None if n > open_from else now - timedelta(hours=n % 300),
                "token": "x",
                "same_as": n % 50 + 1,
                "evidence": evidence,
            }
            for n in range(1, asked + 1)
        ],
    )
    lines = [{"hand_over_id": asked, "side": "them", "text": "Dove si parcheggia?", "at": now} for _ in range(6)]
    await _add(tx, hand_over_turns, lines)
    came = max(60, size // 2)
    aside = {"state": InboxState.SET_ASIDE.value, "payload": _LETTER, "error": "allegato strano"}
    done = {"state": InboxState.DONE.value, "payload": None, "error": ""}
    await _add(
        tx,
        inbox,
        [
            {
                "id": n,
                "source_key": f"k{n}",
                "channel": "email",
                "sender": f"p{n}@posta.example",
                "received_at": now,
                "next_at": now,
                "handled_at": now,
                "evidence": evidence,
            }
            | (aside if n > came - 25 else done)
            for n in range(1, came + 1)
        ],
    )
    acts = ("registered", "meeting_changed", "exported", "withdrawn")
    await _add(
        tx,
        audit,
        [
            {"at": now - timedelta(minutes=n), "action": acts[n % 4], "person_id": n % persons + 1, "data": {"rows": n}}
            for n in range(size)
        ],
    )
    await _add(tx, heartbeats, [{"name": name, "at": now} for name in ("worker", "mailbox", "telegram", HOLD)])
    return asked, came


async def _taught(tx: Transaction, now: datetime) -> int:
    """Facts that the office teaches; one of them."""
    rows = [
        {
            "id": n,
            "fact_id": f"ufficio_{n}.voce",
            "state": "published" if n % 2 else "draft",
            "at": now,
            "title": {"it": f"Voce {n}"},
            "variants": {"it": [f"domanda {n}?", "altra?", "terza?"]},
            "answers": {"it": "Sì."},
            "source": {"it": "Ufficio", "date": "2021-01-10"},
        }
        for n in range(1, 11)
    ]
    await _add(tx, taught, rows)
    return 2


async def _broadcasts(tx: Transaction, now: datetime) -> int:
    """What was said to many, and a draft for everybody at the biggest meeting, whose number it gives."""
    rows = [
        {
            "id": n,
            "key": str(n),
            "title": f"Avviso {n}",
            "text": "Portate un amico.",
            "created_at": now,
            "state": "queued",
            "segment": {"meetings": [BIGGEST + n]},
        }
        for n in range(1, 16)
    ]
    await _add(
        tx, broadcasts, [*rows, rows[0] | {"id": 16, "key": "16", "state": "draft", "segment": {"meetings": [BIGGEST]}}]
    )
    return 16


async def _pact_organisations(tx: Transaction, count: int, now: datetime) -> int:
    """Associations of which nobody is known and that have signed; the number of one."""
    first = 1 + int((await tx.execute(select(func.max(organisations.c.id)))).scalar_one())
    numbers = range(first, first + count)
    named = [{"id": n, "name": f"Cooperativa {n}", "folded": f"cooperativa {n}", "created_at": now} for n in numbers]
    await _add(tx, organisations, named)
    signed = {"created_at": now, "state": "signed", "signed_on": now.date(), "note": ""}
    await _add(tx, pact_organisations, [signed | {"organisation_id": n} for n in numbers])
    return first
