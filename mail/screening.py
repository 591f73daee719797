"""What must never get an automatic answer: a table of rules, headers first, the first that fires decides.

Sources: RFC 3834 §2 (automatic responders), RFC 3464 and 6522 (bounces), RFC 8098 (receipts), RFC 2919 and 2369
(lists), RFC 5546 (calendar replies), Italian PEC rules (DM 2 Nov 2005: ``X-Ricevuta``).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

from mail.headers import read_address, read_header


class LetterKind(StrEnum):
    """What a mail is (the contract's names, and two of our own: what is too large, and what is ours)."""

    HUMAN = "human"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    READ_RECEIPT = "read_receipt"
    LIST = "list"
    SPAM = "spam"
    PEC_RECEIPT = "pec_receipt"
    ROBOT = "robot"
    OVERSIZED = "oversized"


@dataclass(frozen=True, slots=True)
class Screening:
    """The judgement and the rule that made it."""

    kind: LetterKind
    reason: str


_REPORTS = {
    "delivery-status": LetterKind.BOUNCE,
    "disposition-notification": LetterKind.READ_RECEIPT,
    "feedback-report": LetterKind.BOUNCE,
}
_ROBOTS = re.compile(
    r"^(?:mailer-daemon|postmaster|no-?_?reply|non-?rispondere|do-?not-?reply|owner-.*|.*-request|.*-owner|.*-bounces?|bounces?(?:[+\-].*)?|listserv|majordomo|posta-certificata)$"
)
_RECEIPT_SUBJECT = re.compile(
    r"^(?:accettazione|consegna|presa in carico|avviso di (?:mancata consegna|non accettazione)|problema di sicurezza):",
    re.IGNORECASE,
)


def _own(message: Message, ours: str) -> Screening | None:
    if read_address(message, "From")[1] == ours or read_header(message, "X-Luccabot"):
        return Screening(LetterKind.ROBOT, "our own mail")
    return None


def _pec_receipt(message: Message, _ours: str) -> Screening | None:
    if message.get("X-Ricevuta"):
        return Screening(LetterKind.PEC_RECEIPT, f"X-Ricevuta: {read_header(message, 'X-Ricevuta', limit=60)}")
    from_provider = read_address(message, "From")[1].startswith("posta-certificata@")
    if from_provider and not message.get("X-Trasporto") and _RECEIPT_SUBJECT.match(read_header(message, "Subject")):
        return Screening(LetterKind.PEC_RECEIPT, "subject of a PEC receipt")
    return None


def _report(message: Message, _ours: str) -> Screening | None:
    content = message.get_content_type()
    kinds = {part.get_content_type().removeprefix("message/") for part in _parts(message)}
    for name, kind in _REPORTS.items():
        if name in kinds or (
            content == "multipart/report" and str(message.get_param("report-type") or "").lower() == name
        ):
            return Screening(kind, f"message/{name} (RFC 3464, 8098, 5965)")
    if content == "multipart/report":
        return Screening(LetterKind.BOUNCE, "multipart/report (RFC 6522)")
    if message.get("X-Failed-Recipients"):
        return Screening(LetterKind.BOUNCE, "X-Failed-Recipients")
    return None


def _parts(message: Message) -> list[Message]:
    """The first two levels of parts: deep enough for reports, and no attached mail is mistaken for one."""
    found = []
    for part in message.get_payload() if message.is_multipart() else []:
        if isinstance(part, Message):
            found.append(part)
            if part.get_content_maintype() == "multipart" and part.is_multipart():
                found += [p for p in part.get_payload() if isinstance(p, Message)]
    return found


def _calendar_reply(message: Message, _ours: str) -> Screening | None:
    for part in [message, *_parts(message)]:
        if part.get_content_type() == "text/calendar":
            method = str(part.get_param("method") or "").upper()
            if method in {"REPLY", "COUNTER"}:
                return Screening(LetterKind.ROBOT, f"calendar METHOD:{method} (RFC 5546)")
    return None


def _auto_submitted(message: Message, _ours: str) -> Screening | None:
    value = read_header(message, "Auto-Submitted", limit=60).lower()
    if value and not value.startswith("no"):
        kind = LetterKind.AUTO_REPLY if "replied" in value else LetterKind.ROBOT
        return Screening(kind, f"Auto-Submitted: {value} (RFC 3834)")
    return None


def _null_sender(message: Message, _ours: str) -> Screening | None:
    path = message.get("Return-Path")
    if path is not None and str(path).strip() in {"<>", ""}:
        return Screening(LetterKind.BOUNCE, "Return-Path: <> (RFC 5321 §4.5.5)")
    return None


def _list(message: Message, _ours: str) -> Screening | None:
    for name in ("List-Id", "List-Unsubscribe", "List-Post"):
        if message.get(name):
            return Screening(LetterKind.LIST, f"{name} (RFC 2919, 2369)")
    precedence = read_header(message, "Precedence", limit=30).lower()
    if precedence in {"bulk", "list", "junk"}:
        return Screening(LetterKind.LIST, f"Precedence: {precedence}")
    if precedence == "auto_reply":
        return Screening(LetterKind.AUTO_REPLY, "Precedence: auto_reply")
    return None


def _vendor(message: Message, _ours: str) -> Screening | None:
    for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder"):
        if message.get(name):
            return Screening(LetterKind.AUTO_REPLY, name)
    suppress = read_header(message, "X-Auto-Response-Suppress", limit=100).lower()
    if any(word in suppress for word in ("all", "autoreply", "oof")):
        return Screening(LetterKind.AUTO_REPLY, "X-Auto-Response-Suppress")
    if message.get("X-MS-Exchange-Generated-Message-Source"):
        return Screening(LetterKind.ROBOT, "X-MS-Exchange-Generated-Message-Source")
    return None


def _robot_address(message: Message, _ours: str) -> Screening | None:
    if message.get("X-Trasporto"):
        return None  # a PEC envelope: the person is inside
    for name in ("From", "Sender", "Return-Path"):
        local = read_address(message, name)[1].partition("@")[0]
        if local and _ROBOTS.match(local):
            kind = LetterKind.BOUNCE if local in {"mailer-daemon", "postmaster"} else LetterKind.ROBOT
            return Screening(kind, f"{name}: {local}@")
    return None


def _no_sender(message: Message, _ours: str) -> Screening | None:
    if not read_address(message, "From")[1] and not read_address(message, "Reply-To")[1]:
        return Screening(LetterKind.ROBOT, "no sender address")
    return None


#: With more addressees than this a letter was written to everybody, and not to us.
_CROWD = 50


def _crowd(message: Message, _ours: str) -> Screening | None:
    addressees = sum(str(value).count("@") for name in ("To", "Cc") for value in message.get_all(name) or [])
    return Screening(LetterKind.LIST, f"sent to {addressees} at once") if addressees > _CROWD else None


def _spam(message: Message, _ours: str) -> Screening | None:
    if read_header(message, "X-Spam-Flag", limit=10).lower() == "yes":
        return Screening(LetterKind.SPAM, "X-Spam-Flag")
    return None


_AUTO_SUBJECT = re.compile(
    r"^(?:risposta automatica|risposta automatica:|fuori sede|fuori ufficio|assente|out of office|automatic reply|auto(?:matic)?[- ]?reply|autorisposta)\b",
    re.IGNORECASE,
)


def _auto_subject(message: Message, _ours: str) -> Screening | None:
    if _AUTO_SUBJECT.match(read_header(message, "Subject")):
        return Screening(LetterKind.AUTO_REPLY, "subject of an automatic reply")
    return None


#: What absence notices and ticket systems say first, in Italian and English, when their headers say nothing.
_AUTO_WORDS = re.compile(
    r"(?:questo (?:e|è) un messaggio automatico|(?:la presente|questa) (?:e|è) una (?:risposta|mail|e-mail) automatica|messaggio (?:generato|inviato) automaticamente|"
    r"(?:sono|sarò|saro|siamo|saremo|l'ufficio (?:è|e|sarà)|gli uffici (?:sono|saranno)) (?:fuori (?:sede|ufficio)|in ferie|assent[ei] dal|chius[oi] (?:dal|per ferie|fino)|in maternità|in malattia)|"
    r"rientrer(?:ò|emo|o) (?:in ufficio )?il|la (?:sua|vostra|tua) (?:richiesta|e-?mail|segnalazione) (?:è|e) stata (?:ricevuta|presa in carico)|"
    r"non rispondere a quest[oa] (?:messaggio|e-?mail)|this is an automat(?:ic|ed)|i am (?:currently )?out of (?:the )?office|i will be out of|i'm on (?:annual )?leave|"
    r"do not reply to this)",
    re.IGNORECASE,
)
_FIRST_WORDS = 400


def speaks_automatically(words: str) -> bool:
    """Whether the words that a mail begins with are a machine's: the last resort, after all headers."""
    return bool(_AUTO_WORDS.search(" ".join(words.split())[:_FIRST_WORDS]))


RULES: tuple[Callable[[Message, str], Screening | None], ...] = (
    _own,
    _pec_receipt,
    _report,
    _calendar_reply,
    _auto_submitted,
    _null_sender,
    _list,
    _vendor,
    _robot_address,
    _no_sender,
    _crowd,
    _spam,
    _auto_subject,
)


def screen(message: Message, ours: str) -> Screening:
    """Judge a mail by its headers. ``ours``: our own address, in lower case."""
    for rule in RULES:
        judged = rule(message, ours)
        if judged is not None:
            return judged
    return Screening(LetterKind.HUMAN, "no rule fired")
