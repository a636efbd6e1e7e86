"""People in the loop: reviewing uncertain answers, and learning from the reviews.

What is listed in ``__all__`` is the public interface; it is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from annotation.argilla.client import Connection, Target, connect
    from annotation.argilla.errors import ArgillaError
    from annotation.argilla.sync import PullReport, PushReport, pull, push
    from annotation.learning.material import Material
    from annotation.learning.retrain import retrain
    from annotation.learning.settings import Gate, Settings
    from annotation.review.agreement import Agreement, Consensus, Opinion, agreement, merge
    from annotation.review.policy import Policy, in_turn, reason_to_keep
    from annotation.review.records import Prediction, Review
    from annotation.store.store import Store, StoreError

_HOMES = {
    "annotation.argilla.client": ("Connection", "Target", "connect"),
    "annotation.argilla.errors": ("ArgillaError",),
    "annotation.argilla.sync": ("PullReport", "PushReport", "pull", "push"),
    "annotation.learning.material": ("Material",),
    "annotation.learning.retrain": ("retrain",),
    "annotation.learning.settings": ("Gate", "Settings"),
    "annotation.review.agreement": ("Agreement", "Consensus", "Opinion", "agreement", "merge"),
    "annotation.review.policy": ("Policy", "in_turn", "reason_to_keep"),
    "annotation.review.records": ("Prediction", "Review"),
    "annotation.store.store": ("Store", "StoreError"),
}
_WHERE = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Agreement",
    "ArgillaError",
    "Connection",
    "Consensus",
    "Gate",
    "Material",
    "Opinion",
    "Policy",
    "Prediction",
    "PullReport",
    "PushReport",
    "Review",
    "Settings",
    "Store",
    "StoreError",
    "Target",
    "agreement",
    "connect",
    "in_turn",
    "merge",
    "pull",
    "push",
    "reason_to_keep",
    "retrain",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = getattr(import_module(_WHERE[name]), name)
    return globals()[name]


def __dir__() -> list[str]:
    return __all__
