"""Fuzzes the mail reader or the understanding with atheris (libFuzzer), which is installed for this alone.

``python -m benchmarks.fuzz mail|words CORPUS [libFuzzer options]``, for example ``-max_total_time=1200``. An exception that
leaves the code under test, or an input that takes more than ``_SECONDS`` of CPU, ends the run and is written to a file
``crash-…``: it becomes a test.
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["mail", "conversation", "handlers", "email", "flufl", "tnefparse"], enable_loader_override=False
):
    from benchmarks.understanding.scoring import sample_meetings
    from conversation.dialogue import Dialogue
    from conversation.understanding import understand
    from conversation.understanding.cache import user_cache
    from conversation.understanding.mind import Mind
    from knowledge.library import load_library
    from mail.reading import read_letter

_SECONDS = 2.0
_NOW = datetime(2021, 1, 15, 8, tzinfo=UTC)
_OURS = "luccalearningcity@comune.lucca.example"


def fuzz_mail(data: bytes) -> None:
    """Any bytes are a letter: judged, read, never raising; one line in every header value."""
    letter = read_letter(data, ours=_OURS, authserv_id="mx.comune.lucca.example")
    if letter.incoming is not None:
        assert "\n" not in letter.incoming.name + letter.subject
        assert all("\n" not in i for i in letter.incoming.thread.references)  # type: ignore[union-attr]


def fuzz_words(mind: Mind, data: bytes) -> None:
    """Any text is understood as something."""
    text = data.decode("utf-8", "replace")
    words, _, signature = text.partition("\x00")
    heard = understand(words, Dialogue(), mind, _NOW, meetings=sample_meetings(), signature=signature)
    assert all(0 <= m.score <= 1 for m in (*heard.intents, *heard.facts))
    assert heard.details.participants is None or heard.details.participants >= 0


def main() -> None:
    what, corpus, *options = sys.argv[1:]
    Path(corpus).mkdir(parents=True, exist_ok=True)
    mind = Mind(load_library(), None, user_cache()) if what == "words" else None

    def one(data: bytes) -> None:
        begun = time.process_time()
        fuzz_mail(data) if mind is None else fuzz_words(mind, data)
        spent = time.process_time() - begun
        assert spent < _SECONDS, f"{spent:.1f} s of CPU"

    atheris.Setup([sys.argv[0], corpus, *options], one)
    atheris.Fuzz()


main()
