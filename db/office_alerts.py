"""The only way to the office: every alert goes out on each channel that the office has, once."""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from conversation.channel import Channel
from conversation.message import Address, Reply
from conversation.office import Office
from db.engine import Transaction
from db.models import Kind
from db.outbox import queue_reply, take_back_pieces
from knowledge.library import Library

_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")


class Alert(StrEnum):
    """What the office is told. Each has a subject and a text in the locale: ``alert.<value>.subject`` and ``.text``."""

    HAND_OVER = "hand_over"
    TO_READ = "to_read"
    SET_ASIDE = "set_aside"
    NOT_DELIVERED = "not_delivered"
    ADDRESS_STOPPED = "address_stopped"
    MAIL_REFUSED = "mail_refused"
    MEETING_UNFINISHED = "meeting_unfinished"
    HELD_AFTER_STOP = "held_after_stop"
    HELD_AFTER_RESTORE = "held_after_restore"
    LETTERS_WAIT = "letters_wait"
    LETTERS_LIE = "letters_lie"
    OLD_LETTERS = "old_letters"
    LOGIN_REFUSED = "login_refused"
    CHAT_MOVED = "chat_moved"


async def tell_office(
    tx: Transaction,
    office: Office,
    alert: Alert,
    about: str,
    *,
    library: Library,
    now: datetime,
    concerns: Address | None = None,
    **values: object,
) -> None:
    """Queue ``alert`` with ``values`` for every channel of the office.

    What was said ``about`` this before is not repeated.

    ``about``: names the occasion (a row's key, a day). ``concerns``: whose words or address the text holds; an erasure
    takes it back (``db.personal_data``). An office without any channel reads the database: ``doctor`` says so.
    """
    subject = library.say(f"alert.{alert}.subject", "it", **values)
    text = library.say(f"alert.{alert}.text", "it", **values)
    occasion = sha256(about.encode("utf-8", "replace")).hexdigest()[:24]
    for address in office.staff_addresses:
        await queue_reply(
            tx,
            f"office:{alert}:{occasion}:{address.channel}",
            address,
            Reply(text, title=subject),
            now=now,
            kind=Kind.STAFF,
            detail=address_digest(concerns) if concerns else "",
            subject=subject,
            automatic=True,
        )


async def tell_colleagues(
    tx: Transaction,
    office: Office,
    about: str,
    text: str,
    questions: Sequence[int],
    who: str,
    *,
    library: Library,
    now: datetime,
    without: Channel | None = None,
) -> None:
    """Queue one short line about ``questions``, due ``now``.

    In the office's chats only (docs/decisions/0029-one-line-in-the-group.md).

    ``about``: as for ``tell_office``. ``text``: its name under ``[staff]``. ``without``: the channel on which it was
    done, where everybody has seen it. The line has no question's token: what is said to it is no answer to the person
    who asked.
    """
    name = "staff.one_question" if len(questions) == 1 else "staff.many_questions"
    named = library.say(name, "it", numbers=", ".join(map(str, questions)))
    line = Reply(library.say(f"staff.{text}", "it", questions=named, who=who))
    for address in office.staff_addresses:
        if not address.channel.is_letter and address.channel is not without:
            await queue_reply(
                tx, _line_key(about, address.channel), address, line, now=now, kind=Kind.STAFF, automatic=True
            )


async def untell_colleagues(tx: Transaction, office: Office, about: str) -> bool:
    """Take back a line that has not gone; ``False`` when it has, somewhere."""
    chats = [address.channel for address in office.staff_addresses if not address.channel.is_letter]
    return all([await take_back_pieces(tx, _line_key(about, channel)) for channel in chats])


def _line_key(about: str, channel: Channel) -> str:
    return f"office:line:{about}:{channel}"


async def tell_moved(tx: Transaction, office: Office, moved_to: str, *, library: Library, now: datetime) -> None:
    """The office's Telegram group has become a supergroup, with another number."""
    await tell_office(tx, office, Alert.CHAT_MOVED, moved_to, library=library, now=now, moved_to=moved_to)


async def tell_refused(tx: Transaction, office: Office, words: str, *, library: Library, now: datetime) -> None:
    """Once a day: our own server, domain or text is refused, nobody's address is dead.

    ``words``: the other server's, without addresses.
    """
    said = _ADDRESS.sub("…", words[:300])
    await tell_office(tx, office, Alert.MAIL_REFUSED, f"{now:%Y-%m-%d}", library=library, now=now, words=said)


def address_digest(address: Address) -> str:
    """What the rows for the office are found by when a person is erased; says nothing to who reads it."""
    return sha256(f"{address.channel}:{address.value}".encode("utf-8", "replace")).hexdigest()[:32]
