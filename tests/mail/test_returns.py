"""What comes back of our own mail, in the shapes that servers give it."""

from email import message_from_bytes
from email.policy import compat32

import pytest
from aiosmtplib import SMTPResponseException

from conversation.message import DeliveryReport, DeliveryStatus, Outcome
from mail.reading.returns import read_return
from mail.refusals import Refusal, judge_refusal
from mail.smtp.sending import judge_answer

OURS = "<out.77.abc@comune.lucca.example>"


def read(raw: str) -> DeliveryReport | None:
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
    ("action", "status", "outcome"),
    [
        ("failed", "5.1.1", DeliveryStatus.HARD),
        ("failed", "4.4.7", DeliveryStatus.SOFT),
        ("delayed", "4.4.1", DeliveryStatus.DELAYED),
        ("delivered", "2.0.0", DeliveryStatus.DELIVERED),
    ],
)
def test_a_delivery_report_says_what_became_of_which_mail(action: str, status: str, outcome: DeliveryStatus) -> None:
    for inner in ("message/rfc822", "text/rfc822-headers"):
        found = read(report(action, status, inner=inner))
        assert found == DeliveryReport(outcome, (OURS,), ("anna@posta.example",), status)


def test_the_envelope_id_names_the_mail_when_nothing_of_it_came_back() -> None:
    """RFC 3461 §4.4: what we gave as ENVID; the text and the headers of the mail were dropped on the way."""
    bare = report(inner="text/plain").replace("Original-Envelope-Id: 77", f"Original-Envelope-Id: {OURS.strip('<>')}")
    found = read(bare.replace(f"Message-ID: {OURS}", "nulla"))
    assert found is not None
    assert found.message_ids == (OURS,)


def test_an_old_bounce_without_a_report() -> None:
    exim = (
        "From: Mail Delivery System <Mailer-Daemon@mx.example>\nX-Failed-Recipients: anna@posta.example\n"
        "Subject: Mail delivery failed\nReferences: " + OURS + "\n\nThis message was created automatically. {reason}\n"
    )
    for reason, outcome in (
        ("550 5.1.1 User unknown", DeliveryStatus.HARD),
        ("retry timeout exceeded", DeliveryStatus.SOFT),
        ("", DeliveryStatus.SOFT),
    ):
        assert read(exim.format(reason=reason)) == DeliveryReport(outcome, (OURS,), ("anna@posta.example",), "")
    qmail = (
        "From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\nHi. This is the qmail-send program at mx.example.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n<anna@posta.example>:\nno "
        "mailbox here\n\n"
        "--- Below this line is a copy of the message.\n"
    )
    found = read(qmail)
    assert found is not None
    assert (found.outcome, found.recipients) == (DeliveryStatus.HARD, ("anna@posta.example",))


@pytest.mark.parametrize(
    ("kind", "error", "outcome"),
    [
        ("accettazione", "nessuno", DeliveryStatus.ACCEPTED),
        ("avvenuta-consegna", "nessuno", DeliveryStatus.DELIVERED),
        ("errore-consegna", "no-dest", DeliveryStatus.HARD),
        ("errore-consegna", "altro", DeliveryStatus.SOFT),
        ("preavviso-errore-consegna", "altro", DeliveryStatus.DELAYED),
        ("non-accettazione", "virus", DeliveryStatus.SOFT),
    ],
)
def test_receipts_of_certified_mail(kind: str, error: str, outcome: DeliveryStatus) -> None:
    found = read(
        f"From: posta-certificata@pec-prova.example\nX-Ricevuta: {kind}\nX-Riferimento-Message-ID: {OURS}\n"
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nRicevuta\n'
        '--b\nContent-Type: application/xml; name="daticert.xml"\n\n'
        f'<postacert tipo="{kind}" errore="{error}"></postacert>\n--b--\n'
    )
    assert found is not None
    assert (found.outcome, found.message_ids) == (outcome, (OURS,))


def test_a_complaint_of_a_feedback_loop() -> None:
    found = read(
        "From: fbl@posta.example\nMIME-Version: 1.0\nContent-Type: multipart/report; "
        'report-type=feedback-report; boundary="b"\n\n'
        "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: anna@posta.example\n\n"
        f"--b\nContent-Type: message/rfc822\n\nMessage-ID: {OURS}\n\nx\n--b--\n"
    )
    assert found == DeliveryReport(DeliveryStatus.COMPLAINT, (OURS,), ("anna@posta.example",), "feedback-report")


def test_what_says_nothing_is_nothing() -> None:
    assert read("From: a@b.example\nSubject: Ciao\n\nsolo parole\n") is None


OUR_OWN = "<k3f9a2b7c1d4.0123456789abcdef01234567@comune.lucca.example>"
COPY = (
    "From: Lucca Learning City <luccalearningcity@comune.lucca.example>\nTo: rina@posta.example\n"
    f"Subject: Promemoria: incontro Cultura\nMessage-ID: {OUR_OWN}\n\nBuongiorno, la aspettiamo.\n"
)


