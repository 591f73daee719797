"""A letter as a person at the office reads it: plain text, never HTML; attachments are named and not opened.

And whom an answer goes to.

Whoever has it read by a child needs the name of ``read_shown`` only: what reads is loaded where it is done.
"""

from conversation.channel import Channel
from conversation.message import Address, Glimpse, Incoming, Reading

#: Characters of a letter, and files, that are shown: more is read in the mailbox.
_MOST_TEXT, _MOST_FILES = 20_000, 50


def read_shown(raw: bytes, *, ours: str = "", authserv_id: str = "") -> Reading:
    """Sender, subject and all words of a raw mail, quotes and signature included.

    Never raises: see ``mail.reading.confined``.

    ``incoming``: whom an answer would go to, and under what; without it ``reason`` says why nobody is to be answered
    (``mail.reading.answerable``). ``ours``, ``authserv_id``: as for ``read_letter``.
    """
    from mail.reading.answerable import why_not_answered
    from mail.reading.body import read_body
    from mail.reading.headers import read_header
    from mail.reading.message import read_letter
    from mail.reading.parts import TooMuchError, open_mail
    from mail.reading.sealed import open_signed

    try:
        message = open_signed(open_mail(raw))
        letter = read_letter(raw, ours=ours, authserv_id=authserv_id)
    except TooMuchError as error:
        return Reading(None, "shown", str(error))
    except Exception as error:  # whatever is in it, its place in the list stays readable
        return Reading(None, "shown", type(error).__name__)
    named = [name for part in message.walk() if (name := part.get_filename())]
    files = tuple(" ".join(str(name).split())[:200] for name in named[:_MOST_FILES])
    sender, subject = (read_header(message, name, limit=300) for name in ("From", "Subject"))
    glimpse = Glimpse(sender, subject, read_body(message).text[:_MOST_TEXT], files)
    why = why_not_answered(letter, ours)
    to = None if why else Incoming(Address(Channel.EMAIL, letter.author), thread=letter.thread)
    return Reading(to, "shown", why, glimpse=glimpse)
