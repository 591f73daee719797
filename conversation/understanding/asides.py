"""What a letter that wants something asks besides, and the answer to its wish does not hold.

"Siamo in due giovedì. Sapete se la piscina riapre?" asks; "va bene?", "a che ora?", "ci confermate?" only seem to.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from conversation.understanding import acts
from conversation.understanding.acts import DOES, Sentence
from conversation.understanding.classifier import Match
from conversation.understanding.reader import LetterReading, Reader
from conversation.understanding.roles import BACK, WANT
from conversation.words import tokens

#: From this probability on a stretch asks. Of ninety questions by strangers that no source answers, put behind
#: registrations by other strangers, 78 are heard at 0.4 and 77 at 0.5; in 690 letters of the sets that do something,
#: one more stretch is taken for a question wrongly.
_ASKS = 0.4
#: The answer to a wish holds what is asked when the library's wishes (a link, the hour, a confirmation, a greeting)
#: together are likelier than any fact or known gap, and at least so likely: what is like nothing is no courtesy. Of the
#: ninety 82 are then answered or passed on, of forty courtesies none is passed on.
_HELD = 0.05
#: Shorter ones ask nothing by themselves ("quanti?").
_LEAST = 2
#: So many words and a question mark ask, whatever they are about, where nothing is done by them.
_WHOLE = 4
#: Where a sentence that does something may go on to ask: "veniamo in due, e la piscina quando riapre?".
_GOES_ON = re.compile(
    r"[,;:(]+\s*(?:(?:e|ed|ma|però|and|but|et|mais|und|aber|y|pero|și|dar|dhe|por)\b\s*)?|"
    r"\b(?:e|ed|ma|però|pero|cmq|comunque|poi|inoltre|and|but|et|mais|und|aber|dar|dhe|por)\b\s*",
    re.IGNORECASE,
)


def asked_apart(reading: LetterReading, reader: Reader) -> list[str]:
    """The stretches above the signature that ask, in order; less those that ask for a meeting which is wanted.

    Whole sentences, or the end of one that does something first; and what a question mark tells where neither is heard.
    """
    page, found = reading.page, dict[int, str]()
    ends, marked = dict[int, tuple[int, int]](), dict[int, str]()
    for number, sentence in enumerate(reading.sentences):
        if sentence.start >= page.signed:
            break
        text = page.text[sentence.start : sentence.end].strip()
        if sentence.acts[acts.ASKS] < _ASKS:
            ends |= dict.fromkeys(_borders(reading, number), (number, sentence.end))
            marked |= {number: text} if _only_asks(sentence, text) else {}
        elif len(tokens(text)) >= _LEAST:
            found[number] = text
    likeliest = dict[int, float]()
    for end in reader.acts_of(page, [(at, stop) for at, (_, stop) in ends.items()]):
        number, asks = ends[end.start][0], float(end.acts[acts.ASKS])
        text = page.text[end.start : end.end].strip()
        if asks >= max(_ASKS, likeliest.get(number, 0.0)) and len(tokens(text)) >= _LEAST:
            likeliest[number], found[number] = asks, text
    asked = {**marked, **found}
    return [asked[number] for number in sorted(asked) if number in likeliest or not _wants(reading, number)]


def _only_asks(sentence: Sentence, text: str) -> bool:
    """Whether a sentence ends as a question and does nothing else."""
    does = float(sentence.acts[[acts.SUBJECT, acts.REGISTERS, acts.WITHDRAWS, acts.CHANGES, acts.ADHERES]].sum())
    return text.endswith("?") and does < DOES and len(tokens(text)) >= _WHOLE


def _wants(reading: LetterReading, number: int) -> bool:
    """Whether a meeting that is wanted is named in the sentence of that number."""
    mentions = zip(reading.page.mentions, reading.roles, strict=True)
    return any(m.fits and p[WANT] > DOES and reading.page.sentence_of(m.start) == number for m, p in mentions)


def _borders(reading: LetterReading, number: int) -> Iterator[int]:
    """Where the sentence of that number may go on to ask: behind all that tells who wants what."""
    page, sentence = reading.page, reading.sentences[number]
    mentions = zip(page.mentions, reading.roles, strict=True)
    told = (m.end for m, p in mentions if sentence.start <= m.start < sentence.end and int(np.argmax(p)) != BACK)
    behind = max(told, default=sentence.start)
    for border in _GOES_ON.finditer(page.text, sentence.start, sentence.end):
        if behind <= border.end() < sentence.end:
            yield border.end()


def is_held(wishes: Sequence[Match], known: float) -> bool:
    """Whether the answer to a wish holds what is asked.

    ``known``: how near it is to a fact, or to what no fact answers.
    """
    near = sum(wish.score for wish in wishes)
    return near >= max(_HELD, known)
