"""The pieces of words that the encoder knows, and how a text is cut into them.

What sentencepiece does with a unigram model, with the 128,000 pieces mapped from the cache: it holds 27 MB of them in
every process, this 3 MB, for a tenth of a millisecond a sentence. Number for number the same for every text of ours and
in any script (``tests/conversation/test_pieces.py``); only a full-width tilde, and marks above or below a letter that
do not stand in their canonical order, may be cut otherwise.

A text is normalised (NFKC, one space between words, none around them), and of all ways to cut it the likeliest is
taken: the one whose pieces' logarithms have the greatest sum. A character that is in no piece is unknown; several of
them in a row are one.
"""

import struct
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conversation.understanding.cache import Arrays, Cache

#: The encoder's numbers for what is no piece, and for the two ends of a text.
_UNKNOWN, _BEGIN, _END = 0, 1, 2
#: An unknown character counts for so much less than the least likely piece (sentencepiece, ``kUnkPenalty``).
_PENALTY = 10.0
#: Stands for a space.
_SPACE = "\u2581"
#: What the model takes for a space besides what NFKC does.
_SPACES = dict.fromkeys(map(ord, "\t\n\f\r\u1680\u200b\u200e\u200f\u2028\u2029\u2581\ufeff\ufffd"), " ")
#: Odd (2^64 by the golden ratio): the hash of a piece is a polynomial in it, modulo 2^64.
_BASE = np.uint64(0x9E3779B97F4A7C15)
#: A piece's own kind (sentencepiece_model.proto): the others mark the ends of a text, or are never met in one.
_NORMAL = 1
#: Words of which the pieces are known at once: a megabyte.
_MOST_KNOWN = 4_000


class Pieces:
    """The pieces of ``model``, a file of sentencepiece's with a unigram model."""

    def __init__(self, model: Path, kept: Cache) -> None:
        name = f"pieces-{model.stat().st_size}"
        arrays = kept.load(name)
        if arrays is None:
            arrays = _arrays(model)
            kept.save(name, arrays)
            arrays = kept.load(name) or arrays  # mapped, where it was kept
        self._hashes = np.asarray(arrays["hashes"], np.uint64)
        self._numbers = np.asarray(arrays["numbers"], np.int32)
        self._scores = np.asarray(arrays["scores"], np.float32)
        self._longest = int(arrays["longest"])
        self._known: dict[str, tuple[int, ...]] = {}
        self._unknown = float(np.float32(arrays["least"]) - np.float32(_PENALTY))

    def meet(self, texts: Sequence[str]) -> None:
        """Cut the words of some texts all at once: ``encode`` then knows them, which is quicker than one by one."""
        self._of([word for text in texts for word in _words(text)])

    def encode(self, text: str, **_more: object) -> list[int]:
        """The numbers of the text's pieces, between those of its ends; as the encoder calls it."""
        numbers = [_BEGIN]
        for cut in self._of(_words(text)):
            numbers += cut[1:] if cut[0] == numbers[-1] == _UNKNOWN else cut
        return [*numbers, _END]

    def _of(self, words: Sequence[str]) -> list[tuple[int, ...]]:
        """The pieces of each word: none goes on into the next word. Those of words met before are known."""
        known = self._known
        if unknown := list(dict.fromkeys(word for word in words if word not in known)):
            if len(known) + len(unknown) > _MOST_KNOWN:
                known = self._known = {word: known[word] for word in words if word in known}
            known.update(zip(unknown, self._cut([_SPACE + word for word in unknown]), strict=True))
        return [known[word] for word in words]

    def _cut(self, words: Sequence[str]) -> Iterator[tuple[int, ...]]:
        """The likeliest pieces of each; sums are rounded to single precision at each step, as sentencepiece does."""
        text = "".join(words)
        starts, lengths, places = self._found(text)
        best = array("f", [0.0]) + array("f", [-np.inf]) * len(text)
        begun, taken = [0] * (len(text) + 1), [_UNKNOWN] * (len(text) + 1)
        numbers, scores = self._numbers[places].tolist(), self._scores[places].tolist()
        score, at = array("f", [0.0]), zip(starts, lengths, numbers, scores, strict=True)
        found = next(at, None)
        for step in range(len(text)):
            known = False
            while found is not None and found[0] == step:
                end = step + found[1]
                score[0] = best[step] + found[3]
                if score[0] > best[end]:
                    best[end], begun[end], taken[end] = score[0], step, found[2]
                known = known or found[1] == 1
                found = next(at, None)
            score[0] = best[step] + self._unknown
            if not known and score[0] > best[step + 1]:
                best[step + 1], begun[step + 1], taken[step + 1] = score[0], step, _UNKNOWN
        ends = [0, *accumulate(map(len, words))]
        return (_backwards(begun, taken, start, end) for start, end in pairwise(ends))

    def _found(self, text: str) -> tuple[list[int], list[int], NDArray[np.int64]]:
        """The pieces that stand in the text, by where they begin and then by length: both, and their places here."""
        codes = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.uint64)
        hashes = codes
        each = [hashes]
        for length in range(2, min(self._longest, len(codes)) + 1):
            hashes = hashes[:-1] * _BASE + codes[length - 1 :]
            each.append(hashes)
        every = np.concatenate(each)
        places = np.minimum(np.searchsorted(self._hashes, every), len(self._hashes) - 1)
        there = np.flatnonzero(self._hashes[places] == every)
        lengths = np.repeat(np.arange(1, len(each) + 1), [len(part) for part in each])[there]
        starts = np.concatenate([np.arange(len(part)) for part in each])[there]
        order = np.lexsort((lengths, starts))
        return starts[order].tolist(), lengths[order].tolist(), places[there][order]


