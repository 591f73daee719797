"""Who may work at the console: invited, given another role, removed. The last manager stays."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from conversation.channel import Channel
from conversation.message import Address, Reply
from db.engine import Transaction
from db.models import Kind
from db.operators import (
    Operator,
    Role,
    add_operator,
    add_staff_link,
    all_operators,
    count_managers,
    delete_operator,
    delete_session,
    delete_sessions,
    find_operator,
    find_staff_link,
    get_operator,
    last_staff_link_ends,
    sessions_of,
    spend_staff_link,
    update_operator,
)
from db.outbox import queue_reply
from db.requests import Actor, record
from office.entering import Times, begin_session
from office.errors import RefusedError
from office.passwords import digest_of, digest_of_code, new_recovery_codes, step_of_code
from office.people import read_address

#: What a link is for: to enter first; to begin anew, by a manager's word; another password, by a mailbox's word.
_FIRST, _RESET, _FORGOTTEN = "first", "reset", "forgot"
#: A link is opened once, the same day or the next.
LINK = timedelta(hours=24)
#: Whoever asks for others again and again fills nobody's mailbox.
_BETWEEN_LINKS = timedelta(hours=1)
#: How roles are called, in the order of what they may do.
ROLES = {Role.READER: "lettore", Role.OPERATOR: "operatore", Role.MANAGER: "responsabile"}


_LAST = "È l'unico responsabile rimasto: prima dai questo ruolo a un'altra persona."
_OWN = "Il proprio accesso lo può togliere o cambiare solo un altro responsabile."


@dataclass(frozen=True, slots=True)
class Invitation:
    """An operator and the token of the link with which they choose a password; empty when they were there already."""

    operator: Operator
    token: str


@dataclass(frozen=True, slots=True)
class Crew:
    """How many work at the console, and how many of them decide.

    Of those, how many entered by now, and how many give no code.
    """

    operators: int = 0
    managers: int = 0
    entered: int = 0
    without_code: int = 0


async def crew_of(tx: Transaction) -> Crew:
    """Who works here, in numbers."""
    everybody = [one for one in await all_operators(tx) if one.active]
    managers = [one for one in everybody if one.role is Role.MANAGER]
    entered = [one for one in managers if one.entered or one.seen_at]
    return Crew(len(everybody), len(managers), len(entered), sum(not one.totp for one in entered))


async def invite(
    tx: Transaction, address: str, times: Times, *, by: Actor, role: Role = Role.OPERATOR, name: str = ""
) -> Invitation:
    """Let somebody in. One who is there already is left as they are. Raises ``RefusedError``."""
    email = read_address(address).value
    known = await find_operator(tx, email)
    if known is not None:
        return Invitation(known, "")
    number = await add_operator(tx, email, times.now, name=name.strip()[:200], role=role)
    added = await get_operator(tx, number)
    assert added is not None  # noqa: S101 - just added, in this transaction
    await record(tx, "operator_added", now=times.now, subject=f"operator:{number}", data={"role": role}, by=by)
    return Invitation(added, await _link(tx, number, _FIRST, times))


def role_named(text: str) -> Role:
    """The role that is called so. Raises ``RefusedError``."""
    for role, said in ROLES.items():
        if said == text.strip().lower():
            return role
    msg = f"--role {text}: scegliere {', '.join(ROLES.values())}"
    raise RefusedError(msg)


def actor_of(operator: Operator) -> Actor:
    """An operator as the audit trail keeps them."""
    return Actor(operator.id, operator.called)


async def find(tx: Transaction, email: str) -> Operator:
    """The operator with this address. Raises ``RefusedError``."""
    operator = await find_operator(tx, email.strip().lower())
    if operator is None:
        msg = f"{email} non è l'indirizzo di un operatore: python -m bot staff add {email}"
        raise RefusedError(msg)
    return operator


async def reset(tx: Transaction, operator: Operator, times: Times, *, by: Actor) -> str:
    """The token of a link with which an operator who lost password or telephone begins anew.

    Until then all stays as it is.
    """
    await record(tx, "operator_reset", now=times.now, subject=f"operator:{operator.id}", by=by)
    return await _link(tx, operator.id, _RESET, times)


async def ask_reset(tx: Transaction, email: str, times: Times) -> tuple[Operator, str] | None:
    """The same, asked by whoever reads this mailbox: the second factor stays.

    ``None``: nobody has this address, or they have a link.
    """
    operator = await find_operator(tx, email.strip().lower())
    if operator is None or not operator.active:
        return None
    ends = await last_staff_link_ends(tx, operator.id)
    if ends is not None and ends > times.real + LINK - _BETWEEN_LINKS:
        return None
    return operator, await _link(tx, operator.id, _FORGOTTEN, times)


async def _link(tx: Transaction, operator_id: int, purpose: str, times: Times) -> str:
    token = secrets.token_urlsafe(24)
    await add_staff_link(tx, digest_of(token), operator_id, purpose, times.real + LINK)
    return token


async def mail_link(tx: Transaction, operator: Operator, address: str, times: Times, service: str) -> None:
    """Queue the letter with the link ``address`` (https://…). ``service``: what the meetings are called together."""
    text = (
        f"Ecco il collegamento per entrare nella console di {service}:\n\n{address}\n\n"
        "Vale un giorno e una volta sola: si sceglie una password e si entra. Se non lo aspettavi, non aprirlo e "
        "avvisa l'ufficio."
    )
    reply = Reply(text, links=(address,))
    key = f"staff:link:{digest_of(address)[:24]}"
    mailbox = Address(Channel.EMAIL, operator.email)
    subject = "Il tuo accesso alla console"
    await queue_reply(tx, key, mailbox, reply, now=times.now, kind=Kind.STAFF, subject=subject, automatic=True)


async def owner_of_link(tx: Transaction, token: str, times: Times) -> Operator | None:
    """Whose link it is, while it is good."""
    found = await find_staff_link(tx, digest_of(token), times.real)
    return found and found[0]


async def accept_link(tx: Transaction, token: str, kept: str, name: str, agent: str, times: Times) -> str | None:
    """Use a link: ``kept`` is what is kept of the password chosen. ``None``: it is not good.

    The cookie of a new session; empty for who must still give a code. Whoever was in with the old password is out.
    """
    found = await find_staff_link(tx, digest_of(token), times.real)
    if found is None or not await spend_staff_link(tx, digest_of(token), times.real):
        return None
    operator, purpose = found
    values: dict[str, Any] = {"password": kept, "failed": 0, "locked_until": None}
    if purpose != _FORGOTTEN:  # who lost the telephone has no other way; who reads the mailbox alone does not get in
        values |= {"totp": "", "recovery": None}
    await update_operator(tx, operator.id, **values, name=name.strip()[:200] or operator.name)
    await delete_sessions(tx, operator.id)
    await record(tx, "password_changed", now=times.now, by=actor_of(operator))
    if purpose == _FORGOTTEN and operator.totp:
        return ""
    return await begin_session(tx, actor_of(operator), agent, times)


async def change_password(tx: Transaction, operator: Operator, kept: str, agent: str, times: Times) -> str:
    """Another password; every session ends, and this is the cookie of a new one."""
    await update_operator(tx, operator.id, password=kept)
    await delete_sessions(tx, operator.id)
    await record(tx, "password_changed", now=times.now, by=actor_of(operator))
    return await begin_session(tx, actor_of(operator), agent, times)


async def turn_on_totp(tx: Transaction, operator: Operator, secret: str, code: str, times: Times) -> list[str] | None:
    """Ask for a code from now on, when ``code`` shows that the app has the secret.

    The recovery codes, told only now.
    """
    step = step_of_code(secret, code, now=times.real.timestamp())
    if step is None:
        return None
    codes = new_recovery_codes()
    digests = [digest_of_code(c) for c in codes]
    await update_operator(tx, operator.id, totp=secret, totp_step=step, recovery=digests)
    await record(tx, "totp_on", now=times.now, by=actor_of(operator))
    return codes


async def turn_off_totp(tx: Transaction, operator: Operator, times: Times) -> None:
    """No code any more."""
    await update_operator(tx, operator.id, totp="", recovery=None)
    await record(tx, "totp_off", now=times.now, by=actor_of(operator))


async def choose(tx: Transaction, operator: Operator, *, name: str, keys: bool, morning: bool) -> None:
    """What each decides for themselves."""
    await update_operator(tx, operator.id, name=name.strip()[:200], keys=keys, morning=morning)


async def close_session(tx: Transaction, operator: Operator, session_id: int, times: Times) -> bool:
    """End one of an operator's own sessions; ``False`` when it is not theirs."""
    if session_id not in {s.id for s in await sessions_of(tx, operator.id, times.real)}:
        return False
    await delete_session(tx, session_id)
    return True


async def set_role(tx: Transaction, operator: Operator, role: Role, times: Times, *, by: Actor) -> None:
    """Another role; whoever is in enters anew. Raises ``RefusedError``."""
    if operator.id == by.staff_id:
        raise RefusedError(_OWN)
    await _require_another(tx, operator, role)
    await update_operator(tx, operator.id, role=role.value)
    await delete_sessions(tx, operator.id)
    subject, data = f"operator:{operator.id}", {"role": role}
    await record(tx, "operator_role", now=times.now, subject=subject, data=data, by=by)


async def close_sessions(tx: Transaction, operator: Operator, times: Times, *, by: Actor) -> int:
    """Put an operator out wherever they are in; how many sessions."""
    ended = await delete_sessions(tx, operator.id)
    await record(tx, "operator_put_out", now=times.now, subject=f"operator:{operator.id}", by=by)
    return ended


async def remove(tx: Transaction, operator: Operator, times: Times, *, by: Actor) -> None:
    """Nobody enters with this address any more; the name stays in the registry. Raises ``RefusedError``."""
    if operator.id == by.staff_id:
        raise RefusedError(_OWN)
    await _require_another(tx, operator, None)
    await delete_operator(tx, operator)
    await record(tx, "operator_removed", now=times.now, subject=f"operator:{operator.id}", by=by)


async def _require_another(tx: Transaction, operator: Operator, role: Role | None) -> None:
    if operator.role is Role.MANAGER and role is not Role.MANAGER and await count_managers(tx) < 2:
        raise RefusedError(_LAST)
