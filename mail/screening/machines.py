"""What must never get an automatic answer: a table of rules over headers and structure.

A rule is a **proof** (only a machine writes this), a **sign** (a machine, unless somebody plainly speaks) or a **hint**
(no automatic answer; whether a person wrote it, the words decide: ``mail.screening.phrases``). One header may take the
answer away, never the person.

Sources: RFC 3834 §2 (automatic responders), RFC 3464 and 6522 (bounces), RFC 8098 (receipts), RFC 2919 and 2369
(lists), RFC 5546 (calendar replies), Italian PEC rules (DM 2 Nov 2005: ``X-Ricevuta``).
"""

import re
from collections.abc import Callable
from email.message import Message

from mail.reading.certified import is_envelope
from mail.reading.headers import addresses_in, read_header, read_mailbox
from mail.reading.parts import inner_parts
from mail.reading.returns import failure_text, is_complaint
from mail.reading.rsvp import Method, calendar_method, is_about_us
from mail.screening.failures import failed_subject, failed_words, plainly_failed
from mail.screening.judgement import Evidence, LetterKind, Screening
from mail.screening.speech import speaks

_REPORTS = {
    "delivery-status": LetterKind.BOUNCE,
    "disposition-notification": LetterKind.READ_RECEIPT,
    "feedback-report": LetterKind.BOUNCE,
}
#: Programs that carry mail: nobody reads there.
_CARRIERS = re.compile(r"(?:mailer?[._\-]?daemon|mdaemon|mail[._\-]?(?:delivery|system))")
#: Whose mailbox on many small domains it is, too.
_POSTMASTER = re.compile(r"post[._\-]?master")
_SERVER_NAME = re.compile(
    (
        r"^\W*(?:mail(?:er)?[ \-]?daemon|(?:internet )?mail (?:delivery )?(?:sub)?system|mail (?:administrator|"
        r"delivery service)|post ?master|system administrator|mta)\b"
    ),
    re.IGNORECASE,
)
_ROBOTS = re.compile(
    r"^(?:owner-.*|.*-request|.*-owner|.*-bounces?|bounces?(?:[+\-].*)?|listserv|majordomo|posta-certificata|"
    r"(?:.*[._\-])?(?:no|non|do-?not)[._\-]?(?:reply|rispondere)(?:[._\-].*)?|(?:.*[._\-])?notifi(?:ca|che|"
    r"cation|cations)|(?:.*[._\-])?noreply.*)$"
)
_RECEIPT_SUBJECT = re.compile(
    (
        r"^(?:accettazione|consegna|presa in carico|avviso di (?:mancata consegna|non accettazione)|"
        r"problema di sicurezza):"
    ),
    re.IGNORECASE,
)


def _own(message: Message, ours: str) -> Screening | None:
    """What we sent, and what the office sends from the same mailbox.

    But forms on the web, too, write to us in our own name.
    """
    if read_header(message, "X-Luccabot"):
        return Screening(LetterKind.ROBOT, "our own mail")
    if read_mailbox(message, "From").address != ours:
        return None
    for_us = ours in addresses_in(message, "To") | addresses_in(message, "Cc") or _reply_to(message) not in {"", ours}
    return Screening(LetterKind.ROBOT, "our own address", Evidence.HINT if for_us else Evidence.PROOF)


def _reply_to(message: Message) -> str:
    return read_mailbox(message, "Reply-To").address


def _pec_receipt(message: Message, _ours: str) -> Screening | None:
    if message.get("X-Ricevuta"):
        return Screening(LetterKind.PEC_RECEIPT, f"X-Ricevuta: {read_header(message, 'X-Ricevuta', limit=60)}")
    from_provider = read_mailbox(message, "From").address.startswith("posta-certificata@")
    if from_provider and not message.get("X-Trasporto") and _RECEIPT_SUBJECT.match(read_header(message, "Subject")):
        return Screening(LetterKind.PEC_RECEIPT, "subject of a PEC receipt")
    return None


