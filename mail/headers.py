"""Header values as text, whatever they are encoded in, and never with a line break in them."""

import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parseaddr

_ADDRESS = re.compile(r"[^@\s<>,;:\"\x00-\x1f\x7f\ud800-\udfff]+@[^@\s<>,;:\"\x00-\x1f\x7f\ud800-\udfff]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)')
_ANGLED = re.compile(r"<([^<>]*)>")
_LONGEST = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f]+")


def decode_text(raw: bytes, charset: str | None) -> str:
    """Bytes in a named, misnamed or unnamed charset.

    What is valid UTF-8 beyond ASCII is UTF-8, whatever is claimed; "iso-8859-1" means Windows' Western charset (WHATWG Encoding),
    which never fails.
    """
    named = (charset or "").lower().strip().replace("_", "-")
    western = named in _WESTERN
    for name in ("utf-8",) if western or named in _NO_CHARSETS else (named, "utf-8"):
        if name:
            try:
                text = raw.decode(name)
            except (LookupError, UnicodeDecodeError, ValueError):
                continue
            # UTF-7 can spell halves of characters, which nothing else can write down.
            return (
                text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
                if "utf7" in name.replace("-", "")
                else text
            )
    return raw.decode("cp1252", "replace")


#: Codecs of Python's that are no charset of a mail; some take the square of the length.
_NO_CHARSETS = {"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"}
_WESTERN = {
    "",
    "ascii",
    "us-ascii",
    "iso-8859-1",
    "iso8859-1",
    "latin1",
    "latin-1",
    "windows-1252",
    "cp1252",
    "ansi-x3.4-1968",
}


def read_header(message: Message, name: str, *, limit: int = 2000) -> str:
    """One header decoded (RFC 2047) and on one line; empty when it is absent."""
    # As it came: asked the usual way, the library puts question marks for bytes that nobody announced.
    raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), None)
    if raw is None:
        return ""
    text = str(raw)[: limit * 4]
    try:
        parts = decode_header(text)
    except (HeaderParseError, ValueError):
        parts = [(text, None)]
    decoded = "".join(decode_text(p, c) if isinstance(p, bytes) else p for p, c in parts)
    # Raw bytes in a header reach us as surrogates: most are UTF-8 that nobody announced.
    decoded = (
        decode_text(decoded.encode("utf-8", "surrogateescape"), "utf-8") if _SURROGATES.search(decoded) else decoded
    )
    decoded = decoded.encode("utf-8", "replace").decode("utf-8")
    return _SPACE.sub(" ", decoded).strip()[:limit]


def read_address(message: Message, name: str) -> tuple[str, str]:
    """``(display name, address)`` of the first mailbox in a header; the address in lower case, empty if there is none.

    Empty also where two readers would see two mailboxes: ``one@x <two@y>`` (CVE-2023-27043).
    """
    text = _SPACE.sub(" ", str(message.get(name) or "")[:2000])
    try:
        shown, address = parseaddr(text)
        if not address and text:
            shown, address = next(iter(getaddresses([text])), ("", ""))
        angled = _ANGLED.findall(_QUOTED.sub("", text))
        if angled and address.strip().lower() != angled[0].strip().lower():
            return "", ""
    except (RecursionError, ValueError, IndexError):
        return "", ""
    named = Message()
    named["X"] = shown or ""
    display = read_header(named, "X", limit=200) if shown else ""
    address = address.strip().lower()
    return display, address if len(address) <= _LONGEST and _ADDRESS.fullmatch(address) else ""


def message_ids(text: str) -> list[str]:
    """The ids in a References or In-Reply-To header."""
    return re.findall(r"<[^<>\s]{1,380}>", text)
