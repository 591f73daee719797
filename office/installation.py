"""How this installation is set, and whether anything is wrong with it.

What ``doctor`` at the terminal and the console's page both say.

The checks know settings, mail and Telegram, and come from above (``bot.checks``); here they are only run.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class CheckOutcome(StrEnum):
    """What a check came to: all is well; it works, but somebody should see to it; it does not work."""

    GOOD = "good"
    ADVICE = "advice"
    FAULT = "fault"


class FaultError(RuntimeError):
    """Something is wrong; the message says what to do."""


class AdviceError(RuntimeError):
    """It works, and there is something to see to; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Check:
    """``run``: gives a sentence when all is well; raises ``FaultError`` or ``AdviceError``.

    ``far``: asks a server, or reads a whole file.
    """

    name: str
    run: Callable[[], Coroutine[Any, Any, str]]
    far: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, in a sentence."""

    name: str
    mark: CheckOutcome
    said: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as it may be shown: of a secret only whether it is there.

    ``name``: in the environment; ``title``: in plain Italian. ``given``: somebody set it, it is not the default.
    """

    name: str
    title: str
    what: str
    value: str
    given: bool
    secret: bool


@dataclass(frozen=True, slots=True)
class Installation:
    """The settings in groups, each with its title; the checks in their order."""

    groups: Sequence[tuple[str, Sequence[Setting]]] = ()
    checks: Sequence[Check] = ()


async def run_checks(checks: Sequence[Check], *, seconds: float) -> list[Finding]:
    """Run the checks side by side, each for so long at most."""
    return list(await asyncio.gather(*(_try(check, seconds) for check in checks)))


#: Checks that were not waited for any longer, until they have let go of what they held.
_ending: set[asyncio.Task[str]] = set()


async def _try(check: Check, seconds: float) -> Finding:
    task: asyncio.Task[str] = asyncio.create_task(check.run())
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:  # not ``wait_for``: a server that is silent may be silent at the farewell too
        task.cancel()
        _ending.add(task)
        task.add_done_callback(_ending.discard)
        said = f"nessuna risposta entro {seconds:.0f} secondi: riprovare, poi controllare la rete"
        return Finding(check.name, CheckOutcome.FAULT, said)
    try:
        return Finding(check.name, CheckOutcome.GOOD, task.result())
    except AdviceError as error:
        return Finding(check.name, CheckOutcome.ADVICE, str(error))
    except FaultError as error:
        return Finding(check.name, CheckOutcome.FAULT, str(error))
    except Exception as error:
        said = f"errore imprevisto ({type(error).__name__}): avvisare chi segue il programma"
        return Finding(check.name, CheckOutcome.FAULT, said)
