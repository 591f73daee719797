"""Trials run in a process of their own.

They need the whole understanding, some seconds of a core and memory, and no turn waits for them.

The child is given JSON on its standard input and answers with JSON; it is the last to be served by the machine, and its
CPU is bounded.
"""

import asyncio
import json
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from db.taught import Taught
from knowledge.library import BY_OFFICE, Citation, Fact
from office.errors import RefusedError

#: CPU seconds of a child. A trial takes about ten; where the library was not learnt on this machine yet, that comes
#: first (two minutes).
_CPU_SECONDS = 300
#: Seconds for all of it, on a busy machine.
_SECONDS = 600.0
_NICE = 10
_one_at_a_time = asyncio.Semaphore(1)


async def try_draft(
    draft: Taught, published: Sequence[Taught], citizens: Sequence[str], knowledge: Path
) -> dict[str, Any]:
    """The ``Trial`` of ``draft`` as a dictionary; ``knowledge``: the town's folder.

    Raises ``RefusedError`` when the child could not do it.
    """
    return await _answered({**_told(draft, published, knowledge), "citizens": list(citizens)})


async def ask(question: str, draft: Taught | None, published: Sequence[Taught], knowledge: Path) -> dict[str, Any]:
    """What ``question`` is met with (``Asked``) as a dictionary. Raises ``RefusedError`` likewise."""
    return await _answered({**_told(draft, published, knowledge), "question": question})


def _told(draft: Taught | None, published: Sequence[Taught], knowledge: Path) -> dict[str, Any]:
    return {
        "knowledge": str(knowledge),
        "draft": _as_json(draft) if draft else None,
        "published": [_as_json(one) for one in published],
    }


def _as_json(taught: Taught) -> dict[str, Any]:
    said = taught.wording
    return {"id": taught.fact_id, "title": said.title, "questions": said.variants, "answer": said.answers}


def _as_fact(row: Mapping[str, Any]) -> Fact:
    questions = {language: tuple(group) for language, group in row["questions"].items()}
    return Fact(row["id"], row["title"], questions, row["answer"], (Citation("office", BY_OFFICE, ()),))


async def _answered(asked: dict[str, Any]) -> dict[str, Any]:
    async with _one_at_a_time:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            __name__,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"},
        )
        try:
            out, _ = await asyncio.wait_for(child.communicate(json.dumps(asked).encode()), _SECONDS)
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
    if child.returncode:
        msg = "la prova non è riuscita: riprovare tra un minuto; se succede ancora, chiedere a chi gestisce il bot"
        raise RefusedError(msg)
    found: dict[str, Any] = json.loads(out)
    return found


def _serve(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The child's work."""
    from conversation.understanding.cache import user_cache
    from conversation.understanding.classifier import open_classifier
    from knowledge.library import load_library
    from office.trial import Comparison

    published = [_as_fact(row) for row in asked["published"]]
    draft = _as_fact(asked["draft"]) if asked["draft"] else None
    comparison = Comparison(open_classifier(load_library(Path(asked["knowledge"]))), published, user_cache())
    if "question" in asked:
        return asdict(comparison.ask(asked["question"], draft))
    assert draft is not None  # noqa: S101 - nothing else is tried
    return asdict(comparison.try_draft(draft, asked["citizens"]))


if __name__ == "__main__":
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, resource.RLIM_INFINITY))
    json.dump(_serve(json.load(sys.stdin)), sys.stdout)
