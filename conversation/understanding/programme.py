"""The programme that the marked letters speak of, without a database."""

import tomllib
from functools import cache

from conversation.meeting import Meeting
from knowledge.library import HERE


@cache
def sample_meetings() -> tuple[Meeting, ...]:
    """The meetings of knowledge/programme.toml, numbered from 1."""
    rows = tomllib.loads((HERE / "programme.toml").read_text(encoding="utf-8"))["meetings"]
    return tuple(Meeting(i, r["sector"], "", r.get("day"), link=r.get("link", "")) for i, r in enumerate(rows, 1))
