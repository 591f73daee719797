"""First contact and long absence: what lies in the mailbox is counted and left, until staff say since when to read it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.mail.conftest import Ear, mail
from tests.support.fakeimap import FakeImap, MemoryShelf

Listen = Callable[..., Ear]
DAY = timedelta(days=1)


def fill(fake: FakeImap, number: int = 8) -> None:
    """One letter a day, the last of today; the last but one has been answered."""
    for n in range(1, number + 1):
        flags = ("\\Answered",) if n == number - 1 else ()
        fake.add(mail(n), ago=(number - n) * DAY + timedelta(minutes=5), flags=flags)


def test_what_lies_there_at_first_contact_is_counted_and_not_touched(
    fake: FakeImap, shelf: MemoryShelf, listen: Listen
) -> None:
    fill(fake, 20)
    ear = listen(started=datetime.now(UTC))
    ear.hears(lambda: shelf.lines)
    fake.add(mail(99))
    ear.hears(lambda: shelf.stored)
    assert shelf.texts == ["lettera 99"]
    line = shelf.lines[0]
    assert (line.lying, line.last_uid, line.lies_until) == (20, 20, 20)
    assert line.lying_since is not None
    assert (datetime.now(UTC) - line.lying_since).days == 19
    assert fake.asked == {21: 1}
    assert fake.moved == []


def test_an_empty_mailbox_needs_no_word(fake: FakeImap, shelf: MemoryShelf, listen: Listen) -> None:
    ear = listen(started=datetime.now(UTC))
    ear.hears(lambda: shelf.lines)
    assert shelf.lines[0].lying == 0
    fake.add(mail(1))
    ear.hears(lambda: shelf.texts == ["lettera 1"])


def test_what_came_while_the_program_was_starting_is_new(fake: FakeImap, shelf: MemoryShelf, listen: Listen) -> None:
    fake.add(mail(1), ago=timedelta(hours=2))
    fake.add(mail(2), ago=timedelta(minutes=2))
    fake.add(mail(3), ago=timedelta(hours=2))  # moved here just now: not what came after the start
    fake.add(mail(4))
    listen(started=datetime.now(UTC) - timedelta(minutes=5)).hears(lambda: shelf.stored)
    assert shelf.texts == ["lettera 4"]
    assert shelf.lines[0].lying == 3


def test_staff_say_since_when(fake: FakeImap, shelf: MemoryShelf, listen: Listen) -> None:
    fill(fake)
    ear = listen(started=datetime.now(UTC))
    ear.hears(lambda: shelf.lines)
    shelf.where = replace(shelf.where, adopt_since=datetime.now(UTC) - 3 * DAY)
    ear.hears(lambda: shelf.where.adopt_since is None)
    assert sorted(shelf.texts) == ["lettera 6", "lettera 8"]  # 7 has been answered
    fake.add(mail(99))
    ear.hears(lambda: "lettera 99" in shelf.texts)


def test_all_means_all_that_is_young_enough_and_not_answered(
    fake: FakeImap, shelf: MemoryShelf, listen: Listen
) -> None:
    fill(fake, 20)
    fake.letters[19].flags = ()
    fake.letters[20].raw = mail(20, headers="Date: Mon, 4 Apr 2016 10:00:00 +0200\r\n")
    ear = listen(started=datetime.now(UTC))
    ear.hears(lambda: shelf.lines)
    assert shelf.lines[0].recent == 7
    shelf.where = replace(shelf.where, adopt_since=datetime(1970, 1, 1, tzinfo=UTC))
    ear.hears(lambda: shelf.where.adopt_since is None)
    assert sorted(shelf.texts) == [f"lettera {n}" for n in range(14, 20)]


def test_none_means_none(fake: FakeImap, shelf: MemoryShelf, listen: Listen) -> None:
    fill(fake)
    ear = listen(started=datetime.now(UTC))
    ear.hears(lambda: shelf.lines)
    shelf.where = replace(shelf.where, adopt_since=datetime.now(UTC))
    ear.hears(lambda: shelf.where.adopt_since is None)
    assert shelf.stored == {}


def test_after_a_long_absence_a_line_is_drawn_again(fake: FakeImap, shelf: MemoryShelf, listen: Listen) -> None:
    fake.add(mail(1), ago=2 * DAY)
    shelf.where = replace(
        shelf.where, uidvalidity=fake.uidvalidity, last_uid=1, seen_at=datetime.now(UTC) - timedelta(hours=13)
    )
    fake.add(mail(2), ago=timedelta(hours=3))
    ear = listen(longest_stop=timedelta(hours=12))
    ear.hears(lambda: shelf.lines)
    fake.add(mail(3))
    ear.hears(lambda: shelf.stored)
    assert (shelf.texts, shelf.lines[0].lying, shelf.lines[0].lies_after) == (["lettera 3"], 1, 1)


def test_after_a_short_absence_everything_is_read(fake: FakeImap, shelf: MemoryShelf, listen: Listen) -> None:
    fake.add(mail(1), ago=2 * DAY)
    shelf.where = replace(
        shelf.where, uidvalidity=fake.uidvalidity, last_uid=1, seen_at=datetime.now(UTC) - timedelta(hours=11)
    )
    fake.add(mail(2), ago=timedelta(hours=3))
    listen(longest_stop=timedelta(hours=12)).hears(lambda: shelf.stored)
    assert (shelf.texts, shelf.lines) == (["lettera 2"], [])


def test_what_waits_still_waits_after_a_second_absence(fake: FakeImap, shelf: MemoryShelf, listen: Listen) -> None:
    fill(fake, 3)
    ear = listen(started=datetime.now(UTC))
    ear.hears(lambda: shelf.lines)
    ear.stops()
    shelf.where = replace(shelf.where, seen_at=datetime.now(UTC) - 2 * DAY)
    fake.add(mail(4), ago=timedelta(hours=3))
    listen().hears(lambda: len(shelf.lines) == 2)
    assert (shelf.where.lying, shelf.where.lies_after, shelf.where.lies_until) == (4, 0, 4)


def test_new_numbers_are_no_first_contact(fake: FakeImap, shelf: MemoryShelf, listen: Listen) -> None:
    """UIDVALIDITY changes: what waits still waits, what is known is known, what came meanwhile is read."""
    fill(fake, 5)
    ear = listen(started=datetime.now(UTC))
    ear.hears(lambda: shelf.lines)
    fake.add(mail(6))
    ear.hears(lambda: shelf.stored)
    ear.stops()
    fake.uidvalidity = 8
    fake.letters = {uid + 100: letter for uid, letter in fake.letters.items()}
    fake.add(mail(7))
    again = listen()
    again.hears(lambda: len(shelf.stored) == 2)
    assert shelf.texts == ["lettera 6", "lettera 7"]
    assert (len(shelf.lines), shelf.where.uidvalidity, shelf.where.lying) == (1, 8, 5)
    shelf.where = replace(shelf.where, adopt_since=datetime.now(UTC) - timedelta(hours=12))
    again.hears(lambda: shelf.where.adopt_since is None)
    assert sorted(shelf.texts) == ["lettera 5", "lettera 6", "lettera 7"]
