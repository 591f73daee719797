"""No kind of message is forgotten where it is written, sent again, told of when it does not arrive, and named."""

from dataclasses import replace
from datetime import time

from conversation.message import Outgoing
from conversation.wording import Voice
from db.broadcasts import Broadcast
from db.meetings import get_meeting, sector_names
from db.models import WRITTEN_LATE, Kind
from db.outbox import Row
from db.registrations import get_registrations
from delivery.composing import Foretold, Skipped, write
from delivery.failures import UNTOLD, SkipReason, name_kind
from delivery.reminders import reminder_key
from knowledge.library import load_library
from office.kinds import say_kind, say_kinds
from tests.office.people import SPORT, comes, mail
from tests.support.rehearsal import Rehearsal

#: Put in with their words, to an address. A new kind stands here or in WRITTEN_LATE.
AT_ONCE = (Kind.REPLY, Kind.STAFF)


async def test_each_kind_is_written_when_it_leaves_or_comes_with_its_words(rehearsal: Rehearsal) -> None:
    assert {*WRITTEN_LATE, *AT_ONCE} == {*Kind}
    number = await comes(rehearsal, mail("ada"))
    async with rehearsal.database.begin() as tx:
        held = (await get_registrations(tx, [number]))[number]
        meeting = await get_meeting(tx, SPORT)
        assert meeting is not None
        rows = [
            Row.foretold(
                reminder_key(number, held.revision, meeting.revision),
                kind,
                detail="1",
                person=held.person_id,
                registration=number,
                address=None,
                due=rehearsal.clock(),
            )
            for kind in Kind
        ]
        foretold = Foretold(
            meetings={SPORT: replace(meeting, hour=time(17, 15))},
            said={1: Broadcast(title="Le slide", text="Chi le vuole le chieda.", meeting_id=SPORT)},
        )
        done = await write(
            tx,
            rows,
            library=load_library(),
            schedule=rehearsal.schedule,
            mailbox="",
            now=rehearsal.clock(),
            foretold=foretold,
        )
    found = {one.row.kind: one.result for one in done}
    written = {kind: one.reply.text for kind, one in found.items() if isinstance(one, Outgoing)}
    assert {*written} == {*WRITTEN_LATE}
    assert len({*written.values()}) == len(WRITTEN_LATE)
    assert {found[kind] for kind in AT_ONCE} == {Skipped(SkipReason.CANNOT_WRITE, "ValueError")}


async def test_each_kind_has_its_name(rehearsal: Rehearsal) -> None:
    async with rehearsal.database.look() as tx:
        sectors = await sector_names(tx)
    voice = Voice(load_library(), "it", rehearsal.clock(), sectors, "")
    assert all(name_kind(voice, kind) for kind in Kind if kind not in UNTOLD)
    assert all(voice.say(f"copy.kind.{kind}") for kind in Kind)
    for kind in Kind:
        assert say_kind(kind.value) == say_kinds(kind.value, 1).removeprefix("1 ")
        assert say_kinds(kind.value, 2) != f"2 {kind.value}"
