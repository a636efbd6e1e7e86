"""A queue in which visitors take turns, so that one who asks for much makes nobody else wait."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from itertools import chain, zip_longest
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """Items of several visitors: one of each in turn, each visitor's own in the order they came.

    Not safe to share between threads without a lock.
    """

    def __init__(self) -> None:
        self._of: OrderedDict[str, deque[T]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._of)

    def __iter__(self) -> Iterator[T]:
        """All items in the order in which they will be taken."""
        rounds = zip_longest(*self._of.values())
        return (item for item in chain.from_iterable(rounds) if item is not None)

    def of(self, visitor: str) -> tuple[T, ...]:
        """A visitor's items."""
        return tuple(self._of.get(visitor, ()))

    def put(self, visitor: str, item: T) -> None:
        """Add an item after the visitor's others."""
        self._of.setdefault(visitor, deque()).append(item)

    def take(self) -> T:
        """The next item, which leaves the queue; its visitor's turn comes last. Raises KeyError."""
        visitor, items = self._of.popitem(last=False)
        item = items.popleft()
        if items:
            self._of[visitor] = items
        return item
