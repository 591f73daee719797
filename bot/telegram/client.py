"""The Bot API client: python-telegram-bot's ``Bot``, on any server that speaks the Bot API."""

import os
import warnings

import httpx
from telegram import Bot
from telegram.request import HTTPXRequest
from telegram.warnings import PTBUserWarning

POLL_SECONDS = 25
#: Time-outs in seconds; together they stay well under the outbox's lease.
_CONNECT, _READ, _POOL = 10.0, 25.0, 20.0


def open_bot(token: str, api_url: str = "") -> Bot:
    """A client for ``token``. ``api_url``: another server than Telegram's. Call ``initialize`` before use."""
    # The library reads this at each ``retry_after``; without it, a 429 comes with a deprecation warning.
    os.environ["PTB_TIMEDELTA"] = "1"
    # getUpdates is asked raw, so that one update the library cannot read does not hold up all the others.
    warnings.filterwarnings("ignore", "Please use 'Bot.getUpdates'", PTBUserWarning)
    tls = httpx.create_ssl_context()  # one for both pools: reading the authorities is the slowest part of the start
    base = api_url.rstrip("/") or "https://api.telegram.org"
    return Bot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=HTTPXRequest(
            connection_pool_size=8,
            connect_timeout=_CONNECT,
            read_timeout=_READ,
            write_timeout=_READ,
            pool_timeout=_POOL,
            httpx_kwargs={"verify": tls},
        ),
        get_updates_request=HTTPXRequest(
            connection_pool_size=1,
            connect_timeout=_CONNECT,
            read_timeout=POLL_SECONDS + 10,
            pool_timeout=_POOL,
            httpx_kwargs={"verify": tls},
        ),
    )