def _report(message: Message, _ours: str) -> Screening | None:
    content = message.get_content_type()
    kinds = {part.get_content_type().removeprefix("message/") for part in inner_parts(message)}
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


def _failure(message: Message, ours: str) -> Screening | None:
    """A failure in plain text.

    Whoever carries mail, or a machine, says that some was not delivered, whatever its other headers.
    """
    sender = read_mailbox(message, "From")
    local = sender.address.partition("@")[0]
    if _CARRIERS.fullmatch(local):
        return Screening(LetterKind.BOUNCE, f"From: {local}@")
    text = failure_text(message)
    if speaks(text):
        return None
    said = failed_subject(read_header(message, "Subject", limit=300))
    carrier = _POSTMASTER.fullmatch(local) or not sender.address or _SERVER_NAME.match(sender.name)
    if carrier and (said or failed_words(text)):
        return Screening(LetterKind.BOUNCE, "a mail server's name, and the words of a delivery failure")
    machine = any(rule(message, ours) for rule in (_auto_submitted, _null_sender, _precedence, _robot_address))
    if machine and (said or plainly_failed(text)):
        return Screening(LetterKind.BOUNCE, "a machine says that mail was not delivered")
    return None


def _complaint(message: Message, _ours: str) -> Screening | None:
    return Screening(LetterKind.BOUNCE, "a complaint without a report") if is_complaint(message) else None


def _calendar(message: Message, ours: str) -> Screening | None:
    """Answers to our invitations (their words are read), and other people's events, which are no wish to us.

    A person looks.
    """
    method = calendar_method(message)
    if method is None or (method not in {Method.REPLY, Method.COUNTER} and is_about_us(message, ours)):
        return None
    return Screening(LetterKind.ROBOT, f"calendar METHOD:{method} (RFC 5546)", for_person=method is not Method.REPLY)


def _reaction(message: Message, _ours: str) -> Screening | None:
    kinds = {part.get_content_type() for part in inner_parts(message)}
    return Screening(LetterKind.ROBOT, "a reaction") if "text/vnd.google.email-reaction+json" in kinds else None


def _registry(message: Message, _ours: str) -> Screening | None:
    """The receipts of public registers (protocollo): their certificates are attached (DPCM 21 March 2013)."""
    for part in inner_parts(message):
        name = (part.get_filename() or "").lower()
        if name in {"conferma.xml", "segnatura.xml", "annullamento.xml", "eccezione.xml", "aggiornamento.xml"}:
            return Screening(LetterKind.AUTO_REPLY, f"a register's {name}", Evidence.SIGN)
    return None


def _auto_submitted(message: Message, _ours: str) -> Screening | None:
    value = read_header(message, "Auto-Submitted", limit=60).lower()
    if value and not value.startswith("no"):
        kind = LetterKind.AUTO_REPLY if "replied" in value else LetterKind.ROBOT
        return Screening(kind, f"Auto-Submitted: {value} (RFC 3834)", Evidence.SIGN)
    return None


def _null_sender(message: Message, _ours: str) -> Screening | None:
    path = message.get("Return-Path")
    if path is not None and "@" not in str(path):
        return Screening(LetterKind.BOUNCE, "Return-Path of nobody (RFC 5321 §4.5.5)", Evidence.SIGN)
    return None


def _precedence(message: Message, _ours: str) -> Screening | None:
    value = read_header(message, "Precedence", limit=30).lower()
    if value == "auto_reply":
        return Screening(LetterKind.AUTO_REPLY, "Precedence: auto_reply", Evidence.SIGN)
    return (
        Screening(LetterKind.LIST, f"Precedence: {value}", Evidence.HINT) if value in {"bulk", "list", "junk"} else None
    )


#: What list programs write into headers (RFC 2369 §3, RFC 2919; the rest by custom).
_LIST_HEADER = re.compile(
    r"(?:list-[a-z\-]+|mailing-list|x-mailing-list|x-ml[a-z\-]*|x-beenthere|x-mailman-version|x-google-group-id)"
)


