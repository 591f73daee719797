"""The commands as other people's scripts call them.

``luccabot`` runs one in this process: to start an interpreter for each would take longer than all that they do.
``luccabot_process`` starts it for real, for what belongs to a process: pipes, exit codes, the mode of its files.
"""

import asyncio
import io
import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from bot.__main__ import run_command

ROOT = Path(__file__).parents[2]
NOTHING: Mapping[str, str] = {}
#: What a command sees of the machine's own environment.
_KEPT = ("PATH", "HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")


async def luccabot(*arguments: str, stdin: str = "", code: int = 0, env: Mapping[str, str] = NOTHING) -> str:
    """What the command prints with ``stdin`` and no settings but ``env``.

    With what stands on standard error when it fails.
    """
    found, out, err = await asyncio.to_thread(_run, list(arguments), stdin, env)
    assert found == code, err
    return out + err if code else out


def _run(arguments: list[str], stdin: str, env: Mapping[str, str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    with (
        patch.dict(os.environ, {**kept, **env}, clear=True),
        patch.object(sys, "stdin", io.StringIO(stdin)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            run_command(arguments)
        except SystemExit as end:
            return int(end.code or 0), out.getvalue(), err.getvalue()
    raise AssertionError("a command ends its process")


async def luccabot_process(*arguments: str, stdin: str = "", code: int = 0, env: Mapping[str, str] = NOTHING) -> str:
    """The same as a process of its own, with a umask that would let everybody read its files."""
    return await python("-m", "bot", *arguments, stdin=stdin, code=code, env=env)


async def python(*arguments: str, stdin: str = "", code: int = 0, env: Mapping[str, str] = NOTHING) -> str:
    """As ``luccabot``, for any program of this interpreter; in a folder without settings (``.env``)."""
    with tempfile.TemporaryDirectory(prefix="lucca-child-") as folder:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=folder, env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **env},
            umask=0o022, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(stdin.encode()), 60)
    assert process.returncode == code, err.decode()
    return out.decode() + err.decode() if code else out.decode()
