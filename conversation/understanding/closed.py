"""Yes or no, where a yes-or-no question is open: a small grammar on whole words. Any negation is never a yes."""

from conversation.words import tokens

_YES = frozenset(
    [
        "si",
        "sisi",
        "sii",
        "yes",
        "yep",
        "yeah",
        "ok",
        "okay",
        "okey",
        "oki",
        "va",
        "bene",
        "certo",
        "certamente",
        "sicuro",
        "confermo",
        "confermiamo",
        "confermato",
        "daccordo",
        "accordo",
        "accetto",
        "acconsento",
        "esatto",
        "giusto",
        "corretto",
        "perfetto",
        "volentieri",
        "procedi",
        "procediamo",
        "assolutamente",
        "vai",
        "oui",
        "ja",
        "po",
        "sure",
        "ottimo",
        "benissimo",
        "iscrivimi",
        "iscrivici",
        "mandami",
        "fallo",
        "fine",
        "right",
        "agree",
        "agreed",
    ]
)
_NO = frozenset(
    [
        "no",
        "non",
        "nope",
        "nah",
        "mai",
        "nein",
        "niente",
        "nulla",
        "sbagliato",
        "errato",
        "annulla",
        "annullate",
        "stop",
        "basta",
        "rifiuto",
        "lascia",
        "lasciamo",
        "macche",
        "not",
        "neanche",
        "nemmeno",
    ]
)
_FILLERS = frozenset(
    [
        "grazie",
        "mille",
        "tutto",
        "e",
        "cosi",
        "per",
        "me",
        "a",
        "d",
        "pure",
        "prego",
        "please",
        "thanks",
        "thank",
        "you",
        "il",
        "la",
        "lo",
        "di",
        "che",
        "that",
        "s",
        "it",
        "is",
        "i",
    ]
)
_THUMBS = {"👍": True, "👌": True, "✅": True, "👎": False, "❌": False}
_SHORT = 6


def read_yes_no(text: str) -> bool | None:
    """``True``, ``False``, or ``None`` when the text is neither: it says something else, or both.

    A yes must be all that is said, courtesy apart ("ok grazie"); a no may go on ("no, lascia stare").
    """
    for sign, meaning in _THUMBS.items():
        if text.strip().startswith(sign):
            return meaning
    words = tokens(text)
    if not words or len(words) > _SHORT:
        return None
    if any(w in _NO for w in words):
        return False
    meant = [w for w in words if w in _YES]
    return True if meant and all(w in _YES or w in _FILLERS for w in words) else None
