"""The person's own words in a mail: its text, without quotes, signature and disclaimer, which stand apart."""

import re
from dataclasses import dataclass
from email.message import Message

from mail.headers import decode_text
from mail.parts import content_of, parts_in
from mail.quotes import without_quotes

_MAX_CHARS = 200_000
_CLOSING = re.compile(
    r"^\s*(?:(?:(?:con i )?(?:più )?(?:cordiali|distinti|migliori|cari|affettuosi) saluti|cordialmente|cordialità|distintamente|un (?:caro |cordiale )?saluto|"
    r"saluti|a presto|in attesa.{0,60}(?:saluti|saluto)|grazie(?: mille| in anticipo| e (?:cordiali )?saluti| per l'attenzione)?|"
    r"(?:kind |best |warm )?regards|yours (?:sincerely|faithfully)|best wishes|thanks|thank you|mit freundlichen grüßen|cordialement|saludos)[\s,.!;:]*)$",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"(?:ai sensi (?:del|dell'|della).{0,60}(?:196/2003|2016/679|gdpr|privacy)|informativa (?:sulla )?privacy|"
    r"questo messaggio.{0,80}(?:riservat|confidenzial|destinat)|le informazioni contenute (?:in|nella)|avviso di riservatezza|"
    r"this (?:e-?mail|message).{0,80}(?:confidential|intended)|rispetta l'ambiente|prima di stampare|please consider the environment|disclaimer|"
    r"priva? di virus|5 ?(?:x|per) ?1000|5 ?per ?mille)",
    re.IGNORECASE,
)
#: A disclaimer is a paragraph, not a remark.
_DISCLAIMER_LENGTH = 120
_SENT_FROM = re.compile(
    r"^\s*(?:inviat[oa] (?:da|dal|con)|sent from|get outlook|scarica outlook|ottieni outlook|envoyé de|gesendet von)\b.{0,80}$",
    re.IGNORECASE,
)
_DELIMITER = re.compile(r"^(?:--|---|—|__|\*\*)\s*$")
#: What is said after a closing formula and is no signature: a question, a postscript, a wish.
_STILL_SPEAKING = re.compile(
    r"\?|^\s*(?:p\.? ?s\b|n\.? ?b\b|post ?scriptum)|\b(?:dimenticav\w*|siamo|saremo|veniamo|vengo|vorre\w+|potete|potreste|può|iscriv\w+|annull\w+|disdi\w+|"
    r"partecip\w+|we are|please|i forgot)\b",
    re.IGNORECASE,
)
#: What is read of a letter: who asks for something says it sooner.
_LONGEST_OWN, _LONGEST_SIGNATURE = 20_000, 2_000
_SIGNATURE_LINES = 12
#: A text part shorter than this is a placeholder when the HTML beside it says three times as much.
_PLACEHOLDER = 100


@dataclass(frozen=True, slots=True)
class Words:
    """``own``: what the person wrote for us. ``signature``: the block under it. ``quoted``: whether there was a quote."""

    own: str
    signature: str
    quoted: bool


def body_text(message: Message) -> str:
    """The text of a mail: its text/plain parts that are no attachments, or else its text/html as text.

    Some programs split the text around an attachment; some write "this mail is HTML" as their text.
    """
    plain, html = [], ""
    for part in _leaves(message):
        kind = part.get_content_type()
        if kind not in {"text/plain", "text/html"} or part.get_content_disposition() == "attachment":
            continue
        text = _part_text(part)
        if kind == "text/plain" and text.strip():
            plain.append(text)
        html = html or (text if kind == "text/html" else "")
    text = "\n".join(plain)
    if html and len(text.strip()) < _PLACEHOLDER:
        read = html_to_text(html)
        return read if len(read) > 3 * len(text.strip()) or (read and "html" in text.lower()) else text
    return text or _tnef_text(message)


def _tnef_text(message: Message) -> str:
    """The text inside a ``winmail.dat``: what some Outlooks send instead of a body (MS-OXTNEF)."""
    for part in _leaves(message):
        kind, name = part.get_content_type(), (part.get_filename() or "").lower()
        if kind not in {"application/ms-tnef", "application/vnd.ms-tnef"} and name != "winmail.dat":
            continue
        from tnefparse import TNEF

        try:
            opened = TNEF(content_of(part), do_checksum=False)
            body, html = opened.body, opened.htmlbody
        except Exception:  # whatever a parser of a secret format does with a broken one
            return ""
        text = body or (html_to_text(_as_text(html)[:_MAX_CHARS]) if html else "")
        return _as_text(text)[:_MAX_CHARS].replace("\r\n", "\n").replace("\0", "")
    return ""


