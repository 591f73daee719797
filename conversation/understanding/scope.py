"""Whether a letter is about the meetings at all, or meant for another office: learnt from the marked letters.

A town hall's mailbox gets everything: a driveway, an identity card, "two places on Friday 22" of a course. What only
sounds like registering must register nobody.
"""

import hashlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from conversation.intents import Intent
from conversation.understanding import acts
from conversation.understanding.acts import DOES
from conversation.understanding.cache import Arrays, Cache
from conversation.understanding.encoder import Encoder, Vectors
from conversation.understanding.programme import load_lessons
from conversation.understanding.reader import LetterReading
from conversation.understanding.roles import HAD, LEFT, WANT
from conversation.understanding.softmax import Softmax, fit
from conversation.understanding.sparse import Floats, Sparse, fit_sparse, hashed_features
from conversation.words import spell_out, stem, tokens
from knowledge.examples import LETTERS, MAILBOX, OTHER_OFFICE, MarkedLetter, letters_digest, load_letters

#: Grows whenever the same letters would be learnt differently.
_EDITION = 1
#: Characters that the encoder reads at once, and how many such pieces it reads of a letter: more told nothing new.
_PIECE, _PIECES = 200, 2
#: Words of a letter that count.
_WORDS = 250
#: Characters of a letter that are looked at: so many words of sixteen characters.
_READ = 4_000
#: Words up to which the library's phrases know better what is wished than the letters do.
FEW = 12
#: What a letter about the meetings wishes; who wishes nothing, or to be called, may write about anything.
_OURS = frozenset({
    Intent.REGISTER, Intent.CANCEL, Intent.CHANGE, Intent.ADHESION, Intent.RESEND_LINK, Intent.MY_REGISTRATIONS,
    Intent.NEWS_ON, Intent.NEWS_OFF, Intent.PRIVACY_ERASE, Intent.PRIVACY_EXPORT, Intent.QUESTION,
})  # fmt: skip
#: A logistic regression over what was learnt, letters of each author judged by what the others teach: log-odds of the
#: meaning and of the words, the likeliest wanted and the likeliest held meeting, and the constant
#: (``python -m benchmarks.understanding.scope``).
CALIBRATION = (0.76, 0.328, 0.952, 0.443, -1.97)
#: Below these log-odds a letter is for another office. Judged by what other authors teach, 80 % of 237 such letters
#: are known, most of them written to look like ours, and 22 of 232 of ours that were written to look otherwise are
#: taken for such; so are 6 of 421 by strangers (letters-1 to -9).
_BORDER = -1.0
#: Of these log-odds and those of the sentences that do something for a meeting the sum is below this in a letter for
#: another office (-0.7 or less in all of 102 by strangers that have such sentences).
_TOGETHER = -0.5


class Scope:
    """The learnt border. Without an encoder every letter is taken for ours: words alone know too few other offices."""

    def __init__(self, encoder: Encoder | None, learnt: Arrays) -> None:
        self._encoder = encoder
        if encoder is not None:
            self._words = Sparse(np.asarray(learnt["words"], np.float16))
            self._meaning = Softmax(*(np.asarray(learnt[key], np.float32) for key in ("meaning", "meaning_bias")))

    def is_for_others(self, text: str, reading: LetterReading) -> bool:
        """Whether a letter's ``text``, subject included, is for another office. ``reading``: what was read in it."""
        text = text[:_READ]
        if len(tokens(text)) <= FEW or (whole := self.odds(text, reading)) >= _BORDER:
            return False
        # "Veniamo in due giovedì 21. Quanto si paga di TARI?": what it does for a meeting speaks for it.
        return whole + self.odds(_acting(reading), reading) < _TOGETHER

    def odds(self, text: str, reading: LetterReading) -> float:
        """The logarithm of the odds that a letter is about the meetings."""
        return sum(w * s for w, s in zip(CALIBRATION, self.signs(text, reading), strict=True))

    def signs(self, text: str, reading: LetterReading) -> tuple[float, ...]:
        """What ``CALIBRATION`` weighs; nothing but noughts where nothing is known."""
        if self._encoder is None or not tokens(text):
            return (0.0,) * len(CALIBRATION)
        meaning = self._meaning.log_probabilities(_vectors(self._encoder, [text]))[0]
        words = self._words.scores([_places(text)])[0]
        roles = [p for m, p in zip(reading.page.mentions, reading.roles, strict=True) if m.fits]
        wanted = max((float(p[WANT]) for p in roles), default=0.0)
        held = max((float(p[HAD] + p[LEFT]) for p in roles), default=0.0)
        return float(meaning[1] - meaning[0]), float(words[1] - words[0]), wanted, held, 1.0


