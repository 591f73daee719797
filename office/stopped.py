"""What came in and got no answer, and who cannot be written to."""

from typing import Any

from db import addresses, inbox
from db.engine import Transaction


async def unanswered(tx: Transaction) -> list[dict[str, Any]]:
    """Mails that no person wrote, newest first: when, what they were, the rule that said so."""
    return await inbox.unanswered(tx)


async def unreachable(tx: Transaction) -> list[dict[str, Any]]:
    """Addresses that no longer work, with the reason."""
    return await addresses.unreachable(tx)
