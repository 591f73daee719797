"""The languages, a module each: all of them are understood, the first ones spoken."""

from conversation.languages import de, en, es, fr, it, ro, sq
from conversation.languages.protocol import Cues, Spoken, Understood

#: Those that the bot answers in, by code; texts in them stand in ``knowledge/locales``.
SPOKEN: dict[str, Spoken] = {"it": it, "en": en}
#: Those that it only understands: it answers in English then.
ONLY_UNDERSTOOD: tuple[Understood, ...] = (fr, de, es, ro, sq)
#: All, Italian first.
ALL: tuple[Understood, ...] = (*SPOKEN.values(), *ONLY_UNDERSTOOD)

__all__ = ["ALL", "ONLY_UNDERSTOOD", "SPOKEN", "Cues", "Spoken", "Understood"]
