"""A server that leaves letters out, gives NIL, lies about sizes or numbers.

Nothing is lost in silence, nothing deafens.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from mail.reading.message import UNFETCHED, read_stored
from tests.mail.conftest import Ear, mail
from tests.support.fakeimap import FakeImap, MemoryMailStore, Ways

Listen = Callable[..., Ear]


def fill(fake: FakeImap, number: int = 6) -> None:
    for n in range(1, number + 1):
        fake.add(mail(n))


@pytest.mark.parametrize("way", ["omits", "nil", "nameless", "hangs_up"])
def test_a_letter_that_is_not_given_at_first_is_asked_for_again(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen, way: str
) -> None:
    fill(fake)
    given: dict[str, Any] = {way: {3}}
    fake.ways = Ways(**given, patient_from=3)
    listen().hears(lambda: mail_store.where.last_uid == 6)
    assert sorted(mail_store.texts) == [f"lettera {n}" for n in range(1, 7)]


@pytest.mark.parametrize("way", ["omits", "nil", "nameless", "hangs_up"])
def test_a_letter_that_is_never_given_is_set_aside_for_a_person_and_the_next_are_read(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen, way: str
) -> None:
    fill(fake)
    given: dict[str, Any] = {way: {3, 4}}
    fake.ways = Ways(**given)
    listen().hears(lambda: mail_store.where.last_uid == 6)
    assert len(mail_store.stored) == 6
    notes = [a for a in mail_store.stored.values() if a.payload.startswith(UNFETCHED)]
    assert [a.key.rpartition(":")[2] for a in notes] == ["3", "4"]
    for note in notes:
        reading = read_stored(note.payload, ours="noi@lucca.example")
        assert reading.needs_person
        assert "INBOX" in reading.reason


def test_a_letter_deleted_meanwhile_is_no_trouble(fake: FakeImap, mail_store: MemoryMailStore, listen: Listen) -> None:
    fill(fake, 2)
    fake.ways.omits.add(2)
    ear = listen()
    ear.hears(lambda: fake.asked.get(2))
    fake.letters.pop(2)
    fake.add(mail(9))  # takes its number, and is another letter
    fake.ways.omits.clear()
    ear.hears(lambda: len(mail_store.stored) == 2)


@pytest.mark.parametrize("no_uidnext", [False, True])
@pytest.mark.parametrize("absurd", [4_294_967_295, 10**15])
def test_an_impossible_number_does_not_deafen(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen, absurd: int, *, no_uidnext: bool
) -> None:
    fill(fake, 2)
    fake.ways = Ways(absurd=[absurd], no_uidnext=no_uidnext)
    ear = listen()
    ear.hears(lambda: len(mail_store.stored) == 2)
    fake.add(mail(3))
    ear.hears(lambda: len(mail_store.stored) == 3)
    assert mail_store.where.last_uid == 3


def test_a_place_beyond_the_folder_is_mended(fake: FakeImap, mail_store: MemoryMailStore, listen: Listen) -> None:
    """What an impossible number once did to the cursor."""
    fill(fake, 2)
    mail_store.store([], "m", fake.uidvalidity, 4_294_967_295)
    ear = listen()
    ear.hears(lambda: len(mail_store.stored) == 2)
    fake.add(mail(3))
    ear.hears(lambda: len(mail_store.stored) == 3)


@pytest.mark.parametrize(
    ("command", "nonsense"),
    [
        ("UID SEARCH", "* SEARCH one two"),
        ("UID SEARCH", "* SEARCH 1 2 (MODSEQ x"),
        ("UID FETCH", "* 1 FETCH (UID x)"),
        ("UID FETCH", '* 1 FETCH (UID 1 INTERNALDATE "yesterday" RFC822.SIZE x FLAGS 7)'),
        ("UID FETCH", "* 1 FETCH ((((("),
        ("SELECT", "* OK [UIDVALIDITY x] ."),
        ("SELECT", "* OK [UIDVALIDITY] ."),
        ("SELECT", "* nothing"),
        ("STATUS", "* STATUS INBOX (UIDNEXT"),
        ("STATUS", "* STATUS INBOX ()"),
        ("STATUS", "* STATUS INBOX NIL"),
        ("LIST", "* LIST"),
        ("LIST", "* LIST x y z"),
        ("NAMESPACE", "* NAMESPACE (((("),
        ("IDLE", "* +++"),
        ("CAPABILITY", "* CAPABILITY \xff"),
    ],
)
def test_nonsense_ends_the_line_and_not_the_listener(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen, command: str, nonsense: str
) -> None:
    fake.ways.garbles = {command: nonsense}
    fake.add(mail(1))
    ear = listen()
    ear.hears(lambda: any(said.upper().startswith(command) for said in fake.commands))
    fake.ways.garbles = {}
    fake.add(mail(2))
    ear.hears(lambda: len(mail_store.stored) == 2)


def test_a_letter_larger_than_announced_is_refused_before_it_is_read(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen
) -> None:
    fill(fake, 3)
    fake.letters[2].raw += b"x" * 16_000_000
    fake.ways.lies[2] = 100
    listen(max_bytes=100_000).hears(lambda: len(mail_store.stored) == 3, patience=20)
    assert [a.payload.startswith(UNFETCHED) for a in mail_store.stored.values()] == [False, True, False]


def test_what_somebody_has_dealt_with_is_left_alone(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen
) -> None:
    for n, flag in enumerate(("\\Answered", "\\Deleted", "\\Draft", "\\Seen"), 1):
        fake.add(mail(n), flags=(flag,))
    listen().hears(lambda: mail_store.where.last_uid == 4)
    assert mail_store.texts == ["lettera 4"]
    assert mail_store.old == 0


OLD, NOW = "Mon, 4 Apr 2016 10:00:00 +0200", "Sat, 28 Nov 2099 10:00:00 +0100"


@pytest.mark.parametrize(
    ("headers", "read"),
    [
        (f"Date: {OLD}\r\n", False),
        (f"Date: {OLD}\r\nReceived: from a by b; {OLD}\r\n", False),
        (f"Date: {OLD}\r\nReceived: from a by b; {NOW}\r\n", True),  # a computer whose clock stands in 2016
        ("", True),
        ("Date: not a date\r\n", True),
        (f"Date: {NOW}\r\n", True),
    ],
)
def test_an_old_letter_that_is_copied_into_the_folder_is_left_and_told(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen, headers: str, *, read: bool
) -> None:
    fake.add(mail(1, headers=headers))
    fake.add(mail(2))
    listen().hears(lambda: mail_store.where.last_uid == 2 and (read or mail_store.old))  # told after the place is kept
    assert (len(mail_store.stored), mail_store.old) == ((2, 0) if read else (1, 1))


def test_a_letter_that_the_server_had_long_ago_is_left_and_told(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen
) -> None:
    ear = listen()
    ear.hears(lambda: mail_store.lines)
    fake.add(mail(1), ago=timedelta(days=30))  # moved here from another folder
    fake.add(mail(2))
    ear.hears(lambda: mail_store.where.last_uid == 2 and mail_store.old)
    assert (mail_store.texts, mail_store.old, fake.asked) == (["lettera 2"], 1, {2: 1})


def test_two_letters_under_one_id_are_two_and_a_copy_is_none(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen
) -> None:
    """Some programs send every letter under the same Message-ID: a correction must not be taken for a copy."""
    head = b"From: segreteria@lequerce.example\r\nMessage-ID: <same-1@lequerce.example>\r\nSubject: %s\r\n\r\n"
    fake.add(head % b"iscrizione" + b"iscriviamo tre persone\r\n")
    fake.add(head % b"R: iscrizione" + b"iscriviamo  tre\r\n persone\r\n\r\n")  # the same, wrapped anew on its way
    fake.add(head % b"correzione" + b"correggo: iscriviamo cinque persone\r\n")
    listen().hears(lambda: mail_store.where.last_uid == 3)
    assert mail_store.texts == ["iscriviamo tre persone", "correggo: iscriviamo cinque persone"]


def test_a_letter_of_the_last_day_that_there_is_stops_nobody(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen
) -> None:
    """Its moment cannot be said in UTC."""
    fill(fake, 2)
    fake.ways.moments[1] = "31-Dec-9999 23:59:59 -0200"
    listen().hears(lambda: mail_store.where.last_uid == 2)
    assert sorted(mail_store.texts) == ["lettera 1", "lettera 2"]
