"""A mail server on loopback: IMAP by pymap, SMTP by aiosmtpd, in this process. No root, no files.

Limits: custom keywords are dropped silently, and there is no implicit TLS.
"""

import asyncio
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from typing import Any, ClassVar

import pymap.imap
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from pymap.backend.dict import DictBackend, Identity
from pymap.imap import IMAPService
from pymap.parsing.message import AppendMessage
from pymap.user import Passwords, UserMetadata
from pysasl import SASLAuth
from pysasl.hashing import BuiltinHash

_HOST = "127.0.0.1"


class _HeldServer(pymap.imap.IMAPServer):
    """pymap's server, whose connections are held.

    asyncio keeps only weak references to their tasks, and on Python 3.13 the collector really takes one away in the
    middle of a conversation.
    """

    __slots__ = ()
    tasks: ClassVar[set[asyncio.Task[Any]]] = set()

    async def __call__(self, *arguments: Any) -> None:
        """Serve one connection."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine that runs has one
        self.tasks.add(task)
        try:
            await super().__call__(*arguments)
        finally:
            self.tasks.discard(task)


@cache
def _ways_to_log_in() -> SASLAuth:
    return SASLAuth.defaults()


class Post:
    """The server. ``users``: address → password. ``delivered``: every mail of each user, oldest first."""

    def __init__(self, users: dict[str, str], *, imap_port: int, smtp_port: int) -> None:
        self.users = users
        self.imap_port, self.smtp_port = imap_port, smtp_port
        self.delivered: dict[str, list[bytes]] = defaultdict(list)
        self.on_change: Callable[[], None] = lambda: None
        self._stack = AsyncExitStack()
        self._backend: Any = None

    async def start(self) -> None:
        """Listen on both ports."""
        parser = ArgumentParser()
        DictBackend.add_subparser("dict", parser.add_subparsers(dest="backend"))
        IMAPService.add_arguments(parser)
        args = parser.parse_args(["--host", _HOST, "--port", str(self.imap_port), "--no-tls", "dict"])
        args.skip_services, args.passlib_cfg, args.debug = [], None, False
        # A password that stands in the source needs no half a million rounds at every login, nor has pymap's own user.
        self._backend, config = await DictBackend.init(args, hash_context=BuiltinHash(rounds=1))
        config.apply_context()
        # Nor are all installed packages to be searched for ways to log in at every connection: a tenth of a second.
        type(config).tls_auth = _ways_to_log_in()  # type: ignore[assignment,method-assign] # it makes one anew for each
        passwords = Passwords(config)
        for name, secret in self.users.items():
            metadata = UserMetadata(config, name, password=await passwords.hash_password(secret))
            await self._identity(name).set(metadata)
        await self._backend.start(self._stack)
        pymap.imap.IMAPServer = _HeldServer  # type: ignore[misc] # the service makes its server by this name
        await IMAPService(self._backend, config).start(self._stack)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(
                self,
                hostname="sandbox",
                enable_SMTPUTF8=True,
                authenticator=self._authenticate,
                auth_require_tls=False,
                loop=loop,
            ),
            _HOST,
            self.smtp_port,
        )
        self._stack.callback(server.close)

    async def stop(self) -> None:
        """Stop listening and end the connections that are open, which pymap leaves to themselves."""
        await self._stack.aclose()
        left = list(_HeldServer.tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _identity(self, name: str) -> Any:
        return Identity(name, self._backend.login, None, frozenset())

    def _authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=self.users.get(data.login.decode()) == data.password.decode())

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept known recipients only."""
        if address.lower() not in self.users:
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Put the mail into each recipient's INBOX."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        raw = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        # The stamp of the server that delivers, in real time (RFC 5321 §4.4).
        stamp = f"Received: from sandbox by sandbox; {format_datetime(datetime.now(UTC))}\r\n"
        head = f"Return-Path: <{envelope.mail_from or ''}>\r\n{stamp}".encode()
        for recipient in envelope.rcpt_tos:
            await self.deliver(recipient.lower(), head + raw)
        return "250 2.0.0 OK"

    async def deliver(self, user: str, raw: bytes) -> None:
        """Put ``raw`` into the user's INBOX."""
        async with self._identity(user).new_session() as session:
            await session.append_messages("INBOX", [AppendMessage(raw, datetime.now(UTC), frozenset())])
        self.delivered[user].append(raw)
        self.on_change()
