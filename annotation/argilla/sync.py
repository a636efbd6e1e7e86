"""Push doubtful predictions to Argilla, and pull what its reviewers say.

Records carry the predictions' ids, so that pushing again, or after a failure at any moment,
doubles nothing; what has been confirmed is noted in the store batch by batch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from annotation.argilla import payload as records
from annotation.argilla.client import Connection, explained, unprocessable
from annotation.argilla.dataset import open_dataset
from annotation.review.records import Prediction, Pulled, Pushed
from annotation.store.store import Store
from qa_core.errors import InputError, one_line
from qa_core.text.excerpts import Excerpt

if TYPE_CHECKING:
    import argilla as rg

SOURCE = "argilla"
BATCH = 100  # the server takes 500 records, and 250 values in a filter
PAGE = 500
Advance = Callable[[int, int], None]
Embed = Callable[[Sequence[str]], list[list[float]]]


@dataclass(frozen=True, slots=True)
class PushReport:
    """What a push did: counts of records, and those set aside by id with the reason.

    reviewed: those left as they are because somebody has answered them.
    """

    sent: int
    unchanged: int
    reviewed: int
    set_aside: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PullReport:
    """What a pull did: counts of responses, and those set aside by id with the reason.

    withdrawn: deleted, discarded or made drafts again. unknown: of records that are not (or no
    longer) in the store.
    """

    taken: int
    withdrawn: int
    unchanged: int
    unknown: int
    set_aside: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Parcel:
    kept: Prediction
    shown: Excerpt
    body: Mapping[str, Any]

    def pushed(self, dataset: str, problem: str) -> Pushed:
        start, end = self.shown.start, self.shown.start + len(self.shown.text)
        return Pushed(dataset, self.kept.id, records.digest(self.body), start, end, problem)


def push(
    store: Store,
    connection: Connection,
    *,
    embed: Embed | None = None,
    advance: Advance = lambda done, of: None,
) -> PushReport:
    """Send what waits for a reviewer, and newer suggestions where nobody has answered yet.

    embed: questions to vectors, for "find similar"; None sends none. advance: is called with how
    many records are done, of how many. Raises ArgillaError; what was confirmed by then is noted,
    and pushing again goes on.
    """
    with explained(connection.url):
        dataset = connection.patiently(lambda: open_dataset(connection))
        known, waiting = store.pushed(str(dataset.id)), store.waiting()
        parcels = [
            parcel
            for kept in waiting
            if (parcel := _parcel(kept, known.get(kept.id), connection.target.excerpt))
        ]
        reviewed, set_aside = 0, dict[str, str]()
        for begin in range(0, len(parcels), BATCH):
            batch = parcels[begin : begin + BATCH]
            there = _find(connection, dataset, [parcel.kept.id for parcel in batch])
            fresh = [p for p in batch if not there.get(p.kept.id, {}).get("responses")]
            problems = _send(connection, dataset, [p.body for p in fresh], embed)
            for parcel in fresh:
                _drop_stale(connection, there.get(parcel.kept.id), parcel.body)
            store.note_pushed(
                parcel.pushed(str(dataset.id), problems.get(parcel.kept.id, "")) for parcel in batch
            )
            reviewed += len(batch) - len(fresh)
            set_aside |= problems
            advance(begin + len(batch), len(parcels))
    sent = len(parcels) - reviewed - len(set_aside)
    return PushReport(sent, len(waiting) - len(parcels), reviewed, set_aside)


def pull(
    store: Store, connection: Connection, *, advance: Advance = lambda done, of: None
) -> PullReport:
    """Take in every response that was made, changed or deleted since the last pull.

    advance: is called with how many records are done, of how many. Raises ArgillaError; what was
    taken by then is kept, and pulling again goes on.
    """
    with explained(connection.url):
        dataset = connection.patiently(lambda: open_dataset(connection, create=False))
        id_ = str(dataset.id)
        activity = str(connection.ask("GET", f"datasets/{id_}")["last_activity_at"])
        known, pushed = store.pulled(id_), store.pushed(id_)
        if store.activity(id_) == activity:
            return PullReport(0, 0, len(known), 0, {})
        names = _reviewers(connection, dataset)
        taken = withdrawn = unchanged = unknown = 0
        set_aside: dict[str, str] = {}
        seen: set[str] = set()
        for record in _records(connection, id_, advance):
            sent = pushed.get(str(record.get("external_id")))
            for response in record.get("responses") or ():
                seen.add(response["id"])
                before = known.get(response["id"])
                if sent is None:
                    unknown += 1
                elif before is not None and before.version == response["updated_at"]:
                    unchanged += 1
                elif response["status"] != "submitted":  # a draft, or discarded
                    store.take(_pulled(sent, response, names), opinion=False, source=SOURCE)
                    withdrawn += 1
                elif problem := _take(store, sent, record, response, names):
                    set_aside[response["id"]] = problem
                else:
                    taken += 1
        missing = [one for response, one in known.items() if response not in seen]
        for gone in _deleted(connection, dataset, missing):
            store.forget(gone, source=SOURCE)
            withdrawn += 1
        store.note_activity(id_, activity)
    return PullReport(taken, withdrawn, unchanged, unknown, set_aside)


def _parcel(kept: Prediction, before: Pushed | None, length: int) -> _Parcel | None:
    """What to send of a prediction; None if just that was sent before.

    The piece of the context stays the one that was first sent: responses may refer to it.
    """
    if before is None:
        shown = records.choose_excerpt(kept, length)
    else:
        shown = Excerpt(kept.context[before.start : before.end], before.start)
    body = records.payload(kept, shown)
    if before is not None and before.digest == records.digest(body):
        return None
    return _Parcel(kept, shown, body)


def _find(
    connection: Connection, dataset: rg.Dataset, ids: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """The records of these ids that the server has, with responses and suggestions."""
    scope = {"entity": "record", "property": "external_id"}
    only = {"type": "terms", "scope": scope, "values": list(ids)}
    found = connection.ask(
        "POST",
        f"datasets/{dataset.id}/records/search",
        params={"include": "responses,suggestions", "limit": len(ids)},
        json={"filters": {"and": [only]}},
    )
    return {item["record"]["external_id"]: item["record"] for item in found["items"]}


def _send(
    connection: Connection,
    dataset: rg.Dataset,
    bodies: Sequence[Mapping[str, Any]],
    embed: Embed | None,
) -> dict[str, str]:
    """Add or update records; return the ids of those that the server refuses, with its reasons."""
    import argilla as rg

    if not bodies:
        return {}
    vectors = embed([body["fields"]["question"] for body in bodies]) if embed else None
    models = [
        rg.Record(
            id=body["id"],
            fields=body["fields"],
            metadata=body["metadata"],
            suggestions=[rg.Suggestion(**suggestion) for suggestion in body["suggestions"]],
            vectors={records.VECTOR: vectors[number]} if vectors else None,
            _dataset=dataset,
        ).api_model()
        for number, body in enumerate(bodies)
    ]
    return _send_or_halve(connection, dataset, models)


def _send_or_halve(
    connection: Connection, dataset: rg.Dataset, models: Sequence[Any]
) -> dict[str, str]:
    """One bad record makes the server refuse its batch; halving finds it and lets the rest in."""
    try:
        connection.patiently(lambda: connection.client.api.records.bulk_upsert(dataset.id, models))
    except unprocessable() as error:
        if len(models) == 1:
            return {models[0].external_id: _refusal(error)}
        middle = len(models) // 2
        first, second = models[:middle], models[middle:]
        return _send_or_halve(connection, dataset, first) | _send_or_halve(
            connection, dataset, second
        )
    return {}


def _refusal(error: Exception) -> str:
    """Why the server refused a batch of one record, without what the client puts around it."""
    text = one_line(error)
    with suppress(ValueError, KeyError, TypeError):
        text = str(json.loads(str(error)[str(error).index("{") :])["detail"])
    return text.removeprefix("Record at position 0 is not valid because ")


def _drop_stale(
    connection: Connection, there: Mapping[str, Any] | None, sent: Mapping[str, Any]
) -> None:
    """Delete the suggested span of an older model where the newer one suggests none."""
    spans = _spans(there or {})
    if there and spans and records.LABEL not in {s["question_name"] for s in sent["suggestions"]}:
        stale = ",".join(suggestion["id"] for suggestion in spans)
        connection.ask("DELETE", f"records/{there['id']}/suggestions", params={"ids": stale})


def _records(connection: Connection, dataset: str, advance: Advance) -> Iterator[dict[str, Any]]:
    """Every record with its responses, over REST: the client fails on an empty response."""
    offset, total = 0, 1
    while offset < total:
        page = connection.ask(
            "GET",
            f"datasets/{dataset}/records",
            params={"include": "responses,suggestions", "offset": offset, "limit": PAGE},
        )
        yield from page["items"]
        offset, total = offset + PAGE, page["total"]
        advance(min(offset, total), total)


def _deleted(
    connection: Connection, dataset: rg.Dataset, missing: Sequence[Pulled]
) -> Iterator[Pulled]:
    """Those of the missing responses whose record is still there: people deleted them."""
    for begin in range(0, len(missing), BATCH):
        batch = missing[begin : begin + BATCH]
        there = _find(connection, dataset, sorted({one.prediction for one in batch}))
        for one in batch:
            record = there.get(one.prediction)
            if record is not None and one.response not in {
                response["id"] for response in record.get("responses") or ()
            }:
                yield one


def _reviewers(connection: Connection, dataset: rg.Dataset) -> dict[str, str]:
    """The names of the people who may answer, by their ids."""
    workspace = connection.patiently(lambda: dataset.workspace.id)
    listed = connection.ask("GET", f"workspaces/{workspace}/users")["items"]
    return {user["id"]: user["username"] for user in [*listed, connection.ask("GET", "me")]}


def _take(
    store: Store,
    sent: Pushed,
    record: Mapping[str, Any],
    response: Mapping[str, Any],
    names: Mapping[str, str],
) -> str:
    """Take a submitted response in; return why it could not be used, or ""."""
    kept = store.prediction(sent.prediction)
    shown = Excerpt(kept.context[sent.start : sent.end], sent.start)
    pulled = _pulled(sent, response, names)
    suggested = next((one["value"] for one in _spans(record)), None)
    try:
        said = records.read_response(response["values"], record["fields"], suggested, shown)
        store.take(
            pulled, span=said.span, text=said.words, note=said.note, opinion=True, source=SOURCE
        )
    except InputError as error:
        store.take(replace(pulled, problem=str(error)), opinion=False, source=SOURCE)
        return str(error)
    return ""


def _pulled(sent: Pushed, response: Mapping[str, Any], names: Mapping[str, str]) -> Pulled:
    reviewer = names.get(response["user_id"], response["user_id"])
    version = response["updated_at"]
    return Pulled(response["id"], sent.dataset, sent.prediction, reviewer, version)


def _spans(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in record.get("suggestions") or () if isinstance(one["value"], list)]
