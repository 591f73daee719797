"""Outgoing → MIME: text and simple HTML, the invitation, and the headers that keep machines from answering.

RFC 3834 (Auto-Submitted), RFC 5322 (threads), RFC 6047 §2.4 (calendar parts). One recipient, nothing of the request
quoted, no remote content.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as MailAddress
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

from conversation.message import File, Outgoing, Reply
from mail.threads import answer_subject

_NAME = "Lucca Learning City"
_LINK = re.compile(r"https?://[^\s<>\"«»]+[^\s<>\"«».,;:!?)]|[\w.+\-]+@[\w\-]+\.[\w.\-]*\w")


class _Identifiers(UnstructuredHeader, BaseHeader):
    """Message-IDs: folded between ids only. The library would encode a long id, and break the thread."""

    def fold(self, *, policy: Any) -> str:
        """One id a line (RFC 5322 §2.2.3)."""
        lines: str = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {lines}{policy.linesep}"


def _policy() -> Any:
    registry = HeaderRegistry()
    for name in ("message-id", "in-reply-to", "references", "list-unsubscribe"):
        registry.map_to_type(name, _Identifiers)
    return SMTP.clone(max_line_length=78, header_factory=registry)


_POLICY = _policy()


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line: plain, or a link."""

    text: str
    url: str = ""


def write_mail(
    outgoing: Outgoing, *, mailbox: str, now: datetime, message_id: str, unsubscribe: str = ""
) -> EmailMessage:
    """The message for ``outgoing.address``, from ``mailbox``, dated ``now``. ``unsubscribe``: the one-click link (RFC 8058)."""
    reply = outgoing.reply
    message = EmailMessage(policy=_POLICY)
    message["From"] = MailAddress(_NAME, addr_spec=mailbox)
    message["To"] = MailAddress(addr_spec=outgoing.address.value)
    message["Subject"] = " ".join(answer_subject(outgoing.thread, outgoing.subject or reply.title or _NAME).split())
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    if outgoing.thread and outgoing.thread.message_id:
        message["In-Reply-To"] = outgoing.thread.message_id
        message["References"] = " ".join(outgoing.thread.references or (outgoing.thread.message_id,))
    message["Auto-Submitted"] = "auto-generated" if outgoing.automatic else "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    message["X-Luccabot"] = "1"
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Content-Language"] = outgoing.language
    message.set_content(reply.plain + "\n", charset="utf-8", cte="quoted-printable")
    message.add_alternative(
        write_html(reply, mailbox, outgoing.language), subtype="html", charset="utf-8", cte="quoted-printable"
    )
    if (shown := _shown(reply.files)) is not None:
        params = {"method": shown.method, "name": shown.name}
        message.add_alternative(shown.content, subtype="calendar", charset="utf-8", cte="base64", params=params)
    for file in reply.files:
        if file.method:
            _attach_calendar(message, file)
        else:
            message.add_attachment(file.content.encode(), maintype="application", subtype="json", filename=file.name)
    return message


def _shown(files: Sequence[File]) -> File | None:
    """The entry that mail programs show and take over by themselves, as they do with one: the only one that begins, or that ends."""
    entries = [f for f in files if f.method]
    begun = [f for f in entries if f.method != "CANCEL"] or entries
    return begun[0] if len(begun) == 1 else None


def _attach_calendar(message: EmailMessage, file: File) -> None:
    """The entry as a file to save."""
    message.add_attachment(
        file.content.encode(),
        maintype="text",
        subtype="calendar",
        filename=file.name,
        cte="base64",
        params={"charset": "utf-8", "method": file.method, "name": file.name},
    )


def write_html(reply: Reply, mailbox: str, language: str) -> str:
    """The reply as a small HTML page with inlined styles; every text is escaped by the template."""
    import css_inline

    paragraphs = [
        [_pieces(line) for line in paragraph.split("\n")] for paragraph in reply.text.split("\n\n") if paragraph.strip()
    ]
    html = _template().render(language=language, title=reply.title, paragraphs=paragraphs, mailbox=mailbox)
    return str(css_inline.inline(html))


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader

    folder = Path(__file__).parent / "templates"
    return Environment(loader=FileSystemLoader(folder), autoescape=True).get_template("letter.html")


def _pieces(line: str) -> list[Piece]:
    pieces, at = [], 0
    for match in _LINK.finditer(line):
        if match.start() > at:
            pieces.append(Piece(line[at : match.start()]))
        found = match.group()
        pieces.append(Piece(found, found if found.startswith("http") else f"mailto:{found}"))
        at = match.end()
    return [*pieces, Piece(line[at:])] if at < len(line) or not pieces else pieces
