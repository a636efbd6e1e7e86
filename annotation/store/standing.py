"""Where every prediction stands, kept beside it so that no count and no turn reads the whole store.

The tables ``standing``, ``counted`` (the reviews that count) and ``tally`` (how many predictions
stand alike; triggers keep it) follow from the others. Whoever changes those calls `refresh` or
`settle` in the same transaction. They are not backed up: `rebuild` makes them anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from annotation.review.advice import accepted, was_wrong
from annotation.review.agreement import merge
from annotation.review.records import VISITOR, Prediction, Review
from qa_core.inference.answer import Span

_REFRESH = """
INSERT INTO standing (prediction, reason, model, source, at, sure, estimated, settled, sent)
SELECT id, reason, predictions.model, source, at, coalesce(probability, confidence),
    probability IS NOT NULL, coalesce(settled, 0),
    EXISTS (SELECT 1 FROM pushed WHERE pushed.prediction = id)
FROM predictions LEFT JOIN estimates ON prediction = id AND estimates.model = predictions.model
WHERE {which}
ON CONFLICT (prediction) DO UPDATE SET reason = excluded.reason, model = excluded.model,
    sure = excluded.sure, estimated = excluded.estimated, settled = excluded.settled,
    sent = excluded.sent"""


def prediction_of(row: sqlite3.Row) -> Prediction:
    """A row of ``predictions``."""
    given = {name: row[name] for name in Prediction.__dataclass_fields__}
    alternatives = tuple(Span(**one) for one in json.loads(row["alternatives"]))
    return Prediction(
        **{**given, "answerable": bool(row["answerable"]), "alternatives": alternatives}
    )


def review_of(row: sqlite3.Row) -> Review:
    """A row of ``reviews``."""
    return Review(**{name: row[name] for name in Review.__dataclass_fields__})


def refresh(db: sqlite3.Connection, ids: Iterable[str] | None = None) -> None:
    """Follow predictions, estimates and what was pushed: of these predictions, or of all."""
    if ids is None:
        db.execute(_REFRESH.format(which="true"))
    else:
        db.executemany(_REFRESH.format(which="id = ?"), [[id_] for id_ in ids])


def settle(db: sqlite3.Connection, prediction: str) -> None:
    """Follow the reviews of a prediction: which count, and what they say together."""
    found = db.execute("SELECT * FROM predictions WHERE id = ?", [prediction]).fetchone()
    rows = db.execute("SELECT * FROM current WHERE prediction = ? ORDER BY number", [prediction])
    said = [review_of(row) for row in rows.fetchall()]
    db.execute("DELETE FROM counted WHERE prediction = ?", [prediction])
    db.executemany(
        "INSERT INTO counted VALUES (?, ?, ?)",
        [(prediction, review.reviewer, review.number) for review in said],
    )
    opinions = [review.opinion for review in said if review.reviewer != VISITOR]
    merged, kept = merge(opinions), prediction_of(found)
    db.execute(
        "UPDATE standing SET said = ?, decided = ?, wrong = ?, accepted = ? WHERE prediction = ?",
        [
            len(opinions), merged.decided, merged.decided and was_wrong(kept, merged),
            merged.decided and accepted(kept, merged), prediction,
        ],
    )  # fmt: skip


def rebuild(db: sqlite3.Connection) -> None:
    """Make all of it anew."""
    refresh(db)
    for row in db.execute("SELECT DISTINCT prediction FROM reviews").fetchall():
        settle(db, row["prediction"])
