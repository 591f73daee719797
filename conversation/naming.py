"""First names, numbers to call, and names that hold an address: who forges a sender would have the town repeat it."""

import re
import unicodedata
from functools import cache

from conversation.words import fold
from knowledge.library import load_phrases

PHONE = re.compile(r"(?:\+39[\s.]?)?(?:\b0\d{1,3}|\b3\d{2})[\s./\-]?\d{3,}[\s.]?\d*(?:[\s.]\d+)*")

#: Endings that a page's name has and that Italian abbreviations before a full stop ("dott.ssa", "soc.coop") have not.
_ENDINGS = (
    "it|com|org|net|eu|info|biz|io|me|app|dev|online|site|website|xyz|top|link|page|click|ly|gov|edu|co|uk|"
    "ru|cn|tk|example"
)
_ADDRESS = re.compile(
    (
        rf"@|:/|/{{2}}|\bwww\b|\bh(?:tt|xx)ps?\b|\b(?:mailto|tel):|[^\W_][\w-]*\.(?:{_ENDINGS})\b(?!\.\w\b)|"
        rf"\w\.[^\W\d_]{{2,}}/"
    ),
    re.IGNORECASE,
)


def holds_address(name: str) -> bool:
    """Whether a name holds the address of a page or a mailbox, or what mail programs would make one of."""
    plain = unicodedata.normalize("NFKC", name).replace("。", ".").replace("\u00ad", "")
    return bool(_ADDRESS.search(plain))


def is_first_name(word: str) -> bool:
    """Whether ``word`` is a first name that staff have listed."""
    return fold(word) in first_names()


@cache
def first_names() -> frozenset[str]:
    """Those, folded."""
    return frozenset(load_phrases("organisations")["first_names"])
