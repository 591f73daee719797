"""The programme that the marked letters speak of, without a database."""

import tomllib
from functools import cache

from conversation.meeting import Meeting
from knowledge.library import OWN_TOWN


@cache
def sample_meetings() -> tuple[Meeting, ...]:
    """The meetings of the programme that the letters speak of, numbered from 1."""
    rows = tomllib.loads((OWN_TOWN / "programme.toml").read_text(encoding="utf-8"))["meetings"]
    return tuple(Meeting(i, r["sector"], "", r.get("day"), link=r.get("link", "")) for i, r in enumerate(rows, 1))
