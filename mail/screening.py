"""What must never get an automatic answer: a table of rules, headers first, the first that fires decides.

Sources: RFC 3834 §2 (automatic responders), RFC 3464 and 6522 (bounces), RFC 8098 (receipts), RFC 2919 and 2369
(lists), RFC 5546 (calendar replies), Italian PEC rules (DM 2 Nov 2005: ``X-Ricevuta``).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

from mail.certified import is_envelope
from mail.headers import read_address, read_header
from mail.parts import content_of, parts_in
from mail.rsvp import is_calendar


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
    r"^(?:mailer-daemon|mdaemon|postmaster|owner-.*|.*-request|.*-owner|.*-bounces?|bounces?(?:[+\-].*)?|listserv|majordomo|posta-certificata|"
    r"(?:.*[._\-])?(?:no|non|do-?not)[._\-]?(?:reply|rispondere)(?:[._\-].*)?|(?:.*[._\-])?notifi(?:ca|che|cation|cations)|(?:.*[._\-])?noreply.*)$"
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
    for part in parts_in(message):
        found.append(part)
        if part.get_content_maintype() == "multipart":
            found += parts_in(part)
    return found


_METHOD = re.compile(rb"^METHOD:[ \t]*(REPLY|COUNTER)\s*$", re.IGNORECASE | re.MULTILINE)


def _calendar_reply(message: Message, _ours: str) -> Screening | None:
    for part in [message, *_parts(message)]:
        if is_calendar(part):
            said = _METHOD.search(content_of(part)[:20_000])
            method = (said[1].decode() if said else str(part.get_param("method") or "")).upper()
            if method in {"REPLY", "COUNTER"}:
                return Screening(LetterKind.ROBOT, f"calendar METHOD:{method} (RFC 5546)")
    return None


def _registry(message: Message, _ours: str) -> Screening | None:
    """The receipts of public registers (protocollo): their certificates are attached (DPCM 21 March 2013)."""
    for part in _parts(message):
        name = (part.get_filename() or "").lower()
        if name in {"conferma.xml", "segnatura.xml", "annullamento.xml", "eccezione.xml", "aggiornamento.xml"}:
            return Screening(LetterKind.AUTO_REPLY, f"a register's {name}")
    return None


def _auto_submitted(message: Message, _ours: str) -> Screening | None:
    value = read_header(message, "Auto-Submitted", limit=60).lower()
    if value and not value.startswith("no"):
        kind = LetterKind.AUTO_REPLY if "replied" in value else LetterKind.ROBOT
        return Screening(kind, f"Auto-Submitted: {value} (RFC 3834)")
    return None


def _null_sender(message: Message, _ours: str) -> Screening | None:
    path = message.get("Return-Path")
    if path is not None and "@" not in str(path):
        return Screening(LetterKind.BOUNCE, "Return-Path of nobody (RFC 5321 §4.5.5)")
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
    if is_envelope(message):
        return None  # the person is inside
    for name in ("From", "Sender", "Return-Path"):
        local = read_address(message, name)[1].partition("@")[0]
        if local and _ROBOTS.match(local):
            kind = LetterKind.BOUNCE if local in {"mailer-daemon", "mdaemon", "postmaster"} else LetterKind.ROBOT
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


RULES: tuple[Callable[[Message, str], Screening | None], ...] = (
    _own,
    _pec_receipt,
    _report,
    _calendar_reply,
    _registry,
    _auto_submitted,
    _null_sender,
    _list,
    _vendor,
    _robot_address,
    _no_sender,
    _crowd,
    _spam,
)


def screen(message: Message, ours: str) -> Screening:
    """Judge a mail by its headers. ``ours``: our own address, in lower case."""
    for rule in RULES:
        judged = rule(message, ours)
        if judged is not None:
            return judged
    return Screening(LetterKind.HUMAN, "no rule fired")
