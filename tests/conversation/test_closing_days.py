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
    assert Office("a@b.example", holidays=where).holidays_from(date(2021, 1, 1), 1000) == expected
    assert len(expected) > 10


def test_of_an_unknown_country_nothing_is_known() -> None:
    with pytest.raises(KeyError):
        Office("a@b.example", holidays=("XX", "")).is_working_day(date(2021, 1, 4))


def test_one_country_is_loaded() -> None:
    program = (
        "import sys; from datetime import date; from conversation.office import Office; "
        "assert not Office('a@b.example').is_working_day(date(2021, 1, 6)); "
        "print(*(name for name in sys.modules if name.startswith('holidays.countries')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
