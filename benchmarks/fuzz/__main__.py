"""Fuzzes the mail reader or the understanding with atheris (libFuzzer), which is installed for this alone.

``python -m benchmarks.fuzz mail|words|page|lines CORPUS [libFuzzer options]``, for example ``-max_total_time=1200``.
``page``: HTML with nesting, tables and repetition; ``lines``: texts of quotes, signatures and the like. An exception
that leaves the code under test, or an input that takes more than ``_SECONDS`` of CPU (``page`` and ``lines``: so much
and ``_MILLISECONDS`` a kilobyte), ends the run and is written to a file ``crash-…``: it becomes a test.
"""

import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["mail", "conversation", "handlers", "email", "flufl", "tnefparse"], enable_loader_override=False
):
    from benchmarks.fuzz.targets import fuzz_lines, fuzz_mail, fuzz_page, fuzz_words
    from conversation.understanding.classifier import open_classifier
    from knowledge.library import load_library

_SECONDS = 2.0
#: The instrumented code is several times slower.
_MILLISECONDS, _LEAST_SECONDS = 25.0, 0.25
_GROWING = {"page": fuzz_page, "lines": fuzz_lines}


def main() -> None:
    what, corpus, *options = sys.argv[1:]
    Path(corpus).mkdir(parents=True, exist_ok=True)
    classifier = open_classifier(load_library(), with_encoder=False) if what == "words" else None

    def one(data: bytes) -> None:
        begun = time.process_time()
        most = _SECONDS
        if what in _GROWING:
            most = _LEAST_SECONDS + _GROWING[what](data) * _MILLISECONDS / 1e6
        elif classifier is None:
            fuzz_mail(data)
        else:
            fuzz_words(classifier, data)
        spent = time.process_time() - begun
        assert spent < most, f"{spent:.1f} s of CPU"

    atheris.Setup([sys.argv[0], corpus, *options], one)
    atheris.Fuzz()


main()
