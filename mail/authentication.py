"""Who vouches for the sender: Authentication-Results (RFC 8601), only our border's, only the topmost."""

import re
from email.message import Message

from conversation.message import Trust
from mail.headers import read_address

_DMARC = re.compile(r"\bdmarc\s*=\s*(\w+)([^;]*)", re.IGNORECASE)
_HEADER_FROM = re.compile(r"header\.from\s*=\s*\"?([A-Za-z0-9.\-]+)", re.IGNORECASE)


def judge_sender(message: Message, authserv_id: str) -> Trust:
    """What ``authserv_id`` (our border, §2.5) says of the From domain; unknown when it says nothing.

    Only the topmost header counts: the border adds its own on top (§4.1), whatever is below may be forged.
    """
    if not authserv_id:
        return Trust.UNKNOWN
    headers = message.get_all("Authentication-Results") or []
    if not headers:
        return Trust.UNKNOWN
    top = " ".join(str(headers[0])[:4000].split())
    server = top.split(";")[0].split()
    if not server or server[0].lower() != authserv_id.lower():
        return Trust.UNKNOWN
    found = _DMARC.search(top)
    if found is None:
        return Trust.UNKNOWN
    verdict = found[1].lower()
    if verdict == "fail":
        return Trust.FAIL
    domain = _HEADER_FROM.search(found[2])
    sender = read_address(message, "From")[1].rpartition("@")[2]
    if verdict == "pass" and domain and domain[1].lower() == sender:
        return Trust.PASS
    return Trust.UNKNOWN
