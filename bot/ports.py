"""The sockets that this program listens on.

Opened before anything is promised, so that a taken port is said at once.
"""

import socket

from bot.errors import PortTakenError
from office.errors import reason

#: Connections that wait to be accepted; uvicorn's own number.
_BACKLOG = 2048


def open_socket(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0: any free one. Raises ``PortTakenError``."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
        opened.listen(_BACKLOG)
    except OSError as error:
        opened.close()
        msg = (
            f"PORT: sulla porta {port} non si può ascoltare ({reason(error)}): fermare chi la usa, oppure "
            f"sceglierne un'altra, per esempio PORT={port + 1}"
        )
        raise PortTakenError(msg) from error
    return opened
