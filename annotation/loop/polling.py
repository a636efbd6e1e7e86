"""What is done again and again, with growing pauses while it fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NoReturn

from qa_core.errors import SpanLoopError

LONGEST_PAUSE = 3600.0  # in seconds, after failures; that between successes may be longer


def repeat(
    work: Callable[[], None],
    every: float,
    failed: Callable[[SpanLoopError, float], None],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> NoReturn:
    """Work, and again after ``every`` seconds; after each failure in turn after twice as long.

    failed: is told what was wrong, and after how many seconds it is tried again. What else is
    raised, by ``sleep`` too, ends it.
    """
    pause = every
    while True:
        try:
            work()
            pause = every
        except SpanLoopError as error:
            pause = min(2 * pause, max(every, LONGEST_PAUSE))
            failed(error, pause)
        sleep(pause)
