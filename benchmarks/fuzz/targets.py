"""What is fuzzed: each takes any bytes and must not raise."""

from datetime import UTC, datetime

from conversation.dialogue import Dialogue
from conversation.understanding import understand
from conversation.understanding.classifier import IntentClassifier
from conversation.understanding.programme import sample_meetings
from mail.reading.body import Body
from mail.reading.markup import read_html
from mail.reading.message import read_letter
from mail.reading.words import own_words

_NOW = datetime(2021, 1, 15, 8, tzinfo=UTC)
_OURS = "luccalearningcity@comune.lucca.example"


def fuzz_mail(data: bytes) -> None:
    """Any bytes are a letter: judged, read, never raising; one line in every header value."""
    letter = read_letter(data, ours=_OURS, authserv_id="mx.comune.lucca.example")
    if letter.incoming is not None:
        assert "\n" not in letter.incoming.name + letter.subject
        assert letter.incoming.thread is not None
        assert all("\n" not in i for i in letter.incoming.thread.references)


def fuzz_words(classifier: IntentClassifier, data: bytes) -> None:
    """Any text is understood as something."""
    text = data.decode("utf-8", "replace")
    words, _, signature = text.partition("\x00")
    heard = understand(words, Dialogue(), classifier, _NOW, meetings=sample_meetings(), signature=signature)
    assert all(0 <= m.score <= 1 for m in (*heard.intents, *heard.facts))
    assert heard.details.participants is None or heard.details.participants >= 0


#: What pages are made of: what multiplies where a program lays it out, and what mail programs write.
_TAGS = (
    "<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<td colspan=99999 rowspan=99999>",
    "<ul style='padding:99em'>", "</ul>", "<ol start=99999999>", "<li>", "</li>",
    "<div>", "</div>", "<p>", "</p>", "<br>", "<b>", "</b>", "<a href=x>", "</a>", "<span style='display:none'>",
    "</span>", "<blockquote>", "</blockquote>",
    "<div class=gmail_quote>", "<div id=divRplyFwdMsg>", "<div class=gmail_signature>",
    "<div name=messageReplySection>", "<pre>", "</pre>", "<textarea>", "</textarea>",
    "<style>", "</style>", "<script>", "</script>", "<!--", "-->", "<![CDATA[", "<select><option>", "<form>", "</form>",
        "<svg>", "<math>", "<template>", "<plaintext>", "<frameset>",
    "<body a=1>", "<html>", "</body>", "<x:y z:w=1>", "<", ">", "&nbsp;", "&#0;", "&#x10FFFF;", "&amp", " ", "\n", "\t",
    "Siamo in tre", "è 👍", "a" * 100, "\x00", "\u2028",
)  # fmt: skip
#: What the lines of letters are made of: the beginnings and the ends of whatever is looked for in them.
_LINES = (
    "\n", " ", "> ", ">>> ", "-- ", "--", "-----", "____", "*", ":", ",", ".", "(", "<", ">", "@", "0", "18/01/2021",
        "18 gen 2021", "2021", "09:40", "il ", "giorno ", "lun ", "On ", "Mon, ",
    "a@b.example", "<a@b.example>", " ha scritto", " wrote", "schrieb", "Da: ", "A: ", "Data: ", "Inviato: ",
    "Oggetto: ", "Da ", "Messaggio originale", "Grazie", "Cordiali saluti", "Inviato da ",
    "Anna Bini", "via Roma 1", "tel. 0583", "siamo in tre", "ai sensi del ", "196/2003", "questo messaggio ",
    "riservato", "ATTENZIONE: mail esterna", "[EXTERNAL]", "di", "x", "è", "\xa0", "\u200b",
    "-----BEGIN PGP SIGNED MESSAGE-----", "-----END PGP SIGNATURE-----",
)  # fmt: skip
_LONGEST = 200_000


def fuzz_page(data: bytes) -> int:
    """Any page is read, and says no more than twice what was written; how many characters that was."""
    html = _put_together(data, _TAGS)
    page = read_html(html)
    assert len(page.text) + len(page.signature) <= 2 * len(html) + 100
    return len(html)


def fuzz_lines(data: bytes) -> int:
    """Any lines hold somebody's words; how many characters were read."""
    text = _put_together(data, _LINES)
    words = own_words(Body(text))
    assert len(words.own) + len(words.signature) <= len(text) + 100
    return len(text)


def _put_together(data: bytes, pieces: tuple[str, ...]) -> str:
    """Pairs of bytes choose a run of pieces and how often it comes.

    Nesting and repetition grow much faster than the input.
    """
    whole: list[str] = []
    length, run = 0, ""
    for which, often in zip(data[::2], data[1::2], strict=False):
        piece = pieces[which % len(pieces)]
        run = f"{run}{piece}"[-400:] if often & 1 else piece
        times = (often >> 1) ** 2 // 2 + 1 if often & 64 else 1
        whole.append(run * times)
        length += len(run) * times
        if length > _LONGEST:
            break
    return "".join(whole)[:_LONGEST]
