"""What the library teaches.

Which wish, which fact or which known-unknown topic a sentence is nearest to, and how surely.

Two softmax classifiers, one over words and letters, one over meanings, learn from the same phrases (as written, and
misspelt); their probabilities are fused by a weighted geometric mean. What was learnt is kept in a cache under a name
made from all that it depends on, so it is learnt once for each edition of the library.
"""

import hashlib
import math
import random
import re
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from conversation.intents import check_intents
from conversation.language import detect_language
from conversation.understanding.cache import Arrays, Cache, user_cache
from conversation.understanding.encoder import Encoder, open_encoder
from conversation.understanding.lexical import Matrix, Rows, hashed, sentences
from conversation.understanding.lookup import Lookup
from conversation.understanding.misspellings import misspell
from conversation.understanding.programme import load_lessons
from conversation.understanding.reader import Reader
from conversation.understanding.scope import open_scope
from conversation.understanding.softmax import Softmax, fit
from conversation.understanding.vectors import kept_vectors
from conversation.understanding.verifying import Verifier, learn_verifier
from conversation.words import fold, spell_out, stems, tokens
from knowledge.library import LANGUAGES, Fact, Library

#: Grows whenever the same library would be learnt differently.
_EDITION = 12
#: How much the words count beside the meaning; less where most phrases are in other languages.
_LEXICAL_SHARE, _LEXICAL_SHARE_ABROAD = 0.6, 0.25
#: Logistic regression on the questions of strangers in questions-1 to -5 (``python -m benchmarks.understanding``): the
#: weights of the fused probability, of both sides' (as log-odds), of the likeliest unanswerable topic and of the next
#: fact (as logarithms), of what ``Verifier.signs`` tells, and of the odds that anything answers; last the constant.
CALIBRATION = (0.251, 0.026, 0.119, -0.227, 0.156, 3.942, -0.553, 0.388, 1.255, 0.184, -6.199)
CALIBRATION_BY_WORDS = (0.175, 0.095, 0.095, -0.222, 0.201, 4.006, -0.27, 0.562, 1.502, 0.192, -6.144)
#: What begins the name of a topic, and the topic of all that only speaks of the same things as a fact.
_TOPIC, _NEAR = "?", "?near"
_MOST_SENTENCES = 5
#: One phrase in so many is learnt misspelt, too.
_SPOILT = 3
#: A wish is written as often as any five facts are asked for: "iscrivetemi" must not drown among them.
_WISHED = 3.0
#: How likely a taught fact is where its question is asked word for word; no other is likelier than the rest. A choice,
#: not measured.
_SURELY = 0.97
#: What is less likely is not given out at all. A choice, not measured.
_WORTH_A_MATCH = 0.005
#: Phrases of a fact that must have a word before the fact speaks of it: one may name what the fact is not about.
_OFTEN = 4
#: The least logarithm that the calibration sees of a rival.
_LEAST = -9.0
_ASKS = re.compile(
    r"\?|\b(?:vorrei|vorremmo|volevo|volevamo|potrei|potremmo|mi piacerebbe) (?:sapere|capire|conoscere|"
    r"chiedere)|mi chiedevo|\b(?:sapete|potete|potreste|puo|potrebbe) (?:dirmi|dirci|spiegarmi|spiegarci|"
    r"indicarmi)|\b(?:chi|che cosa|cosa|quando|quanti|quante|quanto|quale|quali|dove|perche|come mai)\b|"
    r"\b(?:could|can|would) you|\b(?:what|when|who|which|how|where|why)\b|\b(?:wer|was|wann|wie|welche|warum|"
    r"qui|quand|quel|quelle|combien|pourquoi|quien|cuando|cuantas|cuantos|cual|donde)\b"
)


