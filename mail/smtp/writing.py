"""Outgoing → MIME: text and simple HTML, the invitation, and the headers that keep machines from answering.

RFC 3834 (Auto-Submitted), RFC 5322 (threads), RFC 6047 §2.4 (calendar parts). One recipient, nothing of the request
quoted, no remote content.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from email.headerregistry import Address as MailAddress
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from conversation.message import File, Highlight, Outgoing, Reply
from knowledge.town import Town
from mail.smtp.links import OwnLinks, pieces
from mail.threads import answer_subject, sound_ids

#: What no letter can hold: halves of characters, and control characters but for the end of a line.
_UNSOUND = re.compile("[\ud800-\udfff\x00-\x09\x0b-\x1f\x7f-\x9f]")


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


def write_mail(
    outgoing: Outgoing,
    *,
    mailbox: str,
    town: Town,
    now: datetime,
    message_id: str,
    unsubscribe: str = "",
    own: OwnLinks | None = None,
) -> EmailMessage:
    """The message for ``outgoing.address``, from ``mailbox`` in the name of ``town``, dated ``now``.

    ``unsubscribe``: the one-click link (RFC 8058). ``own``: the addresses that may be links. Whatever strangers wrote
    that is repeated in it, it can be written; raises ``ValueError`` only for an address that cannot.
    """
    reply = _sound_reply(outgoing.reply)
    to = write_address(outgoing.address.value)
    # RFC 6531: only the part before the @ may force it; everything else has an older way of being written.
    message = EmailMessage(policy=_POLICY if to.username.isascii() else _POLICY.clone(utf8=True))
    message["From"] = MailAddress(town.sender, addr_spec=mailbox)
    message["To"] = to
    subject = answer_subject(outgoing.thread, outgoing.subject or reply.title or town.service)
    message["Subject"] = " ".join(_sound(subject).split())
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    if outgoing.thread and (answered := sound_ids([outgoing.thread.message_id])):
        message["In-Reply-To"] = answered[0]
        message["References"] = " ".join(sound_ids(outgoing.thread.references) or answered)
    message["Auto-Submitted"] = "auto-generated" if outgoing.automatic else "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    message["X-Luccabot"] = "1"
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Content-Language"] = outgoing.language
    message.set_content(reply.plain + "\n", charset="utf-8", cte="quoted-printable")
    message.add_alternative(
        write_html(reply, mailbox, outgoing.language, own or OwnLinks(), town),
        subtype="html",
        charset="utf-8",
        cte="quoted-printable",
    )
    if (shown := _shown(reply.files)) is not None:
        params = {"method": shown.method, "name": shown.name}
        message.add_alternative(shown.content, subtype="calendar", charset="utf-8", cte="base64", params=params)
    for file in reply.files:
        if file.method:
            _attach_calendar(message, file)
        elif file.name.endswith(".txt"):
            message.add_attachment(file.content, charset="utf-8", cte="base64", filename=file.name)
        else:
            message.add_attachment(file.content.encode(), maintype="application", subtype="json", filename=file.name)
    return message


def write_address(value: str) -> MailAddress:
    """The address as a header and RCPT can say it.

    The domain in ASCII (RFC 5891), the name before it as it came, dots and all.

    Raises ``ValueError`` for a domain that cannot be one.
    """
    name, _, domain = value.rpartition("@")
    quoted = len(name) > 1 and name.startswith('"') and name.endswith('"')
    plain = re.sub(r"\\(.)", r"\1", name[1:-1]) if quoted else name
    return MailAddress(username=plain, domain=domain.encode("idna").decode("ascii"))


def _sound(text: str) -> str:
    return _UNSOUND.sub(" ", text)


def _sound_reply(reply: Reply) -> Reply:
    """The reply without what no letter can hold."""
    shown = tuple(Highlight(_sound(h.day), _sound(h.hour), _sound(h.topic), h.way_in) for h in reply.highlights)
    files = tuple(File(f.name, partial(_encodable, f), f.method) for f in reply.files)
    return replace(reply, text=_sound(reply.text), title=_sound(reply.title), highlights=shown, files=files)


def _encodable(file: File) -> str:
    return file.content.encode("utf-8", "replace").decode()


def _shown(files: Sequence[File]) -> File | None:
    """The entry that mail programs show and take over by themselves, as they do with one.

    The only one that begins, or that ends.
    """
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


def write_html(reply: Reply, mailbox: str, language: str, own: OwnLinks, town: Town) -> str:
    """The reply as a printed page would look: tables and inlined styles, nothing from elsewhere; every text is escaped.

    The meetings that matter stand large above the text, the pages that matter are buttons.
    """
    import css_inline

    paragraphs = [
        [list(pieces(line, reply, own)) for line in paragraph.split("\n")]
        for paragraph in reply.text.split("\n\n")
        if paragraph.strip()
    ]
    html = _template().render(
        language=language, title=reply.title, paragraphs=paragraphs, reply=reply, mailbox=mailbox, town=town
    )
    return str(css_inline.inline(html))


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader

    folder = Path(__file__).parent / "templates"
    return Environment(loader=FileSystemLoader(folder), autoescape=True).get_template("letter.html")
