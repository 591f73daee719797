"""Who vouches for the sender: Authentication-Results (RFC 8601), only our border's, only the topmost."""

import re
from email.message import Message

from conversation.message import Trust
from mail.headers import read_address

_DMARC = re.compile(r"dmarc\s*=\s*(\w+)(.*)", re.IGNORECASE)
_HEADER_FROM = re.compile(r"(?:^|\s)header\.from\s*=\s*([A-Za-z0-9.\-]+)(?=\s|$)", re.IGNORECASE)
#: Comments and quoted strings may hold anything that a stranger chose.
_CHOSEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|\((?:[^()\\]|\\.)*\)")


def judge_sender(message: Message, authserv_id: str) -> Trust:
    """What ``authserv_id`` (our border, §2.5) says of the From domain; unknown when it says nothing.

    Only the topmost header counts: the border adds its own on top (§4.1), whatever is below may be forged.
    """
    if not authserv_id:
        return Trust.UNKNOWN
    headers = message.get_all("Authentication-Results") or []
    if not headers:
        return Trust.UNKNOWN
    top = " ".join(_CHOSEN.sub(" ", str(headers[0])[:4000]).split())
    server, *results = (part.strip() for part in top.split(";"))
    if not server.split() or server.split()[0].lower() != authserv_id.lower():
        return Trust.UNKNOWN
    found = [m for m in (_DMARC.fullmatch(result) for result in results) if m]
    if len(found) != 1:
        return Trust.UNKNOWN
    verdict = found[0][1].lower()
    if verdict == "fail":
        return Trust.FAIL
    domain = _HEADER_FROM.search(found[0][2])
    sender = read_address(message, "From")[1].rpartition("@")[2]
    if verdict == "pass" and domain and domain[1].lower() == sender and len(message.get_all("From") or []) == 1:
        return Trust.PASS
    return Trust.UNKNOWN
