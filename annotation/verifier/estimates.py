"""How likely reviewers accept what waits, as the verifier in use sees it."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from annotation.store.store import Store
from annotation.verifier.model import FOLDER, Verifier, models_of, of_prediction
from qa_core.child import run_apart
from qa_core.errors import SpanLoopError, one_line
from qa_core.home import home

log = logging.getLogger(__name__)


def estimate_new(store: Store, verifier: Verifier) -> int:
    """Estimate what waits and has no estimate of its answer yet; return how many.

    Doubtful answers that are at least as likely accepted as the verifier's threshold need no
    reviewer from then on. Answers of models that the verifier does not know are left to their
    confidence. Raises StoreError.
    """
    new = store.unestimated(verifier.models)
    if not new:
        return 0
    sure = verifier.probability(
        [of_prediction(kept) for kept in new], [kept.answer.confidence for kept in new]
    )
    found = {kept.id: float(p) for kept, p in zip(new, sure, strict=True)}
    store.estimate(found, {id_ for id_, p in found.items() if p >= verifier.threshold}, add=True)
    return len(new)


def refresh_estimates(store: Store) -> None:
    """`estimate_new` by the verifier in use, in a process of its own.

    What goes wrong is logged: what has no estimate is ordered by the reader's confidence.
    """
    folder = home().resolve() / FOLDER
    try:
        if folder.exists() and store.unestimated(models_of(folder)):
            run_apart(__name__, str(folder), told=str(store.address))
    except (SpanLoopError, OSError) as error:
        log.warning("what is new among what waits is ordered by confidence: %s", error)


if __name__ == "__main__":
    try:
        if verifier := Verifier.load(Path(sys.argv[1])):
            told = sys.stdin.read()
            estimate_new(Store(told if "://" in told else Path(told)), verifier)
    except SpanLoopError as error:
        sys.exit(one_line(error))
