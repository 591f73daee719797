"""The sandbox as a newcomer starts it: ``python -m bot run``, in a process of its own."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from conversation.understanding.cache import user_cache
from tests.support.servers import free_port

_ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def run_sandbox(home: Path) -> AsyncIterator[str]:
    """The address that ``run`` prints; ``home``: an empty folder."""
    cache = str(user_cache().folder.parent)  # type: ignore[union-attr]  # what was learnt before serves here too
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": str(free_port()),
        "HOME": str(home),
        "XDG_CACHE_HOME": cache,
        "CHANGE_GRACE": "1",  # nobody waits for half a minute here
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        cwd=_ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    printed = b""
    while b"-m bot " not in printed:  # the last thing that it says: what to type beside it
        line = await asyncio.wait_for(process.stdout.readline(), 120)
        assert line, "the sandbox ended before it printed its address"
        printed += line
    assert f"  PORT={environment['PORT']} DATABASE_URL=sqlite://".encode() in printed
    found = re.search(rb"http://\S+", printed)
    assert found is not None
    yield found[0].decode()
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), 30) == 0
    process._transport.close()  # type: ignore[attr-defined] # asyncio's own, which its types do not tell
