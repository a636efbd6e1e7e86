"""A text cut once, for all questions: overlapping passages of tokens, and their words. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qa_core.inference.windows import IntArray, Windower, Windows, window_begins

EDGE = 64  # characters around a passage that show whether its first and last words are whole

# Scripts that write no blanks between words: each character is a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")


@dataclass(frozen=True, slots=True)
class Passages:
    """The passages of a text: each fits into a window with the longest question.

    ids: int64 ``[T]``, the text's tokens. offsets: int64 ``[T, 2]``, code points, end exclusive.
    begins, stops: int64 ``[n]``, the tokens ``begins[i]:stops[i]`` of each passage.
    """

    text: str
    ids: IntArray
    offsets: IntArray
    begins: IntArray
    stops: IntArray

    def __len__(self) -> int:
        return len(self.begins)

    @classmethod
    def of(cls, text: str, windower: Windower) -> Passages:
        """Cut a text. Raises InputError where it is not valid Unicode."""
        (whole,) = windower(["?"], [text])
        return cls.cut(text, whole.context_ids, whole.offsets, windower)

    @classmethod
    def cut(cls, text: str, ids: IntArray, offsets: IntArray, windower: Windower) -> Passages:
        """Cut a text whose tokens are known."""
        sizes = windower.sizes
        room = sizes.max_length - sizes.max_question_length - windower.template.length
        begins = window_begins(len(ids), room, sizes.stride)
        return cls(text, ids, offsets, begins, np.minimum(begins + room, len(ids)))

    def bounds(self, number: int) -> tuple[int, int]:
        """Where a passage stands in the text, in code points."""
        if not len(self.ids):
            return 0, len(self.text)
        begin, stop = self.begins[number], self.stops[number]
        return int(self.offsets[begin, 0]), int(self.offsets[stop - 1, 1])

    def words(self, number: int) -> list[str]:
        """The words of a passage, for the index."""
        start, end = self.bounds(number)
        return words(self.text[start:end])

    def window(
        self, number: int, question_ids: IntArray, windower: Windower
    ) -> tuple[str, int, Windows]:
        """A passage's own text, where that begins, and its one window with a question."""
        start, end = self.bounds(number)
        first = max(0, start - EDGE)
        held = slice(int(self.begins[number]), int(self.stops[number]))
        kept = question_ids[: windower.sizes.max_question_length]
        windows = Windows(
            template=windower.template,
            question_ids=kept,
            context_ids=self.ids[held],
            offsets=self.offsets[held] - first,
            begins=np.zeros(1, np.int64),
            stops=np.array([held.stop - held.start], np.int64),
            question_cut=len(kept) < len(question_ids),
        )
        return self.text[first : end + EDGE], first, windows


def words(text: str) -> list[str]:
    """What the index compares: words in small letters, single signs of scripts without blanks."""
    return _WORD.findall(text.lower())


def question_ids(question: str, windower: Windower) -> IntArray:
    """int64 ``[Q]``: the tokens of a question, however many."""
    encoded = windower.tokenizer.encode(question, add_special_tokens=False)
    return np.array(encoded.ids, np.int64)


@dataclass(frozen=True, slots=True)
class Place:
    """A passage of one of several texts."""

    text: int
    passage: int


class Index:
    """Which passages share the rarest words with a question: BM25 over all of them."""

    def __init__(self, texts: Sequence[Passages]) -> None:
        import bm25s

        self.places = [Place(n, i) for n, text in enumerate(texts) for i in range(len(text))]
        corpus = [texts[place.text].words(place.passage) for place in self.places]
        self._bm25 = bm25s.BM25() if any(corpus) else None
        if self._bm25 is not None:
            self._bm25.index(corpus, show_progress=False)

    def ranked(self, question: str) -> list[Place]:
        """All passages, the most promising first; those that are alike in their order."""
        asked = list(dict.fromkeys(words(question)))
        if self._bm25 is None or not asked:
            return self.places
        scores = self._bm25.get_scores(asked)
        return [self.places[n] for n in np.argsort(-scores, kind="stable").tolist()]
