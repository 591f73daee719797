"""Certified mail (PEC): the transport envelope is opened, and the person inside is read and answered.

Rules: DPR 68/2005, DM 2 Nov 2005; English text in RFC 6109 §3.1.5 (transport envelope) and §3.2.2 (anomaly envelope).
Decided by headers, never by the subject. "PEC" is a label here: ``X-Trasporto`` can be forged, so nothing rests on it.
"""

import base64
import binascii
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32

from mail.headers import read_header


@dataclass(frozen=True, slots=True)
class Envelope:
    """What was inside. ``certified``: a transport envelope; ``False`` for an anomaly (ordinary mail to a PEC box)."""

    inner: Message
    certified: bool
    outer_id: str


def open_envelope(message: Message) -> Envelope | None:
    """The mail inside a PEC envelope; ``None`` when this is no envelope or nothing readable is in it."""
    transport = read_header(message, "X-Trasporto", limit=60).lower()
    if transport not in {"posta-certificata", "errore"}:
        return None
    inner = _find(message)
    if inner is None:
        return None
    return Envelope(inner, transport == "posta-certificata", read_header(message, "Message-ID", limit=400))


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
