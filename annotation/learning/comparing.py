"""Two versions side by side: what each answers to the same reviewed questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap

from annotation.learning.settings import Settings
from qa_core.data.examples import Example
from qa_core.data.splits import split_by_paragraph
from qa_core.evaluation.metrics import exact_match
from qa_core.inference.answer import Answer, Answers

MOST = 40  # questions that are compared


@dataclass(frozen=True, slots=True)
class Compared:
    """A reviewed question, and two answers to it. right: whether each is what reviewers decided."""

    example: Example
    answers: tuple[Answer, Answer]

    @property
    def right(self) -> tuple[bool, bool]:
        one, other = (self._is_right(answer) for answer in self.answers)
        return one, other

    def _is_right(self, answer: Answer) -> bool:
        golds = [gold.text for gold in self.example.answers] or [""]
        return bool(exact_match(answer.text if answer.answerable else "", golds))


def side_by_side(reviews: Sequence[Example], one: Answers, other: Answers) -> list[Compared]:
    """The newest reviews that no re-training learns from, answered by both readers.

    Those on which one reader is right and the other wrong come first. Where no review is held
    out, it is of those that were learned from.
    """
    held_out = split_by_paragraph(reviews, Settings().held_out)[1] or list(reviews)
    asked = held_out[-MOST:]
    pairs = [example.pair for example in asked]
    answers = zip(one.answer_batch(pairs), other.answer_batch(pairs), strict=True)
    compared = list(starmap(Compared, zip(asked, answers, strict=True)))
    return sorted(compared, key=lambda pair: pair.right[0] == pair.right[1])