@pytest.mark.parametrize(
    "text",
    [
        f"550 5.1.1 <rina@posta.example>... User unknown\n\n{COPY}",
        "<rina@posta.example>: user unknown\n\n" + "".join(f"> {line}\n" for line in COPY.split("\n")),
        f"No such user here.\n\n----- copy -----\n\n{COPY.replace('Message-ID: ', 'Message-ID:' + chr(10) + ' ')}",
        f"Recipient unknown.\n\n{COPY.replace('abcdef01', 'abcd=' + chr(10) + 'ef01')}",
        f"Your message\n\n  Subject: Promemoria\n\nwas not delivered: User rina not listed in the directory\n\n{COPY}",
    ],
    ids=["copied", "quoted", "folded", "wrapped", "speaks of the subject"],
)
def test_our_own_id_proves_a_failure_wherever_it_stands(text: str) -> None:
    found = read(f"From: Mail System <mailer-daemon@posta.example>\nSubject: Returned mail\n\n{text}")
    assert found == DeliveryReport(DeliveryStatus.HARD, (OUR_OWN,), ("rina@posta.example",), "")


@pytest.mark.parametrize(
    ("status", "words", "refusal"),
    [
        ("5.1.1", "", Refusal.DEAD),
        ("5.4.4", "", Refusal.DEAD),
        ("5.0.0", "550 5.1.1 User unknown", Refusal.DEAD),
        ("5.0.0", "550 sorry, no mailbox here by that name", Refusal.DEAD),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", Refusal.DEAD),
        ("", "554 rina@posta.example: Recipient address rejected: User unknown in local recipient table", Refusal.DEAD),
        ("", "La casella rina@posta.example non esiste", Refusal.DEAD),
        ("5.2.2", "", Refusal.OTHER),
        ("5.1.1", "552 mailbox full", Refusal.OTHER),
        ("5.4.7", "delivery time expired; connect to mx.posta.example: Connection timed out", Refusal.OTHER),
        ("5.3.4", "552 5.3.4 Message size exceeds fixed limit", Refusal.OTHER),
        ("5.0.0", "554 rejected", Refusal.OTHER),
        ("5.1.1", "450 4.1.1 User unknown, greylisted", Refusal.OTHER),
        ("4.1.1", "User unknown", Refusal.OTHER),
        ("5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using dnsbl.example", Refusal.OURS),
        ("5.7.26", "", Refusal.OURS),
        ("", "550 5.7.1 Unauthenticated email is not accepted due to domain's DMARC policy", Refusal.OURS),
        ("5.1.1", "550 5.1.1 message considered spam", Refusal.OURS),
        ("5.1.8", "553 5.1.8 Sender address rejected: Domain not found", Refusal.OURS),
        ("5.0.0", "550 relay not permitted", Refusal.OURS),
        ("5.7.1", "550 5.7.1 <rina@posta.example>: Recipient address rejected: user unknown", Refusal.DEAD),
    ],
)
def test_class_five_is_dead_only_when_the_mailbox_is(status: str, words: str, refusal: Refusal) -> None:
    assert judge_refusal(words, status) is refusal


def test_a_complaint_without_a_report() -> None:
    found = read(
        "From: staff@hotmail.example\nSubject: complaint about message from 192.0.2.9\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="c"\n\n--c\nContent-Type: message/rfc822\n\n'
        f"X-HmXmrOriginalRecipient: rina@posta.example\n{COPY}\n--c--\n"
    )
    assert found == DeliveryReport(DeliveryStatus.COMPLAINT, (OUR_OWN,), ("rina@posta.example",), "complaint")


@pytest.mark.parametrize(
    ("code", "words", "at_recipient", "outcome", "refuses_us"),
    [
        (550, "5.1.1 User unknown", True, Outcome.GONE, False),
        (550, "no such user here", True, Outcome.GONE, False),
        (550, "5.1.1 User unknown", False, Outcome.REFUSED, False),  # said of the text, not of the recipient
        (552, "5.2.2 mailbox full", True, Outcome.REFUSED, False),
        (554, "5.7.1 Client host [192.0.2.9] blocked using dnsbl.example", True, Outcome.REFUSED, True),
        (550, "5.7.26 DMARC policy", False, Outcome.REFUSED, True),
        (450, "4.1.1 greylisted, user unknown", True, Outcome.LATER, False),
    ],
)
def test_a_refusal_while_sending_is_read_by_the_same_table(
    code: int, words: str, *, at_recipient: bool, outcome: Outcome, refuses_us: bool
) -> None:
    receipt = judge_answer(SMTPResponseException(code, words), at_recipient=at_recipient)
    assert (receipt.outcome, receipt.refuses_us) == (outcome, refuses_us)
