"""The real page on a slow machine: its reader rests before each piece of work, whatever it reads.

python -m tests.support.slow [what app.py takes]
"""

import runpy
import time
from collections.abc import Callable
from typing import Any

from qa_core.serving.shared import SharedReader
from tests.support.browsing import ROOT

REST = 1.0  # seconds


def slowed(work: Callable[..., Any]) -> Callable[..., Any]:
    def slow(*given: Any) -> Any:
        time.sleep(REST)
        return work(*given)

    return slow


if __name__ == "__main__":
    for name in ("_answer", "_step"):
        setattr(SharedReader, name, slowed(getattr(SharedReader, name)))
    runpy.run_path(str(ROOT / "app.py"), run_name="__main__")
