"""The open question of a conversation stands by itself in its state, with its own fields."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from db.models import Json

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TABLE = sa.table("dialogues", sa.column("channel"), sa.column("value"), sa.column("state", Json))
#: What stood beside the question, and is in it now.
_OLD = ("asks", "action", "draft", "question", "amount", "consented")


def upgrade() -> None:
    """Put each question together."""
    _change(_forward)


def downgrade() -> None:
    """Take each apart."""
    _change(_back)


def _change(change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    connection = op.get_bind()
    for channel, value, state in connection.execute(sa.select(*_TABLE.c)).all():
        here = (_TABLE.c.channel == channel, _TABLE.c.value == value)
        connection.execute(sa.update(_TABLE).where(*here).values(state=change(state)))


def _forward(state: dict[str, Any]) -> dict[str, Any]:
    old = {name: state.pop(name, None) for name in _OLD}
    said, draft = old["question"] or "", old["draft"] or {}
    question = {"action": old["action"], "asks": old["asks"]} if old["asks"] else {}
    match old["action"] if old["asks"] else None:
        case "register":
            question |= {"draft": draft, "consented": bool(old["consented"])}
        case "withdraw":
            question["registrations"] = [int(number) for number in said.split(",") if number.isdecimal()]
        case "change":
            question |= {"draft": draft, "registration": old["amount"]}
        case "ask":
            question["question"] = said
        case "adhere":
            question |= {"words": said, "organisation": draft.get("organisation")}
        case "join":
            question["token"] = said
    return state | {"open": question, "words": said}


def _back(state: dict[str, Any]) -> dict[str, Any]:
    question = state.pop("open", None) or {}
    said = state.pop("words", "")
    if "registrations" in question:
        said = ",".join(str(number) for number in question["registrations"])
    said = question.get("question") or question.get("words") or question.get("token") or said
    draft = question.get("draft")
    if question.get("organisation") is not None:
        draft = {"organisation": question["organisation"]}
    return state | {
        "asks": question.get("asks"),
        "action": question.get("action", ""),
        "draft": draft,
        "question": said,
        "amount": question.get("registration"),
        "consented": question.get("consented", False),
    }
