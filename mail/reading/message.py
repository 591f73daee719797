"""Bytes → letter: who writes, in which thread, in their own words; judged before it is answered."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import parsedate_to_datetime

from conversation.channel import Channel
from conversation.message import Address, DeliveryReport, Event, Glimpse, Incoming, Reading, Thread, Trust
from mail.reading.banners import without_tag
from mail.reading.body import has_files, read_body
from mail.reading.certified import is_envelope, open_envelope, signed_mail
from mail.reading.forwarded import forwarded_words
from mail.reading.headers import message_ids, read_address, read_header, read_mailbox
from mail.reading.parts import TooMuchError, open_mail
from mail.reading.returns import read_return
from mail.reading.rsvp import CalendarReply, Method, calendar_method, read_answer
from mail.reading.sealed import is_encrypted, open_signed
from mail.reading.words import Words, own_words
from mail.screening.authentication import judge_sender
from mail.screening.judgement import Evidence, LetterKind, Screening
from mail.screening.machines import screen
from mail.screening.phrases import weigh
from mail.screening.speech import speaks, wants_more
from mail.threads import MessageIds, bare_subject

#: Stands before the headers of a mail that was too large to fetch.
OVERSIZED = b"X-Luccabot-Oversized: yes\r\n"
#: The same for one that the server would not give.
UNFETCHED = b"X-Luccabot-Unfetched: yes\r\n"
_MAX_REFERENCES = 20
#: Bytes of a report that are read.
_REPORT = 60_000
#: What mail programs write before the subject of an answer.
_ANSWERS = re.compile(r"^\s*(?:re|r|rif|aw|antw|sv|vs|odp|ynt|res)\s?(?:\[\d{1,3}\])?\s?:", re.IGNORECASE)
_REPORTS = {LetterKind.BOUNCE, LetterKind.PEC_RECEIPT}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it was judged.

    ``incoming``: what is answered. ``for_person``: nothing is, and somebody of the office looks.

    ``words``: the sender's own, where they were read; ``sender``: as From writes it. ``trust``: who vouches for the
    sender. ``author``: whom a person would answer, empty where that cannot be read; ``thread``: under what.
    """

    screening: Screening
    incoming: Incoming | None
    certified: bool = False
    subject: str = ""
    returned: DeliveryReport | None = None
    for_person: bool = False
    words: str = ""
    sender: str = ""
    trust: Trust = Trust.UNKNOWN
    author: str = ""
    thread: Thread | None = None


def sender_of(message: Message) -> str:
    """Who writes, whose registrations the letter is about: From; Reply-To only when From has no address.

    The border vouches for From alone. Around certified mail From is the provider, and Reply-To names who wrote.
    """
    written = read_mailbox(message, "From")
    if written.several:
        return ""
    sender, author = written.address, read_address(message, "Reply-To")[1]
    if not sender or not author or sender == author:
        return sender or author
    return author if is_envelope(message) else sender


