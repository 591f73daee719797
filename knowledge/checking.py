"""Whether the staff's files say what the program can use.

Each fault is told with the file, the entry and what to do.
"""

from collections.abc import Mapping
from string import Formatter

#: Places that are filled with the town's names wherever they stand: one language may name it where another does not.
TOWN_NAMES = frozenset({"town", "service", "short", "platform", "pact"})
_NEEDED = {"organisations": frozenset({"kinds", "first_names"})}
#: Files to which nobody can add an entry, because the program would not know what to do with it. Of intents:
#: ``conversation.intents``.
_CLOSED = frozenset({"organisations"})


class KnowledgeError(ValueError):
    """A file of the knowledge folder is wrong; the message names the file, the entry and what to do."""


def check_phrases(file: str, groups: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """The phrases of each entry of ``file``.toml. Raises ``KnowledgeError``."""
    needed = _NEEDED.get(file, frozenset())
    unknown, missing = groups.keys() - needed if file in _CLOSED else set(), needed - groups.keys()
    if unknown:
        msg = (
            f"{file}.toml: la voce «{min(unknown)}» non esiste: si possono aggiungere frasi alle voci che ci "
            f"sono, non voci nuove"
        )
        raise KnowledgeError(msg)
    if missing:
        msg = f"{file}.toml: manca la voce «{min(missing)}»"
        raise KnowledgeError(msg)
    phrases: dict[str, tuple[str, ...]] = {}
    for name, words in groups.items():
        if not isinstance(words, list) or not words or not all(isinstance(w, str) and w.strip() for w in words):
            msg = f'{file}.toml: la voce «{name}» è un elenco di frasi fra virgolette: {name} = ["…", "…"]'
            raise KnowledgeError(msg)
        phrases[name] = tuple(words)
    return phrases


def check_texts(texts: Mapping[str, Mapping[str, str]]) -> None:
    """Every language has every text, with the same places to fill but for the town's names. Raises ``KnowledgeError``.

    ``texts``: language → name of the text, without the form in which it addresses people, → what it says in all its
    forms.
    """
    italian = {name: _places("it", name, text) for name, text in texts["it"].items()}
    for language, table in texts.items():
        differing = italian.keys() ^ table.keys()
        if differing:
            name = min(differing)
            where = language if name in italian else "it"
            msg = f"locales/{where}.toml: manca il testo «{name}»"
            raise KnowledgeError(msg)
        for name, text in table.items():
            if _places(language, name, text) != italian[name]:
                said = ", ".join(f"{{{place}}}" for place in sorted(italian[name])) or "nessuno"
                msg = f"locales/{language}.toml: nel testo «{name}» i segnaposto non sono quelli italiani ({said})"
                raise KnowledgeError(msg)


def _places(language: str, name: str, text: str) -> frozenset[str]:
    try:
        return frozenset(place for _, place, _, _ in Formatter().parse(text) if place is not None) - TOWN_NAMES
    except ValueError as error:
        msg = f"locales/{language}.toml: nel testo «{name}» una parentesi graffa non è chiusa"
        raise KnowledgeError(msg) from error
