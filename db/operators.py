"""Who works at the console: operators, their sessions, their links, and the pauses after failures to enter.

Times are real ones (``real_now``): what lets somebody in does not follow a clock that is moved to try things out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, update

from db.engine import Transaction, save
from db.models import lockouts, sessions, staff, staff_links


class Role(StrEnum):
    """What an operator of the console may do: see numbers without names; do the daily work.

    Decide for all and let people in.
    """

    READER = "reader"
    OPERATOR = "operator"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Operator:
    """One who may work at the console. ``entered``: has a password by now; ``totp``: gives a code besides it.

    ``morning``: wants the mail with the day's numbers; ``keys``: single keys do something on pages.
    """

    id: int
    email: str
    name: str
    role: Role
    active: bool
    entered: bool
    totp: bool
    morning: bool
    keys: bool
    #: When they entered last, by the service's clock.
    seen_at: datetime | None

    @property
    def called(self) -> str:
        """How colleagues know them."""
        return self.name or self.email


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an operator is known by.

    ``password``: argon2id; ``totp``: the secret in base 32; ``recovery``: digests of codes.

    ``totp_step``: the half minute of the code that was used last: none is good twice. ``failed``: times in a row.
    """

    id: int
    name: str
    active: bool
    password: str
    totp: str
    totp_step: int
    recovery: tuple[str, ...]
    failed: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that somebody entered with.

    ``made_at``: by the service's clock, as the registry tells it; the others are real time. ``data``: what the next
    page says, or what a log-in elsewhere waits for.
    """

    id: int
    staff_id: int | None
    made_at: datetime
    seen_at: datetime
    expires_at: datetime
    fresh_until: datetime | None
    agent: str
    data: Mapping[str, Any]


_OPERATOR = (
    staff.c.id,
    staff.c.email,
    staff.c.name,
    staff.c.role,
    staff.c.active,
    staff.c.password,
    staff.c.totp,
    staff.c.morning,
    staff.c["keys"],
    staff.c.seen_at,
)


def _operator(row: Any) -> Operator:
    return Operator(
        row.id,
        row.email,
        row.name,
        Role(row.role),
        row.active,
        bool(row.password),
        bool(row.totp),
        row.morning,
        row.keys,
        row.seen_at,
    )


async def all_operators(tx: Transaction) -> list[Operator]:
    """Everybody, by name."""
    rows = (await tx.execute(select(*_OPERATOR).order_by(staff.c.name, staff.c.email))).all()
    return [_operator(row) for row in rows]


async def names_of_operators(tx: Transaction) -> dict[int, str]:
    """How colleagues know each of them, by number."""
    return {operator.id: operator.called for operator in await all_operators(tx)}


async def get_operator(tx: Transaction, operator_id: int) -> Operator | None:
    """The operator with this number."""
    row = (await tx.execute(select(*_OPERATOR).where(staff.c.id == operator_id))).first()
    return None if row is None else _operator(row)


async def find_operator(tx: Transaction, email: str) -> Operator | None:
    """The operator with this address, in small letters."""
    row = (await tx.execute(select(*_OPERATOR).where(staff.c.email == email))).first()
    return None if row is None else _operator(row)


async def add_operator(tx: Transaction, email: str, now: datetime, *, name: str, role: Role) -> int:
    """A new operator's number; the address must not be there yet."""
    statement = insert(staff).values(email=email, name=name, role=role.value, added_at=now).returning(staff.c.id)
    return int((await tx.execute(statement)).scalar_one())


async def update_operator(tx: Transaction, operator_id: int, **values: Any) -> None:
    """Set columns of an operator."""
    await tx.execute(update(staff).where(staff.c.id == operator_id).values(**values))


async def count_managers(tx: Transaction) -> int:
    """How many may let others in; locked, so that two who go at once do not both find the other there."""
    query = select(staff.c.id).where(staff.c.role == Role.MANAGER.value, staff.c.active).with_for_update()
    return len((await tx.execute(query)).all())


async def delete_operator(tx: Transaction, operator: Operator) -> None:
    """Remove an operator; the name stays beside what they did."""
    await tx.execute(delete(staff).where(staff.c.id == operator.id))


async def get_credentials(tx: Transaction, email: str) -> Credentials | None:
    """What the operator with this address is known by."""
    columns = (
        staff.c.id,
        staff.c.name,
        staff.c.active,
        staff.c.password,
        staff.c.totp,
        staff.c.totp_step,
        staff.c.recovery,
        staff.c.failed,
        staff.c.locked_until,
    )
    row = (await tx.execute(select(*columns).where(staff.c.email == email))).first()
    if row is None:
        return None
    recovery = tuple(row.recovery or ())
    return Credentials(
        row.id,
        row.name or email,
        row.active,
        row.password,
        row.totp,
        row.totp_step,
        recovery,
        row.failed,
        row.locked_until,
    )


