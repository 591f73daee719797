"""What is forgotten when its time has passed, and what is not."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, update

from conversation.channel import Channel
from conversation.dialogue import Dialogue
from conversation.message import Address
from conversation.open_questions import Asks, Draft, Registering
from db import retention
from db.dialogues import KEPT
from db.engine import Database, Transaction
from db.models import (
    addresses,
    adhesions,
    audit,
    dialogues,
    hand_overs,
    inbox,
    lockouts,
    meetings,
    organisations,
    outbox,
    people,
    purges,
    registrations,
    returns,
    sectors,
    sessions,
    staff,
    staff_links,
)
from db.people import find_person
from db.periods import Periods
from db.retention import forget

NOW = datetime(2022, 6, 1, tzinfo=UTC)
PERIODS = Periods.of(months=12, days=90, audit_months=24, mail_days=7)


def days(number: int) -> datetime:
    return NOW - timedelta(days=number)


async def person(
    tx: Transaction, number: int, *, seen: int, meeting: int | None = None, joined: int | None = None
) -> None:
    """Somebody who last wrote ``seen`` days ago."""
    await tx.execute(
        insert(organisations).values(id=number, name=f"Club {number}", folded=f"club {number}", created_at=days(900))
    )
    await tx.execute(
        insert(people).values(id=number, name="P", language="it", organisation_id=number, created_at=days(900))
    )
    value = f"p{number}@posta.example"
    await tx.execute(insert(addresses).values(person_id=number, channel="email", value=value, used_at=days(seen)))
    if meeting is not None:
        row = {"person_id": number, "meeting_id": meeting, "status": "confirmed", "source": "email"}
        times = dict.fromkeys(("registered_at", "active_since", "changed_at"), days(880))
        await tx.execute(insert(registrations).values(row | times))
    if joined is not None:
        await tx.execute(insert(adhesions).values(person_id=number, created_at=days(joined)))


async def count(tx: Transaction, table: Any) -> int:
    return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())


async def test_people_are_forgotten_after_their_last_meeting_and_contact(database: Database) -> None:
    async with database.begin() as tx:
        await tx.execute(insert(sectors).values(key="sport", names={"it": "sport"}))
        for number, day in ((1, date(2021, 1, 21)), (2, date(2022, 5, 1)), (3, date(2022, 9, 1))):
            await tx.execute(insert(meetings).values(id=number, sector="sport", day=day, changed_at=NOW))
        await person(tx, 1, seen=500, meeting=1)  # all long past: goes
        await person(tx, 2, seen=300, meeting=1)  # wrote within the year: stays
        await person(tx, 3, seen=500, meeting=2)  # came to a meeting last month: stays
        await person(tx, 4, seen=500, meeting=3)  # is registered for one to come: stays
        await person(tx, 5, seen=500, joined=100)  # interest in the Patto: stays
        await person(tx, 6, seen=500, joined=700)  # even that is old: goes
    assert await forget(database, NOW, PERIODS) == 2
    async with database.begin() as tx:
        left = [n for n in range(1, 7) if await find_person(tx, Address(Channel.EMAIL, f"p{n}@posta.example"))]
        assert left == [2, 3, 4, 5]
        assert await count(tx, organisations) == 4
        assert await count(tx, addresses) == 4
        assert await count(tx, purges) == 2  # their letters leave the mailbox too
    assert await forget(database, NOW, PERIODS) == 0


async def test_letters_questions_and_logs_are_forgotten_in_their_time(database: Database) -> None:
    async with database.begin() as tx:
        for number, age in enumerate((10, 100, 800)):
            for channel, state in (("telegram", "done"), ("email", "done"), ("email", "set_aside"), ("email", "new")):
                row = {"source_key": f"{channel}{state}{number}", "channel": channel, "sender": "x", "payload": b"x"}
                times = {
                    "received_at": days(age),
                    "next_at": days(age),
                    "handled_at": None if state == "new" else days(age),
                }
                await tx.execute(insert(inbox).values(row | times | {"state": state}))
            for state, answered in (("open", None), ("answered", days(age))):
                row = {"channel": "email", "value": "x", "question": "?", "reason": "person", "state": state}
                await tx.execute(insert(hand_overs).values(row | {"created_at": days(age), "answered_at": answered}))
            await tx.execute(insert(returns).values(channel="email", value="x", fate="hard", at=days(age)))
            await tx.execute(insert(audit).values(at=days(age), action="registered"))
            for state in ("sent", "failed", "unsure", "pending"):
                row = {"key": f"{state}{number}", "lane": "reply", "kind": "reply", "channel": "email", "value": "x"}
                sent = days(age) if state == "sent" else None
                await tx.execute(insert(outbox).values(row | {"state": state, "due_at": days(age), "sent_at": sent}))
    await forget(database, NOW, PERIODS)
    async with database.begin() as tx:
        kept = (await tx.execute(select(inbox.c.source_key).order_by(inbox.c.id))).scalars().all()
        # What nobody has handled yet is never forgotten, however old.
        assert kept == ["emaildone0", "emailset_aside0", "emailnew0", "emailnew1", "emailnew2"]
        open_ = (await tx.execute(select(hand_overs.c.state).order_by(hand_overs.c.id))).scalars().all()
        assert open_ == ["open", "answered", "open"]
        assert await count(tx, returns) == 1
        assert await count(tx, audit) == 2
        left = (await tx.execute(select(outbox.c.key).order_by(outbox.c.id))).scalars().all()
        assert left == ["sent0", "failed0", "unsure0", "pending0", "pending1", "pending2"]


async def test_what_let_people_into_the_console_is_forgotten(database: Database) -> None:
    async with database.begin() as tx:
        await tx.execute(insert(staff).values(id=1, email="anna@comune.example", added_at=days(900)))
        for number, ends in enumerate((days(1), NOW + timedelta(hours=1))):
            times = {"made_at": days(1), "seen_at": days(1), "expires_at": ends}
            await tx.execute(insert(sessions).values(digest=str(number), staff_id=1, **times))
            link = {"digest": str(number), "staff_id": 1, "purpose": "first", "expires_at": ends}
            await tx.execute(insert(staff_links).values(link))
            await tx.execute(insert(lockouts).values(network=str(number), failed=9, at=ends - timedelta(hours=2)))
        times["expires_at"] = NOW - timedelta(hours=10)  # in the evening: what is sent the next morning is theirs still
        await tx.execute(insert(sessions).values(digest="evening", staff_id=1, **times))
    await forget(database, NOW, PERIODS)
    async with database.begin() as tx:
        assert [await count(tx, table) for table in (staff, sessions, staff_links, lockouts)] == [1, 2, 1, 1]


async def test_more_than_one_batch_is_forgotten(one_database: Database) -> None:
    async with one_database.begin() as tx:
        for number in range(1, 26):
            await person(tx, number, seen=500)
        await tx.execute(insert(audit), [{"at": days(800), "action": "registered"} for _ in range(1203)])
    assert await forget(one_database, NOW, PERIODS) == 25
    async with one_database.begin() as tx:
        assert await count(tx, people) == await count(tx, organisations) == 0
        assert await count(tx, audit) == 25  # that they were forgotten


async def test_no_transaction_of_the_night_touches_more_than_a_batch(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who writes meanwhile waits for one batch: of threads, letters, rows, whatever there is most of."""
    assert retention._ROWS_AT_ONCE <= 50
    monkeypatch.setattr(retention, "_ROWS_AT_ONCE", 4)
    state = Dialogue(open=Registering(Asks.NAME, Draft(meetings=[1]))).to_json()
    letter = {"channel": "email", "received_at": days(200), "next_at": days(200), "payload": b"ciao"}
    answered = letter | {"sender": "a@posta.example", "state": "done", "kind": "answered_by_hand"}
    sent = {"lane": "reply", "kind": "reply", "due_at": days(60), "sent_at": days(60), "state": "sent"}
    nobodys = letter | {"state": "set_aside", "handled_at": days(2), "payload": b"From: P1@posta.example"}
    async with database.begin() as tx:
        await person(tx, 1, seen=500)
        for n in range(9):
            thread = {"channel": "telegram", "value": str(n), "state": state, "expires_at": NOW - timedelta(hours=5)}
            await tx.execute(insert(dialogues).values(thread))
            await tx.execute(insert(dialogues).values(thread | {"channel": "email"}))
            for kind, row in (("answered", answered | {"handled_at": days(1)}), ("nobodys", nobodys)):
                await tx.execute(insert(inbox).values(row | {"source_key": f"{kind}{n}"}))
            old = letter | {"source_key": f"old{n}", "state": "set_aside", "handled_at": days(100)}
            await tx.execute(insert(inbox).values(old))
            await tx.execute(insert(outbox).values(sent | {"key": str(n), "channel": "telegram", "value": str(n)}))
            await tx.execute(insert(audit).values(at=days(800), action="registered"))
    touched: list[int] = []
    begin = database.begin

    def count_rows(_c: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(("UPDATE", "DELETE")):
            touched[-1] += cursor.rowcount

    @asynccontextmanager
    async def watched() -> AsyncIterator[Transaction]:
        touched.append(0)
        async with begin() as tx:
            yield tx

    event.listen(database.engine.sync_engine, "after_cursor_execute", count_rows)
    monkeypatch.setattr(database, "begin", watched)
    assert await forget(database, NOW, PERIODS) == 1
    event.remove(database.engine.sync_engine, "after_cursor_execute", count_rows)
    assert sum(touched) >= 7 * 9
    assert max(touched) <= 4
    async with begin() as tx:
        assert (await tx.execute(select(func.count()).where(inbox.c.payload.is_not(None)))).scalar() == 0
        kept = (await tx.execute(select(dialogues.c.channel, dialogues.c.expires_at))).all()
    assert kept == [("telegram", NOW - timedelta(hours=5) + KEPT)] * 9


async def test_forgetting_reads_only_what_it_forgets(one_database: Database) -> None:
    """No statement walks through everybody: each finds its rows by an index."""
    async with one_database.begin() as tx:
        await tx.execute(insert(sectors).values(key="sport", names={"it": "sport"}))
        await tx.execute(insert(meetings).values(id=1, sector="sport", day=date(2021, 1, 21), changed_at=NOW))
        await person(tx, 1, seen=500, meeting=1, joined=700)
    said: list[tuple[str, Any]] = []
    listened = [one_database.engine.sync_engine, one_database._reader.sync_engine]

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: Any) -> None:
        said.append((statement, parameters))

    for engine in listened:
        event.listen(engine, "before_cursor_execute", note)
    assert await forget(one_database, NOW, PERIODS) == 1
    for engine in listened:
        event.remove(engine, "before_cursor_execute", note)
    small = {"meetings", "sectors", "purges", "broadcasts", "keys"}
    walks = set()
    async with one_database.begin() as tx:
        for statement, parameters in said:
            if statement.startswith(("SELECT", "DELETE", "UPDATE")):
                plan: Sequence[Sequence[Any]] = (
                    await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                ).all()
                walks |= {
                    (row[3].split()[1], statement)
                    for row in plan
                    if row[3].startswith("SCAN") and "INDEX" not in row[3]
                }
    assert {(table, statement) for table, statement in walks if table not in small} == set()


async def test_each_person_is_forgotten_in_a_transaction_of_their_own(
    one_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is held for long makes those wait who write; and who writes after they were found stays."""
    async with one_database.begin() as tx:
        for number in range(1, 6):
            await person(tx, number, seen=500)
    erased_in: list[int] = []
    begin = one_database.begin

    @asynccontextmanager
    async def watched() -> AsyncIterator[Transaction]:
        async with begin() as tx:
            before = await count(tx, people)
            yield tx
            erased_in.append(before - await count(tx, people))
            if erased_in[-1] == 1 and sum(erased_in) == 1:
                await tx.execute(update(addresses).where(addresses.c.person_id == 5).values(used_at=NOW))

    monkeypatch.setattr(one_database, "begin", watched)
    assert await forget(one_database, NOW, PERIODS) == 4
    assert max(erased_in) == 1
    async with begin() as tx:
        assert (await tx.execute(select(people.c.id))).scalars().all() == [5]
