"""Now and then the whole file: on one that is damaged or gone each answer is wrong, and each word written is lost."""

import asyncio
from collections.abc import Callable

import structlog

from db.pages import DatabaseLostError, require_pages

log = structlog.get_logger("pages")

#: Seconds between two readings of all pages: a gigabyte takes seconds of one core, and a lost page is seldom noticed
#: sooner.
_PAUSE = 600.0


class PageReader:
    """``on_loss``: called once, when the database is damaged or gone."""

    def __init__(self, database_url: str, on_loss: Callable[[], None]) -> None:
        self._url = database_url
        self._on_loss = on_loss
        #: What was found; ``None`` while all is well.
        self.loss: DatabaseLostError | None = None

    async def run(self) -> None:
        """Read until something is lost."""
        while True:
            await asyncio.sleep(_PAUSE)
            try:
                await require_pages(self._url)
            except DatabaseLostError as error:
                log.critical("database_lost", error=str(error))
                self.loss = error
                self._on_loss()
                return
