"""Our own mail: only our addresses are links, what strangers wrote can always be written, a meeting stands large."""

import re
from datetime import UTC, date, datetime, time
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversation.channel import Channel
from conversation.meeting import Meeting
from conversation.message import Address, Button, Outgoing, Reply, Thread
from conversation.wording import Voice, highlight, own_links
from db.outbox import pack, unpack
from knowledge.library import load_library
from mail.reading.message import read_letter
from mail.smtp.links import own_links as town_links
from mail.smtp.writing import write_html, write_mail

OURS = "noi@lucca.example"
NOW = datetime(2021, 1, 15, 8, tzinfo=UTC)
TOWN = load_library().town
OWN = town_links(load_library(), mailbox=OURS, public_url="https://bot.example", telegram_name="LuccaBot")
MEETING = Meeting(1, "sport", "", date(2021, 1, 21), time(17, 30), link="https://zoom.example/j/sport")
VOICE = Voice(load_library(), "it", NOW, {"sport": {"it": "associazioni sportive"}}, OURS)


class Links(HTMLParser):
    """What a reader of the page can press."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {str(value) for name, value in attrs if tag == "a" and name == "href"}


def links_of(reply: Reply) -> set[str]:
    page = Links()
    page.feed(write_html(reply, OURS, "it", OWN, TOWN))
    return page.found - {f"mailto:{OURS}"}


@pytest.mark.parametrize(
    "strange",
    [
        "http://evil.example/a",
        "https://bot.example.evil.example/m/x",
        "https://bot.example@evil.example/",
        "https://t.me/LuccaBotEvil?start=1",
        "https://t.me/LuccaBot/../evil",
        "https://zoom.example/j/sport.evil.example",
        "https://zoom.example/j/sport/evil",
        "anna@evil.example",
        "noi@lucca.example.evil.example",
        'https://evil.example/"><a href="https://evil.example/',
    ],
)
def test_what_a_stranger_wrote_is_never_a_link(strange: str) -> None:
    text = f"Iscritti: {strange}, 3 persone. Link Zoom: https://zoom.example/j/sport"
    reply = own_links(Reply(text, title=strange, highlights=highlight(VOICE, MEETING)), [MEETING])
    assert links_of(reply) == {"https://zoom.example/j/sport"}


def test_what_is_ours_is_a_link() -> None:
    ours = ["https://bot.example/m/abc.def-ghi", "https://t.me/LuccaBot?start=l_x", "https://t.me/LuccaBot"]
    button = Button("Confermo", url="https://bot.example/c/xyz")
    assert links_of(Reply("\n".join(ours), buttons=((button,),))) == {*ours, button.url}


def test_a_meeting_stands_large_and_its_link_is_a_button() -> None:
    reply = Reply("Ci vediamo.", title="Promemoria", highlights=highlight(VOICE, MEETING))
    html = write_html(reply, OURS, "it", OWN, TOWN)
    assert re.search(r'<p class="day" style="[^"]*font-size: 29px[^"]*">Giovedì 21 gennaio</p>', html)
    assert "ore 17.30" in html
    assert "Associazioni sportive" in html
    assert "Comune di Lucca" in html
    assert not re.search(r"<img|<script|<link|@import|url\(", html)  # nothing from elsewhere
    untimed = highlight(VOICE, Meeting(1, "sport", "", date(2021, 1, 21)))
    assert untimed[0].hour
    assert untimed[0].way_in is None
    assert highlight(VOICE, Meeting(1, "sport", "", None)) == ()


def test_what_is_shown_large_comes_through_the_outbox() -> None:
    reply = own_links(Reply("https://zoom.example/j/sport", highlights=highlight(VOICE, MEETING)), [MEETING])
    assert unpack(pack(reply))[0] == reply
    old = {k: v for k, v in pack(reply).items() if k not in {"highlights", "links"}}
    assert unpack(old)[0] == Reply("https://zoom.example/j/sport")


def written(outgoing: Outgoing) -> EmailMessage:
    raw = write_mail(outgoing, mailbox=OURS, town=TOWN, now=NOW, message_id="<1.2@lucca.example>", own=OWN).as_bytes()
    raw.decode("ascii")
    assert max(map(len, raw.split(b"\r\n"))) <= 998  # RFC 5322 §2.1.1
    read = message_from_bytes(raw, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("anna@città.example", "anna@xn--citt-3na.example"),
        ("josé@posta.example", "josé@posta.example"),
        ("a..b@posta.example", "a..b@posta.example"),
        ('"a b"@posta.example', '"a b"@posta.example'),
        ("a(b)c@posta.example", '"a(b)c"@posta.example'),
        ("a'b@posta.example", "a'b@posta.example"),
    ],
)
def test_whoever_can_write_to_us_can_be_answered(address: str, said: str) -> None:
    sent = write_mail(
        Outgoing("k", Address(Channel.EMAIL, address), Reply("è")), mailbox=OURS, town=TOWN, now=NOW, message_id="<1@x>"
    )
    assert sent["To"].addresses[0].addr_spec == said
    assert b"\r\nTo: " + said.encode() + b"\r\n" in sent.as_bytes()


#: Everything that Python can hold in a text, halves of characters included.
ANYTHING = st.text(st.characters(), max_size=60)


@settings(max_examples=150, deadline=None)
@given(subject=ANYTHING, name=ANYTHING, ids=st.lists(ANYTHING.map(lambda t: f"<{t}@x.example>"), max_size=3))
def test_whatever_strangers_wrote_the_answer_can_be_written(subject: str, name: str, ids: list[str]) -> None:
    thread = Thread(subject, ids[0] if ids else "", tuple(ids))
    reply = Reply(f"Iscritti: {name}", title=name, highlights=highlight(VOICE, MEETING))
    read = written(Outgoing("k", Address(Channel.EMAIL, "anna@posta.example"), reply, thread=thread))
    assert read["Auto-Submitted"] == "auto-replied"
    assert len(read.get_all("Subject", [])) == 1
    assert {"Bcc", "Cc"}.isdisjoint(read.keys())


@pytest.mark.parametrize("strange", [b"\xe8", b"\x00", b"\x07", b"\x7f", "\u2028".encode(), b"\xff\xfe", b"\x85"])
@pytest.mark.parametrize("header", [b"Message-ID: <a%s@posta.example>", b"References: <a%s@b>", b"Subject: a%sb"])
def test_a_strange_byte_in_a_header_keeps_no_answer_back(strange: bytes, header: bytes) -> None:
    raw = (
        b"From: Anna <anna@posta.example>\r\n" + header % strange + b"\r\n\r\nSiamo la Polisportiva, veniamo in due\r\n"
    )
    incoming = read_letter(raw, ours=OURS).incoming
    assert incoming is not None
    written(Outgoing("k", incoming.address, Reply("Iscrizione confermata"), thread=incoming.thread))
