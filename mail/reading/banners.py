"""What a gateway writes above a letter: that it comes from outside.

It is nobody's words, and in a language of its own.
"""

import re

_TAG = re.compile(
    (
        r"^\s*[\[(*<]{1,3}\s*(?:ext(?:ern(?:al|e|o|a)?)?|esterno|(?:e-?)?mail esterna|external (?:e-?mail|sender|"
        r"message))\s*[\])*>:]{1,3}\s*"
    ),
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"^\W{0,4}(?:attenzione|caution|warning|attention|achtung|vorsicht|atención|atenção|avviso|sicurezza|"
    r"security|external|esterno|(?:e-?)?mail estern|quest[ao] (?:e-?mail|mail|messaggio)|this (?:e-?mail|"
    r"message|mail)|diese (?:e-?mail|nachricht)|ce (?:message|courriel|mail)|este (?:correo|mensaje)|"
    r"il mittente|you don['’]t often get|non si ricevono spesso|non ricevi spesso|sie erhalten nicht (?:oft|"
    r"häufig)|vous n['’]obtenez pas souvent)\b",
    re.IGNORECASE,
)
_FROM_OUTSIDE = re.compile(
    r"\b(?:estern[aoi]|all['’]esterno|fuori (?:dal|dell)|external\w*|extern\w*|outside|außerhalb|extérieur\w*|"
    r"ajen[ao]|learnaboutsenderidentification|you don['’]t often get|non si ricevono spesso|non ricevi spesso|"
    r"erhalten nicht (?:oft|häufig)|obtenez pas souvent)",
    re.IGNORECASE,
)
_SPEAKS = re.compile(r"\?|\b(?:siamo|saremo|veniamo|vorre\w+|iscriv\w+)\b", re.IGNORECASE)
_OF_MAIL = re.compile(
    (
        r"mail|messag|mittent|sender|nachricht|absender|expéditeur|"
        r"courriel|correo|mensaje|remitente|posta"
    ),
    re.IGNORECASE,
)
_GREETING = re.compile(
    (
        r"^\s*(?:buon|salve|ciao|gentil|egregi|spett|car[aoie]\b|"
        r"hello|hi\b|dear|hallo|guten|bonjour|hola)"
    ),
    re.IGNORECASE,
)
#: A banner has no more lines than this; one that ends sooner than programs wrap lines is whole.
_LINES, _WRAPPED_AT = 6, 66


def without_tag(subject: str) -> str:
    """A subject without ``[EXTERNAL]`` before it."""
    return _TAG.sub("", subject)


def without_banner(lines: list[str]) -> list[str]:
    """The lines of a letter without the gateway's paragraph above them."""
    first = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    head: list[str] = []
    for line in lines[first : first + _LINES]:
        if not line.strip() or _GREETING.match(line):
            break
        head.append(line)
    if head and _BEGINS.match(head[0]):
        if len(head[0]) < _WRAPPED_AT and _is_banner(head[0]):
            return lines[first + 1 :]
        if len(head) < _LINES and _is_banner(" ".join(head)):
            return lines[first + len(head) :]
    if head and (tag := _TAG.match(head[0])):
        return [head[0][tag.end() :], *lines[first + 1 :]]
    return lines


def _is_banner(text: str) -> bool:
    return bool(_FROM_OUTSIDE.search(text) and _OF_MAIL.search(text)) and not _SPEAKS.search(text)
