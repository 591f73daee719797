"""The process that reads letters: what happens in it stays in it."""

import os
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from conversation.message import Reading
from mail.reading.confined import ConfinedReader
from mail.reading.message import read_stored
from tests.mail.test_bounds import SHAPES
from tests.mail.test_reading import OURS, raw

DONE = Reading(None, "human")


def burn(raw: bytes) -> Reading:
    while raw == b"burn":
        pass
    return DONE


def fill(raw: bytes) -> Reading:
    try:
        bytearray(10**9)
    except MemoryError:
        return DONE
    return Reading(None, "human", "a gigabyte was there")


def die(raw: bytes) -> Reading:
    if raw == b"die":
        os._exit(9)
    return DONE


@pytest.fixture
def confined() -> Iterator[Callable[..., ConfinedReader]]:
    readers = []

    def make(read: Callable[[bytes], Reading], **given: int) -> ConfinedReader:
        readers.append(ConfinedReader(read, **given))
        return readers[-1]

    yield make
    for reader in readers:
        reader.close()


def test_it_reads_as_here_and_costs_nothing_here(confined: Callable[..., ConfinedReader]) -> None:
    here = partial(read_stored, ours=OURS)
    there = confined(here)
    assert there(raw("Veniamo in tre")) == here(raw("Veniamo in tre"))
    costs = []
    for read in (here, there):
        begun = time.process_time()
        read(SHAPES["closed too often"])
        costs.append(time.process_time() - begun)
    assert costs[1] < costs[0] / 5


def test_a_letter_that_takes_too_long_goes_to_a_person_and_the_next_is_read(
    confined: Callable[..., ConfinedReader],
) -> None:
    reader = confined(burn, cpu_seconds=1)
    assert reader(b"x") == DONE
    reading = reader(b"burn")
    assert reading.needs_person
    assert "CPU" in reading.reason
    assert reader(b"x") == DONE


def test_no_letter_fills_the_memory(confined: Callable[..., ConfinedReader]) -> None:
    assert confined(fill)(b"x") == DONE


def test_a_child_that_dies_is_replaced(confined: Callable[..., ConfinedReader]) -> None:
    reader = confined(die)
    with pytest.raises(ChildProcessError, match="9"):
        reader(b"die")
    assert reader(b"x") == DONE


def test_it_ends_by_itself_when_nobody_listens_any_more() -> None:
    reader = ConfinedReader(die)
    assert reader(b"x") == DONE
    child, line = reader._child, reader._line
    assert child is not None
    assert line is not None
    line.close()
    assert child.wait(10) == 0
