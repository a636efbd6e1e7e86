"""All that is known of one question, from where it was asked to what learned from it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from annotation.argilla.payload import link
from annotation.review.agreement import Consensus
from annotation.review.records import Prediction, Said
from annotation.store.store import Store
from qa_core.inference.answer import Answers
from qa_core.models.versions import Version, Versions

# Of the answer, what the store holds.
KEPT = (
    "text", "start", "end", "answerable", "confidence", "score", "null_score", "alternatives",
    "model",
)  # fmt: skip


def history(
    store: Store, versions: Versions, prediction: str, reader: Answers | None = None
) -> dict[str, Any]:
    """A prediction, and what became of it, ready for JSON.

    prediction: its id. reader: what to ask again, None to ask nobody. `events` are in the order of
    their times; `learned` says which versions learned from it, and which it was held out to judge;
    of older versions that is not known. `gold` has the right answers of a gold question, None for
    others. `together`: these, or the decided `spans`, are no alternatives, but one answer. Raises
    InputError, StoreError or ModelError.
    """
    kept = store.prediction(prediction)
    gold = next((one for one in store.golds() if one.prediction.id == prediction), None)
    merged = store.consensus().get(prediction, Consensus(decided=False))
    answer = reader.answer(kept.question, kept.context) if reader else None
    fields = asdict(kept)
    given = fields.pop("answer")
    return {
        "prediction": {**fields, **{name: given[name] for name in KEPT}},
        "events": sorted(_events(store, kept), key=lambda event: event["at"]),
        "gold": None if gold is None else [_span(kept, *span) for span in gold.spans],
        "decided": merged.decided,
        "spans": [_span(kept, *span) for span in merged.parts or merged.spans],
        "together": bool(merged.parts) or (gold is not None and gold.together),
        "learned": [one for version in versions.all() if (one := _use(version, prediction))],
        "now": answer and {"model": answer.model, **_span(kept, answer.start, answer.end),
                           "answerable": answer.answerable, "confidence": answer.confidence},
    }  # fmt: skip


def _events(store: Store, kept: Prediction) -> list[dict[str, Any]]:
    """What happened to a prediction, each with its time (ISO 8601 in UTC, "" if not known)."""
    first = {"at": kept.at, "what": "kept", "reason": kept.reason, "source": kept.source}
    imported = [
        {"at": one.at, "what": "imported", "source": one.source, "row": one.row}
        for one in store.imports(kept.id)
    ]
    pushed = [
        {"at": one.at, "what": "pushed", "rounds": one.rounds, "problem": one.problem,
         "link": link(store.address_of(one.dataset), kept.question) if one.rounds else ""}
        for one in store.pushed_of(kept.id)
    ]  # fmt: skip
    # What was submitted there is among the reviews.
    open_ = [
        {"at": one.version, "what": one.status or "unusable", "reviewer": one.reviewer,
         "problem": one.problem}
        for one in store.pulled_of(kept.id)
        if one.problem or one.status in ("draft", "discarded")
    ]  # fmt: skip
    reviews = [_review(kept, said) for said in store.record_of(kept.id)]
    return [first, *imported, *pushed, *open_, *reviews]


def _review(kept: Prediction, said: Said) -> dict[str, Any]:
    review = said.review
    found = _span(kept, review.start, review.end)
    return {
        "at": said.given,
        "what": "withdrawn" if said.withdrawn else "reviewed",
        "reviewer": review.reviewer,
        **found,
        **({"further": [_span(kept, *span) for span in review.further]} if review.further else {}),
        "note": review.note,
        "source": review.source,
        "counts": said.counts,
    }


def _span(kept: Prediction, start: int | None, end: int | None) -> dict[str, Any]:
    """A span with its words; None and None if the text does not say."""
    words = None if start is None or start == end else kept.context[start:end]
    return {"start": start, "end": end, "text": words}


def _use(version: Version, prediction: str) -> dict[str, str] | None:
    """What a version did with a question, None if nothing."""
    data = version.record.get("data", {})
    for use in ("learned", "held_out"):
        if prediction in data.get(f"{use}_ids", ()):
            return {"version": version.name, "state": version.state, "use": use}
    return None
