"""Where SpanLoop keeps its state."""

from __future__ import annotations

from pathlib import Path

from qa_core import settings


def home() -> Path:
    """`SPANLOOP_HOME`, or the platform's user data folder. It need not exist yet."""
    if chosen := settings.read().home:
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("spanloop", appauthor=False))
