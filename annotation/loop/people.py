"""The one list of reviewers: who may log in on the page, answers at Argilla, or has retired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from annotation.review.records import VISITOR
from annotation.review.reviewers import Reviewers, ReviewersError
from annotation.store.store import Store


@dataclass(frozen=True, slots=True)
class Person:
    """A reviewer, who has one name everywhere.

    page: may log in on the page. argilla: where the accounts are, from which answers were pulled or
    that may answer.
    reviews: how many count. gold: how many gold questions were answered rightly, and how many at
    all. assigned: how many of the questions given to this reviewer were answered, and how many are.
    """

    name: str
    page: bool
    argilla: tuple[str, ...]
    retired: bool
    reviews: int
    gold: tuple[int, int] = (0, 0)
    assigned: tuple[int, int] = (0, 0)

    @property
    def known(self) -> bool:
        """Whether this is more than a name to which something was assigned."""
        return bool(self.page or self.argilla or self.retired or self.reviews)


def person(store: Store, reviewers: Reviewers, name: str) -> Person:
    """The reviewer of a name. Raises ReviewersError if there is none, StoreError."""
    known = {one.name: one for one in people(store, reviewers)}
    if name not in known:
        raise ReviewersError(
            f"expected a reviewer, {', '.join(known) or 'of whom there are none'}, found {name!r}"
        )
    return known[name]


def people(
    store: Store, reviewers: Reviewers, members: Mapping[str, str] = MappingProxyType({})
) -> list[Person]:
    """Everybody who may review, or has. Raises StoreError or ReviewersError.

    members: who may answer at Argilla by now, and where, by name.
    """
    accounts, counts = store.accounts(), store.reviewers()
    golds, quotas = store.gold_scores(), store.quotas()
    page, retired = set(reviewers.names()), set(reviewers.retired())
    return [
        Person(
            name,
            name in page,
            tuple(sorted({*accounts.get(name, {}).values(), *filter(None, [members.get(name)])})),
            name in retired,
            counts.get(name, 0),
            golds.get(name, (0, 0)),
            quotas.get(name, (0, 0)),
        )
        for name in sorted({*page, *retired, *accounts, *counts, *quotas, *members} - {VISITOR})
    ]
