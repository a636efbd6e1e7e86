"""Which predictions a reviewer asks to see, and which the reviewer has judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from annotation.review.records import REASONS, VISITOR, Prediction, Reason
from annotation.store.counts import NO_GOLD, OPEN_TO, SPLIT, Counting

# What waits, and this person may judge and has not; the name is asked for twice.
UNJUDGED = f"""waiting AND {OPEN_TO} AND NOT EXISTS (SELECT 1 FROM counted
    WHERE counted.prediction = standing.prediction AND reviewer = ?)"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which predictions are asked for; all of them unless more is said.

    words: stand in question or context, in any case. source, reason: of these alone, "" for any.
    answerable: of this verdict, None for either. below: of a lower confidence (a probability).
    split: on which reviewers are split.
    """

    words: str = ""
    source: str = ""
    reason: Reason | Literal[""] = ""
    answerable: bool | None = None
    below: float | None = None
    split: bool = False

    def condition(self, text: str) -> tuple[str, list[object]]:
        """An SQL condition on the columns of ``predictions``, and its values.

        text: SQL for their casefolded question and context.
        """
        folded = self.words.strip().casefold()
        parts: dict[str, object] = {}
        if folded:
            parts[f"instr({text}, ?) > 0"] = folded
        if self.source:
            parts["predictions.source = ?"] = self.source
        if self.reason:
            parts["predictions.reason = ?"] = self.reason
        if self.answerable is not None:
            parts["answerable = ?"] = int(self.answerable)
        if self.below is not None:
            parts["confidence < ?"] = self.below
        if self.split:
            parts[f"(predictions.id IN (SELECT prediction FROM standing WHERE {SPLIT})) = ?"] = 1
        return " AND ".join(parts) or "true", list(parts.values())


class Search(Counting):
    """Finds predictions by what they say and how they stand."""

    def count_wanted(self, reviewer: str, wanted: Wanted) -> int:
        """How many of the wanted this reviewer can still judge."""
        if wanted == Wanted():
            return self.progress_of(reviewer)[1]
        condition, values = self._condition(wanted)
        rows = self._read(
            "SELECT count(*) FROM standing JOIN predictions ON id = prediction"
            f" WHERE {UNJUDGED} AND {condition}",
            [reviewer, reviewer, *values],
        )
        return int(rows[0][0])

    def find_waiting(self, reviewer: str, wanted: Wanted, limit: int) -> list[Prediction]:
        """The wanted that this reviewer can still judge, the least sure first."""
        condition, values = self._condition(wanted)
        found = [  # of each reason the first, by the index that is in this order
            tuple(row)
            for reason in REASONS
            for row in self._read(
                "SELECT sure, standing.at, prediction FROM standing CROSS JOIN predictions"
                f" ON id = prediction WHERE {UNJUDGED} AND {condition} AND standing.reason = ?"
                " ORDER BY sure, standing.at, prediction LIMIT ?",
                [reviewer, reviewer, *values, reason, limit],
            )
        ]
        return [self.prediction(id_) for *_, id_ in sorted(found)[:limit]]

    def find_judged(self, reviewer: str, wanted: Wanted, limit: int) -> list[Prediction]:
        """The wanted that this reviewer has judged, the newest judgement first."""
        condition, values = self._condition(wanted)
        rows = self._read(
            "SELECT id FROM counted JOIN predictions ON id = prediction"
            f" WHERE reviewer = ? AND {condition} ORDER BY number DESC LIMIT ?",
            [reviewer, *values, limit],
        )
        return [self.prediction(row["id"]) for row in rows]

    def sources(self) -> list[str]:
        """Where what is kept was asked."""
        return [row[0] for row in self._read("SELECT DISTINCT source FROM standing ORDER BY 1", ())]

    def is_answered(self, prediction: str) -> bool:
        """Whether as many reviewers as were asked have judged a prediction; gold never is."""
        answered = "prediction = ? AND said > 0 AND said >= asked"
        query = f"SELECT 1 FROM standing WHERE {answered} AND {NO_GOLD}"
        return bool(self._read(query, [prediction]))

    def called_wrong(self, prediction: str) -> bool:
        """Whether a visitor, the last of them, called it wrong and did not say what is right."""
        rows = self._read(
            "SELECT withdrawn AND note = 'wrong' FROM reviews WHERE prediction = ? AND reviewer = ?"
            " ORDER BY number DESC LIMIT 1",
            [prediction, VISITOR],
        )
        return bool(rows and rows[0][0])

    def _condition(self, wanted: Wanted) -> tuple[str, list[object]]:
        return wanted.condition(self._engine.folded)
