"""A session at the console: kept while it is used, given a word for the next page, ended.

And the one that belongs to nobody yet, in which what the municipality's own log-in must find again waits.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from db.engine import Transaction
from db.operators import Operator, Session, add_session, delete_session, find_session, update_session
from office.entering import FRESH, IDLE, Times
from office.passwords import digest_of

#: How exactly it is known when a session was last used: one write a minute for each that is.
_SEEN = timedelta(minutes=1)
#: Time to give a password and a code elsewhere.
_PATIENCE = timedelta(minutes=10)


def is_over(session: Session, operator: Operator, times: Times) -> bool:
    """Whether it lets nobody in any more: a working day has passed, or an hour without use."""
    return not operator.active or session.expires_at <= times.real or session.seen_at + IDLE <= times.real


def is_to_be_touched(session: Session, times: Times) -> bool:
    """Whether it was last said to be used long enough ago to say so again."""
    return times.real - session.seen_at > _SEEN


async def touch(tx: Transaction, session: Session, times: Times) -> None:
    """It is used now."""
    await update_session(tx, session.id, seen_at=times.real)


async def make_fresh(tx: Transaction, session: Session, times: Times) -> Session:
    """The password was given just now: the session as it is then."""
    until = times.real + FRESH
    await update_session(tx, session.id, fresh_until=until)
    return replace(session, fresh_until=until)


async def leave_word(tx: Transaction, session: Session, said: Mapping[str, Any]) -> None:
    """What the next page says."""
    await update_session(tx, session.id, data={**session.data, "said": said})


async def take_word(tx: Transaction, session: Session) -> None:
    """It was said."""
    await update_session(tx, session.id, data=None)


async def end_session(tx: Transaction, session: Session) -> None:
    """Nobody is in by it any more."""
    await delete_session(tx, session.id)


async def wait_for_return(tx: Transaction, data: Mapping[str, Any], agent: str, times: Times) -> str:
    """Keep what must be found again when somebody comes back from elsewhere; the cookie that finds it."""
    cookie = secrets.token_urlsafe(32)
    at = {"made_at": times.now, "seen_at": times.real, "expires_at": times.real + _PATIENCE}
    await add_session(tx, digest_of(cookie), agent=agent[:200], data=data, **at)
    return cookie


async def returned(tx: Transaction, cookie: str, times: Times) -> Mapping[str, Any] | None:
    """What was kept for that return, once; ``None``: nothing, or too long ago."""
    session = await find_session(tx, digest_of(cookie))
    if session is None or session.staff_id is not None or session.expires_at <= times.real:
        return None
    await delete_session(tx, session.id)
    return session.data
