"""``doctor``: checks everything that a real installation needs and says what to do about each fault."""

import sys

from bot.checks import checks_of
from bot.commands.serving import NO_CHANNEL, half_written
from bot.settings import SettingsError, read_settings
from office.installation import CheckOutcome, run_checks

_SIGNS = {CheckOutcome.GOOD: "✓", CheckOutcome.ADVICE: "!", CheckOutcome.FAULT: "✗"}
#: Seconds that a check may take: a large database is read whole.
_PATIENCE = 120.0


async def examine() -> int:
    """Run every check; 1 if any fails."""
    try:
        settings = read_settings()
    except SettingsError as error:
        sys.stdout.write(f"✗ impostazioni: {error}\n")
        return 1
    half = settings.without_channel()
    if half:
        sys.stdout.write(f"✗ impostazioni: {half_written(half)}\n")
        return 1
    sys.stdout.write("✓ impostazioni leggibili\n")
    findings = await run_checks(checks_of(settings), seconds=_PATIENCE)
    for found in findings:
        sys.stdout.write(f"{_SIGNS[found.mark]} {found.name}: {found.said}\n")
    if not settings.is_real:
        sys.stdout.write(
            f"Nessun canale è configurato: python -m bot run avvia la prova. Per il servizio vero {NO_CHANNEL}\n"
        )
    return int(any(found.mark is CheckOutcome.FAULT for found in findings))
