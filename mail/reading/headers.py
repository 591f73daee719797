"""Header values as text, whatever they are encoded in, and never with a line break in them."""

import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from functools import lru_cache

_ADDRESS = re.compile(r"[^@\s<>,;:\"\\\x00-\x1f\x7f\ud800-\udfff]+@(?:[\w\-]+(?:\.[\w\-]+)*|\[[0-9A-Fa-f:.]+\])")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)")
_ANGLED = re.compile(r"<([^<>]*)>")
_TOKEN = re.compile(r"[^\s<>,;()]+")
#: Comments in comments, and headers of one name, that are looked at.
_DEEPEST, _MOST_MAILBOXES = 8, 4
#: Characters of a list of addressees that are read.
_LONGEST_LIST = 20_000
_LONGEST = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f]+")


def decode_text(raw: bytes, charset: str | None) -> str:
    """Bytes in a named, misnamed or unnamed charset.

    What is valid UTF-8 beyond ASCII is UTF-8, whatever is claimed; "iso-8859-1" means Windows' Western charset (WHATWG
    Encoding), which never fails.
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
    return _decoded(str(raw)[: limit * 4])[:limit]


def _decoded(text: str) -> str:
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
    return _SPACE.sub(" ", decoded).strip()


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Who a header names.

    ``address`` in lower case, empty when there is none to be sure of; ``several``: there are two or more.
    """

    name: str = ""
    address: str = ""
    several: bool = False


def read_mailbox(message: Message, name: str) -> Mailbox:
    """The one mailbox of a header, however carelessly it is written.

    People write ``Rossi, Ada <a@x>``, ``Info @ Olmo <a@x>``, ``Olmo (ASD <a@x>``, or encode the whole (against RFC 2047
    §5): the address in angle brackets counts, whatever stands around it. Where two readers would see two mailboxes,
    ``one@x <two@y>`` (CVE-2023-27043) or a second header, there is none.
    """
    wanted = name.lower()
    values = [value for key, value in message.raw_items() if key.lower() == wanted][:_MOST_MAILBOXES]
    found = [_mailbox(_SPACE.sub(" ", str(value)[:2000]).strip()) for value in values]
    if len({f.address for f in found}) > 1:
        return Mailbox(several=True)
    return found[0] if found else Mailbox()


def read_address(message: Message, name: str) -> tuple[str, str]:
    """``(display name, address)`` of ``read_mailbox``."""
    found = read_mailbox(message, name)
    return found.name, found.address


def addresses_in(message: Message, name: str) -> set[str]:
    """All addresses in the headers of this name, lower case; of a longer list the beginning."""
    text = " ".join(str(value)[:_LONGEST_LIST] for value in (message.get_all(name) or [])[:_MOST_MAILBOXES])
    return {_spelled(token) for token in _TOKEN.findall(text) if "@" in token.strip("@")} - {""}


@lru_cache(maxsize=256)
def _mailbox(text: str, *, decoded: bool = False) -> Mailbox:
    """The mailbox in one header's value; asked for many times a letter, read once."""
    shape = _hidden(text)
    angled = [m for m in _ANGLED.finditer(shape) if "@" in m[1]]
    outside = _ANGLED.sub(lambda m: " " * len(m[0]), shape)
    written = [text[m.start(1) : m.end(1)] for m in angled] + [
        text[m.start() : m.end()] for m in _TOKEN.finditer(outside) if "@" in m[0].strip("@")
    ]
    addresses = {_spelled(w) for w in written}
    if not written and "=?" in text and not decoded:
        return _mailbox(_decoded(text), decoded=True)
    if len(addresses) != 1:
        return Mailbox(several=bool(addresses))
    comment = _COMMENT.search(text)
    name = text[: angled[-1].start()] if angled else comment[0][1:-1] if comment else ""
    return Mailbox(_display(name), addresses.pop())


def _hidden(text: str) -> str:
    """``text`` with what is quoted or a comment made harmless, at its old length.

    Only the structure is left (RFC 5322 §3.2).
    """
    return without_comments(_QUOTED.sub(lambda m: '"' + "q" * (len(m[0]) - 2) + '"', text))


def without_comments(text: str) -> str:
    """Comments, and comments in comments (RFC 5322 §3.2.2), as blanks of their length.

    What is left of an open one stays.
    """
    for _ in range(_DEEPEST):
        stripped = _COMMENT.sub(lambda m: " " * len(m[0]), text)
        if stripped == text:
            break
        text = stripped
    return text


def _spelled(written: str) -> str:
    """An address as we write it, lower case, quoted only where it must be (RFC 5321 §4.1.2); empty when it is none."""
    local, _, domain = written.strip(" <>").lower().removeprefix("mailto:").strip().removesuffix(".").rpartition("@")
    bare = local[1:-1] if len(local) > 2 and local[0] == local[-1] == '"' else local
    if len(local) + len(domain) >= _LONGEST or not _ADDRESS.fullmatch(f"{bare}@{domain}"):
        return ""
    return f"{bare}@{domain}" if all(bare.split(".")) else f'"{bare}"@{domain}'


def _display(name: str) -> str:
    text = name.strip(" ,;<")
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    return _decoded(text)[:200].strip()


def message_ids(text: str) -> list[str]:
    """The ids in a References or In-Reply-To header.

    Only such as can be written again (RFC 5322 §3.6.4: printable ASCII).
    """
    return re.findall(r"<[!-;=?-~]{1,380}>", text)
