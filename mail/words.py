"""The person's own words in a mail: its text, without quotes, signature and disclaimer, which stand apart."""

import re
from dataclasses import dataclass
from email.message import Message

from mail.headers import decode_text

_MAX_CHARS = 200_000
_QUOTE_HEADS = re.compile(
    r"^\s*(?:"
    r"(?:Il|In data|On|Le|Am)\b.{4,200}?\b(?:ha scritto|scrive|wrote|a écrit|schrieb)\b.*:?\s*$"
    r"|-{2,}\s*(?:Messaggio originale|Original Message|Messaggio inoltrato|Forwarded message|Ursprüngliche Nachricht)\s*-{2,}.*"
    r"|_{10,}\s*$"
    r"|(?:Da|From|De|Von):\s.+@.+"
    r"|Inizio (?:del )?messaggio inoltrato:.*"
    r")",
    re.IGNORECASE,
)
_SPLIT_HEAD = re.compile(r"^\s*(?:Il|In data|On)\b.{4,120}$", re.IGNORECASE)
_SPLIT_TAIL = re.compile(r"^.{0,100}\b(?:ha scritto|wrote)\s*:\s*$", re.IGNORECASE)
_OUTLOOK = re.compile(r"^\s*(?:Inviato|Sent|Data|Date|A|To|Oggetto|Subject|Cc):\s", re.IGNORECASE)
_CLOSING = re.compile(
    r"^\s*(?:(?:(?:con i )?(?:più )?(?:cordiali|distinti|migliori|cari|affettuosi) saluti|cordialmente|cordialità|distintamente|un (?:caro |cordiale )?saluto|"
    r"saluti|a presto|in attesa.{0,60}(?:saluti|saluto)|grazie(?: mille| in anticipo| e (?:cordiali )?saluti| per l'attenzione)?|"
    r"(?:kind |best |warm )?regards|yours (?:sincerely|faithfully)|best wishes|thanks|thank you|mit freundlichen grüßen|cordialement|saludos)[\s,.!;:]*)$",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"(?:ai sensi (?:del|dell'|della).{0,60}(?:196/2003|2016/679|gdpr|privacy)|informativa (?:sulla )?privacy|"
    r"questo messaggio.{0,80}(?:riservat|confidenzial|destinat)|le informazioni contenute (?:in|nella)|avviso di riservatezza|"
    r"this (?:e-?mail|message).{0,80}(?:confidential|intended)|rispetta l'ambiente|please consider the environment|disclaimer)",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(r"^\s*(?:inviato da|sent from|get outlook|scarica outlook|envoyé de)\b.{0,60}$", re.IGNORECASE)
_DELIMITER = re.compile(r"^(?:--|—|__|\*\*)\s*$")
_SIGNATURE_LINES = 12


@dataclass(frozen=True, slots=True)
class Words:
    """``own``: what the person wrote for us. ``signature``: the block under it. ``quoted``: whether there was a quote."""

    own: str
    signature: str
    quoted: bool


def body_text(message: Message) -> str:
    """The text of a mail: its first text/plain part that is no attachment, else the first text/html as text."""
    html = ""
    for part in _leaves(message):
        kind = part.get_content_type()
        if kind not in {"text/plain", "text/html"} or part.get_content_disposition() == "attachment":
            continue
        text = _part_text(part)
        if kind == "text/plain" and text.strip():
            return text
        html = html or (text if kind == "text/html" else "")
    return html_to_text(html) if html else _tnef_text(message)


def _tnef_text(message: Message) -> str:
    """The text inside a ``winmail.dat``: what some Outlooks send instead of a body (MS-OXTNEF)."""
    for part in _leaves(message):
        kind, name = part.get_content_type(), (part.get_filename() or "").lower()
        if kind not in {"application/ms-tnef", "application/vnd.ms-tnef"} and name != "winmail.dat":
            continue
        from tnefparse import TNEF

        payload = part.get_payload(decode=True)
        try:
            opened = TNEF(payload if isinstance(payload, bytes) else b"", do_checksum=False)
            body, html = opened.body, opened.htmlbody
        except Exception:  # whatever a parser of a secret format does with a broken one
            return ""
        text = body or (html_to_text(_as_text(html)) if html else "")
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
    return [leaf for part in message.get_payload() if isinstance(part, Message) for leaf in _leaves(part, depth + 1)]


def _part_text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        payload = str(part.get_payload()).encode("utf-8", "surrogateescape")
    text = decode_text(payload[: _MAX_CHARS * 4], part.get_content_charset())
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")[:_MAX_CHARS]


def html_to_text(html: str) -> str:
    """HTML as a person reads it; quoted blocks get ``>`` marks, nothing remote is fetched."""
    from inscriptis import get_text
    from inscriptis.model.config import ParserConfig

    marked = re.sub(r"<blockquote\b[^>]*>", "<p>-----Messaggio originale-----</p><div>", html, flags=re.IGNORECASE)
    marked = re.sub(r"</blockquote>", "</div>", marked, flags=re.IGNORECASE)
    try:
        text = get_text(marked, ParserConfig(display_images=False, display_links=False))
    except (ValueError, TypeError, RecursionError):
        text = re.sub(r"<[^>]+>", " ", html)
    return re.sub(r"\n{3,}", "\n\n", str(text)).strip()


def own_words(text: str) -> Words:
    """Take quotes, signature and disclaimer off a body."""
    lines = [line.rstrip() for line in text.replace("\xa0", " ").split("\n")]
    kept, quoted = _without_quotes(lines)
    kept = _without_disclaimer(kept)
    body, signature = _split_signature(kept)
    own = re.sub(r"\n{3,}", "\n\n", "\n".join(body)).strip()
    sign = "\n".join(signature).strip()
    if not own and sign:
        own, sign = sign, ""
    return Words(own, sign, quoted)


def _without_quotes(lines: list[str]) -> tuple[list[str], bool]:
    kept: list[str] = []
    quoted = False
    for i, line in enumerate(lines):
        if line.lstrip().startswith(">"):
            quoted = True
            continue
        split = i + 1 < len(lines) and _SPLIT_HEAD.match(line) and _SPLIT_TAIL.match(lines[i + 1])
        head = _QUOTE_HEADS.match(line)
        if head and line.lstrip().lower().startswith(("da:", "from:", "de:", "von:")):
            head = head if any(_OUTLOOK.match(x) for x in lines[i + 1 : i + 4]) else None
        if head or split:
            if any(k.strip() for k in kept):
                return kept, True
            quoted = True
            continue
        kept.append(line)
    return kept, quoted


def _without_disclaimer(lines: list[str]) -> list[str]:
    for i, line in enumerate(lines):
        if _DISCLAIMER.search(line) and any(k.strip() for k in lines[:i]):
            return lines[:i]
    return lines


def _split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """Cut at a delimiter, else after the last closing formula near the end."""
    lines = [line for line in lines if not _SENT_FROM.match(line)]
    for i, line in enumerate(lines):
        if _DELIMITER.match(line) and any(x.strip() for x in lines[:i]):
            return lines[:i], lines[i + 1 : i + 1 + _SIGNATURE_LINES]
    filled = [i for i, line in enumerate(lines) if line.strip()]
    for i in reversed(filled):
        if _CLOSING.match(lines[i]) and len([f for f in filled if f > i]) <= _SIGNATURE_LINES:
            return lines[:i], lines[i + 1 :]
    return lines, []