def _as_text(value: str | bytes) -> str:
    return value if isinstance(value, str) else decode_text(value, None)


def _leaves(message: Message, depth: int = 0) -> list[Message]:
    """The parts that are not containers. An attached mail is not looked into: its words are somebody else's."""
    if depth > 20:
        return []
    if message.get_content_type() == "message/rfc822":
        return []
    if not message.is_multipart():
        return [message]
    return [leaf for part in parts_in(message) for leaf in _leaves(part, depth + 1)]


def _part_text(part: Message) -> str:
    text = decode_text(content_of(part)[: _MAX_CHARS * 4], part.get_content_charset())
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")[:_MAX_CHARS]


#: Stand for the ends of a quotation while HTML becomes text: letters, so that no rendering takes them away.
_OPENS, _CLOSES = "zqQUOTEOPENSqz", "zqQUOTECLOSESqz"


def html_to_text(html: str) -> str:
    """HTML as a person reads it; quoted blocks get ``>`` marks, nothing remote is fetched."""
    from inscriptis import get_text
    from inscriptis.model.config import ParserConfig

    marked = re.sub(r"<blockquote\b[^<>]*>", f"<p>{_OPENS}</p><div>", html, flags=re.IGNORECASE)
    marked = re.sub(r"</blockquote\s*>", f"</div><p>{_CLOSES}</p>", marked, flags=re.IGNORECASE)
    try:
        text = get_text(marked, ParserConfig(display_images=False, display_links=False))
    except (ValueError, TypeError, RecursionError):
        text = re.sub(r"<[^>]+>", " ", marked)
    return re.sub(r"\n{3,}", "\n\n", _marked_quotes(str(text))).strip()


def _marked_quotes(text: str) -> str:
    lines, depth = [], 0
    for line in text.split("\n"):
        opens, closes = line.count(_OPENS), line.count(_CLOSES)
        if opens or closes:
            depth = max(0, depth + opens - closes)
            continue
        lines.append(f"> {line}" if depth else line)
    return "\n".join(lines)


def own_words(text: str) -> Words:
    """Take quotes, signature and disclaimer off a body."""
    lines = [line.rstrip() for line in text.replace("\xa0", " ").split("\n")]
    kept, quoted = without_quotes(lines)
    kept = _without_disclaimer(kept)
    body, signature = _split_signature(kept)
    own = re.sub(r"\n{3,}", "\n\n", "\n".join(body)).strip()
    sign = "\n".join(signature).strip()
    if not own and sign:
        own, sign = sign, ""
    return Words(own[:_LONGEST_OWN], sign[:_LONGEST_SIGNATURE], quoted)


def _without_disclaimer(lines: list[str]) -> list[str]:
    """Cut at the first paragraph, below something, that is long and speaks like a lawyer."""
    for i, line in enumerate(lines):
        if not _DISCLAIMER.search(line) or "?" in line or not any(k.strip() for k in lines[:i]):
            continue
        begins, ends = i, i
        while begins and lines[begins - 1].strip():
            begins -= 1
        while ends < len(lines) and lines[ends].strip():
            ends += 1
        long = len(" ".join(lines[i:ends])) >= _DISCLAIMER_LENGTH
        last = not any(x.strip() for x in lines[ends:]) and begins == i
        if long or (last and ends - i == 1 and len(line.split()) > 3 and not _STILL_SPEAKING.search(line)):
            return lines[:i]
    return lines


def _split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """Cut at a delimiter, else after the last closing formula near the end that only a signature follows."""
    lines = [line for line in lines if not _SENT_FROM.match(line)]
    for i, line in enumerate(lines):
        if _DELIMITER.match(line) and any(x.strip() for x in lines[:i]):
            return lines[:i], lines[i + 1 : i + 1 + _SIGNATURE_LINES]
    filled = [i for i, line in enumerate(lines) if line.strip()]
    near_the_end = filled[-(_SIGNATURE_LINES + 1) :]
    for number, i in reversed(list(enumerate(near_the_end))):
        after = [lines[f] for f in near_the_end[number + 1 :]]
        if _CLOSING.match(lines[i]) and not any(_STILL_SPEAKING.search(line) for line in after):
            return lines[:i], lines[i + 1 :]
    return lines, []
