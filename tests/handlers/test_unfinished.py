"""A registration left half-way in a chat: reminded once, taken up where it stood."""

from datetime import timedelta

import pytest

from db.periods import Periods
from db.retention import forget
from office.kinds import say_kind
from tests.handlers.test_the_unexpected import ASSOCIATION, participants
from tests.support.rehearsal import Rehearsal

HALF = "rimasta a metà"


def reminders(rehearsal: Rehearsal) -> int:
    return sum(HALF in m.plain for m in rehearsal.citizen().messages)


async def test_it_is_reminded_once_by_day_and_goes_on_where_it_stood(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await participants(anna)
    await rehearsal.goes_to("2021-01-15T19:59")
    assert reminders(rehearsal) == 0
    [waits] = await rehearsal.rows("SELECT kind, detail FROM outbox WHERE state = 'pending'")
    assert say_kind(*waits) == "promemoria di un'iscrizione a metà"
    await rehearsal.goes_to("2021-01-15T20:01")
    assert reminders(rehearsal) == 1
    asked = await anna.presses("go:resume")
    assert "Riprendiamo" in asked.text
    assert "6" in asked.labels
    await rehearsal.goes_to("2021-01-17T20:01")
    assert reminders(rehearsal) == 1
    assert await rehearsal.registered() == []


@pytest.mark.parametrize("forgets", [False, True])
@pytest.mark.parametrize("press", ["go:resume", "people:2"])
async def test_after_it_has_expired_the_button_goes_on(rehearsal: Rehearsal, press: str, *, forgets: bool) -> None:
    anna = rehearsal.citizen()
    await participants(anna)
    await rehearsal.goes_to("2021-01-17T09:00")
    if forgets:
        await forget(rehearsal.database, rehearsal.clock(), PERIODS)
        state = (await rehearsal.rows("SELECT state FROM dialogues"))[0][0]
        assert "iscrivimi" not in state
    button = next(b.data for m in anna.messages for row in m.buttons for b in row if b.data.startswith(press))
    asked = await anna.presses_data(button)
    assert ASSOCIATION in asked.text
    await anna.presses("yes")
    await anna.says("in due")
    await anna.presses("yes")
    assert await rehearsal.registered() == [("sport", ASSOCIATION, 2, "confirmed")]


PERIODS = Periods(*(timedelta(days=365),) * 4)


async def test_days_later_nothing_is_left_of_it(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await participants(anna)
    await rehearsal.goes_to("2021-01-20T09:00")
    said = await anna.presses("go:resume")
    assert "già concluso" in said.text
    await forget(rehearsal.database, rehearsal.clock() + timedelta(days=2), PERIODS)
    assert await rehearsal.rows("SELECT value FROM dialogues") == []


@pytest.mark.parametrize("words", ["in due", "no grazie", "/annulla", "/stop", "non voglio più ricevere niente da voi"])
async def test_what_is_finished_or_stopped_is_not_reminded(rehearsal: Rehearsal, words: str) -> None:
    anna = rehearsal.citizen()
    await participants(anna)
    await anna.says(words)
    if words == "in due":
        await anna.presses("yes")
    await rehearsal.goes_to("2021-01-16T20:30")
    assert reminders(rehearsal) == 0
