"""What waits for people, in whose turn."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC
from itertools import chain

from annotation.review.policy import in_turn, is_turn_of_gold, mixed
from annotation.review.records import FORMAT, Prediction, Reason
from annotation.store.counts import NO_GOLD
from annotation.store.search import UNJUDGED, Search, Wanted
from annotation.store.standing import prediction_of, refresh, settle_reviewed

_BY_DOUBT, _BY_CHANCE = "sure, at, prediction", "prediction"
# What this person may judge, and is not in that list.
_OPEN = f"{UNJUDGED} AND prediction NOT IN (SELECT value FROM json_each(?))"
_MINE = "prediction IN (SELECT prediction FROM assigned WHERE assigned.reviewer = ?)"


class ReviewQueue(Search):
    """The predictions that wait for a reviewer."""

    def waiting(self) -> list[Prediction]:
        """Predictions that need a (further) reviewer, `in_turn`, by what `estimate` said of them.

        Doubtful ones that it settled are left out until their answer or the estimate changes.
        """
        rows = self._read(
            "SELECT predictions.*, sure FROM standing JOIN predictions ON id = prediction"
            " WHERE waiting",
            (),
        )
        return in_turn(map(prediction_of, rows), {row["id"]: row["sure"] for row in rows})

    def next_for(
        self,
        reviewer: str,
        skipped: Collection[str] = (),
        shown: str | None = None,
        wanted: Wanted | None = None,
    ) -> Prediction | None:
        """What this reviewer should see next: the one shown while it waits, or the next in turn.

        What is assigned to the reviewer comes before what is assigned to nobody; gold questions
        come in between. wanted: these alone. None if nothing waits but what the reviewer skipped or
        has reviewed.
        """
        open_ = _OPEN
        aside = json.dumps(list(skipped))
        passed: list[object] = [reviewer, reviewer, aside]
        if wanted is not None:
            condition, values = self._condition(wanted)
            open_ += f" AND prediction IN (SELECT id FROM predictions WHERE {condition})"
            passed += values
        if shown is not None and self._read(
            f"SELECT 1 FROM standing WHERE {open_} AND prediction = ?", [*passed, shown]
        ):
            return self.prediction(shown)
        gold = f"SELECT prediction FROM golds CROSS JOIN standing USING (prediction) WHERE {open_}"
        golds = (row[0] for row in self._read(f"{gold} ORDER BY {_BY_CHANCE} LIMIT 1", passed))
        open_ += f" AND {NO_GOLD}"
        mine = f"SELECT 1 FROM assigned CROSS JOIN standing USING (prediction) WHERE {open_}"
        if self._read(f"{mine} AND assigned.reviewer = ? LIMIT 1", [*passed, reviewer]):
            open_ += f" AND {_MINE}"
            passed.append(reviewer)

        def first(order: str, *reasons: Reason) -> Iterator[str]:
            one_each = [
                self._read(
                    f"SELECT {order} FROM standing WHERE {open_} AND reason = ?"
                    f" ORDER BY {order} LIMIT 1",
                    [*passed, reason],
                )
                for reason in reasons
            ]
            found = [tuple(row) for rows in one_each for row in rows]
            if found:
                yield min(found)[-1]

        counts, flagged = self.counts(), first(_BY_DOUBT, "flagged")
        flags_passed = self._read(
            "SELECT count(*) FROM standing JOIN json_each(?) ON prediction = value"
            " WHERE reason = 'flagged'",
            [aside],
        )[0][0]
        others = mixed(
            first(_BY_DOUBT, "doubtful", "imported"),
            chain(first(_BY_CHANCE, "random"), first(_BY_CHANCE, "doubtful", "imported")),
            turn=counts.turns + len(skipped) - flags_passed,
        )
        odd = (counts.reviewed + len(skipped)) % 2
        ordinary = chain(others, flagged) if odd else chain(flagged, others)
        judged = self._read("SELECT count(*) FROM counted WHERE reviewer = ?", [reviewer])[0][0]
        turn = is_turn_of_gold(reviewer, judged + len(skipped))
        id_ = next(chain(golds, ordinary) if turn else chain(ordinary, golds), None)
        return None if id_ is None else self.prediction(id_)

    def to_push(self, dataset: str) -> tuple[list[Prediction], int]:
        """Those `waiting` of which a data set may lack what would be sent now, and of all how many.

        What was refused there is among them.
        """
        names = "SELECT reviewer FROM assigned WHERE assigned.prediction = id ORDER BY reviewer"
        state = f"""'{FORMAT}|' || predictions.model || '|' || predictions.reason || '|' ||
            coalesce((SELECT group_concat(reviewer, ',') FROM ({names}) AS each), '')"""
        rows = self._read(
            "SELECT predictions.*, sure FROM standing JOIN predictions ON id = standing.prediction"
            " LEFT JOIN pushed ON pushed.prediction = id AND dataset = ? WHERE waiting"
            f" AND (state IS NULL OR problem <> '' OR state <> {state})",
            [dataset],
        )
        found = in_turn(map(prediction_of, rows), {row["id"]: row["sure"] for row in rows})
        return found, int(self._read("SELECT sum(count) FROM tally WHERE waiting", ())[0][0] or 0)

    def unestimated(self, models: Sequence[str] = ()) -> list[Prediction]:
        """Those undecided of whose answer `estimate` said nothing, oldest first.

        models: only answers of these; of all, if none is named.
        """
        rows = self._read(
            "SELECT predictions.* FROM standing JOIN predictions ON id = prediction"
            f" WHERE NOT decided AND NOT estimated AND {NO_GOLD}"
            " AND (:all OR predictions.model IN (SELECT value FROM json_each(:models)))"
            " ORDER BY predictions.at, id",
            {"all": not models, "models": json.dumps(list(models))},
        )
        return [prediction_of(row) for row in rows]

    def estimate(
        self,
        probabilities: Mapping[str, float],
        settled: Collection[str] = (),
        *,
        add: bool = False,
    ) -> None:
        """Put these in the place of all estimates: how likely reviewers accept, by prediction.

        settled: those that need no reviewer, if all that spoke for one was doubt. add: keep the
        estimates of other predictions. An estimate is of the answer that the prediction has now,
        and gone with that answer.
        """
        with self._writing() as db:
            if not add:
                db.execute("DELETE FROM estimates")
                refresh(db)
            db.executemany(
                "INSERT INTO estimates (prediction, model, probability, settled)"
                " SELECT id, model, ?, ? FROM predictions WHERE id = ?"
                " AND id NOT IN (SELECT prediction FROM golds) ON CONFLICT (prediction) DO UPDATE"
                " SET model = excluded.model, probability = excluded.probability,"
                " settled = excluded.settled",
                [(sure, id_ in settled, id_) for id_, sure in probabilities.items()],
            )
            refresh(db, probabilities)

    def assign(self, people: Mapping[str, Sequence[str]]) -> None:
        """Give these predictions to these reviewers beside whom they are given to; others wait.

        people: names by prediction. Each is decided once all whom it is given to have answered.
        """
        now = self._now().astimezone(UTC).isoformat(timespec="seconds")
        with self._writing() as db:
            db.executemany(
                "INSERT INTO assigned VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [(id_, name, now) for id_, names in people.items() for name in names],
            )
            refresh(db, people)
            settle_reviewed(db, people)

    def release(self, reviewer: str) -> int:
        """Take from a reviewer what was assigned and not answered; return how many."""
        with self._writing() as db:
            rows = db.execute(
                "DELETE FROM assigned WHERE reviewer = :name AND NOT EXISTS (SELECT 1 FROM counted"
                " WHERE counted.prediction = assigned.prediction AND reviewer = :name)"
                " RETURNING prediction",
                {"name": reviewer},
            ).fetchall()
            ids = [row["prediction"] for row in rows]
            refresh(db, ids)
            settle_reviewed(db, ids)
        return len(ids)

    def assigned(self) -> dict[str, tuple[str, ...]]:
        """The reviewers that predictions are given to, by prediction."""
        found: dict[str, list[str]] = {}
        for row in self._read("SELECT * FROM assigned ORDER BY prediction, reviewer", ()):
            found.setdefault(row["prediction"], []).append(row["reviewer"])
        return {id_: tuple(names) for id_, names in found.items()}

    def quotas(self) -> dict[str, tuple[int, int]]:
        """How many of the predictions given to each reviewer were answered, and how many are."""
        rows = self._read(
            "SELECT assigned.reviewer, count(counted.number), count(*) FROM assigned"
            " LEFT JOIN counted ON counted.prediction = assigned.prediction"
            " AND counted.reviewer = assigned.reviewer GROUP BY 1 ORDER BY 1",
            (),
        )
        return {name: (done, count) for name, done, count in rows}

    def unassigned(self, source: str = "") -> list[Prediction]:
        """What waits, and nobody has answered or is to answer, `in_turn`; gold questions aside.

        source: only what was asked there.
        """
        rows = self._read(
            "SELECT predictions.*, sure FROM standing JOIN predictions ON id = prediction"
            f" WHERE waiting AND said = 0 AND {NO_GOLD} AND ? IN ('', predictions.source)"
            " AND prediction NOT IN (SELECT prediction FROM assigned)",
            [source],
        )
        return in_turn(map(prediction_of, rows), {row["id"]: row["sure"] for row in rows})
