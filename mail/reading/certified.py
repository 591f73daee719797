"""Certified mail (PEC): the transport envelope is opened, and the person inside is read and answered.

Rules: DPR 68/2005, DM 2 Nov 2005; English text in RFC 6109 §3.1.5 (transport envelope) and §3.2.2 (anomaly envelope).
Decided by headers, never by the subject. ``X-Trasporto`` can be forged: "PEC" is a label, and vouches for nobody,
unless the provider's signature (S/MIME, RFC 8551) verifies against the authorities in ``PEC_CA_FILE``.
"""

import base64
import binascii
import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path

from mail.reading.headers import decode_text, read_address, read_header
from mail.reading.openssl import run_openssl
from mail.reading.parts import content_of, open_mail, parts_in


@dataclass(frozen=True, slots=True)
class Envelope:
    """What was inside. ``certified``: a transport envelope; ``False`` for an anomaly (ordinary mail to a PEC box)."""

    inner: Message
    certified: bool
    outer_id: str


def open_envelope(message: Message) -> Envelope | None:
    """The mail inside a PEC envelope; ``None`` when this is no envelope or nothing readable is in it."""
    inner = _find(message) if is_envelope(message) else None
    if inner is None:
        return None
    certified = _transport(message) != "errore"
    return Envelope(inner, certified, read_header(message, "Message-ID", limit=400))


def is_envelope(message: Message) -> bool:
    """Whether a person's mail is inside.

    The headers say so, or a gateway has taken them away and the provider's robot sends one.
    """
    if _transport(message) in {"posta-certificata", "errore"}:
        return True
    from_provider = read_address(message, "From")[1].startswith("posta-certificata@")
    return from_provider and not message.get("X-Ricevuta") and any(_named(p) == "postacert.eml" for p in message.walk())


#: A certified letter that is shown to us later than this is a copy that somebody kept.
_FRESH = timedelta(days=3)
_DAY = re.compile(r"<giorno>\s*(\d{2})/(\d{2})/(\d{4})\s*</giorno>", re.IGNORECASE)
_MITTENTE = re.compile(r"<mittente>\s*([^<\s]{3,254})\s*</mittente>", re.IGNORECASE)
_DESTINATARI = re.compile(r"<destinatari[^>]{0,60}>\s*([^<\s]{3,254})\s*</destinatari>", re.IGNORECASE)


def signed_mail(raw: bytes, signer: str, ca_file: str, ours: str) -> Message | None:
    """The mail inside, when the signature of the provider ``signer`` vouches for its sender; ``None`` otherwise.

    Read from the very bytes that were verified, for two parsers may see two mails in one. The certification data must
    name the sender, us among the recipients, and a day not long past: a letter kept and sent again vouches for nothing.
    """
    content = _verified(raw, ca_file, signer)
    if content is None:
        return None
    envelope = open_mail(content)
    parts = parts_in(envelope)
    data = [p for p in parts if _named(p) == "daticert.xml"]
    mails = [p for p in parts if _named(p) == "postacert.eml"]
    if len(data) != 1 or len(mails) != 1:
        return None
    inner = _inside(mails[0])
    said = decode_text(content_of(data[0])[:100_000], None)
    sender, recipients, day = _MITTENTE.findall(said), _DESTINATARI.findall(said), _DAY.search(said)
    if inner is None or len(sender) != 1 or day is None or len(inner.get_all("From") or []) != 1:
        return None
    named = sender[0].lower() == read_address(inner, "From")[1] and ours.lower() in [r.lower() for r in recipients]
    return inner if named and _is_fresh(day) else None


def _is_fresh(day: re.Match[str]) -> bool:
    try:
        written = datetime(int(day[3]), int(day[2]), int(day[1]), tzinfo=UTC)
    except ValueError:
        return False
    return abs(datetime.now(UTC) - written) <= _FRESH + timedelta(days=1)


def _verified(raw: bytes, ca_file: str, signer: str) -> bytes | None:
    """What the certified provider ``signer`` has signed in ``raw``; ``None`` when the signature does not verify."""
    with tempfile.TemporaryDirectory(prefix="luccabot-") as folder:
        certificate = Path(folder) / "signer.pem"
        only = ("-CAfile", ca_file, "-no-CApath", "-no-CAstore")
        content = run_openssl("smime", "-verify", *only, "-signer", str(certificate), given=raw)
        if content is None:
            return None
        address = run_openssl("x509", "-in", str(certificate), "-noout", "-email") or b""
    named = address.decode("ascii", "replace").lower().split()
    return content if signer.startswith("posta-certificata@") and signer in named else None


def _transport(message: Message) -> str:
    return read_header(message, "X-Trasporto", limit=60).lower()


def _named(part: Message) -> str:
    return (part.get_filename() or str(part.get_param("name") or "")).lower()


def _find(message: Message) -> Message | None:
    for part in message.walk():
        if part.get_content_type() == "message/rfc822" or _named(part) == "postacert.eml":
            inner = _inside(part)
            if inner is not None:
                return inner
    return None


def _inside(part: Message) -> Message | None:
    """The mail in a part, which some providers encode in base64, though message/rfc822 may not be."""
    encoded = str(part.get("Content-Transfer-Encoding") or "").lower() == "base64"
    raw = content_of(part)
    if inside := parts_in(part):
        if not encoded or inside[0].keys():
            return inside[0]
        try:  # the parser then sees one header-less body of base64 text
            raw = base64.b64decode(content_of(inside[0]), validate=False)
        except (binascii.Error, ValueError):
            return None
    return open_mail(raw) if raw else None
