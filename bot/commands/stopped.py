"""``stopped``: mail that got no answer, and why; addresses that mail no longer reaches."""

import json
import sys

from bot.commands.opening import opened
from conversation.times import to_local
from office.stopped import unanswered, unreachable


async def show_stopped(*, as_json: bool) -> int:
    """Print both lists, newest first."""
    async with opened() as work:
        mails, addresses = await unanswered(work.tx), await unreachable(work.tx)
    if as_json:
        both = {"mails": mails, "addresses": addresses}
        sys.stdout.write(json.dumps(both, ensure_ascii=False, default=str, indent=1) + "\n")
        return 0
    for row in mails:
        sys.stdout.write(f"{to_local(row['at']):%d/%m/%Y %H.%M}  {row['kind']:<12} {row['reason']}\n")
    sys.stdout.write(f"{len(mails)} e-mail senza risposta\n")
    for row in addresses:
        sys.stdout.write(f"{row['channel']:<9} {row['address']}  {row['reason']}\n")
    sys.stdout.write(
        "1 recapito che non riceve\n" if len(addresses) == 1 else f"{len(addresses)} recapiti che non ricevono\n"
    )
    return 0
