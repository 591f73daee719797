"""Keeping answers under their questions: ids that are ours, subjects said once (RFC 5322 §3.6.4, §3.6.5)."""

import hashlib
import hmac
import re
from collections.abc import Sequence

from conversation.links import mark
from conversation.message import Thread
from conversation.naming import holds_address

_SUBJECT = 200
#: One of our ids in any text: head, signature, and a domain that providers of certified mail may have changed.
OUR_ID = re.compile(r"(?<![\w.])([0-9a-z]{8,40}\.[0-9a-f]{24}@[A-Za-z0-9.\-]{1,250}[A-Za-z0-9])")


class MessageIds:
    """The Message-IDs of our mail. Nobody can guess one: who answers it has had it in the mailbox it was sent to.

    ``key``: what they are signed with. A new key only means that answers to older mail prove nothing.
    """

    def __init__(self, mailbox: str, key: str) -> None:
        self._domain = mailbox.rpartition("@")[2]
        self._key = key.encode()

    def of(self, key: str, recipient: str) -> str:
        """The Message-ID of the mail with this outbox key.

        The same key gives the same id: a mail sent twice after a crash is one mail to those who look at ids.
        """
        head = mark(key)
        return f"<{head}.{self._sign(head, recipient)}@{self._domain}>"

    def proof(self, ids: Sequence[str], sender: str) -> str:
        """The newest of ``ids``, of what a letter answers, that we sent to its ``sender``, up to the @; empty if none.

        The part before the @ will do: providers of certified mail rewrite the rest.
        """
        for name in reversed(ids):
            local = name.strip("<>").partition("@")[0]
            head, _, signature = local.partition(".")
            if head and hmac.compare_digest(signature.encode(), self._sign(head, sender).encode()):
                return local
        return ""

    def _sign(self, head: str, recipient: str) -> str:
        return hmac.new(self._key, f"{head} {recipient.lower()}".encode(), hashlib.sha256).hexdigest()[:24]


#: What an id may hold (RFC 5322 §3.6.4, generously): no mail can carry another one.
_SOUND_ID = re.compile(r"<[!-;=?-~]{1,380}>")


def sound_ids(ids: Sequence[str]) -> list[str]:
    """Those of ``ids`` that can stand in a header.

    A device that writes strange bytes into its id is answered without.
    """
    return [name for name in ids if _SOUND_ID.fullmatch(name)]


def answer_subject(thread: Thread | None, own: str) -> str:
    """``Re:`` and the subject that is answered; our own where there is nothing to answer.

    Without addresses: whoever forges a sender would have us send them on in the town's name.
    """
    if thread is None:
        return own[:_SUBJECT]
    bare = " ".join(word for word in bare_subject(thread.subject).split() if not holds_address(word))
    return f"Re: {bare}"[:_SUBJECT] if bare else own[:_SUBJECT]


def bare_subject(subject: str) -> str:
    """The subject without ``Re:``, ``R:``, ``I:``, ``POSTA CERTIFICATA:``."""
    text = subject.strip()
    while True:
        head, colon, rest = text.partition(":")
        if not colon or head.strip().lower() not in {"re", "r", "i", "fw", "fwd", "rif", "aw", "posta certificata"}:
            return text
        text = rest.strip()
