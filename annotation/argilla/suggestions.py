"""What waits for reviewers, answered anew by the version that serves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from annotation.store.store import Store
from annotation.verifier.estimates import refresh_estimates
from qa_core.inference.answer import Answers

if TYPE_CHECKING:
    from annotation.argilla.sync import PushReport

CHUNK = 64


def refresh(
    store: Store, reader: Answers, advance: Callable[[int, int], None] = lambda done, of: None
) -> int:
    """Answer anew what no one has reviewed and another model answered; return how many.

    What was put before reviewers without a suggestion stays without one.

    The verifier in use, if any, estimates the new answers. advance: is called with how many are
    done, of how many. A kill loses nothing: refreshing again goes on.
    """
    stale = [
        kept
        for kept in store.waiting()
        if kept.suggested and kept.answer.model != reader.model and not store.reviews_of(kept.id)
    ]
    for begin in range(0, len(stale), CHUNK):
        part = stale[begin : begin + CHUNK]
        answers = reader.answer_batch([(kept.question, kept.context) for kept in part])
        for kept, answer in zip(part, answers, strict=True):
            store.keep(kept.question, kept.context, answer, reason=kept.reason, source=kept.source)
        advance(begin + len(part), len(stale))
    refresh_estimates(store)
    return len(stale)


def push_again(store: Store) -> PushReport | None:
    """Bring Argilla's suggestions up to date, where predictions were pushed to it before.

    None if none were, or not to the data set that is set up now. Raises ArgillaError.
    """
    pushed = {one.dataset for one in store.pushed().values()}
    if not pushed:
        return None
    from annotation.argilla.client import connect, explained
    from annotation.argilla.embedding import embed
    from annotation.argilla.sync import push

    connection = connect()
    with explained(connection.url):
        called = store.datasets_called(connection.target.dataset)
        dataset = connection.patiently(lambda: connection.dataset(called))
    if dataset is None or str(dataset.id) not in pushed:
        return None
    return push(store, connection, embed=embed)
