"""What comes back of our own mail: delivery reports in all shapes, complaints, receipts of certified mail.

Read in this order: PEC receipts (``X-Ricevuta``; DM 2 Nov 2005, RFC 6109 §3), feedback reports (RFC 5965), delivery status
notifications (RFC 3464; class 5 is hard, 4 soft: RFC 3463 §3.1), and what older or stranger servers write (flufl.bounce).
"""

import re
from email.message import Message

from conversation.message import Fate, Returned
from mail.headers import message_ids, read_header
from mail.parts import content_of, parts_in

_RECEIPTS = {
    "accettazione": Fate.ACCEPTED,
    "presa-in-carico": Fate.ACCEPTED,
    "avvenuta-consegna": Fate.DELIVERED,
    "preavviso-errore-consegna": Fate.DELAYED,
    "errore-consegna": Fate.HARD,
    "mancata-consegna": Fate.HARD,
    "non-accettazione": Fate.HARD,
    "rilevazione-virus": Fate.HARD,
}
_ACTIONS = {"delivered": Fate.DELIVERED, "relayed": Fate.DELIVERED, "expanded": Fate.DELIVERED, "delayed": Fate.DELAYED}
_ADDRESS = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,250}")
_FAILED_TO = re.compile(r"<(?:consegna|destinatari[^>]{0,60})>\s*([^<\s]{3,254})\s*<", re.IGNORECASE)
_MOST = 10


def read_return(message: Message) -> Returned | None:
    """What ``message`` reports of a mail of ours; ``None`` when it cannot be told."""
    return _certified(message) or _complaint(message) or _status(message) or _old(message)


def _certified(message: Message) -> Returned | None:
    kind = read_header(message, "X-Ricevuta", limit=60).lower()
    if not kind:
        return None
    ids = message_ids(str(message.get("X-Riferimento-Message-ID") or "")[:2000])
    text = _text(message, "daticert.xml")
    return Returned(
        _RECEIPTS.get(kind, Fate.DELAYED), (*ids, *_answered(message)), tuple(_FAILED_TO.findall(text)[:_MOST]), kind
    )


def _complaint(message: Message) -> Returned | None:
    report = next((p for p in message.walk() if p.get_content_type() == "message/feedback-report"), None)
    if report is None:
        return None
    said = _fields(report)
    who = _ADDRESS.findall(" ".join(v for k, v in said if k in {"original-rcpt-to", "removal-recipient"}))
    return Returned(
        Fate.COMPLAINT, _returned_ids(message), tuple(dict.fromkeys(w.lower() for w in who))[:_MOST], "feedback-report"
    )


def _status(message: Message) -> Returned | None:
    report = next((p for p in message.walk() if p.get_content_type() == "message/delivery-status"), None)
    if report is None:
        return None
    fate, status, recipients = Fate.DELAYED, "", []
    said = _fields(report)
    for name, value in said:
        if name == "action":
            fate = _ACTIONS.get(value.strip().lower(), Fate.HARD)
        elif name == "status" and not status:
            status = value.strip()[:20]
        elif name in {"final-recipient", "original-recipient"}:
            recipients += _ADDRESS.findall(value)
    if fate is Fate.HARD and status.startswith("4"):
        fate = Fate.SOFT
    envelope = [v.strip() for k, v in said if k == "original-envelope-id"]
    ids = (*_returned_ids(message), *(f"<{e.strip('<>')}>" for e in envelope if "@" in e))
    return Returned(fate, ids, tuple(dict.fromkeys(r.lower() for r in recipients))[:_MOST], status)


def _old(message: Message) -> Returned | None:
    """Bounces from before the standard, or beside it."""
    from flufl.bounce import scan_message

    failed = read_header(message, "X-Failed-Recipients", limit=1000)
    recipients = _ADDRESS.findall(failed)
    if not recipients:
        try:
            found = scan_message(message)
        except Exception:
            return None
        recipients = [r.decode("ascii", "replace") for r in found or ()]
    if not recipients:
        return None
    return Returned(Fate.HARD, _returned_ids(message), tuple(dict.fromkeys(r.lower() for r in recipients))[:_MOST], "")


def _fields(report: Message) -> list[tuple[str, str]]:
    """The fields of a report: the parser makes a block of headers of each group, or leaves the text as it is."""
    blocks = parts_in(report)
    fields = [(k.lower(), str(v)[:1000]) for block in blocks for k, v in block.items()]
    loose = [b for b in blocks if not b.items()] if blocks else [report]
    text = "\n".join(content_of(b)[:50_000].decode("utf-8", "replace") for b in loose)
    return fields + [
        (k.lower(), v[:1000]) for k, v in re.findall(r"(?m)^([A-Za-z\-]{4,40}):[ \t]*(.{0,1000})$", text[:50_000])
    ]


def _returned_ids(message: Message) -> tuple[str, ...]:
    """Ids of the mail that is returned with the report, then of what the report answers."""
    ids: list[str] = []
    for part in message.walk():
        if part.get_content_type() in {"message/rfc822", "message/rfc822-headers", "text/rfc822-headers"}:
            inner = parts_in(part)
            if inner:
                ids += message_ids(str(inner[0].get("Message-ID") or "")[:2000])
            else:
                headers = content_of(part)[:50_000].decode("utf-8", "replace")
                ids += message_ids("".join(re.findall(r"(?im)^message-id:\s*(\S{1,400})", headers)))
    return (*dict.fromkeys(ids[:_MOST]), *_answered(message))


def _answered(message: Message) -> tuple[str, ...]:
    named = "".join(
        str(message.get(name) or "")[:4000] for name in ("X-Original-Message-ID", "In-Reply-To", "References")
    )
    return tuple(dict.fromkeys(message_ids(named)[:_MOST]))


def _text(message: Message, name: str) -> str:
    for part in message.walk():
        if (part.get_filename() or "").lower() == name:
            return content_of(part)[:100_000].decode("utf-8", "replace")
    return ""
