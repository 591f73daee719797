"""Keeping answers under their questions: ids that are ours, subjects said once (RFC 5322 §3.6.4, §3.6.5)."""

import hashlib

from conversation.message import Thread
from mail.reading import bare_subject

_SUBJECT = 200


def message_id(key: str, mailbox: str) -> str:
    """The Message-ID of the mail with this outbox key.

    The same key gives the same id: a mail sent twice after a crash is one mail to those who look at ids.
    """
    digest = hashlib.sha256(key.encode()).hexdigest()[:40]
    return f"<{digest}@{mailbox.rpartition('@')[2]}>"


def answer_subject(thread: Thread | None, own: str) -> str:
    """``Re:`` and the subject that is answered; our own where there is nothing to answer."""
    if thread is None:
        return own[:_SUBJECT]
    bare = bare_subject(thread.subject)
    return f"Re: {bare}"[:_SUBJECT] if bare else own[:_SUBJECT]
