"""The text inside a ``winmail.dat``: what some Outlooks send instead of a body (MS-OXTNEF)."""

import struct

_SIGNATURE = b"\x78\x9f\x3e\x22"
#: Attributes of the letter (§2.1.3.4), those of its files left out; no Outlook writes more of them.
_LETTER, _MOST = 1, 200
_HEAD = struct.Struct("<BII")
_CHECKSUM = 2


def read_tnef(content: bytes) -> tuple[str | bytes, str | bytes]:
    """``(text, HTML)``, as far as they are there; files are not looked at, and may be cut off."""
    from tnefparse import TNEF

    letter = _without_files(content)
    if not letter:
        return "", ""
    try:
        opened = TNEF(letter, do_checksum=False)
    except Exception:  # whatever a parser of a secret format does with a broken one
        return "", ""
    return opened.body or "", opened.htmlbody or ""


def _without_files(content: bytes) -> bytes:
    if not content.startswith(_SIGNATURE):
        return b""
    at = len(_SIGNATURE) + 2
    kept = [content[:at]]
    while at + _HEAD.size <= len(content) and len(kept) <= _MOST:
        level, _, length = _HEAD.unpack_from(content, at)
        ends = at + _HEAD.size + length + _CHECKSUM
        if level != _LETTER or ends > len(content):
            break
        kept.append(content[at:ends])
        at = ends
    return b"".join(kept)
