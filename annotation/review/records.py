"""What the store holds: predictions, what people say of them, and what other systems have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from annotation.review.agreement import Consensus, Opinion, Spans
from qa_core.inference.answer import Answer
from qa_core.inference.lists import items

Reason = Literal["flagged", "doubtful", "random", "imported"]  # why a prediction is kept
REASONS: tuple[Reason, ...] = ("flagged", "doubtful", "random", "imported")
FORMAT = 2  # of what is sent to other systems; one more where it changes
VISITOR = "visitor"  # whoever used the page without a login: heard, but no reviewer
# What stands for the answer of a question that is put before reviewers without one.
NO_SUGGESTION = Answer("", 0, 0, 0.0, 0.0, 0.0, False, (), (), model="", plain_confidence=0.0)


@dataclass(frozen=True, slots=True)
class Prediction:
    """A question and the answer that is kept for people. at: when, ISO 8601 in UTC.

    The answer is as the model gave it, but for what the store doesn't hold: its warnings,
    plain_confidence and answerable_probability.
    Its model is "" if none answered, as `NO_SUGGESTION` has it.
    """

    id: str
    question: str
    context: str
    answer: Answer
    reason: Reason
    source: str
    at: str

    @property
    def suggested(self) -> bool:
        """Whether a model answered, so that reviewers have a suggestion."""
        return bool(self.answer.model)

    @property
    def items(self) -> Spans:
        """Where the items of the answer stand, if it is a list; else nothing."""
        at = self.answer.start
        return tuple((at + a, at + b) for a, b in items(self.question, self.answer.text))


@dataclass(frozen=True, slots=True)
class Review:
    """What one reviewer says of a prediction: the answer stands at ``[start, end)``, or nowhere.

    start and end are code points of the whole context, None if the text does not say. further: the
    other spans, in the text's order, where several together are the answer. number: the receipt; it
    grows with every change, also of another's review.
    """

    number: int
    prediction: str
    reviewer: str
    start: int | None
    end: int | None
    note: str
    source: str
    at: str
    further: Spans = ()

    @property
    def opinion(self) -> Opinion:
        return Opinion(self.reviewer, self.start, self.end, self.further)

    @property
    def spans(self) -> Spans:
        """All the spans that together are the answer; none if the text does not say."""
        return self.opinion.spans


@dataclass(frozen=True, slots=True)
class Said:
    """A review as it stands on record. given: when it was said, wherever, ISO 8601 in UTC.

    withdrawn: it takes back what this reviewer said before. counts: nothing newer of this reviewer
    is in its place.
    """

    review: Review
    given: str
    withdrawn: bool
    counts: bool


@dataclass(frozen=True, slots=True)
class Pushed:
    """A prediction as another system, where people review, last got it from here.

    digest: of all that was sent. start, end: the piece of the context that was sent, in code
    points. problem: why the other system would not take it, or "". vectors: whether its vectors
    went along. rounds: how many records of it are there, 0 if they were deleted. trouble: what was
    said there of why it is not decided, or "". at: when something of it was last sent, ISO 8601 in
    UTC; "" if an older version did. state: what the digest depends on (`state_of`), to be compared
    without it.
    """

    dataset: str
    prediction: str
    digest: str
    start: int
    end: int
    problem: str = ""
    vectors: bool = False
    rounds: int = 1
    trouble: str = ""
    at: str = ""
    state: str = ""


def state_of(kept: Prediction, assigned: Sequence[str]) -> str:
    """What is sent of a prediction changes with this alone, or with the program.

    assigned: the reviewers it is given to, in order. `ReviewQueue.to_push` has the same in SQL.
    """
    return "|".join((str(FORMAT), kept.answer.model, kept.reason, ",".join(assigned)))


@dataclass(frozen=True, slots=True)
class Pulled:
    """A response of another system as it was last taken in.

    reviewer: the name under which it is kept; person: the id of its author there. version: when it
    was last changed, in ISO 8601. problem: why it says nothing that can be kept, or "". record:
    our id of the record there that it answers. status: "submitted", "discarded" or "draft".
    """

    response: str
    dataset: str
    prediction: str
    reviewer: str
    version: str
    problem: str = ""
    person: str = ""
    record: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """A row of a file whose question is a prediction: the file's name, the row's id and title."""

    prediction: str
    source: str
    row: str
    title: str
    at: str


@dataclass(frozen=True, slots=True)
class Aside:
    """What could not be exchanged with another system: a prediction, or a response to it.

    id: the response's, or else the prediction's. reviewer: the response's author, "" if it is none.
    address: where people open the data set, "" if it is not known.
    """

    id: str
    question: str
    reviewer: str
    problem: str
    address: str


def decided(
    kept: Iterable[Prediction], consensus: Mapping[str, Consensus]
) -> list[tuple[Prediction, Consensus]]:
    """The predictions on which reviewers decided, with what they say together."""
    return [(one, merged) for one in kept if (merged := consensus.get(one.id)) and merged.decided]
