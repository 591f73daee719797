"""No test reaches beyond this machine: who connects, or sends, in this process must name an address of its own.

Not looked at: what a library of C opens by itself (libpq), and other processes.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from typing import Any

import pytest
import uvloop

_INTERNET = {socket.AF_INET, socket.AF_INET6}


@contextmanager
def loopback_only() -> Iterator[None]:
    """Whatever reaches further raises ``AssertionError``."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto", "sendmsg"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        for name in ("create_connection", "create_datagram_endpoint"):  # not by Python's sockets
            patch.setattr(uvloop.Loop, name, _guarded_loop(getattr(uvloop.Loop, name)))
        yield


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, *given: Any) -> Any:
        if self.family in _INTERNET and given and isinstance(given[-1], tuple):  # the address comes last
            _require_here(given[-1][0])
        return method(self, *given)

    return guarded


def _guarded_loop(method: Callable[..., Any]) -> Callable[..., Any]:
    async def guarded(self: Any, factory: Any, host: Any = None, *given: Any, **named: Any) -> Any:
        remote = named.get("remote_addr")
        for one in (named.get("host", host), remote[0] if remote else None):
            if isinstance(one, str):
                _require_here(one)
        return await method(self, factory, *(() if host is None else (host,)), *given, **named)

    return guarded


def _require_here(host: str) -> None:
    if host != "localhost":
        with suppress(ValueError):  # a name is not here either
            if ip_address(host).is_loopback:
                return
        msg = f"a test reaches for {host}"
        raise AssertionError(msg)
