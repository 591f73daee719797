"""Certified mail (PEC): the transport envelope is opened, and the person inside is read and answered.

Rules: DPR 68/2005, DM 2 Nov 2005; English text in RFC 6109 §3.1.5 (transport envelope) and §3.2.2 (anomaly envelope).
Decided by headers, never by the subject. ``X-Trasporto`` can be forged: "PEC" is a label, and vouches for nobody, unless the
provider's signature (S/MIME, RFC 8551) verifies against the authorities in ``PEC_CA_FILE``.
"""

import base64
import binascii
import re
import subprocess
import tempfile
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from pathlib import Path

from mail.headers import decode_text, read_address, read_header


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
    certified = _transport(message) == "posta-certificata"
    return Envelope(inner, certified, read_header(message, "Message-ID", limit=400))


def is_envelope(message: Message) -> bool:
    """Whether the headers say that a person's mail is inside."""
    return _transport(message) in {"posta-certificata", "errore"}


def vouches(message: Message, raw: bytes, inner: Message, ca_file: str) -> bool:
    """Whether a provider's signature vouches for the sender of ``inner``.

    The signed part holds the certification data, and these name the sender. ``raw``: the whole mail as it came.
    """
    local, _, _ = _signer(raw, ca_file).partition("@")
    named = _MITTENTE.search(_certification(message))
    sender = read_address(inner, "From")[1]
    return local == "posta-certificata" and named is not None and bool(sender) and named[1].lower() == sender


_MITTENTE = re.compile(r"<mittente>\s*([^<\s]{3,254})\s*</mittente>", re.IGNORECASE)


def _certification(message: Message) -> str:
    """``daticert.xml`` as text: it may be no proper XML, so it is not parsed as such."""
    for part in message.walk():
        if (part.get_filename() or str(part.get_param("name") or "")).lower() == "daticert.xml":
            payload = part.get_payload(decode=True)
            return decode_text(payload[:100_000], part.get_content_charset()) if isinstance(payload, bytes) else ""
    return ""


def _signer(raw: bytes, ca_file: str) -> str:
    """The mail address in the certificate that signed ``raw``; empty when the signature does not verify."""
    with tempfile.TemporaryDirectory(prefix="luccabot-") as folder:
        certificate = Path(folder) / "signer.pem"
        only = ("-CAfile", ca_file, "-no-CApath", "-no-CAstore")
        verified = _openssl("smime", "-verify", *only, "-signer", str(certificate), "-out", "/dev/null", given=raw)
        if verified is None:
            return ""
        return (_openssl("x509", "-in", str(certificate), "-noout", "-email") or "").split("\n")[0].strip().lower()


def _openssl(*arguments: str, given: bytes = b"") -> str | None:
    """What ``openssl`` says; ``None`` when it fails or is not there."""
    try:
        done = subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True, timeout=10)  # noqa: S603, S607 - fixed words, and the administrator's PATH
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")


def _transport(message: Message) -> str:
    return read_header(message, "X-Trasporto", limit=60).lower()


def _find(message: Message) -> Message | None:
    for part in message.walk():
        named = (part.get_filename() or str(part.get_param("name") or "")).lower() == "postacert.eml"
        if part.get_content_type() != "message/rfc822" and not named:
            continue
        payload = part.get_payload()
        encoded = str(part.get("Content-Transfer-Encoding") or "").lower() == "base64"
        if isinstance(payload, list) and payload and isinstance(payload[0], Message):
            first = payload[0]
            # Some providers encode the part in base64, which message/rfc822 may not be: the parser then sees one
            # header-less body of base64 text.
            return _decoded(first.get_payload()) if encoded and not first.keys() else first
        if isinstance(payload, str):
            return (
                _decoded(payload)
                if encoded
                else message_from_bytes(payload.encode("utf-8", "surrogateescape"), policy=compat32)
            )
    return None


def _decoded(payload: object) -> Message | None:
    try:
        raw = base64.b64decode(str(payload), validate=False)
    except (binascii.Error, ValueError):
        return None
    return message_from_bytes(raw, policy=compat32) if raw else None
