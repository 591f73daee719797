"""Letters in strange clothes.

Forwarded, winmail.dat, sent to a crowd, huge, and certified mail with and without proof.
"""

import struct
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, message_from_string
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from conversation.message import Thread, Trust
from conversation.understanding.forms import find_fields
from conversation.words import fold
from mail.reading.headers import read_address
from mail.reading.message import Letter, read_letter, read_stored
from mail.screening.judgement import LetterKind
from mail.threads import answer_subject
from tests.mail.test_reading import OURS, answered, raw

REQUEST = "Siamo la Polisportiva Le Querce, giovedì 21 veniamo in due."


def read(data: bytes, *, authserv_id: str = "", pec_ca: str = "") -> Letter:
    return read_letter(data, ours=OURS, authserv_id=authserv_id, pec_ca=pec_ca)


FORWARDS = {
    "gmail": (
        "Fwd: adesione",
        (
            "Per competenza.\n\n---------- Forwarded message ---------\nDa: Lia Neri "
            "<lia@querce.example>\nDate: ven 15 gen 2021 alle 10:02\n"
            f"Subject: adesione\nTo: <info@comune.example>\n\n\n{REQUEST}\nCordiali saluti\nLia Neri\n"
        ),
    ),
    "outlook": (
        "I: adesione",
        (
            "Inoltro.\n\n________________________________\nDa: Lia Neri <lia@querce.example>\nInviato: "
            "venerdì 15 gennaio 2021 10:02\n"
            f"A: info@comune.example\nOggetto: adesione\n\n{REQUEST}\n\nDa: info@comune.example\nInviato: "
            f"ieri\nOggetto: invito\n\nVi aspettiamo!\n"
        ),
    ),
    "apple": (
        "Fwd: adesione",
        (
            "\n> Inizio messaggio inoltrato:\n>\n> Da: Lia Neri <lia@querce.example>\n> Oggetto: adesione\n> "
            "Data: 15 gennaio 2021 10:02\n>\n"
            f"> {REQUEST}\n"
        ),
    ),
    "thunderbird": (
        "I: adesione",
        (
            "-------- Messaggio Inoltrato --------\nOggetto: \tadesione\nData: \tFri, 15 Jan 2021\nMittente: "
            "\tLia Neri <lia@querce.example>\n"
            f"A: \tinfo@comune.example\n\n{REQUEST}\n"
        ),
    ),
}


@pytest.mark.parametrize(("subject", "body"), FORWARDS.values(), ids=FORWARDS.keys())
def test_the_request_may_be_inside_the_forward(subject: str, body: str) -> None:
    incoming = answered(read(raw(body, Subject=subject)))
    assert REQUEST in incoming.text
    for noise in ("Inviato", "Vi aspettiamo", "info@comune", "> "):
        assert noise not in incoming.text
    assert incoming.address.value == "anna@posta.example"  # whoever writes to us is answered


def test_a_forward_as_an_attachment_is_read_too() -> None:
    outer = message_from_bytes(raw("Vi giro questa richiesta.", Subject="Fwd: adesione"), policy=SMTP)
    outer.add_attachment(message_from_bytes(raw(REQUEST), policy=SMTP))
    assert REQUEST in answered(read(outer.as_bytes())).text


def test_who_writes_much_speaks_for_themselves() -> None:
    own = "Buongiorno, vi scrivo perché abbiamo ricevuto la mail qui sotto e non capiamo. " * 5
    text = answered(
        read(raw(f"{own}\n\n---------- Forwarded message ---------\nDa: x@y.example\nOggetto: z\n\n{REQUEST}\n"))
    ).text
    assert REQUEST not in text
    reply = f"Non possiamo più venire.\n\nIl giorno ven 15 gen 2021 Lia <lia@querce.example> ha scritto:\n> {REQUEST}\n"
    assert answered(read(raw(reply, Subject="Re: adesione"))).text == "Non possiamo più venire."


def tnef(text: str) -> bytes:
    """A winmail.dat with a body and nothing else (MS-OXTNEF §2.1.3: level, id and type, length, data, checksum)."""
    data = text.encode("cp1252") + b"\0"
    body = struct.pack("<BII", 1, 0x0002800C, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)
    return struct.pack("<IH", 0x223E9F78, 1) + body


