"""The web of one process.

Its socket is open before anything is promised, the application is built when it is served.
"""

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.channels import Basis, OpenChannel, office_of
from bot.ports import open_socket
from bot.settings import Settings, read_networks
from conversation.channel import Channel
from conversation.office import Office
from db.heartbeats import WORKER

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from bot.serving import Server
    from web.console.world import World


class WebServer:
    """Use ``open``, then ``serve``; ``close`` lets go of a socket that was not served on."""

    def __init__(self, settings: Settings) -> None:
        self._port = settings.port
        self._host = "0.0.0.0" if settings.is_real else "127.0.0.1"  # noqa: S104 - behind the host's own proxy
        self._socket: socket.socket | None = None
        self._server: Server | None = None

    def open(self) -> None:
        """Listen on the port. Raises ``PortTakenError``."""
        self._socket = open_socket(self._host, self._port)

    async def serve(self, build: Callable[[], "Starlette"]) -> None:
        """Answer until stopped, with the application that ``build`` makes."""
        from bot.serving import make_server

        # uvicorn closes it when it ends: who serves again opens another.
        listening, self._socket = self._socket or open_socket(self._host, self._port), None
        self._server = make_server(build(), self._host, self._port)
        await self._server.serve(sockets=[listening])

    def stop(self) -> None:
        """Finish the answers at hand, then end."""
        if self._server is not None:
            self._server.should_exit = True

    def close(self) -> None:
        """Let go of the socket."""
        if self._socket is not None:
            self._socket.close()


def parts_of(channels: Mapping[Channel, OpenChannel]) -> tuple[str, ...]:
    """Those that must give signs of life: whichever worker gives them, they are expected with these settings."""
    return WORKER, *(channel.part for channel in channels.values() if channel.beats)


def make_world(
    basis: Basis,
    office: Office,
    *,
    letters: bool = True,
    parts: tuple[str, ...] = (WORKER,),
    guests: Sequence[str] = (),
) -> "World":
    """What the console works with.

    ``letters``: e-mail goes out; ``parts``: must give signs of life. ``guests``: invented operators who enter without a
    password: a sandbox's.
    """
    from bot.installation import installation_of
    from web.console.world import Entering, Oidc, World

    given, secret = basis.settings, basis.settings.oidc_client_secret
    oidc = Oidc(given.oidc_issuer, given.oidc_client_id, secret.get_secret_value(), given.oidc_only) if secret else None
    entering = Entering(
        networks=read_networks(given.console_networks),
        totp=given.staff_totp == "required",
        by_mail=given.staff_reset == "mail" and given.smtp is not None,
        oidc=oidc,
        guests=tuple(guests),
    )
    return World(
        basis.database,
        basis.library,
        basis.clock,
        office,
        given.schedule,
        public_url=given.public_url.rstrip("/"),
        links=basis.links,
        entering=entering,
        authserv_id=given.mail_authserv_id,
        knowledge=given.knowledge,
        approve_above=given.approve_above,
        writes_letters=letters,
        parts=parts,
        installation=installation_of(given, sandbox=bool(guests)),
    )


def build_app(basis: Basis, channels: Mapping[Channel, OpenChannel]) -> "Starlette":
    """The web application of a system.

    Health, metrics, the console, the pages behind links, a webhook where a channel has one.
    """
    from web.app import build_web
    from web.links.pages import Reception

    settings, links = basis.settings, basis.links
    secret = settings.telegram_webhook_secret
    mailbox, parts = settings.office.mailbox, parts_of(channels)
    return build_web(
        basis.database,
        clock=basis.clock,
        reception=Reception(basis.database, basis.library, links, basis.ids, mailbox, basis.clock) if links else None,
        webhook_secret=secret.get_secret_value() if secret else "",
        receive=next((channel.receive for channel in channels.values() if channel.receive is not None), None),
        parts=parts,
        world=make_world(basis, office_of(settings, channels), letters=Channel.EMAIL in channels, parts=parts)
        if settings.public_url
        else None,
    )
