"""Records at Argilla: found, listed, sent, changed and deleted, a batch a request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from annotation.argilla import payload as records
from annotation.argilla.client import Connection, unprocessable
from qa_core.errors import one_line

if TYPE_CHECKING:
    import argilla as rg

BATCH = 100  # the server takes 500 records, and 250 values in a filter
PAGE = 500
Advance = Callable[[int, int], None]
Embed = Callable[[Sequence[str]], list[list[float]]]


def find(connection: Connection, dataset: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The records of these ids of ours that the server has, with responses and suggestions."""
    scope = {"entity": "record", "property": "external_id"}
    found: dict[str, dict[str, Any]] = {}
    for begin in range(0, len(ids), BATCH):
        values = list(ids[begin : begin + BATCH])
        answer = connection.ask(
            "POST",
            f"datasets/{dataset}/records/search",
            params={"include": "responses,suggestions", "limit": len(values)},
            json={"filters": {"and": [{"type": "terms", "scope": scope, "values": values}]}},
        )
        found |= {item["record"]["external_id"]: item["record"] for item in answer["items"]}
    return found


def count(connection: Connection, dataset: str) -> int:
    """How many records of ours there are: those with a confidence."""
    scope = {"entity": "metadata", "metadata_property": "confidence"}
    found = connection.ask(
        "POST",
        f"datasets/{dataset}/records/search",
        params={"limit": 1},
        json={"filters": {"and": [{"type": "range", "scope": scope, "ge": 0, "le": 1}]}},
    )
    return int(found["total"])


def is_counted(record: Mapping[str, Any]) -> bool:
    """Whether `count` counts a record."""
    return "confidence" in (record.get("metadata") or {})


def answered(
    connection: Connection, dataset: str, advance: Advance = lambda done, of: None
) -> Iterator[dict[str, Any]]:
    """Every record that anybody has answered, or begun to, with responses and suggestions."""
    scope = {"entity": "response", "property": "status"}
    statuses = {"type": "terms", "scope": scope, "values": ["submitted", "discarded", "draft"]}
    made = {"scope": {"entity": "record", "property": "inserted_at"}, "order": "asc"}
    offset, total = 0, 1
    while offset < total:
        page = connection.ask(
            "POST",
            f"datasets/{dataset}/records/search",
            params={"include": "responses,suggestions", "offset": offset, "limit": PAGE},
            json={"filters": {"and": [statuses]}, "sort": [made]},
        )
        yield from (item["record"] for item in page["items"])
        offset, total = offset + PAGE, page["total"]
        advance(min(offset, total), total)


def every(connection: Connection, dataset: str) -> Iterator[dict[str, Any]]:
    """Every record, without its responses."""
    offset, total = 0, 1
    while offset < total:
        page = connection.ask(
            "GET", f"datasets/{dataset}/records", params={"offset": offset, "limit": PAGE}
        )
        yield from page["items"]
        offset, total = offset + PAGE, page["total"]


def send(
    connection: Connection,
    dataset: rg.Dataset,
    bodies: Sequence[Mapping[str, Any]],
    vectors: Sequence[list[float]] | None,
) -> dict[str, str]:
    """Add or update records; return the ids of those that the server refuses, with its reasons.

    vectors: one a record, None to send none.
    """
    import argilla as rg

    if not bodies:
        return {}
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


def drop_stale(
    connection: Connection, there: Mapping[str, Any] | None, sent: Mapping[str, Any]
) -> None:
    """Delete the suggested span of an older model where the newer one suggests none."""
    marked = spans(there or {})
    if there and marked and records.LABEL not in {s["question_name"] for s in sent["suggestions"]}:
        stale = ",".join(suggestion["id"] for suggestion in marked)
        connection.ask("DELETE", f"records/{there['id']}/suggestions", params={"ids": stale})


def change(connection: Connection, dataset: str, changes: Mapping[str, Mapping[str, Any]]) -> None:
    """Change metadata or vectors of records, by our ids, and leave the rest as it is.

    Those that are not there are left out.
    """
    ids = list(changes)
    for begin in range(0, len(ids), BATCH):
        there = find(connection, dataset, ids[begin : begin + BATCH])
        items = [{"external_id": id_, **changes[id_]} for id_ in there]
        if items:
            connection.ask("PUT", f"datasets/{dataset}/records/bulk", json={"items": items})


def delete(connection: Connection, dataset: str, found: Sequence[Mapping[str, Any]]) -> None:
    """Delete records that were found on the server."""
    for begin in range(0, len(found), BATCH):
        ids = ",".join(record["id"] for record in found[begin : begin + BATCH])
        connection.ask("DELETE", f"datasets/{dataset}/records", params={"ids": ids})


def spans(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The suggestions of a record that mark words."""
    return [one for one in record.get("suggestions") or () if isinstance(one["value"], list)]
