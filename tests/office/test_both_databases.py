"""What staff do, on each kind of database: the statements are the same, the databases are not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from bot.sandbox.clock import SandboxClock
from conversation.channel import Channel
from conversation.links import Links
from conversation.message import Address
from conversation.office import Office
from conversation.outcome import HandOverReason
from db import inbox
from db.answered import ANSWERED, QuestionState
from db.broadcasts import set_state
from db.engine import Database, Transaction
from db.forecast import ForecastFilter
from db.inbox import Arrival
from db.lists import ListQuery, count_rows, read_rows
from db.meetings import get_meeting
from db.models import Kind, Lane, audit, outbox, tells_of
from db.operators import Role
from db.outbox import Row, claim, settle_all_sent
from db.pact import PACT, add_adhesion, reached
from db.pact_organisations import PACT_ORGANISATIONS, names_noted, noted_organisation
from db.people import update_person
from db.questions import data_requests, settled_by, waiting_in_group
from db.registered import know
from db.reports import signs_of
from db.requests import TERMINAL, Actor, add_hand_over
from db.sent import SentFilter, sent_messages
from db.subjects import subjects_there
from db.taught import fact_told_for, glance, group_question, questions_about
from db.tells_of import note_several
from db.traces import traces_of
from delivery.reminders import Schedule
from knowledge.library import HERE
from office import attendance, broadcasts, correcting, outgoing, pact, personal_data, questions, set_aside, teaching
from office.broadcasts import BroadcastState, Segment
from office.errors import RefusedError
from office.forecast import foresee
from office.moving import change_meeting, confirm, plan, undo
from office.newcomers import Newcomer
from office.on_behalf import change_seats, register, send_link, withdraw
from office.overtaken import OvertakenError, check_seen
from office.people import join
from office.programme import load_programme
from office.programme_plan import PlanChangedError, confirm_programme, plan_programme
from office.registrations import export_registrations
from tests.conversation.test_taught import HELD_BACK
from tests.office.people import MUSEUMS, SPORT, comes, desk, mail, operator
from tests.office.test_teaching import CLEAN, FORM, TODAY
from tests.support.rehearsal import SCHEDULE, START

LATER = date(2021, 1, 28)
_SAID = "lo stesso testo è già stato mandato alle stesse persone"


@dataclass
class Bare:
    """A database and no loops."""

    database: Database
    clock: SandboxClock
    schedule: Schedule
    office: Office
    links: Links


@pytest.fixture
async def house(database: Database) -> Bare:
    """Ada and Bice at sport, Ada at the museums too."""
    async with database.begin() as tx:
        await load_programme(tx, HERE / "programme.toml", SCHEDULE, START)
    clock = SandboxClock(START)
    office = Office("bot@lucca.example", "ufficio@lucca.example")
    house = Bare(database, clock, SCHEDULE, office, Links("https://lucca.example", "key"))
    await comes(house, mail("ada"))
    await comes(house, mail("bice"), association="Coro Le Rondini")
    await comes(house, mail("ada"), MUSEUMS)
    return house


async def refused_one(house: Bare, *doings: Callable[[Transaction], Awaitable[None]]) -> RefusedError:
    """What is said to the one who is refused, of two who do something at once."""

    async def does(doing: Callable[[Transaction], Awaitable[None]]) -> RefusedError | None:
        try:
            async with house.database.begin() as tx:
                await doing(tx)
                await asyncio.sleep(0.2)  # on PostgreSQL the other one is in the middle of it
        except RefusedError as refused:
            return refused
        return None

    (refused,) = filter(None, await asyncio.gather(*map(does, doings)))
    return refused


async def test_a_meeting_is_planned_changed_and_put_back(house: Bare) -> None:
    await comes(house, mail("carla"), waits=True)
    values = {"day": LATER, "capacity": 50}
    async with house.database.look() as tx:
        seen = await plan(tx, desk(house), SPORT, values)
    async with house.database.begin() as tx:
        assert (seen.notices, seen.promoted, len(seen.samples)) == (3, (4,), 3)
        assert (await confirm(tx, desk(house), SPORT, values, seen=seen.version, digest=seen.digest)).people == 3
        assert (await undo(tx, desk(house), SPORT)).people == 0
    rows = await foresee(house.database, SCHEDULE, house.clock(), ForecastFilter(meeting=SPORT, limit=50))
    assert {row["meeting"] for row in rows} == {"sport 2021-01-21"}


async def test_two_confirm_one_plan_at_once_and_everybody_is_told_once(house: Bare) -> None:
    values = {"day": LATER}
    async with house.database.look() as tx:
        seen = await plan(tx, desk(house), SPORT, values)
    assert seen.notices == 2

    async def confirms(tx: Transaction, by: Actor) -> None:
        await confirm(tx, desk(house, by), SPORT, values, seen=seen.version, digest=seen.digest)

    names = ("Paola", "Renzo")
    refused = await refused_one(house, *[partial(confirms, by=await operator(house, name)) for name in names])
    assert str(refused) == "non cambia niente: è già così"
    async with house.database.look() as tx:
        meeting = await get_meeting(tx, SPORT)
        notices = select(outbox.c.person_id).where(outbox.c.kind == Kind.NOTICE.value)
        told = (await tx.execute(notices)).scalars().all()
        changes = (await tx.execute(select(audit.c.id).where(audit.c.action == "meeting_changed"))).all()
    assert meeting
    assert (meeting.day, meeting.version, sorted(told), len(changes)) == (LATER, seen.version + 1, [1, 2], 1)


async def test_a_form_that_a_colleague_has_overtaken_is_told_so(house: Bare) -> None:
    async with house.database.begin() as tx:
        opened = await get_meeting(tx, SPORT)
        assert opened
        await change_meeting(tx, SPORT, SCHEDULE, house.clock(), by=Actor(None, "Paola"), capacity=50)
        meeting = await get_meeting(tx, SPORT)
        assert meeting
        await check_seen(tx, desk(house), meeting, {"day": opened.day, "capacity": 50})
        with pytest.raises(OvertakenError) as overtaken:
            await check_seen(tx, desk(house), meeting, {"day": opened.day, "capacity": opened.capacity})
        assert (overtaken.value.changed, overtaken.value.by) == (("capacity",), "Paola")


PROGRAMME = """
[sectors]
sport = { it = "sport" }
musei_cultura = { it = "musei" }
[[meetings]]
sector = "musei_cultura"
day = 2021-01-22
hour = 18:00
capacity = 4
[[meetings]]
sector = "sport"
day = 2021-01-21
hour = 17:00
capacity = 8
[[meetings]]
sector = "sport"
day = 2021-03-04
"""


async def test_loading_a_programme_does_what_was_foreseen(house: Bare, tmp_path: Path) -> None:
    left = await comes(house, mail("dora"), MUSEUMS)
    await comes(house, mail("dora"), waits=True, instead_of=left)  # who moves up at sport frees a seat at the museums
    await comes(house, mail("elio"), MUSEUMS, waits=True)
    await comes(house, mail("elio"), waits=True)
    await comes(house, mail("fiore"), waits=True, people=3)  # more than there are left
    file = tmp_path / "programma.toml"
    file.write_text(PROGRAMME, encoding="utf-8")
    async with house.database.begin() as tx:
        await update_person(tx, 1, updates=True)
    async with house.database.look() as tx:
        foreseen = await plan_programme(tx, desk(house), file)
    async with house.database.begin() as tx:
        with pytest.raises(PlanChangedError):
            await confirm_programme(tx, desk(house), file, "")
        loaded = await confirm_programme(tx, desk(house), file, foreseen.digest)
        seats = (await tx.execute(select(outbox.c.registration_id).where(outbox.c.detail == "seat"))).scalars().all()
    assert (len(foreseen.added), len(foreseen.missing), foreseen.unchanged) == (1, len(loaded.missing), 0)
    assert loaded.changed == [
        "musei_cultura 2021-01-22: ora, collegamento, posti",
        "sport 2021-01-21: ora, collegamento, posti",
    ]
    told = [(change.people, change.leaving) for change in loaded.told]
    assert [(one.notices, one.leaving) for one in foreseen.changed] == told == [(3, 3), (5, 5)]
    assert len(seats) == foreseen.promoted == 3
    assert foreseen.announced
    assert loaded.announced
    assert foreseen.announced.people == loaded.announced.people == 1


async def test_a_broadcast_goes_its_way(house: Bare) -> None:
    paola, renzo = await operator(house, "Paola"), await operator(house, "Renzo")
    house.clock.move_to(house.clock() + timedelta(days=6))
    async with house.database.begin() as tx:
        await attendance.mark(tx, desk(house, paola), 1, present=True)
        segment = Segment(sectors=("sport",), channels=(Channel.EMAIL,), present=True)
        said = await broadcasts.written(tx, "Titolo", "Testo", segment=segment)
        seen = await broadcasts.preview(tx, desk(house), said)
        assert (seen.people, len(seen.samples)) == ({Channel.EMAIL: 1}, 1)
        number = await broadcasts.save_draft(tx, desk(house, paola), said)
        everybody = await broadcasts.written(tx, "Titolo", "Testo", segment=Segment(sectors=("sport",)))
        await broadcasts.save_draft(tx, desk(house, paola), everybody, number=number, seen=1)
        digest = (await broadcasts.preview(tx, desk(house), everybody)).digest
        submit, approve = broadcasts.submit, broadcasts.approve
        assert await submit(tx, desk(house, paola), number, seen=2, digest=digest, approve_above=1) is None
        assert (await approve(tx, desk(house, renzo), number, seen=3, digest=digest)).people == 2
        assert await broadcasts.pause(tx, desk(house), number, seen=4) == 2
        assert (await broadcasts.progress_of(tx, [number, 99]))[number].paused == 2
        assert await broadcasts.resume(tx, desk(house), number, seen=5) == 2
        assert (await broadcasts.progress_of(tx, [number]))[number].waiting == 2
        await broadcasts.undo(tx, desk(house), number, seen=6)
        assert [b.state for b in await broadcasts.all_broadcasts(tx)] == [BroadcastState.DRAFT]
        chosen = Segment(registrations=await broadcasts.chosen_of(tx, [2, 3]))
        said = await broadcasts.written(tx, "Titolo", "Testo", segment=chosen)
        assert (await broadcasts.preview(tx, desk(house), said)).people == {Channel.EMAIL: 2}
        number = await broadcasts.save_draft(tx, desk(house), said)
        held = await broadcasts.get_broadcast(tx, number)
        assert held
        assert [m.id for m in await broadcasts.begun_before(tx, held, held.created_at + timedelta(days=60))] == [2, 3]
        assert await broadcasts.begun_before(tx, held, held.created_at) == []


async def test_the_same_words_sent_by_two_at_once_go_once(house: Bare) -> None:
    said = broadcasts.Broadcast("Titolo", "Testo", segment=Segment(sectors=("sport",)))
    async with house.database.begin() as tx:
        numbers = [await broadcasts.save_draft(tx, desk(house), said) for _ in range(2)]
        digest = (await broadcasts.preview(tx, desk(house), said)).digest

    async def sends(tx: Transaction, number: int) -> None:
        await broadcasts.submit(tx, desk(house), number, seen=1, digest=digest)

    assert str(await refused_one(house, *(partial(sends, number=number) for number in numbers))) == _SAID
    async with house.database.begin() as tx:
        states = [held.state for held in await broadcasts.all_broadcasts(tx)]
        assert sorted(states) == [BroadcastState.DRAFT, BroadcastState.QUEUED]


async def test_a_broadcast_that_leaves_just_then_is_no_draft_again(house: Bare) -> None:
    async with house.database.begin() as tx:
        said = await broadcasts.written(tx, "Titolo", "Testo", segment=Segment(sectors=("sport",)))
        number, shown = (
            await broadcasts.save_draft(tx, desk(house), said),
            await broadcasts.preview(tx, desk(house), said),
        )
        queued = await broadcasts.submit(tx, desk(house), number, seen=1, digest=shown.digest)
    assert queued

    async def takes_it_back() -> None:
        async with house.database.begin() as tx:
            await broadcasts.undo(tx, desk(house), number, seen=2)

    async with house.database.begin() as sender:
        real_now, lease = datetime.now(UTC), timedelta(minutes=1)
        assert await claim(sender, lane=Lane.MANY, now=queued.due, real_now=real_now, lease=lease, limit=1)
        undone = asyncio.create_task(takes_it_back())
        await asyncio.wait({undone}, timeout=0.2)
        assert not undone.done()
    with pytest.raises(RefusedError, match="già partito"):
        await undone


async def test_what_the_office_said_and_sent_is_listed(house: Bare) -> None:
    who = await operator(house, "Paola")
    async with house.database.begin() as tx:
        asked = await add_hand_over(
            tx, mail("ada"), person_id=1, question="C'è posto?", reason=HandOverReason.QUESTION, thread=None, now=START
        )
        number = int(asked.partition("-")[0])
        await questions.answer(tx, desk(house, who), number, "Sì.", seen=1)
        said = await broadcasts.written(tx, "Portate una felpa", "Fa freddo.", segment=Segment(sectors=("sport",)))
        draft = await broadcasts.save_draft(tx, desk(house), said)
        row = {"lane": "bulk", "kind": "broadcast", "detail": str(draft), "person_id": 1, "due_at": START}
        await tx.execute(insert(outbox).values(**row, key="b", state="sent"))
        wanted = ListQuery(filters={"stato": QuestionState.ANSWERED.value}, limit=9)
        assert await count_rows(tx, ANSWERED, wanted) == 1
        (listed,) = await read_rows(tx, ANSWERED, wanted)
        assert (listed["id"], listed["by"], listed["person_id"]) == (number, "Paola", 1)
        known = await know(tx, 1)
        assert known
        assert ("Portate una felpa", draft) in [(one.title, one.broadcast) for one in known.sent]
        assert {one.told["day"] for one in known.seats} == {"2021-01-21", "2021-01-22"}
        kinds = ("meeting", "registration", "outbox", "question", "inbox", "broadcast", "organisation", "fact")
        found = await subjects_there(tx, [f"{kind}:1" for kind in kinds])
        assert (found["registration:1"].person, str(found["registration:1"].day)) == (1, "2021-01-21")
        await tx.execute(insert(outbox).values(**row | {"kind": "reply"}, key="c", state="sent", sent_at=START))
        await note_several(tx, ["c"], [1, 3])
        (one,) = await sent_messages(tx, SentFilter(9, meeting=MUSEUMS))
        assert {str(told.day) for told in one.several} == {"2021-01-21", "2021-01-22"}


async def test_people_are_registered_changed_joined(house: Bare) -> None:
    async with house.database.begin() as tx:
        made, _ = await register(tx, desk(house), Newcomer(mail("dora"), "Dora Prova", "", 1, SPORT))
        await change_seats(tx, desk(house), made.id, 2)
        await send_link(tx, desk(house), made.id)
        await withdraw(tx, desk(house), made.id)
        row = {"lane": "reply", "kind": "reply", "person_id": made.person_id, "due_at": START}
        await tx.execute(insert(outbox).values(**row, key="both"))
        await note_several(tx, ["both"], [made.id, 3])
        await join(tx, 1, made.person_id, house.clock(), by=desk(house).by)
        told = await tx.execute(select(tells_of.c.registration_id).order_by(tells_of.c.registration_id))
        assert told.scalars().all() == [1, 3]  # the registration that stays is told of
        assert len((await export_registrations(tx, SPORT)).rows) == 2
        assert await personal_data.export(tx, "bice@posta.example", house.clock(), by=desk(house).by)
        assert not await data_requests(tx)
        assert (await traces_of(tx, 2, [mail("bice")])).rows > 2
        gone = await personal_data.erase_confirmed(
            tx, "bice@posta.example", "bice@posta.example", house.clock(), by=TERMINAL
        )
        left = await traces_of(tx, gone.person, gone.addresses)
        assert (left.rows, left.letters) == (0, True)


async def test_a_notice_takes_the_place_of_its_own_older_ones_whatever_leaves_beside_it(house: Bare) -> None:
    """The first waited and leaves late, with the newest of another registration."""
    waited, lost, newest = ("n:1", 1, "sending"), ("n:2", 2, "failed"), ("n:3", 2, "sending")
    async with house.database.begin() as tx:
        for key, held, state in (waited, lost, newest):
            row = {"lane": "bulk", "kind": "notice", "detail": "hour", "due_at": START, "token": "t"}
            await tx.execute(insert(outbox).values(**row, key=key, registration_id=held, state=state))
        query = select(outbox.c.key, outbox.c.id).where(outbox.c.kind == Kind.NOTICE.value)
        numbers = {key: int(n) for key, n in (await tx.execute(query)).all()}
        sent = [
            replace(
                Row.foretold(key, Kind.NOTICE, detail="hour", person=1, registration=held, address=None, due=START),
                id=numbers[key],
                token="t",
            )
            for key, held, _ in (waited, newest)
        ]
        await settle_all_sent(tx, [(row, "") for row in sent], START)
        states = (
            await tx.execute(select(outbox.c.state).where(outbox.c.key.like("n:_")).order_by(outbox.c.id))
        ).scalars()
    assert states.all() == ["sent", "void", "sent"]


async def test_two_registrations_that_one_message_told_of_may_become_one(house: Bare) -> None:
    async with house.database.begin() as tx:
        dora = Newcomer(mail("dora"), "Dora Prova", "Coro Le Rondini", 1, SPORT)
        first, _ = await register(tx, desk(house), dora)
        second, _ = await register(tx, desk(house), replace(dora, organisation="Circolo Il Noce"))
        row = {"lane": "reply", "kind": "reply", "person_id": first.person_id, "due_at": START}
        await tx.execute(insert(outbox).values(**row, key="both"))
        await note_several(tx, ["both"], [first.id, second.id])
        ida, _ = await register(tx, desk(house), Newcomer(mail("ida"), "Ida Prova", "", 1, SPORT))
        await join(tx, ida.person_id, first.person_id, house.clock(), by=desk(house).by)
        told = await tx.execute(select(tells_of.c.registration_id))
        assert told.scalars().all() == [ida.id]


async def test_how_people_stand_to_the_patto(house: Bare) -> None:
    async with house.database.begin() as tx:
        await update_person(tx, 1, updates=True)
        await pact.note(tx, desk(house), 1, pact.PactState.SIGNED, seen="", signed_on=date(2021, 1, 10))
        await add_adhesion(tx, 2, None, house.clock())
        _, by_sector = await reached(tx)
        assert (await signs_of(tx))["pact"].count == 1
        chosen = ListQuery(search="prova", filters={"settore": "sport", "venuti": "0"}, limit=10)
        rows = await read_rows(tx, PACT, chosen)
        assert await count_rows(tx, PACT, chosen) == 2
    signed, interested = {pact.PactState.SIGNED: 1}, {pact.PactState.INTERESTED: 1}
    assert (by_sector["sport"].people, by_sector["musei_cultura"].people) == (signed | interested, signed)
    assert [(row["id"], row["state"], row["new"]) for row in rows] == [(2, "interested", 1), (1, "signed", 0)]


async def test_two_note_one_standing_and_only_the_first_does(database: Database, house: Bare) -> None:
    """At once, before anything was noted: where there is no row yet that the second could wait for."""

    async def mark(state: pact.PactState) -> bool:
        try:
            async with database.begin() as tx:
                await pact.note(tx, desk(house), 1, state, seen="")
        except pact.StandingMovedError:
            return False
        return True

    assert sorted(await asyncio.gather(mark(pact.PactState.INVITED), mark(pact.PactState.INTERESTED))) == [False, True]


async def test_an_association_of_which_nobody_is_known_signs(house: Bare) -> None:
    async with house.database.begin() as tx:
        signed = await pact.add_organisation(
            tx, desk(house), "Il Faggio", pact.PactState.SIGNED, signed_on=date(2021, 1, 10)
        )
        rows = await read_rows(
            tx, PACT_ORGANISATIONS, ListQuery(search="faggio", filters={"stato": "signed"}, limit=10)
        )
        assert [(row["id"], row["name"]) for row in rows] == [(signed, "Il Faggio")]
        assert await names_noted(tx, ["Il Faggio", "Coro Le Rondini"]) == {"Il Faggio": pact.PactState.SIGNED}
        noted = await noted_organisation(tx, signed)
        assert noted
        await pact.remove_organisation(tx, desk(house), signed, seen=noted.version)
        assert await count_rows(tx, PACT_ORGANISATIONS, ListQuery()) == 0


async def test_a_question_is_answered_and_taken_back(house: Bare) -> None:
    paola = await operator(house, "Paola")
    async with house.database.begin() as tx:
        await add_hand_over(
            tx,
            Address(Channel.TELEGRAM, "7"),
            person_id=None,
            question="Si può?",
            reason=HandOverReason.QUESTION,
            thread=None,
            now=house.clock(),
        )
        assert (await questions.hold(tx, desk(house, paola), 1))[1] is None
        await questions.answer(tx, desk(house, paola), 1, "Sì. " * 700, seen=1, others={9: 1})
        answered = await questions.get_question(tx, 1)
        assert answered
        assert await settled_by(tx, answered) == "Paola"
        assert (await questions.undo_answer(tx, desk(house, paola), 1)).text.startswith("Sì.")
        assert await waiting_in_group(tx, 1) == []
        await questions.close(tx, desk(house, paola), 1, questions.Closing.NO_QUESTION, seen=3)


async def test_two_answer_one_question_at_once_and_one_answer_leaves(house: Bare) -> None:
    async with house.database.begin() as tx:
        where, why = Address(Channel.TELEGRAM, "7"), HandOverReason.QUESTION
        await add_hand_over(tx, where, person_id=None, question="Si può?", reason=why, thread=None, now=house.clock())

    async def answers(tx: Transaction, by: Actor, words: str) -> None:
        await questions.answer(tx, desk(house, by), 1, words, seen=1)

    said = {"Paola": "Sì.", "Renzo": "No."}
    doings = [partial(answers, by=await operator(house, name), words=words) for name, words in said.items()]
    refused = await refused_one(house, *doings)
    assert isinstance(refused, questions.QuestionMovedError)
    async with house.database.look() as tx:
        leaving = await questions.answers_leaving(tx, START)
        who = await settled_by(tx, refused.question)
        rows = (await tx.execute(select(outbox.c.id).where(outbox.c.key.startswith("office:1:")))).all()
    assert [line.text for _, line, _ in leaving] == [refused.question.answer] == [said[who]]
    assert len(rows) == 1


async def test_an_answer_that_has_left_is_corrected_and_the_correction_taken_back(house: Bare) -> None:
    paola, renzo = await operator(house, "Paola"), await operator(house, "Renzo")
    async with house.database.begin() as tx:
        where, why = Address(Channel.TELEGRAM, "7"), HandOverReason.QUESTION
        await add_hand_over(tx, where, person_id=None, question="Si può?", reason=why, thread=None, now=house.clock())
        await questions.answer(tx, desk(house, paola), 1, "Sì. " * 700, seen=1)
        await tx.execute(update(outbox).values(state="sent"))
    house.clock.move_to(house.clock() + timedelta(minutes=5))
    async with house.database.begin() as tx:
        await correcting.correct(tx, desk(house, renzo), 1, "No. " * 700, seen=2)
        corrected = await questions.get_question(tx, 1)
        assert corrected
        assert await settled_by(tx, corrected) == "Renzo"
        wanted = ListQuery(filters={"stato": QuestionState.ANSWERED.value}, limit=9)
        assert [row["by"] for row in await read_rows(tx, ANSWERED, wanted)] == ["Renzo"]
        ((_, line, _), *_) = await questions.answers_leaving(tx, START)
        assert line.text.startswith("No.")
        assert questions.is_correction(line.outbox_key)
        undone = await questions.undo_answer(tx, desk(house, renzo), 1)
        assert (undone.corrected, undone.numbers, undone.settled) == (True, (1,), (1,))
        answered = await questions.get_question(tx, 1)
        assert answered
        assert (answered.state, answered.answer[:3]) == (QuestionState.ANSWERED, "Sì.")
        assert await settled_by(tx, answered) == "Paola"


async def test_a_question_asked_in_vain_becomes_a_fact_that_one_of_two_publishes(house: Bare) -> None:
    now, renzo = house.clock(), desk(house).by
    async with house.database.begin() as tx:
        for words in HELD_BACK:
            reason = HandOverReason.QUESTION
            await add_hand_over(
                tx, Address(Channel.TELEGRAM, "7"), person_id=None, question=words, reason=reason, thread=None, now=now
            )
        for number in (1, 2):
            await group_question(tx, number, 1, 0.9)
        (group,) = await teaching.unanswered_groups(tx)
        draft = await teaching.add_draft(tx, teaching.read_wording(FORM, TODAY), now, by=renzo, group=group.number)
        assert [one.draft for one in await teaching.unanswered_groups(tx)] == [draft.id]
        assert await teaching.keep_trial(tx, draft, CLEAN, now, by=renzo)

    async def publish() -> bool:
        try:
            async with house.database.begin() as tx:
                await teaching.publish(tx, draft.id, now, by=renzo, role=Role.MANAGER)
        except RefusedError:
            return False
        return True

    assert sorted(await asyncio.gather(publish(), publish())) == [False, True]
    async with house.database.look() as tx:
        assert await glance(tx) == ((draft.id,), False)
        assert set(await questions_about(tx, draft.fact_id)) == set(HELD_BACK)
        assert await teaching.unanswered_groups(tx) == []
        assert await fact_told_for(tx, 2) == draft.id
    async with house.database.begin() as tx:
        await teaching.withdraw(tx, draft.id, now, by=renzo)
        (group,) = await teaching.unanswered_groups(tx)
        assert (len(group.questions), group.draft, await fact_told_for(tx, 2)) == (2, None, None)
        other = await teaching.add_draft(tx, teaching.read_wording(FORM, TODAY), now, by=renzo, group=group.number)
        await teaching.withdraw(tx, other.id, now, by=renzo)
        assert [one.draft for one in await teaching.unanswered_groups(tx)] == [None]


async def test_two_begin_a_new_version_of_one_fact_at_once(house: Bare) -> None:
    now, paola = house.clock(), desk(house).by
    wording = teaching.read_wording(FORM, TODAY)
    async with house.database.begin() as tx:
        first = await teaching.add_draft(tx, wording, now, by=paola)
        await teaching.keep_trial(tx, first, CLEAN, now, by=paola)
        await teaching.publish(tx, first.id, now, by=paola, role=Role.MANAGER)

    async def begin() -> int:
        async with house.database.begin() as tx:
            return (await teaching.change(tx, first.id, wording, now, by=paola)).version

    async with house.database.begin() as tx:
        assert (await teaching.change(tx, first.id, wording, now, by=paola)).version == 2
        other = asyncio.create_task(begin())
        await asyncio.sleep(0.1)  # it waits for this one, or has made its number already
    assert await other == 3


async def test_those_in_doubt_are_sent_again_together_by_one_of_two(house: Bare) -> None:
    async with house.database.begin() as tx:
        await tx.execute(update(outbox).values(state="unsure"))
        seen = await outgoing.in_doubt(tx, house.clock())

    async def sends(tx: Transaction) -> None:
        assert await outgoing.try_all_again(tx, desk(house), seen.digest) == len(seen.numbers) > 0

    await refused_one(house, sends, sends)


@pytest.mark.parametrize("together", [False, True])
async def test_what_goes_again_while_its_avviso_is_stopped_does_not_leave(house: Bare, *, together: bool) -> None:
    async with house.database.begin() as tx:
        said = await broadcasts.written(tx, "Slide", "Ecco le slide.", segment=Segment(sectors=("sport",)))
        number = await broadcasts.save_draft(tx, desk(house), said)
        draft = await broadcasts.get_broadcast(tx, number)
        assert draft
        await set_state(tx, draft, BroadcastState.QUEUED)
        theirs = {"kind": "broadcast", "lane": "bulk", "detail": str(number), "due_at": house.clock()}
        rows = [theirs | {"key": f"b{n}", "state": state} for n, state in enumerate(("sent", "unsure"))]
        await tx.execute(insert(outbox), rows)
        seen = await outgoing.in_doubt(tx, house.clock())

    async def sends() -> None:
        async with house.database.begin() as tx:
            if together:
                await outgoing.try_all_again(tx, desk(house), seen.digest)
            else:
                await outgoing.try_again(tx, desk(house), *seen.numbers)
            await asyncio.sleep(0.2)  # on PostgreSQL a colleague stops it in the middle

    async def stops() -> None:
        await asyncio.sleep(0.1)
        async with house.database.begin() as tx:
            await broadcasts.stop(tx, desk(house), number)

    await asyncio.gather(sends(), stops())
    async with house.database.look() as tx:
        state = select(outbox.c.state).where(outbox.c.id.in_(seen.numbers))
        assert (await tx.execute(state)).scalar_one() == "void"


async def test_what_was_set_aside_is_tried_again_and_put_away(house: Bare) -> None:
    async with house.database.begin() as tx:
        await inbox.store(tx, [Arrival("mail:1", Channel.EMAIL, "ada@posta.example", b"x")], house.clock())
        (claimed,) = await inbox.claim(tx, real_now=datetime.now(UTC), lease=timedelta(seconds=30), limit=1)
        await inbox.set_aside(tx, claimed, error="ValueError", now=house.clock())
        (left,) = await set_aside.all_set_aside(tx)
        await set_aside.try_again(tx, left.id, house.clock(), by=desk(house).by)
        (claimed,) = await inbox.claim(tx, real_now=datetime.now(UTC), lease=timedelta(seconds=30), limit=1)
        await inbox.set_aside(tx, claimed, error="ValueError", now=house.clock())
        await set_aside.put_away(tx, left.id, set_aside.NotForUs.NOT_FOR_US, house.clock(), by=desk(house).by)
        assert not await set_aside.all_set_aside(tx)
        assert not await set_aside.answers_leaving(tx, house.clock())