# Sessions


async def add_session(tx: Transaction, digest: str, **values: Any) -> None:
    """A new session by the digest of its cookie; ``values``: the other columns."""
    await tx.execute(insert(sessions).values(digest=digest, **values))


def _session(row: Any) -> Session:
    return Session(
        row.id, row.staff_id, row.made_at, row.seen_at, row.expires_at, row.fresh_until, row.agent, row.data or {}
    )


async def find_session(tx: Transaction, digest: str) -> Session | None:
    """The session whose cookie has this digest, expired or not."""
    row = (await tx.execute(select(sessions).where(sessions.c.digest == digest))).first()
    return None if row is None else _session(row)


async def sessions_of(tx: Transaction, operator_id: int, real_now: datetime) -> list[Session]:
    """An operator's sessions that are not over, the one used last first."""
    query = select(sessions).where(sessions.c.staff_id == operator_id, sessions.c.expires_at > real_now)
    return [_session(row) for row in (await tx.execute(query.order_by(sessions.c.seen_at.desc()))).all()]


async def update_session(tx: Transaction, session_id: int, **values: Any) -> None:
    """Set columns of a session."""
    await tx.execute(update(sessions).where(sessions.c.id == session_id).values(**values))


async def delete_session(tx: Transaction, session_id: int) -> None:
    """End one session."""
    await tx.execute(delete(sessions).where(sessions.c.id == session_id))


async def delete_sessions(tx: Transaction, operator_id: int) -> int:
    """End all sessions of an operator; how many."""
    return (await tx.execute(delete(sessions).where(sessions.c.staff_id == operator_id))).rowcount


# Links


async def add_staff_link(tx: Transaction, digest: str, operator_id: int, purpose: str, expires_at: datetime) -> None:
    """A link for an operator; those they were given before are worth nothing any more."""
    await tx.execute(delete(staff_links).where(staff_links.c.staff_id == operator_id))
    values = {"digest": digest, "staff_id": operator_id, "purpose": purpose, "expires_at": expires_at}
    await tx.execute(insert(staff_links).values(values))


async def find_staff_link(tx: Transaction, digest: str, real_now: datetime) -> tuple[Operator, str] | None:
    """Whose link it is and for what, when it is still good."""
    good = (staff_links.c.digest == digest, staff_links.c.expires_at > real_now, staff_links.c.used_at.is_(None))
    query = select(*_OPERATOR, staff_links.c.purpose).join(staff_links, staff_links.c.staff_id == staff.c.id)
    row = (await tx.execute(query.where(*good, staff.c.active))).first()
    return None if row is None else (_operator(row), row.purpose)


async def last_staff_link_ends(tx: Transaction, operator_id: int) -> datetime | None:
    """Until when the operator's unused link is good; ``None``: there is none."""
    query = select(staff_links.c.expires_at).where(
        staff_links.c.staff_id == operator_id, staff_links.c.used_at.is_(None)
    )
    found: datetime | None = (await tx.execute(query)).scalar()
    return found


async def spend_staff_link(tx: Transaction, digest: str, real_now: datetime) -> bool:
    """Use a link; ``False`` when somebody was quicker, or its time is over."""
    good = (staff_links.c.digest == digest, staff_links.c.expires_at > real_now, staff_links.c.used_at.is_(None))
    return bool((await tx.execute(update(staff_links).where(*good).values(used_at=real_now))).rowcount)


# Failures to enter


async def network_locked_until(tx: Transaction, network: str) -> datetime | None:
    """Until when nobody enters from there."""
    found: datetime | None = (await tx.execute(select(lockouts.c.until).where(lockouts.c.network == network))).scalar()
    return found


async def network_failures(tx: Transaction, network: str, since: datetime) -> int:
    """How many times in a row somebody failed there, the last one after ``since``."""
    query = select(lockouts.c.failed).where(lockouts.c.network == network, lockouts.c.at > since)
    return int((await tx.execute(query)).scalar() or 0)


async def save_network_failures(
    tx: Transaction, network: str, failed: int, *, until: datetime | None, real_now: datetime
) -> None:
    """Note them."""
    await save(tx, lockouts, [{"network": network, "failed": failed, "until": until, "at": real_now}])


async def forget_network_failures(tx: Transaction, network: str) -> None:
    """Somebody entered from there."""
    await tx.execute(delete(lockouts).where(lockouts.c.network == network))
