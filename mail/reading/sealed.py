"""Signed and encrypted letters: what is only signed is opened, what is encrypted cannot be read here.

S/MIME (RFC 8551 §3.4.2 ``signed-data``, §3.3 ``enveloped-data``), OpenPGP (RFC 3156 §4, RFC 9580 §6.2).
``multipart/signed`` needs nothing: its first part is the letter. A signature read here vouches for nobody.
"""

import re
from email.message import Message

from mail.reading.openssl import run_openssl
from mail.reading.parts import TooMuchError, content_of, open_mail, parts_in

_PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_PGP = re.compile(r"^-----BEGIN PGP MESSAGE-----", re.MULTILINE)


def open_signed(message: Message) -> Message:
    """``message`` with its S/MIME part, if it has one that is only signed, replaced by what was signed."""
    part = next((p for p in message.walk() if _is_pkcs7(p)), None)
    signed = run_openssl("cms", "-verify", "-noverify", "-inform", "DER", given=content_of(part)) if part else None
    if part is None or signed is None:
        return message
    try:
        inside = open_mail(signed)
    except TooMuchError:
        return message
    for name in ("Content-Type", "Content-Transfer-Encoding", "Content-Disposition"):
        del part[name]
        if name in inside:
            part[name] = inside[name]
    children: list[Message | str] = [*parts_in(inside)]
    part.set_payload(children if inside.is_multipart() else inside.get_payload())
    return message


def is_encrypted(message: Message, words: str) -> bool:
    """Whether there are words that cannot be read here. ``words``: those that can."""
    if _PGP.search(words):
        return True
    return not words and any(_is_pkcs7(p) or p.get_content_type() == "multipart/encrypted" for p in message.walk())


def _is_pkcs7(part: Message) -> bool:
    return part.get_content_type() in _PKCS7 or (part.get_filename() or "").lower() == "smime.p7m"
