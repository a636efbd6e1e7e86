"""What was taken in from files: questions, and answers as those of a reviewer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC

from annotation.review.records import NO_SUGGESTION, Imported
from annotation.store.reviews import Reviews
from annotation.store.standing import refresh
from qa_core.data.examples import Example, question_id
from qa_core.inference.answer import Answer

SOURCE = "import"  # of the reviews


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the rows of a file: counts.

    new: questions that were not kept before; there: that were, or that another row asks, too.
    reviews: answers taken as the reviewer's, without_answer: those of them that say that the text
    does not; left: those left as the reviewer had said.
    """

    new: int = 0
    there: int = 0
    reviews: int = 0
    without_answer: int = 0
    left: int = 0


class Imports(Reviews):
    """Takes in rows of files, and remembers which."""

    def take_rows(
        self,
        rows: Sequence[tuple[Example, Answer | None]],
        *,
        source: str,
        reviewer: str = "",
        advance: Callable[[int, int], None] = lambda done, of: None,
    ) -> Taken:
        """Keep the questions of a file's rows, all of them or none.

        rows: each with what a model answers; None for no suggestion, and where the question is
        kept already, which then keeps its answer. source: the file's name. reviewer: who gives the
        first of the right answers, or says that there is none; "" to leave them out. What this
        reviewer has said of a question before, stays. advance: is called with how many rows are
        done, of how many. Raises InputError or StoreError.
        """
        new = reviews = without_answer = left = 0
        now = self._now().astimezone(UTC).isoformat(timespec="seconds")
        with self._writing() as db:
            for done, (example, answer) in enumerate(rows, 1):
                id_ = question_id(*example.pair)
                asked = "SELECT reason FROM predictions WHERE id = ?"
                known = db.execute(asked, [id_]).fetchone()
                if known is None:
                    given = answer or NO_SUGGESTION
                    self._put(db, self._row(*example.pair, given, "imported", source))
                    new += 1
                elif known["reason"] == "doubtful":
                    db.execute("UPDATE predictions SET reason = 'imported' WHERE id = ?", [id_])
                    refresh(db, [id_])
                origin = (id_, source, example.id, example.title, now)
                db.execute(
                    "INSERT INTO imports VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", origin
                )
                said = "SELECT 1 FROM reviews WHERE prediction = ? AND reviewer = ? LIMIT 1"
                if reviewer and db.execute(said, [id_, reviewer]).fetchone():
                    left += 1
                elif reviewer:
                    best = example.parts or example.answers[:1]
                    spans = tuple((one.start, one.end) for one in best)
                    self._add(db, id_, reviewer, spans, "", SOURCE)
                    reviews += 1
                    without_answer += not spans
                advance(done, len(rows))
        return Taken(new, len(rows) - new, reviews, without_answer, left)

    def imports(self, prediction: str | None = None) -> list[Imported]:
        """The rows that predictions, or this one, came from or were found in, oldest first."""
        where, values = ("", []) if prediction is None else ("WHERE prediction = ?", [prediction])
        rows = self._read(f"SELECT * FROM imports {where} ORDER BY at, rowid", values)
        return [Imported(**dict(row)) for row in rows]
