"""Questions whose answers are known, hidden among the others to measure who reviews them.

They wait for everybody, and are never decided: nothing learns from them, and nobody is asked to
settle what reviewers say of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC

from annotation.review.records import NO_SUGGESTION, Prediction, Reason
from annotation.store.predictions import Predictions
from annotation.store.standing import prediction_of, refresh, settle, spans_of
from qa_core.data.examples import Example, question_id
from qa_core.defaults import REVIEW_THRESHOLD
from qa_core.inference.answer import Answer

_COLUMNS = 'prediction, spans, source, "row", at, together'


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A prediction whose right answers are known, and who has answered it.

    spans: where they stand, in code points of the context; none if the text does not say. right,
    wrong: reviewers. together: the spans are no alternatives, but one answer.
    """

    prediction: Prediction
    spans: tuple[tuple[int, int], ...]
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    together: bool = False


class GoldQuestions(Predictions):
    """Keeps gold questions, and how reviewers did on them."""

    def add_golds(
        self, rows: Sequence[tuple[Example, Answer | None]], *, source: str, asked_on: str
    ) -> tuple[int, list[str]]:
        """Keep questions with their right answers, all of them or none; in the place of older ones.

        rows: each with what a model answers, None for no suggestion. source: the file's name.
        asked_on: where reviewers read that it was asked. Returns how many were new, and the ids of
        those left as they were because reviewers have judged them. Raises InputError or StoreError.
        """
        new, left = 0, list[str]()
        now = self._now().astimezone(UTC).isoformat(timespec="seconds")
        with self._writing() as db:
            for example, answer in rows:
                id_, given = question_id(*example.pair), answer or NO_SUGGESTION
                known = db.execute("SELECT 1 FROM golds WHERE prediction = ?", [id_]).fetchone()
                said = "SELECT 1 FROM standing WHERE prediction = ? AND said > 0"
                if not known and db.execute(said, [id_]).fetchone():
                    left.append(id_)
                    continue
                if not db.execute("SELECT 1 FROM predictions WHERE id = ?", [id_]).fetchone():
                    # as if the page had kept it, so that nothing tells what it is
                    reason: Reason = "doubtful" if given.confidence < REVIEW_THRESHOLD else "random"
                    if answer is None:
                        reason = "imported"
                    self._put(db, self._row(*example.pair, given, reason, asked_on))
                right = example.parts or example.answers
                spans = json.dumps([[one.start, one.end] for one in right])
                db.execute("DELETE FROM assigned WHERE prediction = ?", [id_])
                db.execute("DELETE FROM estimates WHERE prediction = ?", [id_])
                row = (id_, spans, source, example.id, now, int(bool(example.parts)))
                db.execute("DELETE FROM golds WHERE prediction = ?", [id_])
                db.execute(f"INSERT INTO golds ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", row)
                refresh(db, [id_])
                settle(db, id_)
                new += not known
        return new, left

    def release_golds(self, ids: Collection[str]) -> int:
        """Make these questions like the others again; return how many that were.

        What reviewers said of them counts from then on.
        """
        with self._writing() as db:
            found = [
                row["prediction"]
                for row in db.execute(
                    "SELECT prediction FROM golds WHERE prediction IN"
                    " (SELECT value FROM json_each(?))",
                    [json.dumps(list(ids))],
                ).fetchall()
            ]
            for id_ in found:
                db.execute("DELETE FROM scores WHERE prediction = ?", [id_])
                db.execute("DELETE FROM golds WHERE prediction = ?", [id_])
                settle(db, id_)
        return len(found)

    def golds(self) -> list[GoldQuestion]:
        """The gold questions, those with the most wrong answers first."""
        said: dict[str, list[tuple[str, bool]]] = {}
        for row in self._read("SELECT * FROM scores ORDER BY reviewer", ()):
            said.setdefault(row["prediction"], []).append((row["reviewer"], bool(row["right"])))
        rows = self._read(
            "SELECT predictions.*, spans, together FROM golds JOIN predictions ON id = prediction"
            " ORDER BY golds.at, golds.rowid",
            (),
        )
        found = [
            GoldQuestion(
                prediction_of(row),
                spans_of(row["spans"]),
                tuple(name for name, right in said.get(row["id"], ()) if right),
                tuple(name for name, right in said.get(row["id"], ()) if not right),
                bool(row["together"]),
            )
            for row in rows
        ]
        return sorted(found, key=lambda one: -len(one.wrong))

    def gold_scores(self) -> dict[str, tuple[int, int]]:
        """How many gold questions each reviewer answered rightly, and how many in all."""
        rows = self._read(
            'SELECT reviewer, sum("right"), count(*) FROM scores GROUP BY reviewer'
            " ORDER BY reviewer",
            (),
        )
        return {name: (right, count) for name, right, count in rows}

    def is_gold(self, prediction: str) -> bool:
        """Whether the right answer of a question is known."""
        return bool(self._read("SELECT 1 FROM golds WHERE prediction = ?", [prediction]))
