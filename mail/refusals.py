"""What a mail server means by its no.

That the address is dead, that it refuses *us*, or only that it did not work this time.

One table for what comes back as a report (``mail.reading.returns``) and for what is said while a mail is handed over
(``mail.smtp.sending``). Class 5 alone says little: a full mailbox, an expired retry and a blocklist are class 5 too
(RFC 3463 §3).
"""

import re
from enum import StrEnum


class Refusal(StrEnum):
    """``DEAD``: no such mailbox or domain.

    ``OURS``: our server, domain or text is refused. ``OTHER``: not this time.
    """

    DEAD = "dead"
    OURS = "ours"
    OTHER = "other"


#: RFC 3463 §3.2, §3.3, §3.5; RFC 7505 (5.1.10): the mailbox, the domain or the way to it does not exist.
_DEAD_CODES = {"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"}
#: The sender's address is what is wrong (§3.2), or a rule or its proofs forbid the mail (§3.8; RFC 7372).
_OUR_CODES = re.compile(r"5\.(?:1\.[78]|7\.\d{1,3})")
_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_VAGUE = {"", "5.0.0"}

_OF_SENDER = re.compile(
    (
        r"\bsender (?:address|domain|verify|verification|id)\b|\b(?:envelope|bounce) sender\b|"
        r"\bmail from\b[^\n]{0,40}\b(?:rejected|denied|refused)"
    ),
    re.IGNORECASE,
)
_OF_US = re.compile(
    r"\b(?:dns[bw]l|rbls?|(?:block|black)[ -]?list(?:s|ed)?|spamhaus|spamcop|sorbs|barracuda(?:central)?|"
    r"senderbase|dmarc|dkim|spf)\b|\bblock(?:ed|ing)\b[^\n]{0,40}\b(?:using|because|due to|by|for)\b|"
    r"\b(?:client host|your (?:ip|host|server|domain|network))\b[^\n]{0,80}\b(?:blocked|rejected|banned|"
    r"refused|denied)|\breputation\b|\brelay(?:ing)? (?:access )?(?:is )?(?:denied|not (?:permitted|allowed))|"
    r"\bunable to relay\b|\b(?:as|is|like|likely|be|considered|suspected|identified|classified|"
    r"detected)\b[^\n]{0,20}\b(?:spam|unsolicited|bulk)\b|\bspam (?:message|content|detected|score)|"
    r"\bpolicy (?:violation|rejection|reasons?)\b|\b(?:local|security|content) policy\b|\bcontent (?:rejected|"
    r"not accepted)|\bunauthenticated\b|\bnot authori[sz]ed\b",
    re.IGNORECASE,
)
_OF_THE_DAY = re.compile(
    r"\bquota\b|\b(?:mailbox|inbox|mail box|storage|disk|account|casella)\b[^\n]{0,60}\b(?:full|exceed\w*|"
    r"limit|space|piena|superat\w*|esaurit\w*)\b|\bfull mailbox\b|\binsufficient\b|\b(?:too (?:large|big)|"
    r"size (?:limit|exceed\w*)|exceeds?[^\n]{0,30}size)\b|\btemporar\w+|\b(?:try|retry)[^\n]{0,20}\b(?:again|"
    r"later)\b|\bgr[ae]y-?list\w*|\btime(?:d|s)?[ -]?out\b|\b(?:delivery|"
    r"retry) time(?:out)?\b[^\n]{0,20}\bexpired|\bexpired\b|\bconnection (?:refused|reset|lost|dropped)\b|"
    r"\btoo many\b|\brate limit|\bspazio\b|\bdeferred\b",
    re.IGNORECASE,
)
_DEAD_WORDS = re.compile(
    r"\b(?:unknown|invalid|no such|non-?existent|undefined|bad) (?:local |e-?mail |virtual |destination |"
    r"remote )?(?:user|recipient|mailbox|address|account|person|host|domain|alias|destination)\b|\b(?:user|"
    r"recipient|mailbox|address|account|addressee|host|domain|alias)\b(?: name| address|"
    r" account)?[^\n]{0,60}\b(?:unknown|not (?:be )?found|not known|not listed|invalid|does(?: not|n't|"
    r"n’t) exist|do not exist|not exist|disabled|deactivated|inactive|discontinued|closed|terminated|"
    r"no longer (?:exists?|valid|active|available|in use|accepts?))\b|\bno (?:mailbox|user|account|recipient|"
    r"one|person)\b[^\n]{0,30}\b(?:here|by (?:that|this) name|with (?:that|this) name|found)\b|"
    r"\bisn't in my list of|\bdoesn't have an? [^\n]{0,40}account\b|\bnot (?:our|a (?:valid|known|"
    r"local)) (?:customer|user|mailbox|recipient|address)\b|\bunroute?able\b|\bunable to route\b|"
    r"\brecipient address rejected: access denied\b|\brequested action not taken: mailbox unavailable\b|"
    r"\b(?:utente|destinatari\w|indirizz\w|casell\w|dominio|account)\b[^\n]{0,60}\b(?:sconosciut\w|"
    r"inesistent\w|non (?:valid\w|esist\w|trovat\w)|disattivat\w|non è più (?:attiv\w|in uso|valid\w))|"
    r"\b(?:unbekannt|utilisateur inconnu|usuario desconocido|destinataire inconnu)",
    re.IGNORECASE,
)


def judge_refusal(words: str, status: str = "") -> Refusal:
    """What the server's ``words`` and enhanced ``status`` code (RFC 3463; may be empty) mean for the address.

    A code of the words themselves is the last server's own; the report's may be its reporter's summary. What the words
    plainly say outweighs both: servers give 5.1.1 for a blocklist, and 5.0.0 for whatever they like.
    """
    said = " ".join(words.split())
    code = next((c for c in _CODE.findall(said) if c not in _VAGUE), "") or status
    if code.startswith("4") or (status.startswith("4") and code in _VAGUE):
        return Refusal.OTHER
    names_dead = _DEAD_WORDS.search(said) is not None
    if _OF_SENDER.search(said) or (_OF_US.search(said) and not names_dead):
        return Refusal.OURS
    if _OF_THE_DAY.search(said):
        return Refusal.OTHER
    if code in _DEAD_CODES or names_dead:
        return Refusal.DEAD
    return Refusal.OURS if _OUR_CODES.fullmatch(code) else Refusal.OTHER
