"""Where the program keeps what it can make again: the user's cache folder (XDG base directory specification)."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """It may not be there yet, and nobody promises that it can be written."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "lucca-learning-city-bot"
