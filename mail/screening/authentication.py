"""Who vouches for the sender: Authentication-Results (RFC 8601), only our border's, only the topmost."""

import re
from email.message import Message

from conversation.message import Trust
from mail.reading.headers import read_mailbox, without_comments

_DMARC = re.compile(r"dmarc\s*=\s*(\w+)(.*)", re.IGNORECASE)
_RESULT = re.compile(r"(spf|dkim)\s*=\s*(\w+)", re.IGNORECASE)
_HEADER_FROM = re.compile(r"(?:^|\s)header\.from\s*=\s*([A-Za-z0-9.\-]+)(?=\s|$)", re.IGNORECASE)
_NAMES_FROM = re.compile(r"header\.from\s*=", re.IGNORECASE)
#: Quoted strings and comments may hold anything that a stranger chose: what is left of one is not to be read.
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"")
_LEFT_OPEN = re.compile(r"[()\"]")
_MOST = 10


def judge_sender(message: Message, authserv_id: str) -> Trust:
    """What ``authserv_id`` (our border, §2.5) says of the From domain; unknown when it says nothing.

    Only the topmost header counts: the border adds its own on top (§4.1), whatever is below may be forged. Failed:
    DMARC, or where the domain has no such policy SPF and DKIM both. Nobody's proof: two verdicts, two domains, two
    senders, an open comment.
    """
    headers = [str(h)[:4000] for h in (message.get_all("Authentication-Results") or [])[:_MOST]] if authserv_id else []
    ours = [_results(h) for h in headers if _server(h) == authserv_id.lower()]
    if not headers or _server(headers[0]) != authserv_id.lower():
        return Trust.UNKNOWN
    verdicts = [m for m in (_DMARC.fullmatch(result) for result in ours[0]) if m]
    said = [m[1].lower() for m in verdicts]
    if "fail" in said or (not {"pass", "fail"} & set(said) and _both_fail(ours[0])):
        return Trust.FAIL
    others = any(_DMARC.match(result) for results in ours[1:] for result in results)
    if said != ["pass"] or others or _LEFT_OPEN.search(" ".join(ours[0])):
        return Trust.UNKNOWN
    domains = _HEADER_FROM.findall(verdicts[0][2])
    sender = read_mailbox(message, "From").address.rpartition("@")[2]
    one = len(domains) == len(_NAMES_FROM.findall(verdicts[0][2])) == 1 and len(message.get_all("From") or []) == 1
    return Trust.PASS if one and domains[0].lower() == sender else Trust.UNKNOWN


def _server(header: str) -> str:
    return next(iter(_shape(header).partition(";")[0].split()), "").lower()


def _results(header: str) -> list[str]:
    return [part.strip() for part in _shape(header).split(";")[1:]]


def _shape(header: str) -> str:
    return " ".join(without_comments(_QUOTED.sub(" ", header)).split())


def _both_fail(results: list[str]) -> bool:
    """Whether the sending server and every signature are disowned."""
    said = {(m[1].lower(), m[2].lower()) for m in (_RESULT.match(result) for result in results) if m}
    return said == {("spf", "fail"), ("dkim", "fail")}