def read_letter(
    raw: bytes, *, ours: str, authserv_id: str = "", ids: MessageIds | None = None, pec_ca: str = ""
) -> Letter:
    """Read a raw mail (RFC 5322). ``ours``: our mailbox. ``authserv_id``: whose Authentication-Results are believed.

    ``ids``: with them a letter that answers one of ours has a proof of its sender, who alone has had it. ``pec_ca``:
    the file of the authorities whose certified mail vouches for its sender.

    Never raises for what is in the mail: the worst case is a letter with no words, which goes to a person.
    """
    message = _taken_apart(raw)
    if isinstance(message, Letter):
        return message
    screening = screen(message, ours.lower())
    opened = _open(message, raw, authserv_id=authserv_id, pec_ca=pec_ca, ours=ours)
    inner = opened.inner if opened else message
    subject = read_header(inner, "Subject", limit=300) or read_header(message, "Subject", limit=300)
    if screening.evidence < Evidence.PROOF and inner is not message:
        screening = screen(inner, ours.lower())
    known = Letter(
        screening,
        None,
        opened is not None and opened.certified,
        subject,
        sender=read_header(inner, "From", limit=300),
        trust=opened.trust if opened else Trust.UNKNOWN,
        author=_author(message, inner, screening, ours.lower()) if opened else "",
        thread=_thread_of(message, inner, subject),
    )
    answer = _calendar_answer(inner)
    if screening.evidence is Evidence.PROOF and not (answer and answer.comment):
        return _by_machine(known, message, raw, answer)
    if opened is None:
        # Its From is the provider's robot: nobody to answer until a person has looked inside.
        return replace(
            known, screening=Screening(LetterKind.HUMAN, "a certified envelope that cannot be opened"), for_person=True
        )
    return _by_person(known, opened, raw, answer, ids=ids, ours=ours)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A mail out of its certified envelope, where it came in one: ``inner`` is what the person wrote."""

    inner: Message
    trust: Trust
    certified: bool = False
    outer: Message | None = None


def _open(message: Message, raw: bytes, *, authserv_id: str, pec_ca: str, ours: str) -> _Opened | None:
    """``None`` for an envelope that cannot be opened."""
    trust = judge_sender(message, authserv_id)
    if not is_envelope(message):
        return _Opened(message, trust)
    envelope = open_envelope(message)
    if envelope is None:
        return None
    if trust is Trust.PASS:
        trust = Trust.UNKNOWN  # the border vouches for the envelope's sender, the provider, not for whoever is inside
    may_vouch = pec_ca and envelope.certified and trust is Trust.UNKNOWN
    signed = signed_mail(raw, read_address(message, "From")[1], pec_ca, ours) if may_vouch else None
    return _Opened(signed or envelope.inner, Trust.PASS if signed is not None else trust, envelope.certified, message)


def _other_mailbox(message: Message, sender: str) -> Address | None:
    """Reply-To (RFC 3834 §4), where the domain that vouches for the sender answers for that mailbox too.

    Its own, or below or above it.
    """
    wanted = read_address(message, "Reply-To")[1]
    theirs, own = f".{wanted.rpartition('@')[2]}", f".{sender.rpartition('@')[2]}"
    related = theirs.endswith(own) or own.endswith(theirs)
    return Address(Channel.EMAIL, wanted) if wanted and wanted != sender and related else None


def _by_machine(known: Letter, message: Message, raw: bytes, answer: CalendarReply | None) -> Letter:
    """What a machine sent.

    A report is read, a declined invitation is the button that it is, the rest is filed or shown.
    """
    screening = known.screening
    if screening.kind in _REPORTS:
        return replace(known, returned=_returned(raw))
    if answer and answer.declined is not None and known.trust is not Trust.FAIL:
        return replace(known, incoming=_declining(message, answer.declined))
    return replace(known, for_person=screening.for_person)


def _by_person(
    known: Letter, opened: _Opened, raw: bytes, answer: CalendarReply | None, *, ids: MessageIds | None, ours: str
) -> Letter:
    """What was written: weighed by its words, then the person's message, or left to somebody who looks at it."""
    inner, subject = opened.inner, known.subject
    body = read_body(inner)
    words = own_words(body)
    inside = None
    if answer:
        words = Words(answer.comment, "", quoted=True)
        screening = Screening(LetterKind.HUMAN, "words in a calendar's answer", Evidence.NONE)
    else:
        inside = forwarded_words(inner, subject, body.text, words, ours=ours)
        screening = known.screening if inside else weigh(known.screening, subject, words.own, body.text)
    if inside is not None:
        own = words.own if inside.own not in words.own else ""
        words = Words(f"{own}\n\n{inside.own}".strip(), inside.signature or words.signature, quoted=True)
        screening = replace(screening, for_person=screening.evidence is not Evidence.NONE)
    known = replace(known, screening=screening, words=words.own)
    for_person = screening.for_person or _speaks_for_another(inner, screening)
    if screening.kind is not LetterKind.HUMAN or for_person:
        returned = _returned(raw) if screening.kind is LetterKind.BOUNCE else None
        return replace(known, returned=returned, for_person=for_person)
    if answer and answer.declined is not None:
        if wants_more(answer.comment):
            return replace(known, for_person=True)
        return replace(known, incoming=_declining(inner, answer.declined))
    author = read_mailbox(inner, "From")
    sender = sender_of(inner) or (sender_of(opened.outer) if opened.outer is not None else "")
    if not sender:
        reason = "two mailboxes in From" if author.several else "no readable sender"
        return replace(known, screening=Screening(LetterKind.HUMAN, reason), for_person=True)
    # Passed on, the words are somebody else's: an answer of the one who passes them on proves nothing of them.
    proof = ids.proof(_answered(inner), sender) if ids is not None and inside is None else ""
    trust = opened.trust
    if inside is not None and trust is Trust.PASS:
        trust = Trust.UNKNOWN  # the words are somebody else's: who passes them on has not asked for it
    outer = opened.outer if opened.outer is not None else inner
    encrypted = is_encrypted(inner, words.own)
    incoming = Incoming(
        address=Address(Channel.EMAIL, sender),
        text=subject if encrypted else _with_subject(subject, words.own, quoted=words.quoted),
        event=Event.ENCRYPTED if encrypted else Event.WORDS,
        at=_written_at(inner) or _written_at(outer),
        name="" if "@" in author.name else author.name,
        signature=words.signature,
        thread=known.thread,
        trust=trust,
        proof=proof,
        answers=subject,
        attached=has_files(inner),
        answer_to=_other_mailbox(inner, sender) if trust is Trust.PASS and opened.outer is None else None,
    )
    return replace(known, incoming=incoming, trust=trust)


