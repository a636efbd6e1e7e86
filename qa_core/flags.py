"""Settings that are flags of a command as well: a dataclass's field with its help."""

from __future__ import annotations

import dataclasses
from typing import Any


def setting(default: Any, help: str) -> Any:
    """A field of a dataclass of settings, with what its flag's help says of it."""
    return dataclasses.field(default=default, metadata={"help": help})
