"""What comes back of our own mail: delivery reports in all shapes, complaints, receipts of certified mail.

Read in this order: PEC receipts (``X-Ricevuta``; DM 2 Nov 2005, RFC 6109 §3), feedback reports (RFC 5965) and
complaints without one, delivery status notifications (RFC 3464), and what older or stranger servers write
(flufl.bounce). What a failure means for the address is judged by ``mail.refusals``.
"""

import re
from collections.abc import Iterator
from email.message import Message

from conversation.message import DeliveryReport, DeliveryStatus
from mail.reading.headers import decode_text, message_ids, read_header
from mail.reading.parts import content_of, parts_in
from mail.refusals import Refusal, judge_refusal
from mail.threads import OUR_ID

_RECEIPTS = {
    "accettazione": DeliveryStatus.ACCEPTED,
    "presa-in-carico": DeliveryStatus.ACCEPTED,
    "avvenuta-consegna": DeliveryStatus.DELIVERED,
    "preavviso-errore-consegna": DeliveryStatus.DELAYED,
    "errore-consegna": DeliveryStatus.SOFT,
    "mancata-consegna": DeliveryStatus.SOFT,
    "non-accettazione": DeliveryStatus.SOFT,
    "rilevazione-virus": DeliveryStatus.SOFT,
}
#: What certification data say of an address that is not there (RFC 6109 §4.4, ``errore``).
_NOBODY_THERE = re.compile(r"\berrore\s*=\s*[\"'](?:no-dest|no-dominio)[\"']", re.IGNORECASE)
_ACTIONS = {
    "delivered": DeliveryStatus.DELIVERED,
    "relayed": DeliveryStatus.DELIVERED,
    "expanded": DeliveryStatus.DELIVERED,
    "delayed": DeliveryStatus.DELAYED,
}
_ADDRESS = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,250}")
_FAILED_TO = re.compile(r"<(?:consegna|destinatari[^>]{0,60})>\s*([^<\s]{3,254})\s*<", re.IGNORECASE)
#: Where the copy of our mail begins in a failure's text: with the first of its headers. Indented ones are the report's
#: own.
_COPY = re.compile(
    r"^(?:> ?)*(?:return-path|received|message-id|from|date|subject)[ \t]*:", re.IGNORECASE | re.MULTILINE
)
_COPY_TO = re.compile(r"^[> \t]*to[ \t]*:(.{0,300})$", re.IGNORECASE | re.MULTILINE)
#: Microsoft's programme for complaints (JMRP) puts who complained into the returned mail, and writes no report.
_COMPLAINANT = "X-HmXmrOriginalRecipient"
#: Characters of a failure's text that are read, and bytes in which one of our ids is looked for.
_TEXT, _SEARCHED = 10_000, 60_000
_MOST = 10


def read_return(message: Message) -> DeliveryReport | None:
    """What ``message`` reports of a mail of ours; ``None`` when it cannot be told."""
    return _certified(message) or _complaint(message) or _status(message) or _old(message)


def our_ids(message: Message) -> tuple[str, ...]:
    """The ids in our own form anywhere in ``message``: in headers, in attached mails, copied into the text, folded.

    They are signed: whoever can name one has had the mail.
    """
    found: dict[str, None] = {}
    left = _SEARCHED
    for text in _everything(message):
        found |= {f"<{name}>": None for name in OUR_ID.findall(text[:left])}
        left -= len(text)
        if left <= 0 or len(found) >= _MOST:
            break
    return tuple(found)[:_MOST]


def is_complaint(message: Message) -> bool:
    """Whether somebody's provider passes a complaint on without a report.

    Our mail attached, and who complained in it.
    """
    return any(inner.get(_COMPLAINANT) is not None for part in message.walk() for inner in parts_in(part))


def failure_text(message: Message) -> str:
    """What a failure says in its own words, before the copy of what failed."""
    for part in message.walk():
        if part.get_content_maintype() == "text" and (raw := content_of(part).strip()):
            text = decode_text(raw[:_TEXT], part.get_content_charset())
            copy = _COPY.search(text)
            return text[: copy.start()] if copy else text
    return ""


