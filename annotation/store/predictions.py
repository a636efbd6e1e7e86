"""The predictions that a store holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from annotation.review.records import REASONS, Prediction, Reason
from annotation.store.database import Database
from annotation.store.engines.engine import Queries, quoted
from annotation.store.standing import prediction_of, refresh
from qa_core.data.examples import question_id
from qa_core.errors import InputError
from qa_core.inference.answer import Question
from qa_core.text.offsets import check_span

if TYPE_CHECKING:
    from qa_core.inference.answer import Answer


class Predictions(Database):
    """Keeps predictions, finds them and deletes them."""

    def keep(
        self,
        question: str,
        context: str,
        answer: Answer,
        *,
        reason: Reason,
        source: str,
        budget: int | None = None,
    ) -> str | None:
        """Keep a prediction and return its id once it is on disk.

        There is one record for each question on a context. Kept again, it takes the answer of
        another model unless someone has reviewed it; a user's flag outweighs other reasons, and
        an import outweighs doubt.
        budget: None is returned, and nothing kept, where as many doubtful and random ones were
        kept since midnight (UTC). Raises InputError or StoreError.
        """
        row = self._row(question, context, answer, reason, source)
        with self._writing() as db:
            known = db.execute("SELECT 1 FROM predictions WHERE id = ?", [row["id"]]).fetchone()
            if not known and budget is not None and reason != "flagged":
                used = db.execute(
                    "SELECT count(*) FROM predictions WHERE reason IN ('doubtful', 'random')"
                    " AND at BETWEEN :day AND :day || '~'"  # later ones: the clock was set back
                    " AND id NOT IN (SELECT prediction FROM golds)",
                    {"day": str(row["at"])[:10]},
                ).fetchone()[0]
                if used >= budget:
                    return None
            self._put(db, row)
        return str(row["id"])

    def _row(
        self, question: str, context: str, answer: Answer, reason: Reason, source: str
    ) -> dict[str, object]:
        """The columns of a prediction. Raises InputError."""
        Question(question, context)
        if reason not in REASONS:
            raise InputError(f"expected a reason of {', '.join(REASONS)}, found {reason!r}")
        if answer.answerable:
            check_span(context, answer.start, answer.end, answer.text)
        return {
            "id": question_id(question, context),
            "question": question,
            "context": context,
            "start": answer.start,
            "end": answer.end,
            "answerable": int(answer.answerable),
            "confidence": answer.confidence,
            "score": answer.score,
            "null_score": answer.null_score,
            "alternatives": json.dumps([asdict(span) for span in answer.alternatives]),
            "model": answer.model,
            "reason": reason,
            "source": source,
            "at": self._now().isoformat(timespec="seconds"),
        }

    def _put(self, db: Queries, row: Mapping[str, object]) -> None:
        """Add a prediction, or bring the one that is kept up to date."""
        answer_columns = (
            "start", "end", "answerable", "confidence", "score", "null_score", "alternatives",
            "model",
        )  # fmt: skip
        db.execute(
            f"INSERT INTO predictions ({', '.join(map(quoted, row))})"
            f" VALUES ({', '.join(f':{column}' for column in row)}) ON CONFLICT DO NOTHING",
            row,
        )
        self._engine.fold(row)
        db.execute(
            f"UPDATE predictions SET {', '.join(f'{quoted(c)} = :{c}' for c in answer_columns)}"
            " WHERE id = :id AND model <> :model AND :model <> ''"
            " AND NOT EXISTS (SELECT 1 FROM reviews WHERE prediction = :id)",
            row,
        )
        db.execute(
            "UPDATE predictions SET reason = :reason WHERE id = :id AND (:reason = 'flagged'"
            " OR (:reason = 'imported' AND reason = 'doubtful'))",
            row,
        )
        refresh(db, [str(row["id"])])

    def known(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids that predictions are kept under."""
        listed = json.dumps(list(ids))
        query = "SELECT id FROM predictions WHERE id IN (SELECT value FROM json_each(?))"
        return {row["id"] for row in self._read(query, [listed])}

    def prediction(self, id_: str) -> Prediction:
        """One prediction. Raises InputError if there is none of this id."""
        for kept in self.predictions("WHERE id = ?", [id_]):
            return kept
        raise InputError(f"expected the id of a kept prediction, found {id_!r}: was it purged?")

    def find(self, id_: str) -> Prediction:
        """One prediction by its id, the id of the row that it came from, or the id's beginning.

        Raises InputError if there is none, or more than one.
        """
        for where in (
            "id = :id",
            'id IN (SELECT prediction FROM imports WHERE "row" = :id)',
            "substr(id, 1, length(:id)) = :id",
        ):
            match self.predictions(f"WHERE {where}", {"id": id_}) if id_ else []:
                case [found]:
                    return found
                case [_, *others]:
                    raise InputError(
                        f"expected one prediction {id_!r}, found {1 + len(others)}: write more of "
                        "the id, as `status --json` lists it"
                    )
        return self.prediction(id_)

    def predictions(
        self, where: str = "", values: Sequence[object] | Mapping[str, object] = ()
    ) -> list[Prediction]:
        """Predictions, oldest first, of an SQL condition on their columns."""
        rows = self._read(f"SELECT * FROM predictions {where} ORDER BY at, id", values)
        return [prediction_of(row) for row in rows]

    def purge(self, ids: Iterable[str] = (), before: datetime | None = None) -> int:
        """Delete predictions with their reviews, beyond recovery; return how many.

        ids: these; before: also all kept before that time. Raises InputError for unknown ids, in
        which case nothing is deleted, or StoreError.
        """
        asked = set(ids)
        with self._writing() as db:
            if before is not None:
                limit = before.astimezone(UTC).isoformat(timespec="seconds")
                rows = db.execute("SELECT id FROM predictions WHERE at < ?", [limit])
                asked |= {row["id"] for row in rows.fetchall()}
            for id_ in sorted(asked):
                if not db.execute("DELETE FROM predictions WHERE id = ?", [id_]).rowcount:
                    raise InputError(f"expected ids of kept predictions, found no {id_!r}")
        self._overwrite()
        return len(asked)
