"""The inbox worker, whose handlers are loaded when it begins: messages wait meanwhile, safely stored."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.channels import Basis, OpenChannel, office_of
from conversation.channel import Channel

if TYPE_CHECKING:
    from workers.incoming import InboxWorker


class Answering:
    """One per process."""

    def __init__(self, basis: Basis, channels: Mapping[Channel, OpenChannel]) -> None:
        self._basis = basis
        self._channels = channels
        self._worker: InboxWorker | None = None
        self._stopping = False

    async def run(self) -> None:
        """Handle what the inbox holds until stopped. What the handlers know is loaded first, in a thread."""
        self._worker = await asyncio.to_thread(self._load)
        if self._stopping:
            self._worker.stop()
        await self._worker.run()

    def stop(self) -> None:
        """Claim nothing more; ``run`` returns when the messages at hand are handled."""
        self._stopping = True
        if self._worker is not None:
            self._worker.stop()

    def wake(self) -> None:
        """Something was stored: look now."""
        if self._worker is not None:
            self._worker.wake()

    def _load(self) -> "InboxWorker":
        from conversation.understanding.classifier import open_classifier
        from handlers.services import Services
        from workers.incoming import InboxWorker

        basis, channels = self._basis, self._channels
        classifier = open_classifier(basis.library)
        return InboxWorker(
            basis.database,
            {name: channel.read for name, channel in channels.items()},
            services=lambda: Services(classifier, office_of(basis.settings, channels), basis.links),
            clock=basis.clock,
            after=self._note_handled,
            letters_per_hour=basis.settings.mail_answers_per_hour,
        )

    def _note_handled(self, names: Sequence[Channel]) -> None:
        for name in set(names):
            self._channels[name].note_handled()
