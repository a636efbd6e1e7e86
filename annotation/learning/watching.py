"""Re-train whenever enough new reviews have come in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from annotation.store.store import Store
from qa_core.models.versions import Version, Versions

POLL_SECONDS = 10.0
PULL_SECONDS = 600.0  # so often even if no event came: one may have been lost


def last_learned(trained: Sequence[Version]) -> int:
    """The receipt of the newest review that any version was trained with, 0 if none was. Pure."""
    return max((v.record.get("data", {}).get("last_review", 0) for v in trained), default=0)


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
        if store.reviewed_since(seen) >= wanted:
            seen = store.newest_review()
            train()
        wait()
