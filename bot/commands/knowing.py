"""What ``chat`` and ``explain`` answer with: what the bot on the same database would."""

import sys

from bot.settings import Settings
from conversation.understanding.cache import user_cache
from conversation.understanding.classifier import IntentClassifier, open_classifier
from db.engine import Database
from knowledge.library import load_library
from workers.taught import know_taught


async def open_knowing(database: Database, settings: Settings) -> IntentClassifier:
    """The town's knowledge and what the office has taught until now; how much that is stands on standard error.

    The database is only read.
    """
    base = open_classifier(load_library(settings.knowledge))
    known = await know_taught(database, base, user_cache())
    taught = len(known.library.facts) - len(base.library.facts)
    sys.stderr.write(f"conoscenze: quelle del programma; voci insegnate dall'ufficio: {taught or 'nessuna'}\n")
    return known
