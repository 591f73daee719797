"""A letter as a person at the office reads it: plain text, never HTML; attachments are named and not opened.

Whoever has it read by a child needs the name of ``read_shown`` only: what reads is loaded where it is done.
"""

from conversation.message import Glimpse, Reading

#: Characters of a letter, and files, that are shown: more is read in the mailbox.
_MOST_TEXT, _MOST_FILES = 20_000, 50


def read_shown(raw: bytes) -> Reading:
    """Sender, subject and all words of a raw mail, quotes and signature included. Never raises: see ``mail.reading.confined``."""
    from mail.reading.body import read_body
    from mail.reading.headers import read_header
    from mail.reading.parts import TooMuchError, open_mail
    from mail.reading.sealed import open_signed

    try:
        message = open_signed(open_mail(raw))
    except TooMuchError as error:
        return Reading(None, "shown", str(error))
    except Exception as error:  # whatever is in it, its place in the list stays readable
        return Reading(None, "shown", type(error).__name__)
    named = [name for part in message.walk() if (name := part.get_filename())]
    files = tuple(" ".join(str(name).split())[:200] for name in named[:_MOST_FILES])
    sender, subject = (read_header(message, name, limit=300) for name in ("From", "Subject"))
    return Reading(None, "shown", glimpse=Glimpse(sender, subject, read_body(message).text[:_MOST_TEXT], files))