def _everything(message: Message) -> Iterator[str]:
    """The texts of all parts, transfer encoding and soft line breaks undone, and the headers that name mails."""
    for part in message.walk():
        yield " ".join(
            str(v)
            for k, v in part.raw_items()
            if k.lower() in {"message-id", "in-reply-to", "references", "x-original-message-id"}
        )
        if not part.is_multipart():
            yield content_of(part)[:_SEARCHED].decode("ascii", "replace").replace("=\r\n", "").replace("=\n", "")


def _certified(message: Message) -> DeliveryReport | None:
    kind = read_header(message, "X-Ricevuta", limit=60).lower()
    if not kind:
        return None
    ids = message_ids(str(message.get("X-Riferimento-Message-ID") or "")[:2000])
    data = _text(message, "daticert.xml")
    outcome = _RECEIPTS.get(kind, DeliveryStatus.DELAYED)
    if outcome is DeliveryStatus.SOFT and _NOBODY_THERE.search(data):
        outcome = DeliveryStatus.HARD
    return DeliveryReport(outcome, (*ids, *_answered(message)), tuple(_FAILED_TO.findall(data)[:_MOST]), kind)


def _complaint(message: Message) -> DeliveryReport | None:
    report = next((p for p in message.walk() if p.get_content_type() == "message/feedback-report"), None)
    if report is not None:
        who = _addresses(" ".join(v for k, v in _fields(report) if k in {"original-rcpt-to", "removal-recipient"}))
        return DeliveryReport(DeliveryStatus.COMPLAINT, _returned_ids(message), who, "feedback-report")
    if not is_complaint(message):
        return None
    mails = [inner for part in message.walk() for inner in parts_in(part)]
    who = _addresses(" ".join(str(m.get(_COMPLAINANT) or "")[:1000] for m in mails))
    return DeliveryReport(DeliveryStatus.COMPLAINT, _returned_ids(message), who, "complaint")


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a.lower() for a in _ADDRESS.findall(text)))[:_MOST]


def _status(message: Message) -> DeliveryReport | None:
    report = next((p for p in message.walk() if p.get_content_type() == "message/delivery-status"), None)
    if report is None:
        return None
    said = _fields(report)
    action = next((v.strip().lower() for k, v in said if k == "action"), "")
    status = next((v.strip()[:20] for k, v in said if k == "status"), "")
    recipients = _addresses(" ".join(v for k, v in said if k in {"final-recipient", "original-recipient"}))
    envelope = [v.strip() for k, v in said if k == "original-envelope-id"]
    ids = (*_returned_ids(message), *(f"<{e.strip('<>')}>" for e in envelope if "@" in e))
    if action in _ACTIONS or (not action and not status.startswith("5")):
        return DeliveryReport(_ACTIONS.get(action, DeliveryStatus.DELAYED), ids, recipients, status)
    words = " ".join(v for k, v in said if k == "diagnostic-code") or failure_text(message)
    return _failed(ids, recipients, words, status)


def _failed(ids: tuple[str, ...], recipients: tuple[str, ...], words: str, status: str = "") -> DeliveryReport:
    refusal = judge_refusal(words, status)
    outcome = DeliveryStatus.HARD if refusal is Refusal.DEAD else DeliveryStatus.SOFT
    return DeliveryReport(
        outcome, ids, recipients, status, refuses_us=" ".join(words.split())[:300] if refusal is Refusal.OURS else ""
    )


def _old(message: Message) -> DeliveryReport | None:
    """Bounces from before the standard, or beside it: flufl knows whether it is over, the words say what it was."""
    from flufl.bounce import all_failures

    recipients = _addresses(read_header(message, "X-Failed-Recipients", limit=1000))
    waits = False
    if not recipients:
        try:
            tried, failed = all_failures(message)
        except Exception:
            tried, failed = frozenset(), frozenset()
        waits = bool(tried) and not failed
        recipients = _addresses(" ".join(r.decode("ascii", "replace") for r in (failed or tried)))
    if not recipients and our_ids(message):
        recipients = _addresses(" ".join(_COPY_TO.findall("\n".join(_everything(message)))))
    if not recipients:
        return None
    ids = _returned_ids(message)
    return (
        DeliveryReport(DeliveryStatus.DELAYED, ids, recipients)
        if waits
        else _failed(ids, recipients, failure_text(message))
    )


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
    """Our own ids wherever they stand, then those of the mail that is returned, then of what the report answers."""
    ids: list[str] = [*our_ids(message)]
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
