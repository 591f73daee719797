"""Structured logs without personal data: whatever looks like an address, a phone number or a secret is taken out.

The redaction is the last step before the text is written, so that nothing added earlier can slip past it.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_PATTERNS = (
    (re.compile(r"[\w.+\-]+@[\w\-]+\.[\w.\-]+"), "<e-mail>"),
    (re.compile(r"\b\d{6,}:[A-Za-z0-9_\-]{20,}\b"), "<token>"),
    (re.compile(r"([?&](?:pwd|token|password|key)=)[^\s&]+", re.IGNORECASE), r"\1<secret>"),
    (re.compile(r"(://[^:/\s]*:)[^@\s]+@"), r"\1<secret>@"),
    (re.compile(r"(?<![\w.:\-])(?:\+39)?\s?(?:3\d{2}|0\d{1,3})[\s/.\-]?\d{5,8}(?!\w)"), "<phone>"),
)
_DROPPED = {"name", "text", "body", "subject", "payload", "words", "question"}


def redact(text: str) -> str:
    """``text`` without addresses, phone numbers and secrets."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def _redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in _DROPPED & event.keys():
        event[key] = "<dropped>"
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redact(value)
    return event


class _Redacting(logging.Filter):
    """The same for records of libraries that use the standard logging module."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact(record.getMessage())
        record.args = ()
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True


def set_up_logs(*, json: bool) -> None:
    """JSON lines for machines, short lines for a terminal; both on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Redacting())
    logging.basicConfig(
        level=logging.WARNING, handlers=[handler], format="%(levelname)s %(name)s %(message)s", force=True
    )
    # httpx writes the whole URL at INFO, and the Bot API has the token in it.
    for name in ("httpx", "httpcore", "apscheduler", "mail.log", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    renderer = (
        structlog.processors.JSONRenderer() if json else structlog.processors.KeyValueRenderer(key_order=["event"])
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact_event,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
