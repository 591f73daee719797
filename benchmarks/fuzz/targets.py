"""What is fuzzed: each takes any bytes and must not raise."""

from datetime import UTC, datetime

from benchmarks.understanding.scoring import sample_meetings
from conversation.dialogue import Dialogue
from conversation.understanding import understand
from conversation.understanding.mind import Mind
from mail.reading import read_letter

_NOW = datetime(2021, 1, 15, 8, tzinfo=UTC)
_OURS = "luccalearningcity@comune.lucca.example"


def fuzz_mail(data: bytes) -> None:
    """Any bytes are a letter: judged, read, never raising; one line in every header value."""
    letter = read_letter(data, ours=_OURS, authserv_id="mx.comune.lucca.example")
    if letter.incoming is not None:
        assert "\n" not in letter.incoming.name + letter.subject
        assert all("\n" not in i for i in letter.incoming.thread.references)


def fuzz_words(mind: Mind, data: bytes) -> None:
    """Any text is understood as something."""
    text = data.decode("utf-8", "replace")
    words, _, signature = text.partition("\x00")
    heard = understand(words, Dialogue(), mind, _NOW, meetings=sample_meetings(), signature=signature)
    assert all(0 <= m.score <= 1 for m in (*heard.intents, *heard.facts))
    assert heard.details.participants is None or heard.details.participants >= 0
