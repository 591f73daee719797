"""What comes back of our own mail, in the shapes that servers give it."""

from email import message_from_bytes
from email.policy import compat32

import pytest

from conversation.message import Fate, Returned
from mail.returns import read_return

OURS = "<out.77.abc@comune.lucca.example>"


def read(raw: str) -> Returned | None:
    return read_return(message_from_bytes(raw.encode(), policy=compat32))


def report(action: str = "failed", status: str = "5.1.1", *, inner: str = "message/rfc822") -> str:
    return (
        "From: MAILER-DAEMON@mx.example\nSubject: Undelivered\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nspiacenti\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\nOriginal-Envelope-Id: 77\n\n"
        f"Final-Recipient: rfc822; Anna@posta.example\nAction: {action}\nStatus: {status}\n\n"
        f"--b\nContent-Type: {inner}\n\nMessage-ID: {OURS}\nTo: anna@posta.example\n\nCiao\n--b--\n"
    )


@pytest.mark.parametrize(
    ("action", "status", "fate"),
    [
        ("failed", "5.1.1", Fate.HARD),
        ("failed", "4.4.7", Fate.SOFT),
        ("delayed", "4.4.1", Fate.DELAYED),
        ("delivered", "2.0.0", Fate.DELIVERED),
    ],
)
def test_a_delivery_report_says_what_became_of_which_mail(action: str, status: str, fate: Fate) -> None:
    for inner in ("message/rfc822", "text/rfc822-headers"):
        found = read(report(action, status, inner=inner))
        assert found == Returned(fate, (OURS,), ("anna@posta.example",), status)


def test_the_envelope_id_names_the_mail_when_nothing_of_it_came_back() -> None:
    """RFC 3461 §4.4: what we gave as ENVID; the text and the headers of the mail were dropped on the way."""
    bare = report(inner="text/plain").replace("Original-Envelope-Id: 77", f"Original-Envelope-Id: {OURS.strip('<>')}")
    found = read(bare.replace(f"Message-ID: {OURS}", "nulla"))
    assert found is not None
    assert found.message_ids == (OURS,)


def test_an_old_bounce_without_a_report() -> None:
    exim = (
        "From: Mail Delivery System <Mailer-Daemon@mx.example>\nX-Failed-Recipients: anna@posta.example\n"
        "Subject: Mail delivery failed\nReferences: " + OURS + "\n\nThis message was created automatically.\n"
    )
    assert read(exim) == Returned(Fate.HARD, (OURS,), ("anna@posta.example",), "")
    qmail = (
        "From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\nHi. This is the qmail-send program at mx.example.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n<anna@posta.example>:\nno mailbox here\n\n"
        "--- Below this line is a copy of the message.\n"
    )
    found = read(qmail)
    assert found is not None
    assert (found.fate, found.recipients) == (Fate.HARD, ("anna@posta.example",))


@pytest.mark.parametrize(
    ("kind", "fate"),
    [
        ("accettazione", Fate.ACCEPTED),
        ("avvenuta-consegna", Fate.DELIVERED),
        ("errore-consegna", Fate.HARD),
        ("preavviso-errore-consegna", Fate.DELAYED),
        ("non-accettazione", Fate.HARD),
    ],
)
def test_receipts_of_certified_mail(kind: str, fate: Fate) -> None:
    found = read(
        f"From: posta-certificata@pec-prova.example\nX-Ricevuta: {kind}\nX-Riferimento-Message-ID: {OURS}\n\nRicevuta\n"
    )
    assert found is not None
    assert (found.fate, found.message_ids) == (fate, (OURS,))


def test_a_complaint_of_a_feedback_loop() -> None:
    found = read(
        'From: fbl@posta.example\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n'
        "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: anna@posta.example\n\n"
        f"--b\nContent-Type: message/rfc822\n\nMessage-ID: {OURS}\n\nx\n--b--\n"
    )
    assert found == Returned(Fate.COMPLAINT, (OURS,), ("anna@posta.example",), "feedback-report")


def test_what_says_nothing_is_nothing() -> None:
    assert read("From: a@b.example\nSubject: Ciao\n\nsolo parole\n") is None
