"""What other systems, where people review, have got from here and given back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from annotation.review.records import Pulled, Pushed
from annotation.store.reviews import Reviews
from annotation.store.standing import refresh
from qa_core.text.offsets import check_span


class Ledger(Reviews):
    """Notes what was pushed, and takes in what comes back."""

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

    def count_pulled(self) -> int:
        """How many responses were taken in."""
        return int(self._read("SELECT count(*) FROM pulled", ())[0][0])

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
            refresh(db, [row["prediction"] for row in rows])

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

    def exchanged(self) -> dict[str, Any]:
        """How many predictions were pushed and responses pulled, and what of both was set aside.

        ``pushed`` and ``pulled`` are counts of what has no problem; ``set_aside`` says the problem
        of each other by its id.
        """
        figures: dict[str, Any] = {"set_aside": {}}
        for table, id_ in (("pushed", "prediction"), ("pulled", "response")):
            query = f"SELECT count(DISTINCT {id_}) FROM {table} WHERE problem = ''"
            figures[table] = self._read(query, ())[0][0]
            for row in self._read(f"SELECT {id_}, problem FROM {table} WHERE problem <> ''", ()):
                figures["set_aside"][row[0]] = row[1]
        return figures
