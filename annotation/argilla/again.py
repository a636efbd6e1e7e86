"""What is sent of records that are at Argilla already: a further look, and vectors they lack.

Argilla shows a completed record to nobody but those who answered it. A question that they have not
decided is put before all in a further record.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from annotation.argilla import payload as records
from annotation.argilla import wire
from annotation.argilla.client import Connection
from annotation.argilla.wire import BATCH, Advance, Embed
from annotation.review.records import Prediction, Pushed, Review
from annotation.store.ledger import round_id
from annotation.store.store import Store
from qa_core.text.excerpts import Excerpt

if TYPE_CHECKING:
    import argilla as rg


MOST_ROUNDS = 5  # records of a question: where nobody else is there, they would never end
LONGEST = 200  # characters of what a reviewer marked, as those who lead them are told


def put_again(
    store: Store, connection: Connection, dataset: rg.Dataset, embed: Embed | None
) -> int:
    """Put before reviewers again what they have not decided; return how many records that made.

    That is where every record of a question is completed: a further one is made. All of them say
    why, as metadata to filter by. Once it is decided, they no longer do, and what nobody has
    answered of the further ones is deleted.
    """
    id_, troubles, made = str(dataset.id), store.troubles(), 0
    assigned = store.assigned()
    concerned = list(store.pushed_in_trouble(id_).values())
    for begin in range(0, len(concerned), BATCH):
        changes: dict[str, Mapping[str, Any]] = {}
        bodies: list[dict[str, Any]] = []
        needless: list[Mapping[str, Any]] = []
        noted: list[Pushed] = []
        batch = concerned[begin : begin + BATCH]
        there = wire.find(connection, id_, [name for one in batch for name in _rounds(one)])
        for one in batch:
            trouble, rounds = troubles.get(one.prediction, ""), one.rounds
            kept = store.prediction(one.prediction)
            shown = Excerpt(kept.context[one.start : one.end], one.start)
            reviews = store.reviews_of(kept.id)
            missing = set(assigned.get(kept.id, ())) - {review.reviewer for review in reviews}
            body = records.in_trouble(
                records.payload(kept, shown, sorted(missing)),
                trouble,
                [_said(kept, review) for review in reviews] if trouble == "split" else (),
            )
            mine = {name: there[name] for name in _rounds(one) if name in there}
            if not trouble:
                spare = [n for n in mine if n != kept.id and not mine[n].get("responses")]
                needless += [mine.pop(name) for name in spare]
                rounds = max([1, *(number for number, name in enumerate(_rounds(one), 1)
                                   if name in mine)])  # fmt: skip
            elif (
                mine
                and rounds < MOST_ROUNDS + len(assigned.get(kept.id, ()))
                and all(record["status"] == "completed" for record in mine.values())
            ):
                rounds += 1
                bodies.append({**body, "id": round_id(kept.id, rounds)})
            if trouble != one.trouble:
                changes |= {name: {"metadata": body["metadata"]} for name in mine}
            noted.append(replace(one, trouble=trouble, rounds=rounds))
        wire.change(connection, id_, changes)
        wire.delete(connection, id_, needless)
        vectors = embed([html.unescape(b["fields"]["question"]) for b in bodies]) if embed else None
        made += len(bodies) - len(wire.send(connection, dataset, bodies, vectors))
        store.note_pushed(one for one in noted if one not in batch)
    return made


def _said(kept: Prediction, review: Review) -> str:
    """What a reviewer says, in a line."""
    if review.start is None:
        return f"{review.reviewer}: the text does not say"
    longest = LONGEST // len(review.spans)
    words = (
        f"{' '.join(kept.context[start:end].split())[:longest]} ({start}-{end})"
        for start, end in review.spans
    )
    return f"{review.reviewer}: {', '.join(words)}"


def _rounds(one: Pushed) -> list[str]:
    """Our ids of the records of a prediction."""
    return [round_id(one.prediction, number) for number in range(1, one.rounds + 1)]


def add_vectors(
    store: Store, connection: Connection, dataset: str, embed: Embed, advance: Advance
) -> int:
    """Send vectors to records that were sent without; return how many those are."""
    bare = store.pushed_bare(dataset)
    for begin in range(0, len(bare), BATCH):
        batch = bare[begin : begin + BATCH]
        vectors = embed([store.prediction(o.prediction).question for o in batch])
        pairs = zip(batch, vectors, strict=True)
        changes = {one.prediction: {"vectors": {records.VECTOR: own}} for one, own in pairs}
        wire.change(connection, dataset, changes)
        store.note_pushed(replace(one, vectors=True) for one in batch)
        advance(begin + len(batch), len(bare))
    return len(bare)
