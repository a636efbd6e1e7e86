"""Predictions that people should see, and what they say of them, in one SQLite file.

Several processes may read and write at once. A method that writes returns once its change is on
disk, and a change is there whole or not at all, whenever the process or the machine stops.
Reviews are only ever added: the newest of a reviewer counts, the older ones stay on record.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotation.review.agreement import Consensus, merge
from annotation.review.policy import in_turn, record_id
from annotation.review.records import REASONS, VISITOR, Kept, Pulled, Pushed, Reason, Review
from qa_core import settings
from qa_core.data.examples import Example, Gold
from qa_core.errors import InputError, SpanLoopError
from qa_core.files import make_private, private_file
from qa_core.home import home
from qa_core.text.checks import check_text
from qa_core.text.offsets import check_span

if TYPE_CHECKING:
    from qa_core.inference.answer import Answer

FILE = "reviews.sqlite3"
BUSY_SECONDS = 30.0

VERSION = 4  # how many steps `annotation.store.schema` has; kept as the file's user_version

# The tables and what identifies their rows, in an order in which they can be filled.
TABLES: dict[str, tuple[str, ...]] = {
    "predictions": ("id",),
    "reviews": ("number",),
    "pushed": ("dataset", "prediction"),
    "pulled": ("response",),
    "pulls": ("dataset",),
}


class StoreError(SpanLoopError):
    """The file of reviews cannot be read or written."""


class Store:
    """The predictions and reviews in one file. Safe to share between threads and processes."""

    def __init__(
        self, path: Path | None = None, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Open or make the file, by default one in ``SPANLOOP_HOME``. Raises StoreError.

        ``SPANLOOP_JOURNAL=delete`` keeps a rollback journal instead of a write-ahead log, which
        file systems that machines share, and mounted buckets, cannot hold.
        """
        journal = settings.read().journal
        self.path = path or home() / FILE
        self._now = now
        self._lock = threading.RLock()
        with self._explained():
            make_private(self.path.parent)
            private_file(self.path)
            self._db = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._db.row_factory = sqlite3.Row
            # FULL: on disk before it is acknowledged. secure_delete: what is purged is gone.
            for setting in (f"journal_mode={journal}", "synchronous=FULL", "foreign_keys=ON"):
                self._db.execute(f"PRAGMA {setting}")
            self._db.execute("PRAGMA secure_delete=ON")
            self._migrate()

    def close(self) -> None:
        with self._lock:
            self._db.close()

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
        another model unless someone has reviewed it, and a user's flag outweighs other reasons.
        budget: None is returned, and nothing kept, where as many others that no user flagged
        were kept since midnight (UTC). Raises InputError or StoreError.
        """
        check_text(question, "question")
        check_text(context, "context")
        if reason not in REASONS:
            raise InputError(f"expected a reason of {', '.join(REASONS)}, found {reason!r}")
        if answer.answerable:
            check_span(context, answer.start, answer.end, answer.text)
        row = {
            "id": record_id(question, context),
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
        with self._writing() as db:
            known = db.execute("SELECT 1 FROM predictions WHERE id = ?", [row["id"]]).fetchone()
            if not known and budget is not None and reason != "flagged":
                used = db.execute(
                    "SELECT count(*) FROM predictions WHERE reason <> 'flagged' AND at >= ?",
                    [str(row["at"])[:10]],
                ).fetchone()[0]
                if used >= budget:
                    return None
            answer_columns = (
                "start", "end", "answerable", "confidence", "score", "null_score", "alternatives",
                "model",
            )  # fmt: skip
            db.execute(
                f"INSERT INTO predictions ({', '.join(row)})"
                f" VALUES ({', '.join(f':{column}' for column in row)}) ON CONFLICT DO NOTHING",
                row,
            )
            db.execute(
                f"UPDATE predictions SET {', '.join(f'{c} = :{c}' for c in answer_columns)}"
                " WHERE id = :id AND model <> :model"
                " AND NOT EXISTS (SELECT 1 FROM reviews WHERE prediction = :id)",
                row,
            )
            if reason == "flagged":
                db.execute("UPDATE predictions SET reason = :reason WHERE id = :id", row)
        return str(row["id"])

    def review(
        self,
        prediction: str,
        reviewer: str,
        span: tuple[int, int] | None,
        *,
        text: str = "",
        note: str = "",
        source: str,
    ) -> int:
        """Keep what a reviewer says of a prediction, and return a receipt once it is on disk.

        span: the answer in code points of the whole context, None if the text does not say;
        text: its words, which must stand there. To say again what one said last adds nothing.
        Raises InputError, also where there is no such prediction, or StoreError.
        """
        check_text(reviewer, "reviewer")
        context = self.prediction(prediction).context
        if span is not None:
            check_span(context, *span, text)
            if not text.strip():
                raise InputError("expected an answer of some words, found only blanks")
        with self._writing() as db:
            return self._add(db, prediction, reviewer, span, note, source)

    def withdraw(self, prediction: str, reviewer: str, *, note: str = "", source: str) -> int:
        """Take back what a reviewer said of a prediction; the record of it stays."""
        self.prediction(prediction)
        with self._writing() as db:
            return self._add(db, prediction, reviewer, None, note, source, withdrawn=True)

    def take(
        self,
        pulled: Pulled,
        *,
        span: tuple[int, int] | None = None,
        text: str = "",
        note: str = "",
        opinion: bool,
        source: str,
    ) -> None:
        """Keep what a response of another system says, and that it was taken in, in one step.

        span and text: as for `review`. opinion: False if the response says nothing (any more); a
        review that it was taken for earlier is then withdrawn. Raises InputError or StoreError.
        """
        if opinion and span is not None:
            check_span(self.prediction(pulled.prediction).context, *span, text)
        with self._writing() as db:
            known = db.execute(
                "SELECT 1 FROM reviews WHERE prediction = ? AND reviewer = ?",
                [pulled.prediction, pulled.reviewer],
            ).fetchone()
            if opinion or known:
                whose = (pulled.prediction, pulled.reviewer)
                self._add(db, *whose, span, note, source, withdrawn=not opinion)
            db.execute(
                "INSERT OR REPLACE INTO pulled (response, dataset, prediction, reviewer, version,"
                " problem) VALUES (:response, :dataset, :prediction, :reviewer, :version,"
                " :problem)",
                asdict(pulled),
            )

    def forget(self, pulled: Pulled, *, source: str) -> None:
        """Withdraw the review of a response that its reviewer deleted."""
        with self._writing() as db:
            whose = (pulled.prediction, pulled.reviewer)
            self._add(db, *whose, None, "", source, withdrawn=True)
            db.execute("DELETE FROM pulled WHERE response = ?", [pulled.response])

    def pulled(self, dataset: str | None = None) -> dict[str, Pulled]:
        """The responses taken in, by their id, of one data set or of all."""
        where, values = ("", []) if dataset is None else ("WHERE dataset = ?", [dataset])
        rows = self._read(f"SELECT * FROM pulled {where}", values)
        return {row["response"]: Pulled(**dict(row)) for row in rows}

    def note_pushed(self, sent: Iterable[Pushed]) -> None:
        """Remember what another system has got; responses to it may be there already."""
        rows = [asdict(one) for one in sent]
        with self._writing() as db:
            db.executemany("DELETE FROM pulls WHERE dataset = :dataset", rows)
            db.executemany(
                "INSERT OR REPLACE INTO pushed (dataset, prediction, digest, start, end, problem)"
                " SELECT :dataset, :prediction, :digest, :start, :end, :problem"
                " WHERE EXISTS (SELECT 1 FROM predictions WHERE id = :prediction)",
                rows,
            )

    def pushed(self, dataset: str | None = None) -> dict[str, Pushed]:
        """What was pushed to a data set (by default: to any), by the predictions' ids."""
        where, values = ("", []) if dataset is None else ("WHERE dataset = ?", [dataset])
        rows = self._read(f"SELECT * FROM pushed {where}", values)
        return {row["prediction"]: Pushed(**dict(row)) for row in rows}

    def activity(self, dataset: str) -> str | None:
        """The other system's time of the last change that was wholly taken in; None if none."""
        rows = self._read("SELECT activity FROM pulls WHERE dataset = ?", [dataset])
        return rows[0]["activity"] if rows else None

    def note_activity(self, dataset: str, activity: str) -> None:
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO pulls VALUES (?, ?)", [dataset, activity])

    def prediction(self, id_: str) -> Kept:
        """One prediction. Raises InputError if there is none of this id."""
        for kept in self.predictions("WHERE id = ?", [id_]):
            return kept
        raise InputError(f"expected the id of a kept prediction, found {id_!r}: was it purged?")

    def predictions(self, where: str = "", values: Sequence[object] = ()) -> list[Kept]:
        """Predictions, oldest first, of an SQL condition on their columns."""
        rows = self._read(f"SELECT * FROM predictions {where} ORDER BY at, id", values)
        return [
            Kept(
                **{
                    **dict(row),
                    "answerable": bool(row["answerable"]),
                    "alternatives": tuple(json.loads(row["alternatives"])),
                }
            )
            for row in rows
        ]

    def reviews(self) -> dict[str, list[Review]]:
        """The reviews that count, by prediction: the newest of each reviewer, none withdrawn."""
        found: dict[str, list[Review]] = {}
        for row in self._read("SELECT * FROM current ORDER BY number", ()):
            review = Review(**{key: row[key] for key in row.keys() if key != "withdrawn"})  # noqa: SIM118
            found.setdefault(review.prediction, []).append(review)
        return found

    def waiting(self) -> list[Kept]:
        """Predictions that need a (further) reviewer, `in_turn`, by what `estimate` said of them.

        Doubtful ones that it settled are left out until their answer or the estimate changes.
        """
        estimates = self._estimates()
        settled = {id_ for id_, row in estimates.items() if row["settled"]}
        left = [
            kept
            for kept in self._undecided()
            if not (kept.reason == "doubtful" and kept.id in settled)
        ]
        return in_turn(left, {id_: row["probability"] for id_, row in estimates.items()})

    def unestimated(self) -> list[Kept]:
        """Those `waiting` of whose answer `estimate` said nothing, oldest first."""
        known = self._estimates()
        return [kept for kept in self._undecided() if kept.id not in known]

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
            db.executemany(
                "INSERT OR REPLACE INTO estimates"
                " SELECT id, model, ?, ? FROM predictions WHERE id = ?",
                [(sure, id_ in settled, id_) for id_, sure in probabilities.items()],
            )

    def consensus(self) -> dict[str, Consensus]:
        """What the reviewers of each reviewed prediction say together; visitors decide nothing."""
        opinions = {
            id_: [review.opinion for review in reviews if review.reviewer != VISITOR]
            for id_, reviews in self.reviews().items()
        }
        return {id_: merge(said) for id_, said in opinions.items() if said}

    def examples(self) -> Iterator[Example]:
        """The decided predictions as examples to learn from, the best gold answer first."""
        consensus = self.consensus()
        for kept in self.predictions():
            merged = consensus.get(kept.id)
            if merged is not None and merged.decided:
                golds = (Gold(kept.context[start:end], start) for start, end in merged.spans)
                yield Example(kept.id, kept.question, kept.context, tuple(golds))

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
        with self._explained(), self._lock:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(asked)

    def changes_by_others(self) -> int:
        """A number that differs once another connection has written since it was last asked for."""
        return int(self._read("PRAGMA data_version", ())[0][0])

    def dump(self) -> list[tuple[str, dict[str, Any]]]:
        """Every row as (table, columns), at one moment, in an order that `load` takes."""
        with self._writing() as db:
            return [
                (table, dict(row))
                for table in TABLES
                for row in db.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()
            ]

    def load(self, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Add rows of `dump`, all or none; those that are here already stay. Raises StoreError."""
        with self._writing() as db:
            for table, row in rows:
                names = [name for name in row if name.isidentifier()]
                db.execute(
                    f"INSERT OR IGNORE INTO {table} ({', '.join(names)})"
                    f" VALUES ({', '.join('?' * len(names))})",
                    [row[name] for name in names],
                )

    def _add(
        self,
        db: sqlite3.Connection,
        prediction: str,
        reviewer: str,
        span: tuple[int, int] | None,
        note: str,
        source: str,
        withdrawn: bool = False,
    ) -> int:
        start, end = span or (None, None)
        said = {"withdrawn": int(withdrawn), "start": start, "end": end, "note": note}
        last = db.execute(
            "SELECT * FROM reviews WHERE prediction = ? AND reviewer = ?"
            " ORDER BY number DESC LIMIT 1",
            [prediction, reviewer],
        ).fetchone()
        if last and all(last[column] == value for column, value in said.items()):
            return int(last["number"])
        added = db.execute(
            "INSERT INTO reviews (prediction, reviewer, withdrawn, start, end, note, source, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                prediction, reviewer, *said.values(), source,
                self._now().isoformat(timespec="seconds"),
            ],
        )  # fmt: skip
        return int(added.lastrowid or 0)

    def _undecided(self) -> list[Kept]:
        decided = {id_ for id_, consensus in self.consensus().items() if consensus.decided}
        return [kept for kept in self.predictions() if kept.id not in decided]

    def _estimates(self) -> dict[str, sqlite3.Row]:
        """By prediction: what `estimate` said of the answer that it has now."""
        rows = self._read(
            "SELECT prediction, probability, settled FROM estimates"
            " JOIN predictions ON id = prediction AND predictions.model = estimates.model",
            (),
        )
        return {row["prediction"]: row for row in rows}

    def _read(self, query: str, values: Sequence[object]) -> list[sqlite3.Row]:
        with self._explained(), self._lock:
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees what it is about to change, and is on disk when it ends."""
        with self._explained(), self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _migrate(self) -> None:
        with self._writing() as db:
            at = db.execute("PRAGMA user_version").fetchone()[0]
            if at > VERSION:
                raise StoreError(
                    f"expected {self.path} of version {VERSION} at most, found {at}: "
                    "it was written by a newer SpanLoop; update this one"
                )
            if at == VERSION:
                return
            from sqlite_utils import Database  # it imports pandas

            from annotation.store import schema

            schema.steps.apply(Database(db, recursive_triggers=False, execute_plugins=False))
            db.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """SQLite's errors in one line that says what to do."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            mend = {
                "database is locked": "another program holds it; try again",
                "database or disk is full": "free some space and try again; nothing was changed",
                "file is not a database": "move it away, or set SPANLOOP_HOME to another folder",
            }.get(str(error), "check that the folder exists and can be written")
            raise StoreError(f"cannot use the reviews in {self.path} ({error}): {mend}") from error
