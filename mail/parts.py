"""The parts of a mail and what is in them. The library's undecoded ``get_payload()`` may raise on a broken charset: only these read it."""

from email.message import Message


def parts_in(part: Message) -> list[Message]:
    """What a container holds: a multipart's parts, an attached mail, a report's blocks; nothing for a leaf."""
    return [p for p in part.get_payload() if isinstance(p, Message)] if part.is_multipart() else []


def content_of(part: Message) -> bytes:
    """What a leaf carries, its transfer encoding undone as far as it is sound (RFC 2045 §6); nothing for a container."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