def test_a_winmail_dat_without_a_text_beside_it() -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["Subject"], message["To"] = "anna@posta.example", "Adesione", OURS
    message.set_content("")
    message.add_attachment(tnef(REQUEST), maintype="application", subtype="ms-tnef", filename="winmail.dat")
    assert REQUEST in answered(read(message.as_bytes())).text
    broken = message.as_bytes().replace(b"eJ8+", b"AAAA")
    assert answered(read(broken)).text == "Adesione"


def test_what_is_sent_to_a_crowd_is_not_answered() -> None:
    crowd = ", ".join(f"p{n}@posta.example" for n in range(200))
    letter = read(raw("Gentili tutti, ecco la nostra newsletter", To=crowd))
    assert letter.screening.kind is LetterKind.LIST
    assert "200" in letter.screening.reason
    assert read(raw("ciao", To=f"{OURS}, " + ", ".join(f"p{n}@posta.example" for n in range(20)))).incoming


@pytest.mark.parametrize(
    "data",
    [
        b"From: a@x.example\r\nReferences: " + b"<a@b> " * 300_000 + b"\r\n\r\nciao",
        b"From: a@x.example\r\nTo: " + b"p@x.example, " * 100_000 + b"\r\n\r\nciao",
        b"".join(b"X-%d: y\r\n" % n for n in range(100_000)) + b"From: a@x.example\r\n\r\nciao",
        b"From: a@x.example\r\n\r\n" + b"> " * 500_000 + b"\n" + b"<" * 500_000,
        b"From: a@x.example\r\nContent-Type: text/html\r\n\r\n" + b"<div><blockquote>" * 60_000,
        b"From: a@x.example\r\n\r\n" + b"Da: " * 300_000,
    ],
    ids=["references", "recipients", "headers", "quotes", "html", "heads"],
)
def test_a_huge_letter_costs_little_more_than_its_size(data: bytes) -> None:
    """CPU time beside that of the standard library's parser on a plain letter of five megabytes."""
    begun = time.process_time()
    message_from_bytes(b"From: a@x.example\r\n\r\n" + b"parola " * 10 * 80_000, policy=SMTP)
    for _ in range(3):
        message_from_bytes(b"From: a@x.example\r\n\r\n" + b"parola e parola\r\n" * 300_000)
    yardstick = time.process_time() - begun
    begun = time.process_time()
    read_stored(data, ours=OURS)
    assert time.process_time() - begun < 20 * yardstick


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certified mail provider with its authority: throw-away keys, as in DM 2 Nov 2005."""
    folder = tmp_path_factory.mktemp("pec")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    for name in ("ca", "other"):
        openssl(
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.pem",
            "-days",
            "30",
            "-subj",
            f"/CN=Autorità di prova {name}",
        )
    openssl(
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "gestore.key",
        "-out",
        "gestore.csr",
        "-subj",
        "/CN=Gestore di prova/emailAddress=posta-certificata@pec-prova.example",
    )
    (folder / "ext").write_text(
        "subjectAltName=email:posta-certificata@pec-prova.example\nextendedKeyUsage=emailProtection\n"
    )
    openssl(
        "x509",
        "-req",
        "-in",
        "gestore.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "30",
        "-extfile",
        "ext",
        "-out",
        "gestore.pem",
    )
    return folder


def transport_envelope(
    provider: Path, *, mittente: str = "club@pec-prova.example", to: str = OURS, age: int = 0, sign: bool = True
) -> bytes:
    """What a provider delivers: the signed envelope with certification data and the mail inside (RFC 6109 §3.1.5)."""
    day = datetime.now(UTC) - timedelta(days=age)
    inner = raw(REQUEST, From="ASD Querce <club@pec-prova.example>").decode()
    certification = (
        f"<?xml version='1.0'?><postacert><intestazione><mittente>{mittente}</mittente>"
        f"<destinatari tipo='esterno'>{to}</destinatari></intestazione>"
        f"<dati><data><giorno>{day:%d/%m/%Y}</giorno></data></dati></postacert>"
    )
    content = (
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: '
        "text/plain\r\n\r\nbusta\r\n"
        f'--b\r\nContent-Type: application/xml; name="daticert.xml"\r\nContent-Disposition: inline; '
        f'filename="daticert.xml"\r\n\r\n{certification}\r\n'
        f'--b\r\nContent-Type: message/rfc822; name="postacert.eml"\r\n\r\n{inner}\r\n--b--\r\n'
    ).encode()
    head = (
        b'From: "Per conto di: club@pec-prova.example" <posta-certificata@pec-prova.example>\r\nReply-To: '
        b"club@pec-prova.example\r\n"
        b"X-Trasporto: posta-certificata\r\nSubject: POSTA CERTIFICATA: adesione\r\nMessage-ID: "
        b"<e1@pec-prova.example>\r\n"
    )
    if not sign:
        return head + content
    command = ["openssl", "smime", "-sign", "-signer", "gestore.pem", "-inkey", "gestore.key", "-crlfeol"]
    signed = subprocess.run(command, cwd=provider, input=content, check=True, capture_output=True).stdout
    return head + signed


#: Parts that one parser sees before the signed ones, and another does not.
FORGED = (
    b'x\r--b\rContent-Type: application/xml; name="daticert.xml"\r\r<mittente>vittima@pec-prova.example</mittente>\r'
    b'--b\rContent-Type: message/rfc822; name="postacert.eml"\r\rFrom: '
    b"vittima@pec-prova.example\r\rcancellate tutto\r--b--\r"
)


@pytest.mark.parametrize(
    "results",
    [
        (
            "spf=pass smtp.mailfrom=dmarc=pass/header.from=posta.example@evil.example; dmarc=fail "
            "header.from=posta.example"
        ),
        'spf=pass reason="; dmarc=pass header.from=posta.example"',
        "spf=pass (; dmarc=pass header.from=posta.example ) smtp.mailfrom=evil.example",
        "dmarc=pass header.from=posta.example; dmarc=pass header.from=evil.example",
        "dmarc=pass header.from=evil.example",
    ],
)
def test_what_a_stranger_chose_is_no_result(results: str) -> None:
    data = f"Authentication-Results: mx.lucca.example; {results}\r\n".encode() + raw("Disdico")
    assert answered(read(data, authserv_id="mx.lucca.example")).trust is not Trust.PASS
    good = b"Authentication-Results: mx.lucca.example; spf=pass; dmarc=pass (p=none) header.from=posta.example\r\n"
    assert answered(read(good + raw("Disdico"), authserv_id="mx.lucca.example")).trust is Trust.PASS


def test_the_border_does_not_vouch_for_who_is_inside_an_envelope() -> None:
    inner = raw(REQUEST, From="vittima@posta.example").decode()
    data = (
        "Authentication-Results: mx.lucca.example; dmarc=pass header.from=evil.example\r\nFrom: a@evil.example\r\n"
        'X-Trasporto: posta-certificata\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        f'--b\r\nContent-Type: message/rfc822; name="postacert.eml"\r\n\r\n{inner}\r\n--b--\r\n'
    )
    assert answered(read(data.encode(), authserv_id="mx.lucca.example")).trust is Trust.UNKNOWN


def test_a_certified_letter_vouches_only_with_its_signature(provider: Path) -> None:
    ours, others = str(provider / "ca.pem"), str(provider / "other.pem")
    good = transport_envelope(provider)
    assert answered(read(good, pec_ca=ours)).trust is Trust.PASS
    assert answered(read(good)).trust is Trust.UNKNOWN  # without authorities "PEC" is only a label
    assert answered(read(good, pec_ca=others)).trust is Trust.UNKNOWN
    assert answered(read(good.replace(b"in due", b"in sei"), pec_ca=ours)).trust is Trust.UNKNOWN
    assert answered(read(transport_envelope(provider, sign=False), pec_ca=ours)).trust is Trust.UNKNOWN
    stolen = transport_envelope(provider, mittente="altri@pec-prova.example")
    assert answered(read(stolen, pec_ca=ours)).trust is Trust.UNKNOWN
    for copied in (transport_envelope(provider, to="altri@ente.example"), transport_envelope(provider, age=20)):
        assert answered(read(copied, pec_ca=ours)).trust is Trust.UNKNOWN  # kept from another day, or another office
    smuggled = good.replace(b"\r\n\r\n--", b"\r\n\r\n" + FORGED + b"\n--", 1)
    found = answered(read(smuggled, pec_ca=ours))
    assert found.trust is Trust.UNKNOWN or found.address.value == "club@pec-prova.example"
    for letter in (read(good, pec_ca=ours), read(good)):
        assert letter.certified
        assert answered(letter).address.value == "club@pec-prova.example"
        assert REQUEST in answered(letter).text


def test_an_envelope_that_cannot_be_opened_is_for_a_person_and_never_answered() -> None:
    data = (
        b'From: "Per conto di: club@pec-prova.example" <posta-certificata@pec-prova.example>\r\nX-Trasporto: '
        b"posta-certificata\r\n"
        b"Subject: POSTA CERTIFICATA: adesione\r\n\r\nIl messaggio originale doveva essere qui."
    )
    reading = read_stored(data, ours=OURS)
    assert reading.needs_person
    assert reading.incoming is None


PEOPLE = [
    ("iscrizione", "Sono in ferie fino a lunedì ma vorrei iscrivere la mia associazione ai musei, saremo in 2."),
    ("giovedì", "Sono fuori sede per lavoro, quindi giovedì al posto mio viene la mia collega Rita."),
    (
        "aiuto",
        (
            "Ho ricevuto un messaggio automatico che dice «non rispondere a questa email». Allora come faccio ad "
            "annullare?"
        ),
    ),
    ("musei", "Siamo chiusi per ferie fino al 18. Potete iscriverci ai musei in 2?"),
    ("posti", "Rientrerò il 20 gennaio, potete tenermi due posti?"),
    ("Re: incontro", "La vostra email è stata ricevuta, grazie. Confermo che saremo in 3."),
    ("Assente giovedì", "Annullate la mia iscrizione, grazie."),
    ("Fuori sede giovedì, vengo venerdì", "Come da oggetto."),
    ("sport", "I am out of the office until Monday: can I join the meeting by phone?"),
]
MACHINES = [
    (
        "Re: musei",
        "Il dott. Rossi non è in ufficio fino al 18 gennaio. Per urgenze scrivere alla segreteria.",
        LetterKind.AUTO_REPLY,
    ),
    ("Re: domanda", "La sua richiesta ha il numero 48213 ed è stata presa in carico.", LetterKind.AUTO_REPLY),
    ("Re: domanda", "Grazie per averci contattato. Le risponderemo entro 3 giorni.", LetterKind.AUTO_REPLY),
    ("Protocollo", "La sua nota è stata registrata al Protocollo n. 1234/2021 del 15/01/2021.", LetterKind.AUTO_REPLY),
    ("Letto: promemoria", "Il messaggio è stato letto il lunedì 11 gennaio 2021 09:00.", LetterKind.READ_RECEIPT),
    ("Non letto: promemoria", "Il messaggio è stato eliminato senza essere letto.", LetterKind.READ_RECEIPT),
    ("Assente: Re: musei", "Torno lunedì.", LetterKind.AUTO_REPLY),
    ("Messaggio non consegnato", "Utente sconosciuto: circolo@posta.example", LetterKind.BOUNCE),
    ("Casella piena", "La casella di circolo@posta.example ha superato lo spazio disponibile.", LetterKind.BOUNCE),
    (
        "Novità di gennaio",
        "Gli spettacoli del mese.\nPer cancellarti da questa mailing list clicca qui.",
        LetterKind.LIST,
    ),
]


@pytest.mark.parametrize(("subject", "body"), PEOPLE)
def test_people_who_mention_machines_are_people(subject: str, body: str) -> None:
    assert read(raw(body, Subject=subject)).incoming is not None


@pytest.mark.parametrize(("subject", "body", "kind"), MACHINES)
def test_machines_without_headers_are_machines(subject: str, body: str, kind: LetterKind) -> None:
    letter = read(raw(body, Subject=subject))
    assert letter.incoming is None
    assert letter.screening.kind is kind


def test_a_web_form_that_writes_for_somebody_is_for_a_person() -> None:
    reading = read_stored(raw(REQUEST, From="noreply@form.example", Reply_To="anna@posta.example"), ours=OURS)
    assert reading.incoming is None
    assert reading.needs_person


OWN = {
    "wrapped": (
        "Siamo in 5.\n\nIl giorno lun 11 gen 2021 alle ore 09:00\nLucca Learning City\n<noi@lucca.example> "
        "ha scritto:\n\n> ciao\n"
    ),
    "who first": "Siamo in 5.\n\nLucca Learning City ha scritto il 11/01/2021 alle 09:00:\n> giovedì 21\n",
    "bold": (
        "Siamo in 5.\n\n*Da:* Lucca <noi@lucca.example>\n*Inviato:* lunedì 11 gennaio 2021\n*A:* "
        "Olga\n*Oggetto:* x\n\nciao\n"
    ),
    "no address": (
        "Siamo in 5.\n\nDa: Lucca Learning City\nInviato: lunedì 11 gennaio 2021\nA: Olga\nOggetto: x\n\nciao\n"
    ),
}


@pytest.mark.parametrize("body", OWN.values(), ids=OWN.keys())
def test_what_is_quoted_is_not_their_own(body: str) -> None:
    assert answered(read(raw(body, Subject="R: x"))).text == "Siamo in 5."


PROSE = [
    "Buongiorno,\nil nostro presidente vi ha scritto la settimana scorsa.\nVorremmo iscriverci, siamo in 3.",
    "dove trovo l'informativa sulla privacy?\nE poi vorrei iscrivermi ai musei.",
    "MODULO\n______________________\nAssociazione: Circolo Olmo\nPersone: 3",
    "Da: info@olmo.example\nA: Comune di Lucca\nPersone: 3",
    "Ok, ricevuto.\nGrazie.\nPotete dirmi dove si parcheggia?",
]


@pytest.mark.parametrize("body", PROSE)
def test_prose_that_looks_like_a_quote_stays(body: str) -> None:
    assert answered(read(raw(body, Subject="Re: x"))).text == body


def test_bytes_that_nobody_announced() -> None:
    head = (
        "From: anna@posta.example\r\nSubject: Iscrizione giovedì\r\nContent-Type: text/plain; "
        "charset=iso-8859-1\r\n\r\n"
    ).encode()
    assert "giovedì" in answered(read(head + "Perché no".encode())).text
    assert "Perché no" in answered(read(head + "Perché no".encode())).text
    assert "“Il Faro”" in answered(read(head + b"l\x92associazione \x93Il Faro\x94")).text


def test_a_charset_with_nothing_in_its_name() -> None:
    head = b"From: anna@posta.example\r\nSubject: I: incontro\r\nContent-Type: text/plain; charset=UTF\x00-8\r\n\r\n"
    assert "Perch\u00e9 no" in answered(read(head + "Perch\u00e9 no".encode())).text


def test_two_mailboxes_in_one_sender_are_none() -> None:
    for sender in ("vittima@provider.example <attacker@provider.example>", "a@x.example <b@x.example> <c@x.example>"):
        assert read_address(message_from_string(f"From: {sender}\n\nx"), "From")[1] in {"", "attacker@provider.example"}
    for sender, address in (
        ('"Rossi (Circolo <Olmo>)" <rossi@olmo.example>', "rossi@olmo.example"),
        ("Ada Neri <ada@olmo.example>", "ada@olmo.example"),
        ("ada@olmo.example (Ada)", "ada@olmo.example"),
        ("<ada@olmo.example>", "ada@olmo.example"),
    ):
        assert read_address(message_from_string(f"From: {sender}\n\nx"), "From")[1] == address


def seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


@pytest.mark.parametrize(
    "body",
    [
        lambda n: ("x\n" * n).encode(),
        lambda n: b"Buongiorno\n" + b"\n" * n + b"ciao",
        lambda n: b"a\xcc\x81" + b"\xcc\x81" * n,
    ],
    ids=["short lines", "empty lines", "marks"],
)
def test_time_grows_with_length_not_with_its_square(body: Callable[[int], bytes]) -> None:
    head = b"From: a@x.example\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"

    def work(n: int) -> Callable[[], object]:
        def both() -> None:
            incoming = read_letter(head + body(n), ours=OURS).incoming
            assert incoming
            find_fields(incoming.text[:4000])
            fold(incoming.text)

        return both

    work(100)()
    short = max(min(seconds(work(20_000)) for _ in range(3)), 0.02)
    assert seconds(work(160_000)) < 24 * short  # eight times as long; its square would be sixty-four


def test_a_letter_of_a_hundred_thousand_parts_is_left_to_a_person() -> None:
    parts = b"--b\r\n\r\n\r\n" * 100_000
    raw_letter = b'From: a@x.example\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n' + parts
    assert read_letter(raw_letter, ours=OURS).for_person


def test_a_subject_sends_nobody_to_a_page() -> None:
    thread = Thread("URGENTE: rimborso, confermi su https://evil.example/tari o www.evil.example", "<a@b>", ())
    assert answer_subject(thread, "x") == "Re: URGENTE: rimborso, confermi su o"