def _acting(reading: LetterReading) -> str:
    """The sentences that register, withdraw or change something and name a meeting for it."""
    page = reading.page
    named = [
        m.start
        for m, p in zip(page.mentions, reading.roles, strict=True)
        if m.fits and m.start < page.signed and float(p[[WANT, HAD, LEFT]].sum()) >= DOES
    ]
    doing = [acts.REGISTERS, acts.WITHDRAWS, acts.CHANGES]
    found = (
        page.text[s.start : s.end]
        for s in reading.sentences
        if float(s.acts[doing].sum()) >= DOES and any(s.start <= place < s.end for place in named)
    )
    return " ".join(found)


def open_scope(encoder: Encoder | None, cache: Cache) -> Scope:
    """The border, learnt now or before."""
    if encoder is None:
        return Scope(None, {})
    content = repr((_EDITION, np.__version__, encoder.name, load_lessons().digest, letters_digest(MAILBOX)))
    name = f"scope-{hashlib.sha256(content.encode()).hexdigest()[:32]}"
    return Scope(encoder, cache.load_or_make(name, lambda: learn(encoder, lessons())))


def lessons() -> list[tuple[MarkedLetter, bool]]:
    """The mails among the marked letters that say it, each with whether it is about the meetings."""
    letters = (letter for folder in (LETTERS, MAILBOX) for letter in load_letters(folder) if letter.channel == "mail")
    given = ((letter, {request.act for request in letter.requests}) for letter in letters)
    return [(letter, OTHER_OFFICE not in wishes) for letter, wishes in given if wishes & {*_OURS, OTHER_OFFICE}]


def learn(encoder: Encoder, given: Sequence[tuple[MarkedLetter, bool]]) -> Arrays:
    """Learn it from ``lessons``, or some of them."""
    texts, ours = [letter.text for letter, _ in given], [int(is_ours) for _, is_ours in given]
    classes = np.array(ours, np.int64)
    balance = (len(ours) / 2 / np.maximum(np.bincount(classes, minlength=2), 1))[classes].astype(np.float32)
    vectors = _vectors(encoder, texts)
    meaning = fit(vectors.__getitem__, classes, balance, rounds=60, rate=0.05, decay=1e-3)
    words = fit_sparse([_places(text) for text in texts], ours, None, balance.tolist(), number=2, rounds=10)
    return {"meaning": meaning.weights, "meaning_bias": meaning.bias, "words": words.weights}


def _places(text: str) -> list[int]:
    stems = [stem(word) for word in tokens(text)[:_WORDS]]
    return hashed_features(["", *stems, *map(" ".join, pairwise(stems))])


def _vectors(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    """``(len(texts), dimensions)``: the mean of the meanings of each text's first pieces."""
    pieces = [_pieces(text) for text in texts]
    vectors = encoder.encode([piece for some in pieces for piece in some])
    bounds = np.cumsum([0, *map(len, pieces)])
    means: list[Floats] = [vectors[begin:end].mean(axis=0) for begin, end in pairwise(bounds.tolist())]
    return np.array(means, np.float32)


def _pieces(text: str) -> list[str]:
    """The first pieces of a text, cut between words."""
    left, found = " ".join(spell_out(text).split()), list[str]()
    while left and len(found) < _PIECES:
        cut = len(left) if len(left) <= _PIECE else left.rfind(" ", 0, _PIECE)
        cut = cut if cut > 0 else _PIECE
        found.append(left[:cut])
        left = left[cut:].strip()
    return found
