"""When the office is closed: by the calendar of its own country, and by no other's."""

import subprocess
import sys
from datetime import date

import holidays
import pytest

from conversation.office import Office


@pytest.mark.parametrize("where", [("IT", ""), ("IT", "LU"), ("AX", ""), ("DE", "BY")])
def test_they_are_what_the_library_says(where: tuple[str, str]) -> None:
    country, subdivision = where
    days = holidays.country_holidays(country, subdiv=subdivision or None, years=(2021, 2022))
    expected = [(day, name) for day, name in sorted(days.items()) if day.weekday() < 5]
    assert Office("a@b.example", holidays=where).holidays_from(date(2021, 1, 1), len(expected)) == expected
    assert len(expected) > 10


def test_where_it_is_closed_is_found_without_the_library_in_memory() -> None:
    program = (
        "import sys; from datetime import date; from conversation.office import Office; "
        "assert not Office('a@b.example').is_working_day(date(2021, 1, 6)); "
        "print(*(name for name in sys.modules if name.startswith('holidays')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
