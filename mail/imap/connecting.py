"""Opens the mailbox: TLS verified, password or XOAUTH2."""

from collections.abc import Callable

from mail.imap.wire import MailboxClient
from mail.server import MailServer
from mail.tokens import Token

#: What a letter may weigh for those who only look (``doctor``, tests).
_ENOUGH = 32 * 1024 * 1024


def open_mailbox(
    server: MailServer,
    token: Token | None = None,
    *,
    most: int = _ENOUGH,
    leaving: Callable[[], float | None] = lambda: None,
) -> MailboxClient:
    """A logged-in connection; ``most`` and ``leaving`` as in ``mail.imap.wire``.

    Raises ``OSError`` (network, TLS) or ``imaplib.IMAP4.error`` (login).
    """
    client = MailboxClient(server, most=most, leaving=leaving)
    try:
        if server.starttls:
            client.starttls(server.context())
        if server.oauth:
            client.oauth2_login(server.user, token() if token else server.password)
        else:
            client.login(server.user, server.password)
    except BaseException:
        client.shutdown()
        raise
    return client
