"""Work in a process of its own, so that torch stays out of this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from qa_core.errors import SpanLoopError

# Threads that wait for each other would keep the cores that a page answers on.
POLITE = {"OMP_WAIT_POLICY": "passive"}


def run_apart(module: str, *arguments: str, told: str = "") -> str:
    """What ``python -m module arguments`` says to what it is told. Raises SpanLoopError."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        input=told,
        capture_output=True,
        encoding="utf-8",
        cwd=Path(__file__).parents[1],
        env={**POLITE, **os.environ},
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise SpanLoopError(f"{module} failed: {last[0]}")
    return done.stdout
