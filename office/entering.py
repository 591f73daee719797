"""An operator enters the console: by password (and code), or vouched for by the municipality's own log-in.

Who fails five times in a row waits half a minute, then twice as long each time, a quarter of an hour at most: by
account and by network, never for ever. The owner of the account is told by mail.
"""

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from conversation.channel import Channel
from conversation.message import Address, Reply
from db.engine import Database, Transaction
from db.models import Kind
from db.operators import (
    Credentials,
    add_session,
    forget_network_failures,
    get_credentials,
    network_failures,
    network_locked_until,
    save_network_failures,
    update_operator,
)
from db.outbox import queue_reply
from db.requests import Actor, record
from office.passwords import digest_of, digest_of_code, hash_password, is_dated, is_password, step_of_code

#: A working day; then one enters anew.
SESSION = timedelta(hours=8)
#: A desk that was left.
IDLE = timedelta(minutes=60)
#: After a password, what must not be done by whoever finds the desk open.
FRESH = timedelta(minutes=10)
#: Wrong passwords in a row that cost nothing; then one waits so many seconds, each time twice as long, so many at most.
#: Choices, not measured.
_FREE = 4
_FIRST_PAUSE, _LONGEST_PAUSE = 30, 15 * 60
#: Failures of a network further back than this are forgotten.
_MEMORY = timedelta(hours=12)
_WRONG = "Indirizzo, password o codice non giusti. Controlla e riprova."


class NotEnteredError(Exception):
    """Nobody entered; the message says why, in words for whoever tried."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed, and from where. ``agent``: the browser's name of itself."""

    email: str
    password: str
    code: str
    host: str
    agent: str


@dataclass(frozen=True, slots=True)
class Times:
    """``now``: by the service's clock, for the registry; ``real``: the real time, for what lets people in."""

    now: datetime
    real: datetime


async def enter(database: Database, attempt: Attempt, times: Times) -> str:
    """The cookie of a new session. Raises ``NotEnteredError``."""
    email, network = attempt.email.strip().lower(), network_of(attempt.host)
    async with database.look() as tx:
        await _require_open(tx, email, network, times.real)
        known = await get_credentials(tx, email)
    fits = await is_password(known.password if known and known.active else "", attempt.password)
    renewed = await hash_password(attempt.password) if fits and known and is_dated(known.password) else ""
    async with database.begin() as tx:
        await _require_open(tx, email, network, times.real)  # others may have tried meanwhile
        known = await get_credentials(tx, email)
        values = _code_used(known, attempt.code, times.real) if known is not None and fits else None
        if known is None or values is None:
            await _note_failure(tx, email, known, network, times)
        else:
            if renewed:
                values["password"] = renewed
            await update_operator(tx, known.id, failed=0, locked_until=None, **values)
            await forget_network_failures(tx, network)
            return await begin_session(tx, Actor(known.id, known.name), attempt.agent, times)
    raise NotEnteredError(_WRONG)


async def begin_session(tx: Transaction, operator: Actor, agent: str, times: Times, *, fresh: timedelta = FRESH) -> str:
    """A new session, whose cookie is this; its digest alone is kept.

    ``fresh``: for how long no password is asked again.
    """
    cookie = secrets.token_urlsafe(32)
    real = times.real
    await add_session(
        tx,
        digest_of(cookie),
        staff_id=operator.staff_id,
        made_at=times.now,
        seen_at=real,
        expires_at=real + SESSION,
        fresh_until=real + fresh,
        agent=agent[:200],
    )
    if operator.staff_id is not None:
        await update_operator(tx, operator.staff_id, seen_at=times.now)
    await record(tx, "entered", now=times.now, by=operator)
    return cookie


async def is_own_password(database: Database, email: str, password: str, host: str, times: Times) -> bool:
    """Whether the one who is in knows the password; a wrong one counts like a failure to enter.

    Raises ``NotEnteredError``.
    """
    network = network_of(host)
    async with database.look() as tx:
        await _require_open(tx, email, network, times.real)
        known = await get_credentials(tx, email)
    if known is not None and await is_password(known.password, password):
        return True
    async with database.begin() as tx:
        await _note_failure(tx, email, known, network, times)
    return False


def _code_used(known: Credentials, code: str, real: datetime) -> dict[str, Any] | None:
    """What changes by using the code; nothing where none is asked; ``None``: it is wrong."""
    if not known.totp:
        return {}
    step = step_of_code(known.totp, code, after=known.totp_step, now=real.timestamp())
    if step is not None:
        return {"totp_step": step}
    digest = digest_of_code(code)
    if digest in known.recovery:
        return {"recovery": [d for d in known.recovery if d != digest]}
    return None


async def _require_open(tx: Transaction, email: str, network: str, real: datetime) -> None:
    known = await get_credentials(tx, email)
    locks = [known.locked_until if known else None, await network_locked_until(tx, network)]
    until = max((lock for lock in locks if lock is not None), default=None)
    if until is not None and until > real:
        seconds = max(1, round((until - real).total_seconds()))
        wait = f"{seconds} secondi" if seconds <= 90 else f"{round(seconds / 60)} minuti"
        msg = f"Troppi tentativi non riusciti: riprova tra {wait}."
        raise NotEnteredError(msg)


async def _note_failure(tx: Transaction, email: str, known: Credentials | None, network: str, times: Times) -> None:
    real = times.real
    failed = await network_failures(tx, network, real - _MEMORY) + 1
    await save_network_failures(tx, network, failed, until=_pause(failed, real), real_now=real)
    if known is not None:
        failed = known.failed + 1
        locked = _pause(failed, real)
        await update_operator(tx, known.id, failed=failed, locked_until=locked)
        if failed == _FREE + 1:
            await _warn(tx, email, times)


def _pause(failed: int, real: datetime) -> datetime | None:
    if failed <= _FREE:
        return None
    doubled = min(failed - _FREE - 1, 10)  # past any pause; a million failures are no number to compute with
    return real + timedelta(seconds=min(_FIRST_PAUSE * 2**doubled, _LONGEST_PAUSE))


async def _warn(tx: Transaction, email: str, times: Times) -> None:
    subject = "Tentativi di entrare con il tuo indirizzo"
    text = (
        f"Qualcuno ha sbagliato {_FREE + 1} volte di seguito la password della console con questo indirizzo.\n\n"
        "Se eri tu, aspetta mezzo minuto e riprova. Se non eri tu, avvisa chi è responsabile della console: "
        "nessuno è entrato."
    )
    key = f"staff:tries:{digest_of(email)[:16]}:{times.real:%Y%m%d%H%M}"
    address = Address(Channel.EMAIL, email)
    await queue_reply(tx, key, address, Reply(text), now=times.now, kind=Kind.STAFF, subject=subject, automatic=True)


def network_of(host: str) -> str:
    """The network that a failure counts for: /24 of IPv4, /64 of IPv6; what is no address counts for itself."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:64]
    mapped = getattr(address, "ipv4_mapped", None) or address
    return str(ipaddress.ip_network(f"{mapped}/{24 if mapped.version == 4 else 64}", strict=False))
