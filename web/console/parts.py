"""What is said of the parts of the installation: when they were heard of, and in red which are silent."""

from datetime import datetime

from office.parts import Part
from web.console.frame import say_age

_NAMES = {"mailbox": "posta", "telegram": "Telegram", "worker": "programma"}
#: Never heard of; silent for so long.
_SILENT = {
    "mailbox": ("La posta non è ancora stata letta", "La posta non si legge"),
    "telegram": ("Telegram non ha ancora risposto", "Telegram non risponde"),
    "worker": ("Il programma non ha ancora lavorato", "Il programma non lavora"),
}


def say_seen(part: Part, real: datetime) -> str:
    """«posta un minuto fa», of one that is not silent."""
    return f"{_NAMES.get(part.name, part.name)} {say_age(part.seen, real).replace('adesso', 'ora')}"


def say_silent(part: Part, real: datetime) -> str:
    """«La posta non si legge da 16 minuti.», of one that is silent."""
    never, long = _SILENT.get(part.name, (f"{part.name}: ancora nessun segno", f"{part.name}: nessun segno"))
    return f"{never}." if part.seen is None else f"{long} da {say_age(part.seen, real).removesuffix(' fa')}."
