"""What waits for people, in whose turn."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain

from annotation.review.policy import in_turn, mixed
from annotation.review.records import Prediction, Reason
from annotation.store.counts import Counting
from annotation.store.search import Search, Wanted
from annotation.store.standing import prediction_of, refresh

_BY_DOUBT, _BY_CHANCE = "sure, at, prediction", "prediction"
# What waits and neither was reviewed by this person nor is in that list.
_OPEN = """waiting AND NOT EXISTS (SELECT 1 FROM counted
    WHERE counted.prediction = standing.prediction AND reviewer = ?)
    AND prediction NOT IN (SELECT value FROM json_each(?))"""


class ReviewQueue(Search, Counting):
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

        wanted: these alone. None if nothing waits but what the reviewer skipped or has reviewed.
        """
        open_ = _OPEN
        passed: list[object] = [reviewer, json.dumps(list(skipped))]
        if wanted is not None:
            condition, values = self._condition(wanted)
            open_ += f" AND prediction IN (SELECT id FROM predictions WHERE {condition})"
            passed += values
        if shown is not None and self._read(
            f"SELECT 1 FROM standing WHERE {open_} AND prediction = ?", [*passed, shown]
        ):
            return self.prediction(shown)

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
            [passed[1]],
        )[0][0]
        others = mixed(
            first(_BY_DOUBT, "doubtful", "imported"),
            chain(first(_BY_CHANCE, "random"), first(_BY_CHANCE, "doubtful", "imported")),
            turn=counts.turns + len(skipped) - flags_passed,
        )
        odd = (counts.reviewed + len(skipped)) % 2
        id_ = next(chain(others, flagged) if odd else chain(flagged, others), None)
        return None if id_ is None else self.prediction(id_)

    def unestimated(self, models: Sequence[str] = ()) -> list[Prediction]:
        """Those undecided of whose answer `estimate` said nothing, oldest first.

        models: only answers of these; of all, if none is named.
        """
        rows = self._read(
            "SELECT predictions.* FROM standing JOIN predictions ON id = prediction"
            " WHERE NOT decided AND NOT estimated"
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
                "INSERT OR REPLACE INTO estimates"
                " SELECT id, model, ?, ? FROM predictions WHERE id = ?",
                [(sure, id_ in settled, id_) for id_, sure in probabilities.items()],
            )
            refresh(db, probabilities)
