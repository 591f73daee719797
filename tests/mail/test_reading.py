"""Mails as they come: own words, shapes, charsets, envelopes; and what must never get an answer."""

from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from conversation.channel import Channel
from conversation.message import Address, Incoming, Outgoing, Reply, Thread, Trust
from knowledge.library import load_library
from mail.reading.body import Body
from mail.reading.message import OVERSIZED, Letter, read_letter, read_stored
from mail.reading.words import own_words
from mail.screening.authentication import judge_sender
from mail.screening.judgement import LetterKind
from mail.server import ServerUrlError, read_server
from mail.smtp.writing import write_mail
from mail.threads import bare_subject

OURS = "luccalearningcity@comune.lucca.example"
MAILS = Path(__file__).parent.parent / "mails"


def raw(body: str = "Ciao", **headers: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    fields = {
        "From": "Anna <anna@posta.example>",
        "To": OURS,
        "Subject": "Prova",
        "Message-ID": "<1@posta.example>",
        "Date": "Fri, 15 Jan 2021 09:00:00 +0100",
    }
    for name, value in (fields | {k.replace("_", "-"): v for k, v in headers.items()}).items():
        if value:
            message[name] = value
    message.set_content(body)
    return message.as_bytes()


def answered(letter: Letter) -> Incoming:
    """What of a letter is answered."""
    assert letter.incoming is not None
    return letter.incoming


def kind(data: bytes) -> LetterKind:
    return read_letter(data, ours=OURS).screening.kind


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "human"),
        ({"Auto_Submitted": "auto-replied"}, "auto_reply"),
        ({"Auto_Submitted": "no"}, "human"),
        ({"Return_Path": "<>"}, "bounce"),
        ({"List_Id": "<x.lists.example>"}, "list"),
        ({"Precedence": "bulk"}, "list"),
        ({"X_Auto_Response_Suppress": "All"}, "auto_reply"),
        ({"X_Ricevuta": "avvenuta-consegna"}, "pec_receipt"),
        ({"From": "posta-certificata@pec-prova.example", "Subject": "CONSEGNA: Learning City"}, "pec_receipt"),
        ({"From": "MAILER-DAEMON@posta.example"}, "bounce"),
        ({"From": "noreply@posta.example"}, "robot"),
        ({"From": OURS}, "robot"),
        ({"Subject": "Risposta automatica: fuori sede"}, "auto_reply"),
        ({"X_Spam_Flag": "YES"}, "spam"),
        ({"From": ""}, "human"),  # a person looks
    ],
)
def test_who_gets_an_answer(headers: dict[str, str], expected: str) -> None:
    assert kind(raw(**headers)) == expected


def test_reports_and_calendar_replies_get_none() -> None:
    for part, expected in (
        ("delivery-status", "bounce"),
        ("disposition-notification", "read_receipt"),
        ("feedback-report", "bounce"),
    ):
        data = (
            f"From: x@y.example\r\nTo: {OURS}\r\nMIME-Version: 1.0\r\n"
            f'Content-Type: multipart/report; report-type={part}; boundary="b"\r\n\r\n'
            f"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b\r\nContent-Type: message/{part}\r\n\r\nAction: "
            f"failed\r\n\r\n--b--\r\n"
        )
        assert kind(data.encode()) == expected
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = "a@b.example", OURS
    message.set_content("accetto")
    message.add_alternative(
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n", subtype="calendar", params={"method": "REPLY"}
    )
    assert kind(message.as_bytes()) == "robot"


@pytest.mark.parametrize(
    ("body", "own"),
    [
        (
            "Veniamo in tre.\n\nIl giorno ven 15 gen 2021 alle 09:00 Ufficio <x@y.it> ha scritto:\n> vi aspettiamo\n",
            "Veniamo in tre.",
        ),
        ("Veniamo in tre.\n\n-----Messaggio originale-----\nDa: x\nvi aspettiamo giovedì", "Veniamo in tre."),
        ("Veniamo in tre.\n\nOn Fri, 15 Jan 2021 at 09:00, Office <x@y.it> wrote:\n> hello", "Veniamo in tre."),
        (
            (
                "Veniamo in tre.\n\nDa: Ufficio <x@y.it>\nInviato: venerdì 15 gennaio\nA: noi\nOggetto: "
                "invito\n\ngiovedì 28"
            ),
            "Veniamo in tre.",
        ),
        ("> vi aspettiamo\nVeniamo in tre.", "Veniamo in tre."),
        ("Veniamo in tre.\n\nCordiali saluti\nMarta Prova", "Veniamo in tre."),
        ("Veniamo in tre.\n-- \nMarta Prova\ntel. 0583 1", "Veniamo in tre."),
        ("Veniamo in tre.\nInviato da iPhone", "Veniamo in tre."),
        ("Veniamo in tre.\n\nAi sensi del Regolamento UE 2016/679 questo messaggio è riservato", "Veniamo in tre."),
    ],
)
def test_the_persons_own_words(body: str, own: str) -> None:
    assert own_words(Body(body)).own == own


