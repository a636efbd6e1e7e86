"""What people say of predictions: only ever added, the newest of each reviewer counts.

The newest is what was said last, whenever it came here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from annotation.review.agreement import Consensus, Spans, differ, merge
from annotation.review.records import VISITOR, Prediction, Reason, Review, Said
from annotation.store.engines.engine import Queries
from annotation.store.predictions import Predictions
from annotation.store.standing import refresh, review_of, settle, trust
from qa_core.data.examples import Example, Gold, one_span
from qa_core.errors import InputError
from qa_core.text.checks import check_text
from qa_core.text.offsets import check_span

_COUNTED = "SELECT reviews.* FROM counted JOIN reviews USING (number)"


class Reviews(Predictions):
    """Adds reviews and withdraws them, and says what they come to."""

    def review(
        self,
        prediction: str,
        reviewer: str,
        span: tuple[int, int] | None,
        *,
        text: str = "",
        further: Sequence[Gold] = (),
        note: str = "",
        source: str,
    ) -> int:
        """Keep what a reviewer says of a prediction, and return a receipt once it is on disk.

        span: the answer in code points of the whole context, None if the text does not say;
        text: its words, which must stand there. further: the other spans where several together are
        the answer. To say again what one said last adds nothing. Raises InputError, also where
        there is no such prediction, or StoreError.
        """
        check_text(reviewer, "reviewer")
        context = self.prediction(prediction).context
        spans = checked(context, span, text, further)
        if not all(context[start:end].strip() for start, end in spans):
            raise InputError("expected an answer of some words, found only blanks")
        with self._writing() as db:
            return self._add(db, prediction, reviewer, spans, note, source)

    def withdraw(self, prediction: str, reviewer: str, *, note: str = "", source: str) -> int:
        """Take back what a reviewer said of a prediction; the record of it stays."""
        self.prediction(prediction)
        with self._writing() as db:
            return self._add(db, prediction, reviewer, (), note, source, withdrawn=True)

    def last_said(self, prediction: str, reviewer: str) -> int:
        """The receipt of what a reviewer last said of a prediction, also to withdraw; 0 if none."""
        query = "SELECT max(number) FROM reviews WHERE prediction = ? AND reviewer = ?"
        return int(self._read(query, [prediction, reviewer])[0][0] or 0)

    def erase(self, prediction: str, receipts: Iterable[int], reason: Reason) -> None:
        """Delete reviews of a prediction, beyond recovery; what was said before counts again.

        reason: why the prediction is kept without them. Raises InputError if there is no such
        prediction, or StoreError.
        """
        self.prediction(prediction)
        with self._writing() as db:
            db.executemany(
                "DELETE FROM reviews WHERE prediction = ? AND number = ?",
                [(prediction, number) for number in receipts],
            )
            db.execute("UPDATE predictions SET reason = ? WHERE id = ?", [reason, prediction])
            refresh(db, [prediction])
            settle(db, prediction)
        self._overwrite()

    def reviews(self) -> dict[str, list[Review]]:
        """The reviews that count, by prediction: the newest of each reviewer, none withdrawn."""
        found: dict[str, list[Review]] = {}
        for row in self._read(f"{_COUNTED} ORDER BY number", ()):
            found.setdefault(row["prediction"], []).append(review_of(row))
        return found

    def reviews_of(self, prediction: str) -> list[Review]:
        """Those of one prediction."""
        rows = self._read(f"{_COUNTED} WHERE counted.prediction = ? ORDER BY number", [prediction])
        return [review_of(row) for row in rows]

    def record_of(self, prediction: str) -> list[Said]:
        """All that was ever said of a prediction, in the order in which it came here."""
        rows = self._read(
            "SELECT reviews.*, counted.number IS NOT NULL AS counts FROM reviews LEFT JOIN counted"
            " USING (prediction, number) WHERE prediction = ? ORDER BY reviews.number",
            [prediction],
        )
        return [
            Said(review_of(row), row["given"], bool(row["withdrawn"]), bool(row["counts"]))
            for row in rows
        ]

    def consensus(self) -> dict[str, Consensus]:
        """What the reviewers of each reviewed prediction say together.

        Visitors decide nothing, and gold questions are not to be decided.
        """
        opinions = {
            id_: [review.opinion for review in reviews if review.reviewer != VISITOR]
            for id_, reviews in self.reviews().items()
        }
        rows = self._read(
            "SELECT prediction, asked FROM standing WHERE said > 0"
            " AND prediction NOT IN (SELECT prediction FROM golds)",
            (),
        )
        with self._engine.explained(), self._lock:
            trusted = trust(self._db)
        return {
            row["prediction"]: merge(opinions[row["prediction"]], row["asked"], trusted)
            for row in rows
            if row["prediction"] in opinions
        }

    def disagreements(self) -> list[tuple[Prediction, list[Review], bool]]:
        """Predictions of which reviewers say different things, with all they say, and if decided.

        The undecided first. Visitors are no reviewers.
        """
        found: dict[str, list[Review]] = {}
        for row in self._read(
            f"{_COUNTED} JOIN standing ON standing.prediction = counted.prediction"
            " WHERE said > 1 AND counted.reviewer <> ?"
            " AND counted.prediction NOT IN (SELECT prediction FROM golds) ORDER BY number",
            [VISITOR],
        ):
            found.setdefault(row["prediction"], []).append(review_of(row))
        consensus = self.consensus()
        differing = [
            (self.prediction(id_), said, consensus[id_].decided)
            for id_, said in found.items()
            if differ([review.opinion for review in said])
        ]
        return sorted(differing, key=lambda one: (one[2], one[0].at, one[0].id))

    def notes(self) -> list[tuple[Prediction, Review]]:
        """What reviewers noted beside what counts of what they said, the newest last."""
        rows = self._read(f"{_COUNTED} WHERE note <> '' ORDER BY number", ())
        return [(self.prediction(row["prediction"]), review_of(row)) for row in rows]

    def examples(self) -> Iterator[Example]:
        """The decided predictions as examples to learn from, the best gold answer first."""
        consensus = self.consensus()
        for kept in self.predictions():
            merged = consensus.get(kept.id)
            if merged is not None and merged.decided:
                spans, parts = (
                    tuple(Gold(kept.context[start:end], start) for start, end in several)
                    for several in (merged.spans, merged.parts)
                )
                answers = (one_span(kept.context, parts),) if parts else spans
                yield Example(kept.id, kept.question, kept.context, answers, parts=parts)

    def _add(
        self,
        db: Queries,
        prediction: str,
        reviewer: str,
        spans: Spans,
        note: str,
        source: str,
        withdrawn: bool = False,
        response: str = "",
        given: datetime | None = None,
    ) -> int:
        """Add what was said here, or elsewhere in a response, and count anew.

        given: when it was said there. What is said here is newer than all that is known of it.
        """
        now = self._now().astimezone(UTC)
        when = (given or now).isoformat(timespec="microseconds")
        start, end = spans[0] if spans else (None, None)
        said = {"withdrawn": int(withdrawn), "start": start, "end": end,
                "further": json.dumps(spans[1:]), "note": note}  # fmt: skip
        whose = [prediction, reviewer]
        last = db.execute(
            "SELECT * FROM reviews WHERE prediction = ? AND reviewer = ? AND response = ?"
            " ORDER BY number DESC LIMIT 1",
            [*whose, response],
        ).fetchone()
        counted = db.execute(
            "SELECT number FROM counted WHERE prediction = ? AND reviewer = ?", whose
        ).fetchone()
        if last and all(last[column] == value for column, value in said.items()):
            stands = last["number"] == counted["number"] if counted else withdrawn
            if last["given"] == when if response else stands:
                return int(last["number"])
        if not response:
            newest = "SELECT max(given) FROM reviews WHERE prediction = ? AND reviewer = ?"
            when = max(when, db.execute(newest, whose).fetchone()[0] or "")
        added = db.execute(
            'INSERT INTO reviews (prediction, reviewer, withdrawn, start, "end", further, note,'
            " source, at, response, given) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " RETURNING number",
            [*whose, *said.values(), source, now.isoformat(timespec="seconds"), response, when],
        )
        number = int(added.fetchone()[0])
        settle(db, prediction)
        return number


def checked(
    context: str, span: tuple[int, int] | None, text: str, further: Sequence[Gold]
) -> Spans:
    """The spans of an answer, in the text's order; none if there is none.

    text and further: as for `Reviews.review`. Raises InputError unless all stand in the context,
    none over another.
    """
    if span is None:
        return ()
    check_span(context, *span, text)
    for gold in further:
        check_span(context, gold.start, gold.end, gold.text)
    spans = sorted([span, *((gold.start, gold.end) for gold in further)])
    for (_, end), (start, _) in pairwise(spans):
        if start < end:
            raise InputError(
                f"expected spans apart from each other, found one up to {end} and one from {start}"
            )
    return tuple(spans)
