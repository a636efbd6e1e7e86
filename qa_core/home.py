"""Where SpanLoop keeps its state."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """Where SpanLoop keeps its state: `SPANLOOP_HOME`, or the platform's user data folder."""
    if chosen := os.environ.get("SPANLOOP_HOME"):
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("spanloop", appauthor=False))
