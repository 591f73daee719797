"""The Telegram channel.

Listening (updates → inbox), reading (update → Incoming), writing and sending (Outgoing → Receipt).
"""

import importlib
import sys


def _load_without_passport() -> None:
    """Load python-telegram-bot without cryptography, which it takes, if there, for Telegram Passport alone.

    Nobody shows a passport here. Measured: docs/measurements.md, "Start-up".
    """
    if "cryptography" in sys.modules:
        return
    sys.modules["cryptography"] = None  # type: ignore[assignment]
    try:
        importlib.import_module("telegram")
    finally:
        del sys.modules["cryptography"]


_load_without_passport()