def _taken_apart(raw: bytes) -> Message | Letter:
    """The mail taken apart; for what is too much for that, a letter for a person."""
    unfetched = raw.startswith(UNFETCHED)
    reason = "the mail server does not give it: look in INBOX" if unfetched else "larger than the limit"
    if not unfetched and not raw.startswith(OVERSIZED):
        try:
            return open_signed(open_mail(raw))
        except TooMuchError as error:
            reason = str(error)
    subject = read_header(BytesHeaderParser(policy=compat32).parsebytes(raw[:_REPORT]), "Subject", limit=300)
    return Letter(Screening(LetterKind.OVERSIZED, reason), None, subject=subject, for_person=True)


def _returned(raw: bytes) -> DeliveryReport | None:
    """What a report says, which stands at its beginning: what it returns may be megabytes."""
    return read_return(open_mail(raw[:_REPORT]))


def _calendar_answer(message: Message) -> CalendarReply | None:
    """An answer to our invitation.

    Some programs write its words only into the body, beside their own: those that plainly speak count.
    """
    if calendar_method(message) not in {Method.REPLY, Method.COUNTER}:
        return None
    answer = read_answer(message)
    if answer.comment:
        return answer
    own = own_words(read_body(message)).own
    return replace(answer, comment=own if speaks(own) or "?" in own else "")


def _declining(message: Message, uid: str) -> Incoming:
    """The refusal of an invitation, as the button that it is."""
    address = Address(Channel.EMAIL, sender_of(message))
    return Incoming(address, event=Event.PRESS, press=f"declined:{uid}", at=_written_at(message))


def _speaks_for_another(message: Message, screening: Screening) -> bool:
    """A form on the web writes from a robot's address and names the person in Reply-To.

    Nobody to answer unasked, but to read.
    """
    author = read_address(message, "Reply-To")[1]
    by_robot = screening.kind is LetterKind.ROBOT and screening.reason.startswith("From:")
    return by_robot and bool(author) and author != read_address(message, "From")[1]


def read_stored(
    raw: bytes, *, ours: str, authserv_id: str = "", ids: MessageIds | None = None, pec_ca: str = ""
) -> Reading:
    """The same for the inbox worker: only people's letters have something to answer."""
    try:
        letter = read_letter(raw, ours=ours, authserv_id=authserv_id, ids=ids, pec_ca=pec_ca)
    except Exception as error:  # whatever is in it, a person will look at it
        return Reading(None, "unreadable", type(error).__name__, needs_person=True)
    return Reading(
        letter.incoming,
        letter.screening.kind.value,
        letter.screening.reason,
        needs_person=letter.for_person,
        returned=letter.returned,
        glimpse=Glimpse(letter.sender, letter.subject, letter.words) if letter.for_person else None,
    )


def _with_subject(subject: str, own: str, *, quoted: bool) -> str:
    """The subject is part of what is asked, but never of an answer: there it is what somebody else wrote."""
    subject = without_tag(subject).strip()
    bare = bare_subject(subject)
    answered = quoted or _ANSWERS.match(subject) is not None
    return own if answered or (bare != subject and own) else f"{without_tag(bare)}\n\n{own}".strip()


def _author(outer: Message, inner: Message, screening: Screening, ours: str) -> str:
    """Whom a person would answer: who writes.

    Of a form on the web, which writes in our own name or a robot's, whom Reply-To names.
    """
    sender = sender_of(inner) or sender_of(outer)
    if sender == ours or _speaks_for_another(inner, screening):
        return read_address(inner, "Reply-To")[1]
    return sender


def _thread_of(outer: Message, inner: Message, subject: str) -> Thread:
    return _thread(inner, subject, read_header(outer, "Message-ID", limit=400) if outer is not inner else "")


def _thread(message: Message, subject: str, outer_id: str) -> Thread:
    own = next(iter(message_ids(str(message.get("Message-ID") or ""))), "") or outer_id
    references = _ids(message, "References") or _ids(message, "In-Reply-To")
    chain = [*references, *([outer_id] if outer_id and outer_id != own else []), *([own] if own else [])]
    unique = list(dict.fromkeys(chain))
    if len(unique) > _MAX_REFERENCES:
        unique = [unique[0], *unique[-(_MAX_REFERENCES - 1) :]]
    return Thread(subject, own, tuple(unique))


def _answered(message: Message) -> list[str]:
    """What a letter says it answers, newest last."""
    return [*_ids(message, "References")[-_MAX_REFERENCES:], *_ids(message, "In-Reply-To")[:_MAX_REFERENCES]]


def _ids(message: Message, name: str) -> list[str]:
    return message_ids(str(message.get(name) or "")[:20_000])


def _written_at(message: Message) -> datetime | None:
    """The mail's own Date, in its own zone; ``None`` when it is missing, unreadable or absurd."""
    try:
        when = parsedate_to_datetime(str(message.get("Date") or ""))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    try:
        when.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return when


def as_trust(value: Trust) -> bool | None:
    """The contract's ``trusted_sender``: true, false, or null when nobody vouched."""
    return {Trust.PASS: True, Trust.FAIL: False, Trust.UNKNOWN: None}[value]
