"""How many of what a store holds, without reading it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from annotation.review.agreement import Opinion
from annotation.store.predictions import Predictions
from annotation.store.standing import review_of

NO_GOLD = "prediction NOT IN (SELECT prediction FROM golds)"
# On which as many reviewers as were asked, or more, disagree.
SPLIT = f"waiting AND said > 0 AND said >= asked AND {NO_GOLD}"
# Which somebody it is assigned to has not answered.
_OWED = """EXISTS (SELECT 1 FROM assigned WHERE assigned.prediction = standing.prediction
    AND NOT EXISTS (SELECT 1 FROM counted WHERE counted.prediction = assigned.prediction
        AND counted.reviewer = assigned.reviewer))"""
# What a reviewer may judge: what is assigned to this one, or not to others alone who have not
# answered, or is split.
OPEN_TO = f"""(said >= asked OR NOT {_OWED}
    OR EXISTS (SELECT 1 FROM assigned WHERE assigned.prediction = standing.prediction
        AND assigned.reviewer = ?))"""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many predictions there are, in all and of some kinds.

    reasons: by why they were kept. waiting: that need a (further) reviewer; drawn: those of them
    kept at random; unsent: those of them that were pushed nowhere. reviewed: that any reviewer
    judged, visitors aside. turns: those of them that nobody flagged. sent: that were pushed.
    split: that wait because as many reviewers as were asked, or more, disagree.
    """

    kept: int
    reasons: Mapping[str, int]
    waiting: int
    drawn: int
    unsent: int
    reviewed: int
    decided: int
    turns: int
    sent: int
    split: int

    @property
    def undecided(self) -> int:
        """Those on which reviewers are split, or too few have answered."""
        return self.reviewed - self.decided

    @property
    def settled(self) -> int:
        """Those that need no reviewer, though none decided."""
        return self.kept - self.decided - self.waiting


