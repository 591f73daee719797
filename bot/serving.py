"""uvicorn inside our own event loop: the supervisor owns the signals, the socket is opened before "ready"."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


class Server(uvicorn.Server):
    """uvicorn without its signal handlers."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the supervisor."""
        yield


def make_server(app: Any, host: str, port: int) -> Server:
    """A server for ``app``; no access log, because signed links are personal data."""
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=20, lifespan="off"
    )
    return Server(config)
