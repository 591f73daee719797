"""The inbox worker, whose handlers are loaded when it begins: messages wait meanwhile, safely stored."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.channels import Basis, OpenChannel, office_of
from conversation.channel import Channel

if TYPE_CHECKING:
    from workers.incoming import InboxWorker
    from workers.taught import TaughtFacts


class Answering:
    """One per process."""

    def __init__(self, basis: Basis, channels: Mapping[Channel, OpenChannel]) -> None:
        self._basis = basis
        self._channels = channels
        self._worker: InboxWorker | None = None
        self._stopping = False
        self.taught: TaughtFacts | None = None
        self._learnt = asyncio.Event()

    async def run(self) -> None:
        """Handle what the inbox holds until stopped. What the handlers know is loaded first, in a thread."""
        if self.taught is None:
            self.taught = await asyncio.to_thread(self._open_taught)
        await self.taught.refresh()
        self._learnt.set()
        self._worker = await asyncio.to_thread(self._load, self.taught)
        if self._stopping:
            self._worker.stop()
        await self._worker.run()

    async def follow_office(self) -> None:
        """Know what the office teaches, as soon as the library is learnt; until cancelled."""
        await self._learnt.wait()
        assert self.taught is not None  # noqa: S101 - it is there before the sign
        await self.taught.run()

    def stop(self) -> None:
        """Claim nothing more; ``run`` returns when the messages at hand are handled."""
        self._stopping = True
        if self._worker is not None:
            self._worker.stop()

    def wake(self) -> None:
        """Something was stored: look now."""
        if self._worker is not None:
            self._worker.wake()

    def _open_taught(self) -> "TaughtFacts":
        from conversation.understanding.cache import user_cache
        from conversation.understanding.classifier import open_classifier
        from workers.taught import TaughtFacts

        return TaughtFacts(self._basis.database, open_classifier(self._basis.library), user_cache())

    def _load(self, taught: "TaughtFacts") -> "InboxWorker":
        from handlers.services import Services
        from workers.incoming import InboxWorker

        basis, channels = self._basis, self._channels
        return InboxWorker(
            basis.database,
            {name: channel.read for name, channel in channels.items()},
            services=lambda: Services(taught.classifier, office_of(basis.settings, channels), basis.links),
            clock=basis.clock,
            after=self._note_handled,
            letters_per_hour=basis.settings.mail_answers_per_hour,
        )

    def _note_handled(self, names: Sequence[Channel]) -> None:
        for name in set(names):
            self._channels[name].note_handled()
