"""How an answer goes into the outbox: a letter with all that belongs to one, anything else as it was said."""

from collections.abc import Sequence
from dataclasses import replace

from conversation.message import Reply
from conversation.wording import greet, own_links
from db.outbox import queue_reply
from handlers import office_answer
from handlers.turn import Turn


async def queue_answer(
    turn: Turn, reply: Reply, number: int = 0, *, detail: str = "", about: Sequence[int] = ()
) -> None:
    """Put one of a turn's replies in the outbox, as its channel wants it.

    ``detail``: by what it is known there among answers. ``about``: the registrations that it tells of: lists name
    their meetings.
    """
    sent = letter(turn, reply) if turn.channel.is_letter and not office_answer.is_the_office(turn) else reply
    await queue_reply(
        turn.tx,
        f"{turn.key}:{number}",
        turn.incoming.answer_to or turn.incoming.address,
        sent,
        now=turn.now,
        detail=detail,
        person_id=turn.person.id if turn.person else None,
        about=about,
        thread=turn.thread,
        subject=reply.title
        or turn.say("register.mail_subject" if turn.by is None else "register.mail_subject_by_office"),
        language=turn.language,
    )


def letter(turn: Turn, reply: Reply) -> Reply:
    """The reply as it goes into a mail.

    With greeting and the word that it is automatic, our links marked, buttons only that open a page.
    """
    automatic = "register.mail_automatic" if turn.by is None else "register.mail_by_office"
    body = greet(turn.voice, f"{reply.text}\n\n{turn.say(automatic)}")
    opening = tuple((button,) for row in reply.buttons for button in row if button.url)
    return own_links(replace(reply, text=body, buttons=opening), turn.meetings)
