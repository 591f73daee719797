"""First contact and long absence.

What lies in the mailbox is counted and left, until staff say since when to read it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.mail.conftest import Ear, mail
from tests.support.fakeimap import FakeImap, MemoryMailStore

Listen = Callable[..., Ear]
DAY = timedelta(days=1)


def fill(fake: FakeImap, number: int = 8) -> None:
    """One letter a day, the last of today; the last but one has been answered."""
    for n in range(1, number + 1):
        flags = ("\\Answered",) if n == number - 1 else ()
        fake.add(mail(n), ago=(number - n) * DAY + timedelta(minutes=5), flags=flags)


def test_what_lies_there_at_first_contact_is_counted_and_not_touched(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen
) -> None:
    fill(fake, 20)
    ear = listen(started=datetime.now(UTC))
    ear.hears(lambda: mail_store.lines)
    fake.add(mail(99))
    ear.hears(lambda: mail_store.stored)
    assert mail_store.texts == ["lettera 99"]
    line = mail_store.lines[0]
    assert (line.lying, line.last_uid, line.lies_until) == (20, 20, 20)
    assert line.lying_since is not None
    assert (datetime.now(UTC) - line.lying_since).days == 19
    assert fake.asked == {21: 1}
    assert fake.moved == []


def test_an_empty_mailbox_needs_no_word(fake: FakeImap, mail_store: MemoryMailStore, listen: Listen) -> None:
    ear = listen(started=datetime.now(UTC))
    ear.hears(lambda: mail_store.lines)
    assert mail_store.lines[0].lying == 0
    fake.add(mail(1))
    ear.hears(lambda: mail_store.texts == ["lettera 1"])


def test_what_came_while_the_program_was_starting_is_new(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen
) -> None:
    fake.add(mail(1), ago=timedelta(hours=2))
    fake.add(mail(2), ago=timedelta(minutes=2))
    fake.add(mail(3), ago=timedelta(hours=2))  # moved here just now: not what came after the start
    fake.add(mail(4))
    listen(started=datetime.now(UTC) - timedelta(minutes=5)).hears(lambda: mail_store.stored)
    assert mail_store.texts == ["lettera 4"]
    assert mail_store.lines[0].lying == 3


def test_staff_say_since_when(fake: FakeImap, mail_store: MemoryMailStore, listen: Listen) -> None:
    fill(fake)
    ear = listen(started=datetime.now(UTC))
    ear.hears(lambda: mail_store.lines)
    mail_store.where = replace(mail_store.where, adopt_since=datetime.now(UTC) - 3 * DAY)
    ear.hears(lambda: mail_store.where.adopt_since is None)
    assert sorted(mail_store.texts) == ["lettera 6", "lettera 8"]  # 7 has been answered
    fake.add(mail(99))
    ear.hears(lambda: "lettera 99" in mail_store.texts)


def test_all_means_all_that_is_young_enough_and_not_answered(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen
) -> None:
    fill(fake, 20)
    fake.letters[19].flags = ()
    fake.letters[20].raw = mail(20, headers="Date: Mon, 4 Apr 2016 10:00:00 +0200\r\n")
    ear = listen(started=datetime.now(UTC))
    ear.hears(lambda: mail_store.lines)
    assert mail_store.lines[0].recent == 7
    mail_store.where = replace(mail_store.where, adopt_since=datetime(1970, 1, 1, tzinfo=UTC))
    ear.hears(lambda: mail_store.where.adopt_since is None)
    assert sorted(mail_store.texts) == [f"lettera {n}" for n in range(14, 20)]


def test_none_means_none(fake: FakeImap, mail_store: MemoryMailStore, listen: Listen) -> None:
    fill(fake)
    ear = listen(started=datetime.now(UTC))
    ear.hears(lambda: mail_store.lines)
    mail_store.where = replace(mail_store.where, adopt_since=datetime.now(UTC))
    ear.hears(lambda: mail_store.where.adopt_since is None)
    assert mail_store.stored == {}


def test_after_a_long_absence_a_line_is_drawn_again(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen
) -> None:
    fake.add(mail(1), ago=2 * DAY)
    mail_store.where = replace(
        mail_store.where, uidvalidity=fake.uidvalidity, last_uid=1, seen_at=datetime.now(UTC) - timedelta(hours=13)
    )
    fake.add(mail(2), ago=timedelta(hours=3))
    ear = listen(longest_stop=timedelta(hours=12))
    ear.hears(lambda: mail_store.lines)
    fake.add(mail(3))
    ear.hears(lambda: mail_store.stored)
    assert (mail_store.texts, mail_store.lines[0].lying, mail_store.lines[0].lies_after) == (["lettera 3"], 1, 1)


def test_after_a_short_absence_everything_is_read(fake: FakeImap, mail_store: MemoryMailStore, listen: Listen) -> None:
    fake.add(mail(1), ago=2 * DAY)
    mail_store.where = replace(
        mail_store.where, uidvalidity=fake.uidvalidity, last_uid=1, seen_at=datetime.now(UTC) - timedelta(hours=11)
    )
    fake.add(mail(2), ago=timedelta(hours=3))
    listen(longest_stop=timedelta(hours=12)).hears(lambda: mail_store.stored)
    assert (mail_store.texts, mail_store.lines) == (["lettera 2"], [])


def test_what_waits_still_waits_after_a_second_absence(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen
) -> None:
    fill(fake, 3)
    ear = listen(started=datetime.now(UTC))
    ear.hears(lambda: mail_store.lines)
    ear.stops()
    mail_store.where = replace(mail_store.where, seen_at=datetime.now(UTC) - 2 * DAY)
    fake.add(mail(4), ago=timedelta(hours=3))
    listen().hears(lambda: len(mail_store.lines) == 2)
    assert (mail_store.where.lying, mail_store.where.lies_after, mail_store.where.lies_until) == (4, 0, 4)


def test_new_numbers_are_no_first_contact(fake: FakeImap, mail_store: MemoryMailStore, listen: Listen) -> None:
    """UIDVALIDITY changes: what waits still waits, what is known is known, what came meanwhile is read."""
    fill(fake, 5)
    ear = listen(started=datetime.now(UTC))
    ear.hears(lambda: mail_store.lines)
    fake.add(mail(6))
    ear.hears(lambda: mail_store.stored)
    ear.stops()
    fake.uidvalidity = 8
    fake.letters = {uid + 100: letter for uid, letter in fake.letters.items()}
    fake.add(mail(7))
    again = listen()
    again.hears(lambda: len(mail_store.stored) == 2)
    assert mail_store.texts == ["lettera 6", "lettera 7"]
    assert (len(mail_store.lines), mail_store.where.uidvalidity, mail_store.where.lying) == (1, 8, 5)
    mail_store.where = replace(mail_store.where, adopt_since=datetime.now(UTC) - timedelta(hours=12))
    again.hears(lambda: mail_store.where.adopt_since is None)
    assert sorted(mail_store.texts) == ["lettera 5", "lettera 6", "lettera 7"]


def test_what_comes_at_first_contact_is_measured_for_the_line_and_to_be_fetched(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen
) -> None:
    fake.add(mail(1), ago=timedelta(days=1))
    for n in range(2, 5):
        fake.add(mail(n))
    listen(started=datetime.now(UTC) - timedelta(minutes=5)).hears(lambda: len(mail_store.stored) == 3)
    measured = Counter(uid for asked in fake.commands if "RFC822.SIZE" in asked for uid in asked.split()[2].split(","))
    assert measured["4"] == 2
