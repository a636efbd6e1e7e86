"""Where every prediction stands, kept beside it so that no count and no turn reads the whole store.

The tables ``standing``, ``counted`` (the reviews that count) and ``tally`` (how many predictions
stand alike; triggers keep it) follow from the others. Whoever changes those calls `refresh` or
`settle` in the same transaction. They are not backed up: `rebuild` makes them anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from annotation.review.advice import accepted, was_wrong
from annotation.review.agreement import Consensus, Spans, accuracy, answers_rightly, merge
from annotation.review.records import VISITOR, Prediction, Review
from annotation.store.engines.engine import Queries, Row
from qa_core.inference.answer import Answer, Span

_WEIGHTED = "weighted"  # the rule that is there where reviewers weigh by their gold questions
ELSEWHERE = ""  # the "data set" of what was pushed to none: it asks what the settings say
_REFRESH = """
INSERT INTO standing (prediction, reason, model, source, at, sure, estimated, settled, sent, asked)
SELECT id, reason, predictions.model, source, at, coalesce(probability, confidence),
    probability IS NOT NULL, coalesce(settled, false),
    EXISTS (SELECT 1 FROM pushed WHERE pushed.prediction = id AND rounds > 0),
    (SELECT max(people) FROM (
        SELECT coalesce((SELECT asked FROM pushed JOIN datasets USING (dataset)
                WHERE pushed.prediction = id AND problem = ''
                ORDER BY rounds > 0 DESC, asked DESC LIMIT 1),
            (SELECT asked FROM datasets WHERE dataset = ''), 1) AS people
        UNION ALL SELECT count(*) FROM assigned WHERE assigned.prediction = id) AS each)
FROM predictions LEFT JOIN estimates ON prediction = id AND estimates.model = predictions.model
WHERE {which}
ON CONFLICT (prediction) DO UPDATE SET reason = excluded.reason, model = excluded.model,
    sure = excluded.sure, estimated = excluded.estimated, settled = excluded.settled,
    sent = excluded.sent, asked = excluded.asked"""
_IN_NONE = """SELECT id FROM predictions
WHERE id NOT IN (SELECT prediction FROM pushed JOIN datasets USING (dataset))"""
# Of each reviewer the newest of what was last said here and in each response.
_COUNTING = """
WITH newest AS (SELECT * FROM reviews AS each WHERE prediction = ? AND number =
    (SELECT max(number) FROM reviews WHERE prediction = each.prediction
        AND reviewer = each.reviewer AND response = each.response))
SELECT * FROM newest WHERE NOT withdrawn AND NOT EXISTS (SELECT 1 FROM newest AS later
    WHERE later.reviewer = newest.reviewer AND NOT (later.withdrawn AND later.response <> '')
    AND (later.given, later.number) > (newest.given, newest.number))