class Counting(Predictions):
    """Counts."""

    def counts(self) -> Counts:
        """How many predictions of which kind there are now, gold questions aside."""
        rows = self._read(
            "SELECT * FROM tally WHERE count > 0 UNION ALL"
            " SELECT reason, waiting, sent, decided, said > 0, -1"
            " FROM golds JOIN standing USING (prediction)",
            (),
        )

        def total(**kind: object) -> int:
            return sum(r["count"] for r in rows if all(r[k] == kind[k] for k in kind))

        reasons = {row["reason"] for row in rows if total(reason=row["reason"])}
        split = f"SELECT count(*) FROM standing WHERE {SPLIT}"
        return Counts(
            kept=total(),
            reasons={reason: total(reason=reason) for reason in reasons},
            waiting=total(waiting=1),
            drawn=total(waiting=1, reason="random"),
            unsent=total(waiting=1, sent=0),
            reviewed=total(reviewed=1),
            decided=total(decided=1),
            turns=total(reviewed=1) - total(reviewed=1, reason="flagged"),
            sent=total(sent=1),
            split=int(self._read(split, ())[0][0]),
        )

    def count_free(self) -> int:
        """How many wait for whoever comes, gold questions aside."""
        query = f"SELECT count(*) FROM standing WHERE waiting AND {NO_GOLD} AND NOT {_OWED}"
        return int(self._read(query, ())[0][0])

    def is_decided(self, prediction: str) -> bool:
        """Whether reviewers have decided on a prediction."""
        query = "SELECT 1 FROM standing WHERE prediction = ? AND decided"
        return bool(self._read(query, [prediction]))

    def decided_by(self, receipt: int) -> bool:
        """Whether the prediction that a review of this receipt is of is decided."""
        query = (
            "SELECT 1 FROM reviews JOIN standing USING (prediction) WHERE number = ? AND decided"
        )
        return bool(self._read(query, [receipt]))

    def progress_of(self, reviewer: str, skipped: Collection[str] = ()) -> tuple[int, int, int]:
        """How many predictions this reviewer has judged, can still judge, and skipped of these."""
        mine = self._read("SELECT count(*) FROM counted WHERE reviewer = ?", [reviewer])[0][0]
        judged = "EXISTS (SELECT 1 FROM counted WHERE counted.prediction = standing.prediction"
        judged += " AND reviewer = ?)"
        again = self._read(
            f"SELECT count(*) FROM standing WHERE waiting AND said > 0 AND {NO_GOLD} AND {judged}",
            [reviewer],
        )[0][0]
        others = self._read(
            "SELECT count(*) FROM (SELECT DISTINCT prediction FROM assigned) AS given"
            " CROSS JOIN standing USING (prediction)"
            f" WHERE waiting AND NOT {OPEN_TO} AND NOT {judged}",
            [reviewer, reviewer],
        )[0][0]
        golds = self._read(
            "SELECT count(*) FROM golds CROSS JOIN standing USING (prediction)"
            f" WHERE waiting AND NOT {judged}",
            [reviewer],
        )[0][0]
        aside = self._read(
            "SELECT count(*) FROM json_each(?) JOIN standing ON prediction = value WHERE waiting"
            " AND NOT EXISTS (SELECT 1 FROM counted WHERE counted.prediction = value"
            " AND reviewer = ?)",
            [json.dumps(list(skipped)), reviewer],
        )[0][0]
        ahead = self.counts().waiting + golds - again - others - aside
        return mine, max(0, ahead), aside

    def reviewers(self) -> dict[str, int]:
        """How many reviews of each reviewer count, visitors included, by name."""
        rows = self._read("SELECT reviewer, count(*) FROM counted GROUP BY reviewer", ())
        return {row[0]: row[1] for row in rows}

    def by_day(self) -> dict[str, dict[str, int]]:
        """How many reviews that count each reviewer gave, by day (UTC, the newest first)."""
        found: dict[str, dict[str, int]] = {}
        for day, reviewer, count in self._read(
            "SELECT substr(given, 1, 10) AS day, counted.reviewer, count(*)"
            " FROM counted JOIN reviews USING (number) GROUP BY 1, 2 ORDER BY 1 DESC, 2",
            (),
        ):
            found.setdefault(day, {})[reviewer] = count
        return found

    def newest_review(self) -> int:
        """The receipt of the latest review that counts, 0 if there is none."""
        return int(self._read("SELECT coalesce(max(number), 0) FROM counted", ())[0][0])

    def reviewed_since(self, receipt: int) -> int:
        """How many predictions have a review with a later receipt, visitors' included.

        Gold questions aside.
        """
        rows = self._read(
            f"SELECT count(DISTINCT prediction) FROM counted WHERE number > ? AND {NO_GOLD}",
            [receipt],
        )
        return int(rows[0][0])

    def judged_since(self, receipt: int, *, reason: str = "") -> dict[str, tuple[int, int]]:
        """Of what was reviewed since: how many are decided, and in how many the model was wrong.

        By where they were asked. reason: only of what was kept for it.
        """
        rows = self._read(
            "SELECT source, count(*), sum(wrong) FROM standing WHERE decided AND model <> ''"
            " AND prediction IN (SELECT prediction FROM counted WHERE number > :receipt)"
            " AND :reason IN ('', reason) GROUP BY source",
            {"receipt": receipt, "reason": reason},
        )
        return {source: (count, wrong) for source, count, wrong in rows}

    def opinions_of_several(self) -> list[list[Opinion]]:
        """The opinions, visitors' too, on each prediction on which there is more than one."""
        found: dict[str, list[Opinion]] = {}
        for row in self._read(
            "SELECT reviews.* FROM counted JOIN reviews USING (number) WHERE counted.prediction IN"
            " (SELECT prediction FROM counted GROUP BY prediction HAVING count(*) > 1)"
            f" AND counted.{NO_GOLD} ORDER BY number",
            (),
        ):
            found.setdefault(row["prediction"], []).append(review_of(row).opinion)
        return list(found.values())

    def open_models(self) -> set[str]:
        """The models whose answers nobody has decided on yet."""
        query = (
            f"SELECT DISTINCT model FROM standing WHERE NOT decided AND model <> '' AND {NO_GOLD}"
        )
        rows = self._read(query, ())
        return {row["model"] for row in rows}

    def accepted_and_refused(self, models: Collection[str] = ()) -> tuple[int, int]:
        """How many answers of these models (of all, if none is named) people decided on."""
        accepted, refused = self._read(
            f"SELECT coalesce(sum(accepted), 0), coalesce(sum(1 - accepted), 0) FROM standing"
            f" WHERE {_OF_MODELS}",
            _named(models),
        )[0]
        return accepted, refused

    def decided_contexts(self, models: Collection[str], limit: int) -> int:
        """On how many different contexts these are, up to a limit."""
        rows = self._read(
            "SELECT count(*) FROM (SELECT DISTINCT context FROM standing"
            f" JOIN predictions ON id = prediction WHERE {_OF_MODELS} LIMIT :limit) AS several",
            {**_named(models), "limit": limit},
        )
        return int(rows[0][0])


_OF_MODELS = """decided AND standing.model <> ''
    AND (:all OR standing.model IN (SELECT value FROM json_each(:models)))"""


def _named(models: Collection[str]) -> dict[str, object]:
    return {"all": not models, "models": json.dumps(list(models))}
