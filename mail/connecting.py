"""Opens the mailbox: TLS verified, password or XOAUTH2, keep-alive on the socket."""

import socket
from typing import Any

from imapclient import IMAPClient, SocketTimeout

from mail.server import Server
from mail.tokens import Token

_CONNECT, _READ = 15.0, 60.0


def open_mailbox(server: Server, token: Token | None = None) -> Any:
    """A logged-in IMAPClient. Raises ``OSError`` (network, TLS) or ``imaplib.IMAP4.error`` (login)."""
    client = IMAPClient(
        server.host,
        server.port,
        ssl=server.tls,
        ssl_context=server.context() if server.tls else None,
        timeout=SocketTimeout(connect=_CONNECT, read=_READ),
    )
    try:
        if server.starttls:
            client.starttls(server.context())
        sock = client.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_KEEPIDLE"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
        if server.oauth:
            client.oauth2_login(server.user, token() if token else server.password)
        else:
            client.login(server.user, server.password)
    except BaseException:
        client.shutdown()
        raise
    return client
