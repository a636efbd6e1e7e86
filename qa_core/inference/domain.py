"""Whether a question is of the kind that a model was last taught, by the words around it.

A linear classifier of the words of question and context. Words are kept as hashes, so that the
model's files don't hold the texts it learned from.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BUCKETS = 2**16
WORD = re.compile(r"\w\w+")


@dataclass(frozen=True, slots=True)
class Domain:
    """A kind of text. weights: by hash of a word, in log-odds; bias: log-odds."""

    weights: Mapping[int, float]
    bias: float

    def holds(self, question: str, context: str) -> bool:
        """Whether they are more likely of this kind than not."""
        found = hashes(question, context)
        total = sum(self.weights.get(word, 0.0) for word in found)
        return bool(total / max(1, len(found)) ** 0.5 + self.bias > 0)

    @classmethod
    def fit(
        cls, inside: Sequence[tuple[str, str]], outside: Sequence[tuple[str, str]]
    ) -> Domain | None:
        """Tell (question, context) pairs apart; None unless there are some of either kind.

        Logistic regression on which words occur, each text's vector of length 1.
        """
        from sklearn.feature_extraction import DictVectorizer
        from sklearn.linear_model import LogisticRegression

        if not inside or not outside:
            return None
        texts = [hashes(*pair) for pair in (*inside, *outside)]
        vectorizer = DictVectorizer()
        x = vectorizer.fit_transform([dict.fromkeys(t, max(1, len(t)) ** -0.5) for t in texts])
        y = [True] * len(inside) + [False] * len(outside)
        found = LogisticRegression(C=10, max_iter=1000).fit(x, y)
        named = zip(vectorizer.feature_names_, found.coef_[0], strict=True)
        weights = {word: round(float(weight), 4) for word, weight in named}
        return cls(weights, float(found.intercept_[0]))

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Domain:
        """From what JSON made of its fields. Raises ValueError, KeyError, TypeError."""
        weights = {int(word): float(weight) for word, weight in dict(record["weights"]).items()}
        return cls(weights, float(record["bias"]))


def hashes(question: str, context: str) -> set[int]:
    """The words of both, of two characters or more, without case: each as a number."""
    words = set(WORD.findall(f"{question} {context}".lower()))
    return {zlib.crc32(word.encode()) % BUCKETS for word in words}
