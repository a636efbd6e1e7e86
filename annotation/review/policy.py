"""Which predictions need a person, and in what order. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count, zip_longest
from typing import TypeVar

from annotation.review.records import Prediction, Reason
from qa_core.data.examples import question_id
from qa_core.defaults import DAILY_BUDGET, RANDOM_SHARE, REVIEW_THRESHOLD
from qa_core.errors import InputError

T = TypeVar("T")
GOLD_TURNS = 8  # on the page, one question in so many is a gold one


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
    draw = int(question_id(question, context)[:13], 16) / 16**13
    return "random" if draw < policy.random_share else None


def mixed(least_sure: Iterable[T], drawn: Iterable[T], *, turn: int = 0) -> Iterator[T]:
    """Those of whose answers one is least sure take turns with any others, as they are drawn.

    The first n hold the n/2 (rounded up) least sure, and as many drawn as make n: where one was
    drawn before its doubt had its turn, another is drawn. least_sure: the least sure first. drawn:
    all, in the order of a draw. turn: how many turns were taken before; with it, only the first
    that comes is meant. Both are read no further than needed.
    """
    taken: set[T] = set()
    doubts, others = iter(least_sure), (one for one in drawn if one not in taken)
    for number in count(turn):
        one = next(doubts, None) if number % 2 == 0 else None
        if one is None or one in taken:
            one = next(others, None)
        if one is None:
            return
        taken.add(one)
        yield one


def is_turn_of_gold(reviewer: str, number: int) -> bool:
    """Whether the question after so many is a gold one: one in `GOLD_TURNS`, as they are drawn."""
    drawn = hashlib.sha256(f"{number} {reviewer}".encode(errors="replace")).digest()
    return int.from_bytes(drawn[:4]) % GOLD_TURNS == 0


def deal(
    predictions: Sequence[str], reviewers: Sequence[str], *, each: int | None, double: float = 0
) -> dict[str, tuple[str, ...]]:
    """Predictions to reviewers, by turns, as long as anybody has fewer than ``each``.

    predictions: ids, those to be dealt first before the others. each: None for no end. double: the
    share (0 to 1) of predictions that two of the reviewers get, which the ids draw.
    """
    share = dict.fromkeys(reviewers, 0)
    found: dict[str, tuple[str, ...]] = {}
    for id_ in predictions:
        wanted = 2 if int(id_[:13], 16) / 16**13 < double else 1
        free = sorted(
            (name for name in share if each is None or share[name] < each), key=share.__getitem__
        )
        if not free:
            break
        found[id_] = tuple(free[:wanted])
        for name in found[id_]:
            share[name] += 1
    return found


def in_turn(predictions: Iterable[Prediction], accepted: Mapping[str, float]) -> list[Prediction]:
    """In the order in which people should see them: by turns a flagged one and one of the others.

    So whoever flags much holds up nobody. The others are `mixed`. Of those that can be drawn, the
    ones kept at random come first, whatever their answers: they stand for all that are sure, of
    which only few are kept. The ids, which are hashes, draw the rest. What was imported waits like
    the doubtful ones, first of all where no model has answered it. accepted: how likely reviewers
    accept the answer (a probability), by id; the reader's confidence stands in where it is not
    known.
    """
    known = {kept.id: kept for kept in predictions}

    def doubt(kept: Prediction) -> tuple[float, str, str]:
        return accepted.get(kept.id, kept.answer.confidence), kept.at, kept.id

    by_doubt = sorted(known.values(), key=doubt)
    flagged = [kept.id for kept in by_doubt if kept.reason == "flagged"]
    random = [kept.id for kept in by_doubt if kept.reason == "random"]
    doubtful = [kept.id for kept in by_doubt if kept.reason in ("doubtful", "imported")]
    turns = mixed(doubtful, [*sorted(random), *sorted(doubtful)])
    both = chain.from_iterable(zip_longest(flagged, turns))
    return [known[id_] for id_ in both if id_ is not None]
