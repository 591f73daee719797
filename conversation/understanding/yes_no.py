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
#: Said of the question itself: alone or before anything else.
_NO = frozenset(
    [
        "no",
        "nono",
        "nope",
        "nah",
        "nein",
        "non",
        "nu",
        "jo",
        "mai",
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
        "lasciate",
        "macche",
        "not",
        "neanche",
        "nemmeno",
    ]
)
#: Alone these refuse; before other words they only deny something ("non so ancora quanti siamo"), or count ("no 3, 4").
_DENY = frozenset(["non", "not", "mai", "niente", "nulla", "neanche", "nemmeno", "nu", "jo"])
#: "Sì no", "no problem": not a no.
_BOTH = frozenset(["si", "sisi", "yes", "oui", "problem", "problema", "problemi"])
#: What "non" must deny for a no: agreeing, doing, wanting.
_AGREEING = frozenset(
    [
        "accetto",
        "acconsento",
        "bene",
        "confermare",
        "confermo",
        "confermiamo",
        "corretto",
        "daccordo",
        "accordo",
        "esatto",
        "farlo",
        "fare",
        "fatelo",
        "giusto",
        "importa",
        "interessa",
        "iscrivermi",
        "iscrivetemi",
        "mandare",
        "ok",
        "procedere",
        "procedete",
        "serve",
        "va",
        "voglio",
        "vogliamo",
        "agree",
        "correct",
        "now",
        "right",
        "ora",
        "adesso",
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
_THUMBS = {"👍": "si", "👌": "si", "✅": "si", "👎": "no", "❌": "no"}
_SHORT = 6


def read_yes_no(text: str) -> bool | None:
    """``True``, ``False``, or ``None`` when the text is neither: it says something else, or both.

    A yes must be all that is said, courtesy apart ("ok grazie"); a no must be said of the question ("no, lascia stare", "non
    confermo"), not of something else ("non so ancora", "non ho la mail").
    """
    for sign, meaning in _THUMBS.items():
        text = text.replace(sign, f" {meaning} ")
    words = tokens(text)
    if not words or len(words) > _SHORT or text.rstrip().endswith("?") or words == ["fine"]:  # Italian: the end
        return None
    if any(w in _NO for w in words):
        return False if _refuses(words) else None
    meant = [w for w in words if w in _YES]
    return True if meant and all(w in _YES or w in _FILLERS for w in words) else None


def _refuses(words: list[str]) -> bool:
    """Whether words with a negation refuse."""
    if any(w in _BOTH for w in words):
        return False
    said = [w for w in words if w not in _FILLERS]
    denied = [w for w in said if w not in _NO]
    if words[-1] == "no" or any(w in _NO - _DENY for w in said[:2]):
        return "so" not in denied
    return not denied or any(w in _AGREEING for w in denied)
