"""Who is who at Argilla: a person is an id, whatever the name and the workspaces are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from annotation.argilla.client import Connection
from annotation.review.records import Pulled
from annotation.store.store import Store

if TYPE_CHECKING:
    import argilla as rg


class Authors:
    """The people who answer in a data set, or did."""

    def __init__(self, store: Store, connection: Connection, dataset: rg.Dataset) -> None:
        self._store, self._server = store, connection.url
        workspace = connection.patiently(lambda: dataset.workspace.id)
        users = [
            *_all_users(connection),
            *connection.ask("GET", f"workspaces/{workspace}/users")["items"],
            connection.ask("GET", "me"),
        ]
        self._here = {user["id"]: user["username"] for user in users}
        self._called: dict[str, str] = {}

    def name(self, person: str, before: str = "") -> str:
        """The name under which reviews of this person (an id) are kept.

        before: the name under which an earlier one was.
        """
        if person not in self._called:
            names = [before] if before not in ("", person) else []
            names += [self._here[person]] if person in self._here else []
            called = self._store.name_of(person, names, server=self._server)
            if called == person:
                return person  # it may turn up by another response
            self._called[person] = called
        return self._called[person]

    def is_here(self, pulled: Pulled) -> bool:
        """Whether the author of a response is still at Argilla, so far as this login may see."""
        if pulled.person:
            return pulled.person in self._here
        return pulled.reviewer in self._here.values()


def _all_users(connection: Connection) -> list[dict[str, str]]:
    """Every user there is, which only an owner may ask for; else none."""
    try:
        found: list[dict[str, str]] = connection.ask("GET", "users")["items"]
    except httpx.HTTPStatusError as error:
        if error.response.status_code != httpx.codes.FORBIDDEN:
            raise
        return []
    return found