def _words(text: str) -> list[str]:
    return [word for word in unicodedata.normalize("NFKC", text.translate(_SPACES)).split(" ") if word]


def _backwards(begun: list[int], taken: list[int], start: int, end: int) -> tuple[int, ...]:
    """The pieces between two places."""
    numbers: list[int] = []
    while end > start:
        if taken[end] != _UNKNOWN or not numbers or numbers[-1] != _UNKNOWN:
            numbers.append(taken[end])
        end = begun[end]
    return tuple(numbers[::-1])


def _hash(piece: str) -> int:
    value = 0
    for character in piece:
        value = (value * int(_BASE) + ord(character)) % 2**64
    return value


def _arrays(model: Path) -> Arrays:
    """What is kept: the normal pieces' hashes in order, their numbers and scores, the longest and the least likely."""
    found = [(_hash(piece), number, score, len(piece)) for number, piece, score in _read(model.read_bytes())]
    hashes = np.array([one[0] for one in found], np.uint64)
    order = np.argsort(hashes)
    return {
        "hashes": hashes[order],
        "numbers": np.array([one[1] for one in found], np.int32)[order],
        "scores": np.array([one[2] for one in found], np.float32)[order],
        "longest": np.array(max(one[3] for one in found)),
        "least": np.array(min(one[2] for one in found), np.float32),
    }


def _read(data: bytes) -> Iterator[tuple[int, str, float]]:
    """Number, words and score of each normal piece: the first field of sentencepiece's ``ModelProto``."""
    place, number = 0, 0
    while data[place] == 0x0A:  # field 1, a message
        size, place = _varint(data, place + 1)
        end = place + size
        piece, score, kind = "", 0.0, _NORMAL
        while place < end:
            field, place = data[place], place + 1
            if field == 0x0A:  # 1, a string
                size, place = _varint(data, place)
                piece, place = data[place : place + size].decode(), place + size
            elif field == 0x15:  # 2, a float
                (score,), place = struct.unpack_from("<f", data, place), place + 4
            else:  # 3, an enumeration
                kind, place = _varint(data, place)
        if kind == _NORMAL:
            yield number, piece, score
        number += 1


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte, place = data[place], place + 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