@dataclass(frozen=True, slots=True)
class Match:
    """A label, its probability (0 to 1), and the phrase of the library that is most like the words.

    ``score`` of a fact is calibrated: how probably it is what is asked. ``fused`` compares labels of all kinds.
    """

    label: str
    score: float
    phrase: str = ""
    fused: float = 0.0

    @property
    def is_fact(self) -> bool:
        """Whether the label is a fact's id."""
        return "." in self.label

    @property
    def is_topic(self) -> bool:
        """Whether the label is a topic that the sources cannot answer."""
        return self.label.startswith(_TOPIC)


@dataclass(frozen=True, slots=True)
class Sight:
    """What is made of one text.

    For each label the logarithm of its probability, ``(labels,)``, by words and letters, and by meaning.

    ``answerable``: the log-odds that a fact answers it, as against what only speaks of the same things.
    """

    by_words: Matrix
    by_meaning: Matrix
    answerable: float


#: What was looked at in one turn, by its words: what stands in it twice is looked at once.
Seen = dict[str, Sight]


@dataclass(frozen=True, slots=True)
class _Look:
    """A text's ``parts``, what is made of each, and the logarithms of both sides fused, ``(parts, labels)``.

    ``best``: each label's over the parts that count for it, ``(labels,)``; ``topic``: the likeliest topic's; ``facts``:
    those of the two likeliest facts, none of them below ``_LEAST``.
    """

    parts: list[str]
    sights: list[Sight]
    fused: Matrix
    best: Matrix
    topic: float
    facts: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learnt of one ``fact`` beside all others.

    A column for the words, and one for the meaning (``None`` without an encoder).
    """

    fact: Fact
    by_words: Softmax
    by_meaning: Softmax | None


def _logit(log_probability: float) -> float:
    probability = min(max(math.exp(log_probability), 1e-4), 1 - 1e-4)
    return math.log(probability / (1 - probability))


class IntentClassifier:
    """The learnt library. ``library``: what it was learnt from. ``reader``: what was learnt from letters.

    ``scope``: which letters are for another office. ``encoder``: ``None`` leaves it to the words alone.
    """

    def __init__(self, library: Library, reader: Reader, encoder: Encoder | None, cache: Cache) -> None:
        self.library, self.reader = library, reader
        self.encoder = encoder
        self.scope = open_scope(encoder, cache)
        self._phrases = _phrases(library)
        self._folded: dict[str, list[str]] = {}
        self._spoken_of: dict[str, frozenset[str]] = {}
        self._labels = sorted(self._phrases)
        self._is_wish = np.array([label in library.intents for label in self._labels])
        self._is_fact = np.array([label in library.facts for label in self._labels])
        self._is_topic = np.array([label.startswith(_TOPIC) for label in self._labels])
        self.name = self._name()
        arrays = cache.load_or_make(self.name, partial(self._learn, cache))
        self.rows = Rows(_whole(arrays["places"]), np.asarray(arrays["values"], np.float16), _whole(arrays["bounds"]))
        self._verifier = Verifier(arrays, list(library.facts))
        self._taught = Lookup(np.asarray(arrays["taught"], np.int64), np.asarray(arrays["taught_as"], np.int32))
        self.rarity: Matrix = np.asarray(arrays["rarity"], dtype=np.float32)
        self.by_words = Softmax(_floats(arrays["words"]), _floats(arrays["words_bias"]))
        self._answerable = Softmax(_floats(arrays["answerable"]), _floats(arrays["answerable_bias"]))
        self.by_meaning = (
            Softmax(_floats(arrays["meaning"]), _floats(arrays["meaning_bias"])) if encoder is not None else None
        )

    def with_lessons(self, library: Library, lessons: Sequence[Lesson]) -> "IntentClassifier":
        """One that also knows the facts of ``lessons``, which are in ``library``; this one stays as it is."""
        other = copy(self)
        other.add(library, lessons)
        return other

    def add(self, library: Library, lessons: Sequence[Lesson]) -> None:
        """Know the facts of ``lessons``, too. Nothing is changed in place: copies of this one stay as they are."""
        facts, count = [lesson.fact for lesson in lessons], len(self._labels)
        asked = {fact.id: tuple(q for group in fact.questions.values() for q in group) for fact in facts}
        new = _word_for_word([(count + i, p) for i, phrases in enumerate(asked.values()) for p in phrases])
        unsettled = {key: label for key, label in new.items() if not self._is_settled(key)}
        self._taught = self._taught.with_others(list(unsettled), list(unsettled.values()))
        self.library, self._labels = library, [*self._labels, *asked]
        self._phrases, self._folded, self._spoken_of = {**self._phrases, **asked}, {}, {}
        no, yes = np.zeros(len(asked), bool), np.ones(len(asked), bool)
        self._is_wish, self._is_topic = np.append(self._is_wish, no), np.append(self._is_topic, no)
        self._is_fact = np.append(self._is_fact, yes)
        self._verifier = copy(self._verifier)
        self._verifier.add(facts)
        self.by_words = self.by_words.with_columns([lesson.by_words for lesson in lessons])
        if self.by_meaning is not None:
            self.by_meaning = self.by_meaning.with_columns([x for lesson in lessons if (x := lesson.by_meaning)])

    def _is_settled(self, key: int) -> bool:
        """Whether those words are taught as a wish or as a fact: nobody else's."""
        label = self._taught.get(key)
        return label is not None and not self._is_topic[label]

    def rank(
        self, text: str, telling: Sequence[str] | None = None, seen: Seen | None = None, ahead: Sequence[str] = ()
    ) -> list[Match]:
        """Labels by probability, likeliest first: those of the whole text, and of each of its sentences.

        ``telling``: the sentences to look at, where it is known which of them wish or ask something that is learnt
        here. ``seen``: what was looked at before in this turn; ``ahead``: what is to be ranked next, looked at together
        with ``text``.

        Probabilities of several sentences do not add up to one: a letter may greet, ask and register. Where some
        sentences ask, the others are no questions: what they happen to resemble among the facts does not count.
        """
        parts = _parts(text)
        if telling is not None and parts:
            parts = [parts[0], *telling[:_MOST_SENTENCES]]
        if not parts:
            return []
        seen, taught = {} if seen is None else seen, self._taught.get(_key(parts[0]))
        self._see([*parts, *(part for other in ahead for part in _parts(other))], seen)
        look = self._look(parts, seen, taught)
        order = np.argsort(-look.best)[:8]
        found, least = [], 1.0
        for i, likely in zip(order.tolist(), np.exp(look.best[order]).tolist(), strict=True):
            score = likely
            if self._is_fact[i] and i != taught:
                # The calibration says how sure the likeliest fact is; it does not put another before it.
                score = least = min(least, self._sureness(look, i))
            found.append(Match(self._labels[i], score, fused=likely))
        return sorted((m for m in found if m.score > _WORTH_A_MATCH), key=lambda m: -m.score)

    def evidence_for(self, text: str) -> tuple[str, list[float]] | None:
        """The likeliest fact and what the calibration weighs for it; for those who calibrate."""
        parts = _parts(text)
        if not parts:
            return None
        seen: Seen = {}
        self._see(parts, seen)
        look = self._look(parts, seen, None)
        likeliest = int(np.argmax(np.where(self._is_fact, look.best, -np.inf)))
        return self._labels[likeliest], self._signs(look, likeliest)

    def _look(self, parts: list[str], seen: Seen, taught: int | None) -> "_Look":
        """All that ``rank`` weighs. ``taught``: the label that staff wrote the whole text down for, word for word."""
        sights = [seen[part] for part in parts]
        fused = self._fused(sights, parts[0])
        asking = [0, *(i for i, part in enumerate(parts) if i and _ASKS.search(fold(part)))]
        everywhere = fused.max(axis=0)
        asked = fused[asking].max(axis=0) if len(asking) > 1 else everywhere
        best = np.where(self._is_wish, everywhere, asked)
        if taught is not None:
            best = np.minimum(best, math.log(1 - _SURELY))
            best[taught] = math.log(_SURELY)
        topic = float(best[self._is_topic].max(initial=_LEAST))
        second, first = np.sort(np.append(best[self._is_fact], [_LEAST, _LEAST]))[-2:].tolist()
        return _Look(parts, sights, fused, _floats(best), topic, (first, second))

    def _signs(self, look: "_Look", label: int) -> list[float]:
        part = int(np.argmax(look.fused[:, label]))
        sight, likeliest = look.sights[part], float(look.best[label])
        first, second = look.facts
        return [
            _logit(likeliest),
            _logit(float(sight.by_words[label])),
            _logit(float(sight.by_meaning[label])),
            look.topic,
            second if likeliest == first else first,
            *self._verifier.signs(look.parts[part], self._labels[label]),
            sight.answerable,
        ]

    def _sureness(self, look: "_Look", label: int) -> float:
        """How probably the fact is what is asked: the calibrated fusion of what both sides say, and of its rivals."""
        weights = CALIBRATION if self.by_meaning is not None else CALIBRATION_BY_WORDS
        total = weights[-1] + sum(w * s for w, s in zip(weights, self._signs(look, label), strict=False))
        return 1 / (1 + math.exp(-total))

    def nearest_phrase(self, label: str, text: str) -> str:
        """The phrase under ``label`` that is most like ``text``: the evidence that a person can judge."""
        phrases = self._phrases[label]
        if label not in self._folded:
            self._folded[label] = [fold(phrase) for phrase in phrases]
        found = process.extractOne(fold(text), self._folded[label], scorer=fuzz.token_set_ratio)
        return phrases[found[2]] if found else ""

    def words_of(self, fact: Fact) -> frozenset[str]:
        """The stems of what ``fact`` speaks of."""
        if fact.id not in self._spoken_of:
            phrases = (phrase for phrases in fact.questions.values() for phrase in phrases)
            asked = Counter(root for phrase in phrases for root in set(stems(phrase)))
            often = (root for root, n in asked.items() if n >= _OFTEN)
            self._spoken_of[fact.id] = frozenset([*stems(fact.answer["it"]), *often])
        return self._spoken_of[fact.id]

    def _see(self, texts: Sequence[str], seen: Seen) -> None:
        """Put into ``seen`` those of ``texts`` that are not there yet, all at once."""
        new = [text for text in dict.fromkeys(texts) if text not in seen]
        if not new:
            return
        few = hashed(new).weighed(self.rarity)
        by_words, rows = self.by_words.log_probabilities(few), few.dense(np.arange(len(new)))
        by_meaning = by_words
        if self.by_meaning is not None and self.encoder is not None:
            vectors = self.encoder.encode(new)
            by_meaning, rows = self.by_meaning.log_probabilities(vectors), np.concatenate([rows, vectors], axis=1)
        odds = self._answerable.log_probabilities(rows)
        answerable = (odds[:, 1] - odds[:, 0]).tolist()
        seen |= zip(new, map(Sight, by_words, by_meaning, answerable), strict=True)

    def share_of(self, label: str, rows: Rows, vectors: Matrix | None) -> Matrix:
        """``(len(rows),)``: the fused probability of ``label``, by whichever share of the words gives it more.

        ``vectors``: the rows' meanings.
        """
        number, by_words = self._labels.index(label), self.by_words.log_probabilities(rows)
        if self.by_meaning is None or vectors is None:
            return _floats(np.exp(by_words[:, number]))
        by_meaning = self.by_meaning.log_probabilities(vectors)
        found = np.zeros(len(rows), np.float32)
        for share in (_LEXICAL_SHARE, _LEXICAL_SHARE_ABROAD):
            fused = np.exp(share * np.maximum(by_words, -14) + (1 - share) * np.maximum(by_meaning, -14))
            found = np.maximum(found, fused[:, number] / fused.sum(axis=1))
        return found

    def _fused(self, sights: Sequence[Sight], whole: str) -> Matrix:
        """Both sides together, ``(sights, labels)``. ``whole``: the text that they are part of."""
        by_words = np.array([sight.by_words for sight in sights])
        if self.by_meaning is None:
            return by_words
        by_meaning = np.array([sight.by_meaning for sight in sights])
        share = _LEXICAL_SHARE if detect_language(whole) in LANGUAGES else _LEXICAL_SHARE_ABROAD
        fused = share * np.maximum(by_words, -14) + (1 - share) * np.maximum(by_meaning, -14)
        return _floats(fused - np.log(np.exp(fused).sum(axis=1, keepdims=True)))

    @property
    def written(self) -> list[str]:
        """The phrases that the library teaches, as ``rows`` has them."""
        return [phrase for label in self._labels for phrase in self._phrases[label]]

    @property
    def importance(self) -> Matrix:
        """What each of the phrases ``written`` counts when it is learnt."""
        sizes = self._sizes()
        counted = np.where(self._is_wish, _WISHED, 1.0) / np.sqrt(np.maximum(sizes, 1))
        return _floats(np.repeat(counted, sizes))

    @property
    def unanswerable(self) -> NDArray[np.bool_]:
        """Which of the phrases ``written`` no fact answers."""
        return np.repeat(self._is_topic, self._sizes())

    def _sizes(self) -> NDArray[np.int64]:
        return np.array([len(self._phrases[label]) for label in self._labels])

    def _name(self) -> str:
        encoder = self.encoder.name if self.encoder else "none"
        answers = [(fact.id, fact.answer) for fact in self.library.facts.values()]
        content = repr((_EDITION, encoder, np.__version__, _SPOILT, sorted(self._phrases.items()), answers))
        return f"classifier-{hashlib.sha256(content.encode()).hexdigest()[:32]}"

    def _learn(self, cache: Cache) -> Arrays:
        written = [(i, p) for i, label in enumerate(self._labels) for p in self._phrases[label]]
        # Each phrase is its own seed and its own lot: misspelt the same way at each learning, its kept vector serves
        # again.
        spoilt = [(i, misspell(p, random.Random(p))) for i, p in written if _is_spoilt(p)]  # noqa: S311 - no secret
        texts = [p for _, p in written + spoilt]
        classes = np.array([i for i, _ in written + spoilt], dtype=np.int64)
        # A wish with a hundred phrases must not outweigh a fact with ten; a misspelling counts half.
        importance = (1 / np.sqrt(np.bincount(classes)[classes])).astype(np.float32)
        importance[len(written) :] *= 0.5
        importance[self._is_wish[classes]] *= _WISHED
        counts = hashed(texts)
        weights = counts.rarity(len(written))
        rows, told = counts.weighed(weights), classes[: len(written)]
        by_words = fit(rows.__getitem__, classes, importance, rounds=5, rate=0.12, decay=1e-5)
        arrays: Arrays = {"rarity": weights, "words": by_words.weights, "words_bias": by_words.bias}
        if self.encoder is None:
            answerable = self._learn_answerable(rows.dense, told)
        else:
            vectors = kept_vectors(self.encoder, texts, cache)
            by_meaning = fit(vectors.__getitem__, classes, importance, rounds=12, rate=0.06, decay=2e-6)
            arrays |= {"meaning": by_meaning.weights, "meaning_bias": by_meaning.bias}
            answerable = self._learn_answerable(
                lambda batch: np.concatenate([rows.dense(batch), vectors[batch]], axis=1), told
            )
        taught = _word_for_word(written)
        return (
            arrays
            | {"answerable": answerable.weights, "answerable_bias": answerable.bias}
            | _as_arrays(rows[np.arange(len(written))])
            | {"taught": np.array(list(taught), np.int64), "taught_as": np.array(list(taught.values()), np.int64)}
            | learn_verifier(self.library)
        )

    def _learn_answerable(self, rows: Callable[[NDArray[np.int64]], Matrix], classes: NDArray[np.int64]) -> Softmax:
        """Whether a fact answers, as against a question that is only near one. ``classes``: the label of each row."""
        near = np.array([label == _NEAR for label in self._labels])
        told = np.flatnonzero(self._is_fact[classes] | near[classes])
        kinds = self._is_fact[classes][told].astype(np.int64)
        balance = (1 / np.maximum(np.bincount(kinds, minlength=2), 1))[kinds].astype(np.float32)
        return fit(lambda batch: rows(told[batch]), kinds, balance, rounds=6, rate=0.03, decay=1e-5)


