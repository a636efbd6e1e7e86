"""Re-train whenever enough new reviews have come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from annotation.review.records import Review
from annotation.store.store import Store
from qa_core.models.versions import Version, Versions

POLL_SECONDS = 10.0
PULL_SECONDS = 600.0  # so often even if no event came: one may have been lost


def last_learned(trained: Sequence[Version]) -> int:
    """The receipt of the newest review that any version was trained with, 0 if none was. Pure."""
    return max((v.record.get("data", {}).get("last_review", 0) for v in trained), default=0)


def newer(reviews: Mapping[str, Sequence[Review]], than: int) -> int:
    """How many predictions have a review with a later receipt. Pure."""
    return sum(any(review.number > than for review in given) for given in reviews.values())


def newest(reviews: Mapping[str, Sequence[Review]]) -> int:
    """The latest receipt, 0 if there is no review. Pure."""
    return max((review.number for given in reviews.values() for review in given), default=0)


def watch(
    store: Store,
    versions: Versions,
    wanted: int,
    train: Callable[[], None],
    wait: Callable[[], None],
) -> None:
    """Call ``train`` whenever ``wanted`` predictions have a review that no training has seen.

    wait: returns when it is time to look again; what it raises ends the watch. A training that
    failed is tried again after as many further reviews.
    """
    seen = last_learned(versions.all())
    while True:
        reviews = store.reviews()
        if newer(reviews, seen) >= wanted:
            seen = newest(reviews)
            train()
        wait()
