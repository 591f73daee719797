"""What a letter may cost.

A few milliseconds of CPU and some kilobytes of memory for each of its own, whatever its shape.
"""

import struct
import subprocess
import sys
import time
from email import message_from_bytes

import pytest

from mail.reading.markup import read_html
from mail.reading.message import read_stored
from tests.mail.test_reading import OURS

#: CPU for each kilobyte, in times of what the standard library's parser takes for one of short lines (0.02 ms here):
#: five milliseconds.
_DEARER = 250
#: A letter of less than so many kilobytes may cost as much as one of so many.
_LEAST = 50


def page(html: str) -> bytes:
    return b"From: a@x.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html.encode()


SHAPES = {
    "padded lists": page('<ul style="padding:99em"><li>' * 60 + "x"),
    "more padded lists": page('<ul style="padding:99em"><li>' * 600 + "x"),
    "lists and tables": page("<ul><li>a<table><tr><td>" * 8000),
    "a wide table": page("<table>" + ("<tr>" + "<td>x</td>" * 100 + "</tr>") * 75),
    "nested tables": page("<table><tr><td>x" * 5000),
    "never closed": page("<div>" * 100_000 + "x"),
    "closed too often": page("<p>" * 30_000 + "<div>" * 1500 + "<p>" * 60_000),
    "open brackets": page("<" * 400_000),
    "closing tags that close nothing, in what stays open": page("<table>" + "<pre>\n" * 16_000 + "</tr>" * 40_000),
    "closing tags that close nothing, deep": page("<table>" + "<pre>\n" * 990 + "</tr>" * 80_000),
    "closing tags that close nothing, between": page("<pre></b>" * 50_000),
    "closing tags that cannot reach what they close": page("<b><div></b>" * 40_000),
    "quotes": page("<blockquote>x" * 30_000),
    "quoted lines": page("<blockquote>" + "<br>" * 100_000),
    "containers of quotes": page("<div class=gmail_quote>" * 1000 + "<b></b>" * 40_000),
    "long names": page(('<p class="' + "x_" * 100 + '">x') * 2000),
    "many attributes": page("<p " + " ".join(f"a{n}=1" for n in range(25_000)) + ">x"),
    "punycode": b"From: a@x.example\r\nContent-Type: text/plain; charset=punycode\r\n\r\n" + b"a" * 800_000,
    "parameters": b'From: a@x.example\r\nContent-Type: text/plain; a="' + b";" * 1_000_000 + b"\r\n\r\nx",
    "containers": b"From: a@x.example\r\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(400))
    + b"x\r\n" * 300_000,
    "boundaries lost": b"From: a@x.example\r\nContent-Type: multipart/mixed\r\n\r\n"
    + b"".join(b"--b%d\r\nContent-Type: multipart/mixed\r\n\r\n" % n for n in range(1000))
    + b"x" * 3_000_000,
    "nearly an attachment": b"From: a@x.example\r\n\r\n" + (b"A" * 76 + b"\r\n") * 100_000 + b"!",
    "winmail.dat": b"From: a@x.example\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\n"
    + struct.pack("<IH", 0x223E9F78, 1)
    + struct.pack("<BIIH", 1, 0x0002800C, 0, 0) * 200_000,
    "parts of text": b"From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"".join(b"--b\r\n\r\n%s\r\n" % b" ".join(b"w%d" % (n * 300 + m) for m in range(300)) for n in range(1000)),
    "a line of dashes": b"From: a@x.example\r\n\r\nciao\n" + b"-" * 60_000 + b"lun --------" * 5_000,
    "empty lines": b"From: a@x.example\r\n\r\n" + b"\n" * 6_161 + b"x",
    "attributions": b"From: a@x.example\r\n\r\n" + b"On Mon, 18 Jan 2021 09:40 a@b.example xxxxxxxxxxxxxxx\n" * 4000,
    "headers": b"".join(b"X-%d: y\r\n" % n for n in range(300_000)) + b"From: a@x.example\r\n\r\nciao",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_letter_costs_little_more_than_its_length(shape: str) -> None:
    data = SHAPES[shape]
    begun = time.process_time()
    message_from_bytes(b"From: a@x.example\r\n\r\n" + b"parola e parola\r\n" * 100_000)
    yardstick = (time.process_time() - begun) / 1700  # for each kilobyte
    begun = time.process_time()
    read_stored(data, ours=OURS)
    spent = time.process_time() - begun
    assert spent < _DEARER * yardstick * max(_LEAST, len(data) / 1000)


@pytest.mark.parametrize(
    "shape", ["more padded lists", "closed too often", "quoted lines", "headers", "nearly an attachment"]
)
def test_a_letter_takes_little_more_memory_than_its_length(shape: str) -> None:
    measured = (
        "import resource, sys; from mail.reading.message import read_stored; raw = sys.stdin.buffer.read()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; read_stored(raw, ours='x@y.example')\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", measured], input=SHAPES[shape], capture_output=True, check=True)
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(done.stdout) * unit < 100 * 1024 * 1024


def test_a_page_says_no_more_than_was_written() -> None:
    for html in ('<ul style="padding:99em"><li>' * 600 + "x", "<table>" + ("<tr>" + "<td>x</td>" * 100 + "</tr>") * 75):
        assert len(read_html(html).text) < len(html)