def _as_arrays(rows: Rows) -> Arrays:
    """The rows of what was learnt, small: what is taught later is compared with them (``taught``)."""
    return {
        "places": rows.places.astype(np.int16),
        "values": rows.values.astype(np.float16),
        "bounds": rows.bounds,
    }


def _whole(array: object) -> NDArray[np.signedinteger]:
    return np.asarray(array)


def _is_spoilt(phrase: str) -> bool:
    return zlib.crc32(phrase.encode()) % _SPOILT == 1


def open_classifier(library: Library, cache: Cache | None = None, *, with_encoder: bool = True) -> IntentClassifier:
    """The classifier for ``library``, learnt now or before. Raises ``KnowledgeError``."""
    check_intents(library.intents)
    kept = cache or user_cache()
    reader = Reader(library, load_lessons(), kept)
    return IntentClassifier(library, reader, open_encoder(kept) if with_encoder else None, kept)


def _phrases(library: Library) -> dict[str, tuple[str, ...]]:
    """Every label with the phrases that teach it: wishes, facts, and topics for a person (marked by a "?")."""
    asked = {fact.id: tuple(q for group in fact.questions.values() for q in group) for fact in library.facts.values()}
    near = {_NEAR: tuple(q for fact in library.facts.values() for q in fact.near)}
    return {**library.intents, **asked, **near, **{f"{_TOPIC}{topic}": p for topic, p in library.hand_over.items()}}