def test_the_signature_stands_apart() -> None:
    assert (
        own_words(Body("Veniamo.\n\nCordiali saluti\nMarta Prova\nASD Le Querce")).signature
        == "Marta Prova\nASD Le Querce"
    )


def test_html_only_with_a_quote() -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "a@b.example", OURS, "Re: invito"
    message.set_content(
        "<p>Veniamo <b>in tre</b> gioved&igrave; 21<br>grazie</p><blockquote>incontro del 28</blockquote>",
        subtype="html",
    )
    text = answered(read_letter(message.as_bytes(), ours=OURS)).text
    assert "Veniamo in tre giovedì 21" in text
    assert "28" not in text


def test_a_certified_envelope_is_opened() -> None:
    letter = read_letter((MAILS / "pec_transport.eml").read_bytes(), ours=OURS)
    assert letter.certified
    assert answered(letter).address == Address(Channel.EMAIL, "asdpolisportiva@pec-prova.example")
    assert "la nostra polisportiva vorrebbe partecipare" in answered(letter).text
    thread = answered(letter).thread
    assert thread is not None
    assert thread.message_id == "<opec2103.20210118101502.112233.44.1.55@pec-prova.example>"


def test_an_envelope_in_base64_is_opened_too() -> None:
    import base64

    inner = base64.encodebytes(raw("veniamo in due", From="club@pec-prova.example")).decode()
    data = (
        "From: posta-certificata@pec-prova.example\r\nX-Trasporto: posta-certificata\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nbusta\r\n'
        '--b\r\nContent-Type: message/rfc822; name="postacert.eml"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        f"{inner}\r\n--b--\r\n"
    )
    letter = read_letter(data.encode(), ours=OURS)
    assert answered(letter).address.value == "club@pec-prova.example"
    assert "veniamo in due" in answered(letter).text


NASTY = {
    "empty": b"",
    "no headers": b"\r\n\r\nciao",
    "binary": bytes(range(256)) * 50,
    "utf-7 surrogate": b"From: =?utf-7?Q?+2AA-?= <a@x.example>\r\nSubject: =?utf-7?B?KzJBQS0=?=\r\n\r\nciao",
    "parentheses": b"From: " + b"(" * 3000 + b" <a@x.example>\r\n\r\nciao",
    "wrong charset": b"From: a@x.example\r\nContent-Type: text/plain; charset=klingon\r\n\r\nciao \xe8",
    "broken base64": (
        b"From: a@x.example\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nQ2lhbw=!!"
    ),
    "missing boundary": b'From: a@x.example\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\nno parts here',
    "nested": b"".join(b"Content-Type: message/rfc822\r\n\r\n" for _ in range(1500)) + b"From: a@x.example\r\n\r\nx",
    "long header": b"From: a@x.example\r\nSubject: " + b"x" * 1_000_000 + b"\r\n\r\nciao",
    "two hundred recipients": b"From: a@x.example\r\nTo: "
    + b", ".join(b"p%d@x.example" % n for n in range(200))
    + b"\r\n\r\nciao",
    "injected": b'From: "A\r\n Bcc: z@z.example" <a@x.example>\r\nSubject: a\r\n b\r\n\r\nciao',
    "control characters": b"From: a\x00b@x.example\r\nSubject: \x1b[31m\r\n\r\nciao",
    "mad date": b"From: a@x.example\r\nDate: Mon, 99 Foo 99999 99:99:99 +9999\r\n\r\nciao",
}


@pytest.mark.parametrize("name", NASTY)
def test_no_mail_raises(name: str) -> None:
    reading = read_stored(NASTY[name], ours=OURS)
    # One that the library's own parser cannot take is the only one that is left to a person unread.
    assert (reading.kind == "unreadable") == (name == "nested")
    if reading.incoming is not None:
        assert "\n" not in reading.incoming.name
        assert reading.incoming.address.value.isprintable()


