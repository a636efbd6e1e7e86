"""Which of the open questions people should see first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np

from annotation.argilla.embedding import embed
from annotation.review import policy
from annotation.verifier.model import Case, learn, of_answer
from qa_core.data.examples import Example
from qa_core.errors import InputError
from qa_core.inference.answer import Answer

Name = Literal["least-confident", "verifier", "random", "diverse", "mixed"]


@dataclass(frozen=True, slots=True)
class Open:
    """A question that nobody has reviewed, and what the reader says to it."""

    example: Example
    answer: Answer


def least_confident(
    open_: Sequence[Open], reviewed: Sequence[Case], count: int, rng: np.random.Generator
) -> list[int]:
    """Those of whose verdict the reader is least sure (Lewis & Gale 1994)."""
    return np.argsort([one.answer.confidence for one in open_], kind="stable")[:count].tolist()


def at_random(
    open_: Sequence[Open], reviewed: Sequence[Case], count: int, rng: np.random.Generator
) -> list[int]:
    """Any."""
    return rng.permutation(len(open_))[:count].tolist()


def mixed(
    open_: Sequence[Open], reviewed: Sequence[Case], count: int, rng: np.random.Generator
) -> list[int]:
    """Half of them the least confident, and half any others, as the review queue takes turns."""
    least_sure = least_confident(open_, reviewed, len(open_), rng)
    return list(
        islice(policy.mixed(least_sure, at_random(open_, reviewed, len(open_), rng)), count)
    )


def by_verifier(
    open_: Sequence[Open], reviewed: Sequence[Case], count: int, rng: np.random.Generator
) -> list[int]:
    """Those whose answers reviewers will least likely accept, as the verifier estimates.

    The least confident ones while the reviews are too few for a verifier, or where
    cross-validation on them finds it no better than confidence.
    """
    try:
        verifier, trial = learn(reviewed, progress=False)
    except InputError:
        return least_confident(open_, reviewed, count, rng)
    if not trial.used:
        return least_confident(open_, reviewed, count, rng)
    texts = [of_answer(one.example.question, one.example.context, one.answer) for one in open_]
    likely = verifier.probability(texts, [one.answer.confidence for one in open_])
    return np.argsort(likely, kind="stable")[:count].tolist()


def diverse(
    open_: Sequence[Open], reviewed: Sequence[Case], count: int, rng: np.random.Generator
) -> list[int]:
    """Questions unlike each other: of ``count`` clusters, the one nearest to each centre.

    The clusters are those of k-means over the vectors of question and answer (Zhdanov 2019,
    "Diverse mini-batch active learning", without its weights).
    """
    from sklearn.cluster import KMeans

    if len(open_) <= count:
        return list(range(len(open_)))
    vectors = np.array(
        embed([of_answer(one.example.question, one.example.context, one.answer) for one in open_])
    )
    clusters = KMeans(count, n_init=1, random_state=int(rng.integers(2**31))).fit(vectors)
    distances = clusters.transform(vectors)
    chosen: list[int] = []
    for centre in range(count):
        nearest = np.argsort(distances[:, centre], kind="stable").tolist()
        chosen.append(next(i for i in nearest if i not in chosen))
    return chosen


Ordering = Callable[[Sequence[Open], Sequence[Case], int, np.random.Generator], list[int]]
ORDERINGS: dict[Name, Ordering] = {
    "least-confident": least_confident,
    "verifier": by_verifier,
    "random": at_random,
    "diverse": diverse,
    "mixed": mixed,
}
