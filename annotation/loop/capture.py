"""The answers of `predict` put through the review policy, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotation.review.policy import Policy, reason_to_keep
from qa_core.bulk.output import answer_of, read_records
from qa_core.bulk.places import brought_here
from qa_core.bulk.shards import stem_of
from qa_core.data.examples import BadRow, Example
from qa_core.data.squad import stream_questions
from qa_core.errors import DataError

if TYPE_CHECKING:
    from annotation.store.store import Store
    from qa_core.inference.answer import Answer

SOURCE = "predict"


@dataclass(slots=True)
class Captured:
    """How many predictions were read, and are kept as doubtful and at random.

    beyond: those for which the day's budget had no room.
    """

    read: int = 0
    doubtful: int = 0
    random: int = 0
    beyond: int = 0

    @property
    def kept(self) -> int:
        return self.doubtful + self.random


def capture(
    store: Store, policy: Policy, predictions: Iterable[tuple[Example, Answer]]
) -> Captured:
    """Keep the predictions that the policy keeps of those that the page gives, in their order.

    Each is on disk before the next is looked at. Given again, as after an interruption, they are
    there once, and those that are there take nothing of the budget. Raises StoreError.
    """
    found = Captured()
    for example, answer in predictions:
        found.read += 1
        reason = reason_to_keep(policy, example.question, example.context, answer.confidence)
        if reason is None:
            continue
        id_ = store.keep(
            example.question,
            example.context,
            answer,
            reason=reason,
            source=SOURCE,
            budget=policy.daily_budget,
        )
        found.beyond += id_ is None
        found.doubtful += id_ is not None and reason == "doubtful"
        found.random += id_ is not None and reason == "random"
    return found


def read_predictions(
    answers: Sequence[str], questions: Sequence[str]
) -> Iterator[tuple[Example, Answer]]:
    """What was asked and what `predict` answered, side by side, neither held in memory.

    answers, questions: paths or URLs of files, in order. Raises DataError where an answer is not
    that of a question that follows.
    """
    asked = _asked(questions)
    for url in answers:
        with brought_here(url) as path:
            for number, row in read_records(path):
                try:
                    answer, id_ = answer_of(row), row["id"]
                except DataError as error:
                    raise DataError(f"{url}, row {number}: {error}") from error
                example = next((one for one in asked if one.id == id_), None)
                if example is None or example.context[answer.start : answer.end] != answer.text:
                    raise DataError(
                        f"{url}, row {number}: expected the answers to {', '.join(questions)} in "
                        f"their order, found another with the id {id_!r}; name what was asked as "
                        "--input"
                    )
                yield example, answer


def _asked(files: Sequence[str]) -> Iterator[Example]:
    """The questions that `predict` answers of these files."""
    for number, url in enumerate(files):
        with brought_here(url) as path:
            for one in stream_questions(path, stem=stem_of(files, number), progress=False):
                if not isinstance(one, BadRow):
                    yield one[0]