def test_one_too_large_to_fetch_goes_to_a_person() -> None:
    assert read_stored(OVERSIZED + raw(), ours=OURS).needs_person


def test_the_subject_is_part_of_the_question_unless_it_is_an_answer() -> None:
    assert answered(read_letter(raw("Siamo in due", Subject="Incontro del 21"), ours=OURS)).text.startswith(
        "Incontro del 21"
    )
    assert answered(read_letter(raw("Siamo in due", Subject="Re: Incontro del 21"), ours=OURS)).text == "Siamo in due"
    assert bare_subject("R: I: Re: POSTA CERTIFICATA: ciao") == "ciao"


def test_only_the_topmost_verdict_of_our_own_border_counts() -> None:
    from email import message_from_bytes

    def trust(*results: str) -> Trust:
        data = "".join(f"Authentication-Results: {r}\r\n" for r in results) + "From: a@x.example\r\n\r\n"
        return judge_sender(message_from_bytes(data.encode()), "mx.comune.example")

    good = "mx.comune.example; dmarc=pass header.from=x.example"
    assert trust(good) is Trust.PASS
    assert trust("mx.comune.example; dmarc=fail header.from=x.example") is Trust.FAIL
    assert trust("elsewhere.example; dmarc=pass header.from=x.example", good) is Trust.UNKNOWN
    assert trust("mx.comune.example; dmarc=pass header.from=other.example") is Trust.UNKNOWN
    assert trust() is Trust.UNKNOWN


def outgoing(**values: Any) -> Outgoing:
    reply = Reply("Ciao <b>x</b> https://zoom.example/j/x.", title="T", links=("https://zoom.example/j/x",))
    return replace(Outgoing("k", Address(Channel.EMAIL, "a@b.example"), reply), **values)


def test_a_mail_is_written_once_and_for_ever_the_same_id() -> None:
    from datetime import UTC, datetime

    now = datetime(2021, 1, 15, tzinfo=UTC)
    first, again = (
        write_mail(outgoing(), mailbox=OURS, town=load_library().town, now=now, message_id="<1@lucca.example>")
        for _ in range(2)
    )
    assert first["Message-ID"] == again["Message-ID"]
    body = first.get_body(("html",))
    assert body is not None
    html = body.get_content()
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert 'href="https://zoom.example/j/x"' in html
    assert "style=" in html
    assert first["X-Auto-Response-Suppress"] == "All"


def test_long_ids_stay_whole_and_subjects_cannot_inject() -> None:
    from datetime import UTC, datetime

    long = "<" + "a" * 120 + "@outlook.example>"
    thread = Thread("Prova\r\nBcc: z@z.example", long, tuple(f"<{n}{'b' * 90}@x.example>" for n in range(20)))
    data = write_mail(
        outgoing(thread=thread),
        mailbox=OURS,
        town=load_library().town,
        now=datetime(2021, 1, 15, tzinfo=UTC),
        message_id="<1@lucca.example>",
    ).as_bytes()
    assert f"In-Reply-To: {long}".encode() in data
    assert b"=?" not in data.split(b"References:")[1].split(b"Auto-Submitted")[0]
    assert b"\nBcc:" not in data
    assert max(len(line) for line in data.split(b"\r\n")) < 998


@pytest.mark.parametrize(
    ("url", "setting", "part"),
    [
        ("imap://u:p@mail.example/INBOX", "IMAP_URL", "in chiaro"),
        ("https://x", "IMAP_URL", "non è leggibile"),
        ("smtps://x", "IMAP_URL", "non è leggibile"),
        ("imaps://u:p@mail.example?ca=/none.pem", "IMAP_URL", "non esiste"),
    ],
)
def test_a_wrong_server_address_says_what_to_write(url: str, setting: str, part: str) -> None:
    with pytest.raises(ServerUrlError, match=part):
        read_server(url, setting)


def test_server_addresses_are_read() -> None:
    server = read_server("imaps://anna%40x.example:p%2Fw@mail.example/Posta%20in%20arrivo", "IMAP_URL")
    assert (server.host, server.port, server.user, server.password, server.folder, server.tls) == (
        "mail.example", 993, "anna@x.example", "p/w", "Posta in arrivo", True,
    )  # fmt: skip
    assert read_server("smtp://mail.example?starttls=required", "SMTP_URL").starttls
