"""Waiting for new mail: an IDLE window (RFC 2177) that neither loses an arrival nor spins on a dead line.

IMAPClient's ``idle_check`` misses an EXISTS that came in the same segment as the server's "+ idling", returns at once
for ever when the server has gone, and hangs on a silent line. So: look at what is already buffered, wait with
``poll``, then leave IDLE with a time-out; the caller searches afterwards whatever was said.
"""

import select
import ssl
from typing import Any


def wait_for_change(client: Any, seconds: float, wake_fd: int, *, reply_timeout: float = 20.0) -> None:
    """Wait until the server says something, ``wake_fd`` becomes readable, or ``seconds`` have passed.

    Raises ``OSError`` or ``imaplib.IMAP4.error`` when the line is dead; the client must then be thrown away.
    """
    client.idle()
    sock = client.socket()
    waiting = False
    sock.setblocking(False)
    try:
        buffered = getattr(client._imap, "file", None)  # noqa: SLF001 - imaplib's read-ahead, which poll cannot see
        waiting = bool(buffered is not None and hasattr(buffered, "peek") and buffered.peek(1))
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        pass
    finally:
        sock.settimeout(reply_timeout)
    if not waiting and not (isinstance(sock, ssl.SSLSocket) and sock.pending()):
        poller = select.poll()
        poller.register(sock, select.POLLIN)
        poller.register(wake_fd, select.POLLIN)
        poller.poll(seconds * 1000)
    client.idle_done()
