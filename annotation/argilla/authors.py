"""Who is who at Argilla: a person is an id, whatever the name and the workspaces are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from annotation.argilla.client import Connection, explained
from annotation.argilla.errors import ArgillaError
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


def members(store: Store, connection: Connection) -> dict[str, str]:
    """Who may answer in the workspace that is meant: the names here, and where they are.

    Who has not answered yet is called as at Argilla.
    """
    names = {id_: name for name, ids in store.accounts().items() for id_ in ids}
    with explained(connection.url):
        workspace = connection.patiently(lambda: connection.client.workspaces(connection.workspace))
        users = connection.ask("GET", f"workspaces/{workspace.id}/users")["items"]
    return {names.get(user["id"], user["username"]): connection.url for user in users}


def close_accounts(store: Store, connection: Connection, name: str) -> int:
    """Delete the accounts at Argilla of a reviewer; return how many those were.

    What was said there must have been pulled before: it goes with the account. Raises ArgillaError
    where one is that of this login.
    """
    known = store.accounts()
    theirs, others = known.get(name, {}), {id_ for n in known if n != name for id_ in known[n]}
    with explained(connection.url):
        me = connection.ask("GET", "me")["id"]
        found = [
            user["id"]
            for user in connection.ask("GET", "users")["items"]
            if user["id"] in theirs or (user["username"] == name and user["id"] not in others)
        ]
        if me in found:
            raise ArgillaError(
                f"expected the account of somebody else, found that {name!r} is the one whose "
                "ARGILLA_API_KEY this is: use another owner's"
            )
        for id_ in found:
            connection.ask("DELETE", f"users/{id_}")
    return len(found)


def _all_users(connection: Connection) -> list[dict[str, str]]:
    """Every user there is, which only an owner may ask for; else none."""
    try:
        found: list[dict[str, str]] = connection.ask("GET", "users")["items"]
    except httpx.HTTPStatusError as error:
        if error.response.status_code != httpx.codes.FORBIDDEN:
            raise
        return []
    return found
