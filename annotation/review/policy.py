"""Which predictions need a person, and in what order. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, zip_longest

from annotation.review.records import REASONS, Kept, Reason
from qa_core.defaults import DAILY_BUDGET, RANDOM_SHARE, REVIEW_THRESHOLD
from qa_core.errors import InputError


@dataclass(frozen=True, slots=True)
class Policy:
    """When a prediction is kept for people.

    threshold: verdicts whose confidence (a probability) is below it are doubtful. random_share:
    the share (0 to 1) of the others that is kept all the same, to measure the model without
    bias. daily_budget: how many doubtful and random ones are kept in a day (UTC); what a user
    flags is always kept.
    """

    threshold: float = REVIEW_THRESHOLD
    random_share: float = RANDOM_SHARE
    daily_budget: int = DAILY_BUDGET

    def __post_init__(self) -> None:
        for name in ("threshold", "random_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name}: expected 0 to 1, found {getattr(self, name)}")
        if self.daily_budget < 0:
            raise InputError(f"daily_budget: expected at least 0, found {self.daily_budget}")


def record_id(question: str, context: str) -> str:
    """One id, 32 hex digits, for a question on a context, however often it is asked."""
    return hashlib.sha256(json.dumps([question, context]).encode()).hexdigest()[:32]


def reason_to_keep(
    policy: Policy, question: str, context: str, confidence: float, *, flagged: bool = False
) -> Reason | None:
    """Why a prediction should be seen by a person, None if it need not be.

    Which ones are "random" depends on question and context alone, so that asking again does not
    draw again.
    """
    if flagged:
        return "flagged"
    if confidence < policy.threshold:
        return "doubtful"
    draw = int(record_id(question, context)[:13], 16) / 16**13
    return "random" if draw < policy.random_share else None


def in_turn(predictions: Iterable[Kept], accepted: Mapping[str, float]) -> list[Kept]:
    """In the order in which people should see them: by turns a flagged one and one of the others.

    So whoever flags much holds up nobody. Of the others the least sure come first, and those kept
    at random take turns with them, whatever their answers: they show what all are like
    (docs/results.md, mixed reviews). accepted: how likely reviewers accept the answer (a
    probability), by id; the reader's confidence stands in where it is not known.
    """
    by_doubt = sorted(predictions, key=lambda kept: accepted.get(kept.id, kept.confidence))
    flagged, doubtful, random = (
        [kept for kept in by_doubt if kept.reason == reason] for reason in REASONS
    )
    random.sort(key=lambda kept: kept.id)
    return _by_turns(flagged, _by_turns(doubtful, random))


def _by_turns(*several: list[Kept]) -> list[Kept]:
    turns = chain.from_iterable(zip_longest(*several))
    return [kept for kept in turns if kept is not None]
