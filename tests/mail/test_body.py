"""The text of a mail put together from its parts."""

import base64
import struct

from mail.reading.body import read_body
from mail.reading.parts import open_mail

HEAD = "From: a@x.example\r\nMIME-Version: 1.0\r\n"
NOTICE = (
    "Questo messaggio è in formato HTML. Per leggerlo usare un programma di posta che sappia mostrare le "
    "pagine HTML, oppure la webmail del gestore."
)


def text_of(*parts: tuple[str, str], kind: str = "mixed") -> str:
    body = "".join(f"--b\r\nContent-Type: {said}; charset=utf-8\r\n{text}\r\n" for said, text in parts)
    data = f"{HEAD}Content-Type: multipart/{kind}; boundary=b\r\n\r\n{body}--b--\r\n"
    return read_body(open_mail(data.encode())).text


def test_text_around_a_file_is_read_whole() -> None:
    file = ("application/pdf", "Content-Disposition: attachment\r\n\r\nx")
    assert text_of(("text/plain", "\r\nSiamo il Noce."), file, ("text/plain", "\r\nVeniamo in tre.")).split("\n") == [
        "Siamo il Noce.",
        "Veniamo in tre.",
    ]
    assert "in tre" in text_of(("text/html", "\r\n<p>Siamo il Noce"), file, ("text/html", "\r\n<p>Veniamo in tre"))
    assert "in tre" in text_of(
        ("text/plain", "\r\nSiamo il Noce."),
        ("text/plain; name=ATT00001.txt", "Content-Disposition: attachment\r\n\r\nVeniamo in tre."),
    )


def test_a_file_of_text_is_no_word_of_the_letter() -> None:
    assert "in tre" not in text_of(
        ("text/plain", "\r\nAllego l'elenco."),
        ("text/plain; name=elenco.txt", "Content-Disposition: attachment\r\n\r\nVeniamo in tre."),
    )


def test_a_text_that_only_says_there_is_html() -> None:
    for notice in (NOTICE, "HTML", "", "This is a HTML message"):
        said = text_of(
            ("text/plain", f"\r\n{notice}"),
            ("text/html", "\r\n<p>Veniamo in tre, Circolo Il Noce</p>"),
            kind="alternative",
        )
        assert said.strip() == "Veniamo in tre, Circolo Il Noce"


def test_two_faces_are_said_once() -> None:
    for kind in ("alternative", "mixed"):
        said = text_of(("text/plain", "\r\nVeniamo in tre"), ("text/html", "\r\n<b>Veniamo</b> in tre"), kind=kind)
        assert said.strip() == "Veniamo in tre"


def test_a_boundary_lost_on_the_way() -> None:
    part = "Content-Type: text/plain; charset=utf-8\r\n\r\nVeniamo in tre\r\n"
    for declared in (
        'multipart/mixed;\r\nboundary="b"',
        "multipart/mixed",
        'multipart/mixed; boundary="c"',
        'multipart/mixed; boundary="\r\n b"',
    ):
        data = f"{HEAD}Content-Type: {declared}\r\n\r\nThis is a multi-part message.\r\n--b\r\n{part}--b--\r\n"
        assert read_body(open_mail(data.encode())).text.strip() == "Veniamo in tre"
    assert (
        read_body(open_mail((f"{HEAD}Content-Type: multipart/mixed\r\n\r\nVeniamo in tre\r\n").encode())).text.strip()
        == "Veniamo in tre"
    )


def test_paragraphs_that_flow() -> None:
    data = (
        f"{HEAD}Content-Type: text/plain; format=flowed\r\n\r\nSiamo la Polisportiva Le \r\nQuerce.\r\n> vi "
        f"aspettiamo \r\n> tutti\r\n-- \r\nSara\r\n"
    )
    assert (
        read_body(open_mail(data.encode())).text
        == "Siamo la Polisportiva Le Querce.\n> vi aspettiamo tutti\n-- \nSara\n"
    )


def test_a_winmail_dat_whose_files_were_cut_off() -> None:
    said = b"Veniamo in tre\0"
    letter = struct.pack("<BII", 1, 0x0002800C, len(said)) + said + struct.pack("<H", sum(said) & 0xFFFF)
    file = struct.pack("<BII", 2, 0x0006800F, 9_000_000) + b"x" * 1000
    data = (
        f"{HEAD}Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    ).encode()
    content = struct.pack("<IH", 0x223E9F78, 1) + letter + file
    assert read_body(open_mail(data + base64.encodebytes(content))).text == "Veniamo in tre"
