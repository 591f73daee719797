"""Whether a person plainly speaks: for themselves, and of a place with us. Italian and English."""

import re

_NUMBER = r"(?:\d{1,3}|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|one|two|three|four|five|six)"
#: Somebody speaks for themselves, and of a place with us: no newsletter, absence note or robot does.
_SPEAKS = re.compile(
    rf"\b(?:(?:vorre(?:i|mmo)|vogli(?:o|amo)|volev(?:o|amo)|desider(?:o|iamo)|intend(?:o|iamo)|poss(?:o|"
    rf"iamo)|dev(?:o|iamo)|dobbiamo|chied(?:o|iamo)|pens(?:o|iamo)|ries(?:co|ciamo))\b[^.?!]{{0,60}}"
    r"\b(?:iscriv\w+|iscrizion\w+|partecip\w+|annull\w+|cancell\w+|disdi\w+|disdett\w+|aderi\w+|venire|"
    r"esserci|prenot\w+|spost\w+|sapere|informazion\w+)|(?:ci |mi |vi |la |lo |li )?iscriv(?:o|iamo)|"
    r"iscriv(?:ete|i|a|er)(?:ci|mi)|segnate(?:ci|mi)|(?:annull|cancell)(?:o|iamo|at?e(?:ci|mi)|(?:i|a|"
    r"ate) (?:pure )?l[ae’'] ?(?:mi|nostr)\w+)|disdic(?:o|iamo)|disdett[ae]|rinunci(?:o|amo)|ve(?:ngo|niamo)|"
    r"verr(?:ò|emo)|viene (?:il|la|un|una) (?:mi[ao]|nostr[ao])|al posto (?:mio|nostro)|al (?:mio|"
    r"nostro) posto|partecip(?:o|iamo|erò|eremo)|"
    rf"(?:saremo|siamo|saranno) (?:in )?{_NUMBER}|in {_NUMBER} persone|ten(?:ete|ere|er)(?:ci|mi) (?:il |un |"
    rf"dei |i |qualche )?(?:post|liber)\w+|riserv\w+(?:ci|mi)|confermiamo|confermo)\b|"
    r"\b(?:i|we)(?:['’](?:d|ll|re|m|ve)| would| will| want| wish| need| are| am| can| cannot| can['’]t|"
    r" have)?\b[^.?!]{0,40}\b(?:sign up|register|join|come|coming|attend\w*|cancel|take part|withdraw)\b|"
    r"\b(?:sign|put|register|count|cancel) (?:me|us|my|our)\b",
    re.IGNORECASE,
)
#: Between quotation marks somebody else speaks.
_QUOTED = re.compile(r"[\"«“‘'][^\"»”’']{4,200}[\"»”’']")


def spoken(words: str) -> str:
    """The words on one line, without what stands between quotation marks."""
    return _QUOTED.sub(" ", " ".join(words.split()))


def speaks(words: str) -> bool:
    """Whether somebody says that they come or do not come, or asks for a place.

    No newsletter, absence note or robot does.
    """
    return _SPEAKS.search(spoken(words)) is not None


#: What goes with a declined invitation, and is no more than the button says.
_REFUSAL = re.compile(
    (
        r"\bnon (?:poss(?:o|iamo)|ries(?:co|ciamo)|potr(?:ò|emo)|parteciper(?:ò|emo)|verr(?:ò|emo)|veng(?:o)|"
        r"veniamo)\b(?: più)?(?: a)?(?: (?:venire|partecipare|esserci))?"
    ),
    re.IGNORECASE,
)


def wants_more(words: str) -> bool:
    """Whether words that go with a declined invitation ask for something besides."""
    return "?" in words or speaks(_REFUSAL.sub(" ", words))