def _list(message: Message, _ours: str) -> Screening | None:
    name = next((key for key in message.keys() if _LIST_HEADER.fullmatch(key.lower())), None)  # noqa: SIM118 - a Message is no dict
    return Screening(LetterKind.LIST, f"{name} (RFC 2919, 2369)", Evidence.HINT) if name else None


def _vendor(message: Message, _ours: str) -> Screening | None:
    for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder"):
        if message.get(name):
            return Screening(LetterKind.AUTO_REPLY, name, Evidence.SIGN)
    if message.get("X-MS-Exchange-Generated-Message-Source"):
        return Screening(LetterKind.ROBOT, "X-MS-Exchange-Generated-Message-Source", Evidence.SIGN)
    suppress = read_header(message, "X-Auto-Response-Suppress", limit=100).lower()
    if any(word in suppress for word in ("all", "autoreply", "oof")):
        return Screening(LetterKind.AUTO_REPLY, "X-Auto-Response-Suppress", Evidence.HINT)
    return None


def _robot_address(message: Message, _ours: str) -> Screening | None:
    """A robot's name in From; elsewhere it only says through whose hands the letter went."""
    if is_envelope(message):
        return None  # the person is inside
    for name in ("From", "Sender", "Return-Path"):
        local = read_mailbox(message, name).address.partition("@")[0]
        if local and _ROBOTS.match(local):
            return Screening(LetterKind.ROBOT, f"{name}: {local}@", Evidence.SIGN if name == "From" else Evidence.HINT)
        if local and (_POSTMASTER.fullmatch(local) or _CARRIERS.fullmatch(local)):
            return Screening(LetterKind.BOUNCE, f"{name}: {local}@", Evidence.HINT)
    return None


def is_robots(address: str) -> bool:
    """Whether nobody reads what is sent there: a robot's name, or that of a program which carries mail."""
    local = address.partition("@")[0].lower()
    return any(pattern.fullmatch(local) for pattern in (_ROBOTS, _POSTMASTER, _CARRIERS))


#: With more addressees than this a letter was written to everybody, and not to us.
_CROWD = 50


def _crowd(message: Message, ours: str) -> Screening | None:
    """Sent to many; of what is addressed to us alone, with a copy to many, the sender alone may be answered."""
    addressees = sum(str(value).count("@") for name in ("To", "Cc") for value in message.get_all(name) or [])
    if addressees <= _CROWD:
        return None
    to_us = addresses_in(message, "To") == {ours}
    return Screening(LetterKind.LIST, f"sent to {addressees} at once", Evidence.HINT, to_us=to_us)


def _copy(message: Message, ours: str) -> Screening | None:
    """Written to somebody else with a copy to us: what is said there is said to them."""
    to = addresses_in(message, "To")
    if to and ours not in to and ours in addresses_in(message, "Cc"):
        return Screening(LetterKind.HUMAN, "written to others, we are only in Cc", Evidence.HINT)
    return None


def _spam(message: Message, _ours: str) -> Screening | None:
    if read_header(message, "X-Spam-Flag", limit=10).lower() == "yes":
        return Screening(LetterKind.SPAM, "X-Spam-Flag", Evidence.SIGN)
    return None


RULES: tuple[Callable[[Message, str], Screening | None], ...] = (
    _own,
    _pec_receipt,
    _report,
    _failure,
    _complaint,
    _calendar,
    _reaction,
    _registry,
    _auto_submitted,
    _null_sender,
    _vendor,
    _robot_address,
    _spam,
    _precedence,
    _list,
    _crowd,
    _copy,
)


def screen(message: Message, ours: str) -> Screening:
    """Judge a mail by its headers: the first of the weightiest rules that fire.

    ``ours``: our own address, in lower case.
    """
    found = Screening(LetterKind.HUMAN, "no rule fired", Evidence.NONE)
    for rule in RULES:
        judged = rule(message, ours)
        if judged is not None and judged.evidence > found.evidence:
            found = judged
            if found.evidence is Evidence.PROOF:
                break
    return found