ORDER BY number"""


def prediction_of(row: Row) -> Prediction:
    """A row of ``predictions``."""
    start, end = row["start"], row["end"]
    answer = Answer(
        text=row["context"][start:end],
        start=start,
        end=end,
        score=row["score"],
        confidence=row["confidence"],
        null_score=row["null_score"],
        answerable=bool(row["answerable"]),
        alternatives=tuple(Span(**one) for one in json.loads(row["alternatives"])),
        warnings=(),
        model=row["model"],
    )
    columns = ("id", "question", "context", "reason", "source", "at")
    return Prediction(answer=answer, **{name: row[name] for name in columns})


def review_of(row: Row) -> Review:
    """A row of ``reviews``."""
    fields = {name: row[name] for name in Review.__dataclass_fields__}
    return Review(**{**fields, "further": spans_of(row["further"])})


def spans_of(written: str) -> Spans:
    """Spans as a column holds them."""
    return tuple((start, end) for start, end in json.loads(written))


def refresh(db: Queries, ids: Iterable[str] | None = None) -> None:
    """Follow predictions, estimates and what was pushed: of these predictions, or of all."""
    if ids is None:
        db.execute(_REFRESH.format(which="true"))
    else:
        db.executemany(_REFRESH.format(which="id = ?"), [[id_] for id_ in ids])


def settle(db: Queries, prediction: str) -> None:
    """Follow the reviews of a prediction: which count, and what they say together."""
    found = db.execute("SELECT * FROM predictions WHERE id = ?", [prediction]).fetchone()
    said = [review_of(row) for row in db.execute(_COUNTING, [prediction]).fetchall()]
    db.execute("DELETE FROM counted WHERE prediction = ?", [prediction])
    db.executemany(
        "INSERT INTO counted VALUES (?, ?, ?)",
        [(prediction, review.reviewer, review.number) for review in said],
    )
    opinions = [review.opinion for review in said if review.reviewer != VISITOR]
    gold = db.execute("SELECT * FROM golds WHERE prediction = ?", [prediction]).fetchone()
    standing = db.execute("SELECT asked FROM standing WHERE prediction = ?", [prediction])
    asked, kept = standing.fetchone()["asked"], prediction_of(found)
    merged = Consensus(False) if gold else merge(opinions, asked, trust(db))
    db.execute(
        "UPDATE standing SET said = ?, decided = ?, wrong = ?, accepted = ? WHERE prediction = ?",
        [
            len(opinions), merged.decided, merged.decided and was_wrong(kept, merged),
            merged.decided and accepted(kept, merged), prediction,
        ],
    )  # fmt: skip
    if gold:
        right = spans_of(gold["spans"]), bool(gold["together"])
        _score(db, prediction, {one.reviewer: answers_rightly(one, *right) for one in opinions})


def _score(db: Queries, prediction: str, right: Mapping[str, bool]) -> None:
    """Note how reviewers answered a gold question, and follow what that changes."""
    before = trust(db)
    db.execute("DELETE FROM scores WHERE prediction = ?", [prediction])
    db.executemany(
        "INSERT INTO scores VALUES (?, ?, ?)",
        [(prediction, reviewer, int(was)) for reviewer, was in right.items()],
    )
    now = trust(db)
    if before is not None and now is not None:
        _settle_several(db, [n for n in {*before, *now} if before.get(n) != now.get(n)])


def _settle_several(db: Queries, reviewers: Iterable[str]) -> None:
    """`settle` what any of these and somebody else have answered."""
    rows = db.execute(
        "SELECT DISTINCT prediction FROM counted JOIN standing USING (prediction) WHERE said > 1"
        " AND reviewer IN (SELECT value FROM json_each(?))"
        " AND prediction NOT IN (SELECT prediction FROM golds)",
        [json.dumps(list(reviewers))],
    ).fetchall()
    for row in rows:
        settle(db, row["prediction"])


def trust(db: Queries) -> dict[str, float] | None:
    """How likely each reviewer is right, as `merge` takes it; None where all weigh the same."""
    if not db.execute("SELECT 1 FROM rules WHERE name = ?", [_WEIGHTED]).fetchone():
        return None
    rows = db.execute('SELECT reviewer, sum("right"), count(*) FROM scores GROUP BY reviewer')
    return {name: accuracy(right, count) for name, right, count in rows.fetchall()}


def weigh(db: Queries, on: bool) -> None:
    """Note whether reviewers weigh by their gold questions, and follow what that changes."""
    if on == (trust(db) is not None):
        return
    db.execute("DELETE FROM rules WHERE name = ?", [_WEIGHTED])
    if on:
        db.execute("INSERT INTO rules VALUES (?, '1')", [_WEIGHTED])
    names = db.execute("SELECT DISTINCT reviewer FROM counted").fetchall()
    _settle_several(db, [row["reviewer"] for row in names])


def ask(db: Queries, dataset: str, people: int, address: str = "", name: str = "") -> int:
    """Note how many people a data set asks of each question, and follow what that changes.

    Returns how many fewer predictions are decided by that, less than 0 where more are.
    """
    told = db.execute("SELECT * FROM datasets WHERE dataset = ?", [dataset]).fetchone()
    known = (told["asked"], told["address"], told["name"]) if told else (1, "", "")
    if (people, address, name) == known:
        return 0
    db.execute(
        "INSERT INTO datasets (dataset, address, asked, name) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (dataset) DO UPDATE SET address = excluded.address, asked = excluded.asked,"
        " name = excluded.name",
        [dataset, address, people, name],
    )
    if people == known[0]:
        return 0
    before = _decided(db)
    query, values = _IN_NONE, []
    if dataset:
        query, values = "SELECT prediction FROM pushed WHERE dataset = ?", [dataset]
    ids = [row[0] for row in db.execute(query, values).fetchall()]
    refresh(db, ids)
    settle_reviewed(db, ids)
    return before - _decided(db)


def _decided(db: Queries) -> int:
    row = db.execute("SELECT coalesce(sum(count), 0) FROM tally WHERE decided").fetchone()
    return int(row[0])


def settle_reviewed(db: Queries, predictions: Iterable[str]) -> None:
    """`settle` those of the predictions that anyone has said anything of."""
    for id_ in predictions:
        if db.execute("SELECT 1 FROM reviews WHERE prediction = ? LIMIT 1", [id_]).fetchone():
            settle(db, id_)


def rebuild(db: Queries) -> None:
    """Make all of it anew, of reviews that older versions wrote, too."""
    db.execute(
        "UPDATE reviews SET response = coalesce((SELECT max(response) FROM pulled WHERE"
        " pulled.prediction = reviews.prediction AND pulled.reviewer = reviews.reviewer), '')"
        " WHERE source = 'argilla' AND response = ''"
    )
    db.execute("UPDATE reviews SET given = at WHERE given = ''")
    refresh(db)
    for row in db.execute("SELECT DISTINCT prediction FROM reviews").fetchall():
        settle(db, row["prediction"])
