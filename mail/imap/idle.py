"""Waiting for new mail: an IDLE window (RFC 2177) that neither loses an arrival nor spins on a dead line.

IMAPClient's ``idle_check`` misses an EXISTS that came in the same segment as the server's "+ idling", and returns at
once for ever when the server has gone. So: look at what has already come, wait with ``poll``, then leave IDLE; the
caller searches afterwards whatever was said.
"""

import select

from mail.imap.wire import MailboxClient


def wait_for_change(client: MailboxClient, seconds: float, wake_fd: int) -> None:
    """Wait until the server says something, ``wake_fd`` becomes readable, or ``seconds`` have passed.

    Raises ``OSError`` or ``imaplib.IMAP4.error`` when the line is dead; the client must then be thrown away.
    """
    client.idle()
    if not client.has_more():
        poller = select.poll()
        poller.register(client.socket(), select.POLLIN)
        poller.register(wake_fd, select.POLLIN)
        poller.poll(seconds * 1000)
    client.idle_done()