_GREETING = re.compile(
    r"^\s*(?:buon ?giorno|buona ?sera|salve|ciao|gentil\w+ \w+|spett\w* \w+|bonjour|hello|hi|good morning|"
    r"dear \w+|hola|guten tag|hallo|bun[ăa] ziua|p[ëe]rsh[ëe]ndetje)[\s,!.:]+",
    re.IGNORECASE,
)


def _without_greeting(text: str) -> str:
    """A greeting before something else is no part of what is asked."""
    rest = _GREETING.sub("", text, count=1)
    return rest if len(tokens(rest)) > 2 else text


def _key(text: str) -> int:
    """``text`` as its folded words, as a number."""
    return int.from_bytes(hashlib.blake2b(" ".join(tokens(text)).encode(), digest_size=7).digest(), "big")


def _word_for_word(written: Sequence[tuple[int, str]]) -> dict[int, int]:
    """Each phrase's key with its label; without those that are taught under two labels."""
    taught: dict[int, int] = {}
    for label, phrase in written:
        key = _key(phrase)
        taught[key] = label if taught.get(key, label) == label else -1
    return {key: label for key, label in taught.items() if label >= 0}


def _parts(text: str) -> list[str]:
    """The whole text, then its sentences when there are several that say something."""
    text = _without_greeting(spell_out(text))
    whole = " ".join(text.split())
    if not tokens(whole):
        return []
    telling = [s for s in sentences(text) if len(tokens(s)) > 2][:_MOST_SENTENCES]
    return [whole, *telling] if len(telling) > 1 else [whole]


def _floats(array: object) -> Matrix:
    return np.asarray(array, dtype=np.float32)
