"""What other systems, where people review, have got from here and given back."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from annotation.review.agreement import Spans
from annotation.review.records import VISITOR, Aside, Pulled, Pushed
from annotation.store.counts import NO_GOLD, SPLIT
from annotation.store.engines.engine import Queries, quoted
from annotation.store.reviews import Reviews, checked
from annotation.store.standing import ask, refresh, settle, settle_reviewed
from qa_core.data.examples import Gold

_RECORDS = """SELECT coalesce(sum(rounds), 0)
    + coalesce((SELECT others FROM datasets WHERE dataset = ?), 0)
FROM pushed WHERE dataset = ? AND problem = ''"""
DISCARDED, DRAFT = "discarded", "draft"  # responses that say nothing


class Ledger(Reviews):
    """Notes what was pushed, and takes in what comes back."""

    def take(
        self,
        pulled: Pulled,
        *,
        span: tuple[int, int] | None = None,
        text: str = "",
        further: Sequence[Gold] = (),
        note: str = "",
        opinion: bool,
        source: str,
        ahead: timedelta = timedelta(),
    ) -> bool:
        """Keep what a response of another system says, and that it was taken in, in one step.

        span, text and further: as for `review`. opinion: False if the response says nothing (any
        more); the review that came from it is then withdrawn, and no other. ahead: by how much this
        machine's clock is ahead of the other's. Returns whether anything was added or withdrawn.
        Raises InputError or StoreError.
        """
        spans: Spans = ()
        if opinion and span is not None:
            spans = checked(self.prediction(pulled.prediction).context, span, text, further)
        with self._writing() as db:
            changed = opinion or self._came_from(db, pulled)
            if changed:
                self._add(
                    db, pulled.prediction, pulled.reviewer, spans, note, source, not opinion,
                    pulled.response, moment(pulled.version) + ahead,
                )  # fmt: skip
            _insert(db, "pulled", asdict(pulled), "response")
        return changed

    def forget(self, pulled: Pulled, *, source: str) -> bool:
        """Withdraw the review of a response that its reviewer deleted; whether there was one."""
        with self._writing() as db:
            if found := self._came_from(db, pulled):
                whose = (pulled.prediction, pulled.reviewer)
                came = (pulled.response, self._now().astimezone(UTC))
                self._add(db, *whose, (), "", source, True, *came)
            db.execute("DELETE FROM pulled WHERE response = ?", [pulled.response])
        return found

    def outlive(self, pulled: Pulled) -> bool:
        """Keep the review of a response that is gone, not taken back; whether there is one."""
        with self._writing() as db:
            found = self._came_from(db, pulled)
            db.execute("DELETE FROM pulled WHERE response = ?", [pulled.response])
        return found

    def _came_from(self, db: Queries, pulled: Pulled) -> bool:
        """Whether a review from this response stands."""
        row = db.execute(
            "SELECT withdrawn FROM reviews WHERE response = ? ORDER BY number DESC LIMIT 1",
            [pulled.response],
        ).fetchone()
        return row is not None and not row["withdrawn"]

    def name_of(self, person: str, names: Sequence[str], *, server: str) -> str:
        """The name under which all that a person of another system says is kept.

        person: the id there, which says who is who. names: what the person may be called, the
        likeliest first. The first that no other person of that server has, and no visitor of the
        page, is theirs for good. It is the id while there is none, and what was kept under that is
        renamed with the first name.
        """
        with self._writing() as db:
            known = db.execute("SELECT name FROM people WHERE person = ?", [person]).fetchone()
            if known or not names:
                return known["name"] if known else person
            taken = {
                row["name"]
                for row in db.execute("SELECT name FROM people WHERE server = ?", [server])
            } | {VISITOR}
            distinct = f"{names[0]} ({person[:8]})"
            name = next((name for name in names if name not in taken), distinct)
            db.execute("INSERT INTO people VALUES (?, ?, ?)", [person, server, name])
            self._rename(db, person, name)
            return name

    def accounts(self) -> dict[str, dict[str, str]]:
        """The accounts of people in other systems, and where they are, by the reviewer's name."""
        found: dict[str, dict[str, str]] = {}
        for row in self._read("SELECT * FROM people ORDER BY name, server", ()):
            found.setdefault(row["name"], {})[row["person"]] = row["server"]
        return found

    def rename_reviewer(self, old: str, new: str) -> int:
        """Keep all that one reviewer said, and will say elsewhere, under another name.

        If that is a reviewer's already, they are one from then on, and the newest counts. Returns
        how many reviews have changed hands.
        """
        with self._writing() as db:
            db.execute("UPDATE people SET name = ? WHERE name = ?", [new, old])
            return self._rename(db, old, new)

    def _rename(self, db: Queries, old: str, new: str) -> int:
        db.execute("UPDATE pulled SET reviewer = ? WHERE reviewer = ?", [new, old])
        if old != new:  # what both are to review is the one's
            db.execute(
                "DELETE FROM assigned WHERE reviewer = ? AND prediction IN"
                " (SELECT prediction FROM assigned WHERE reviewer = ?)",
                [new, old],
            )
        moved = db.execute(
            "UPDATE assigned SET reviewer = ? WHERE reviewer = ? RETURNING prediction",
            [new, old],
        ).fetchall()
        refresh(db, [row["prediction"] for row in moved])
        renamed = db.execute(
            "UPDATE reviews SET reviewer = ? WHERE reviewer = ? RETURNING prediction", [new, old]
        ).fetchall()
        for id_ in sorted({row["prediction"] for row in renamed}):
            settle(db, id_)
        return len(renamed)

    def pulled(self, dataset: str | None = None) -> dict[str, Pulled]:
        """The responses taken in, by their id, of one data set or of all."""
        where, values = ("", []) if dataset is None else ("WHERE dataset = ?", [dataset])
        rows = self._read(f"SELECT * FROM pulled {where}", values)
        return {row["response"]: Pulled(**dict(row)) for row in rows}

    def count_pulled(self) -> int:
        """How many responses say something that could be taken in."""
        query = "SELECT count(*) FROM pulled WHERE problem = '' AND status NOT IN (?, ?)"
        return int(self._read(query, (DISCARDED, DRAFT))[0][0])

    def discarded(self) -> dict[str, tuple[str, ...]]:
        """What waits, though as many as were asked have discarded it, and who they are.

        By prediction.
        """
        found: dict[str, list[str]] = {}
        whose = "FROM pulled AS each WHERE each.prediction = pulled.prediction AND status = ?"
        for row in self._read(
            "SELECT DISTINCT prediction, reviewer FROM pulled JOIN standing USING (prediction)"
            f" WHERE status = ? AND (SELECT count(DISTINCT reviewer) {whose}) >= asked AND waiting"
            f" AND {NO_GOLD} ORDER BY prediction, reviewer",
            [DISCARDED] * 2,
        ):
            found.setdefault(row["prediction"], []).append(row["reviewer"])
        return {id_: tuple(names) for id_, names in found.items()}

    def note_authors(self, known: Iterable[Pulled]) -> None:
        """Remember whose responses these are, where an older version did not."""
        with self._writing() as db:
            for one in known:
                db.execute(
                    "UPDATE pulled SET person = ? WHERE response = ?", [one.person, one.response]
                )

    def note_dataset(self, dataset: str, *, asked: int, address: str, name: str = "") -> int:
        """Note how many people a data set asks of each question, and where people open it.

        name: as the settings call it, whatever it is called there later. Returns how many decided
        predictions wait again by that; less than 0 where so many are decided that waited.
        """
        with self._writing() as db:
            return ask(db, dataset, asked, address, name)

    def datasets_called(self, name: str) -> set[str]:
        """The data sets that the settings have called so."""
        return {row[0] for row in self._read("SELECT dataset FROM datasets WHERE name = ?", [name])}

    def note_pushed(self, sent: Iterable[Pushed]) -> None:
        """Remember what another system has got; responses to it may be there already."""
        now = self._now().astimezone(UTC).isoformat(timespec="seconds")
        rows = [asdict(one) | {"at": now} for one in sent]
        with self._writing() as db:
            db.executemany("DELETE FROM pulls WHERE dataset = :dataset", rows)
            there = "SELECT 1 FROM predictions WHERE id = ?"
            rows = [row for row in rows if db.execute(there, [row["prediction"]]).fetchone()]
            for row in rows:
                _insert(db, "pushed", row, "dataset", "prediction")
            ids = [row["prediction"] for row in rows]
            refresh(db, ids)
            settle_reviewed(db, ids)

    def note_gone(self, dataset: str, there: Collection[str], known: Iterable[Pushed]) -> None:
        """Note of the known what another system no longer has.

        there: the ids of all records that it has. What is gone waits to be sent anew, if it waits,
        and as many are asked as were. A store that was brought back from a copy learns of further
        records that were made since.
        """
        changed, rounds = [], dict[str, set[int]]()
        for name in there:
            rounds.setdefault(prediction_id(name), set()).add(_round(name))
        with self._writing() as db:
            for one in known:
                found = rounds.get(one.prediction, set())
                left: dict[str, object] = {"rounds": max(found, default=0), "state": ""}
                if one.problem or (left["rounds"] == one.rounds and 1 in found):
                    continue
                changed.append(one.prediction)
                if 1 not in found:
                    left |= {"digest": "", "vectors": 0, "trouble": ""}
                db.execute(
                    f"UPDATE pushed SET {', '.join(f'{column} = ?' for column in left)}"
                    " WHERE dataset = ? AND prediction = ?",
                    [*left.values(), dataset, one.prediction],
                )
            refresh(db, changed)
            settle_reviewed(db, changed)

    def datasets_at(self, server: str) -> set[str]:
        """The data sets at this address of which records are there, so far as is known here."""
        rows = self._read(
            "SELECT DISTINCT dataset FROM pushed JOIN datasets USING (dataset) WHERE rounds > 0"
            " AND substr(address, 1, length(:server)) = :server",
            {"server": f"{server.rstrip('/')}/"},
        )
        return {row[0] for row in rows}

    def troubles(self) -> dict[str, str]:
        """Why predictions on which reviewers have spoken are not decided, by prediction.

        "split" where at least as many as were asked disagree, "unusable" where fewer than were
        asked said anything that can be used, and somebody said what cannot, "second" where
        somebody it is assigned to has not answered, though as many have as the data set asks.
        """
        rows = self._read(
            "SELECT prediction, 'second' AS trouble, 0 AS weight FROM assigned JOIN standing"
            " USING (prediction) JOIN pushed USING (prediction) JOIN datasets USING (dataset)"
            " WHERE waiting AND problem = '' AND said >= datasets.asked AND said < standing.asked"
            f" UNION SELECT prediction, 'split', 1 FROM standing WHERE {SPLIT}"
            " UNION SELECT prediction, CASE WHEN said > 0 AND said >= asked THEN 'split'"
            " ELSE 'unusable' END, 1"
            " FROM pulled JOIN standing USING (prediction)"
            f" WHERE problem <> '' AND NOT decided AND {NO_GOLD} ORDER BY weight",
            (),
        )
        return {row["prediction"]: row["trouble"] for row in rows}

    def pushed(
        self, dataset: str | None = None, only: Collection[str] | None = None
    ) -> dict[str, Pushed]:
        """What was pushed to a data set (by default: to any), by the predictions' ids.

        only: of these predictions.
        """
        conditions = {
            "dataset = ?": dataset,
            "prediction IN (SELECT value FROM json_each(?))": (
                None if only is None else json.dumps(list(only))
            ),
        }
        return self._pushed({key: one for key, one in conditions.items() if one is not None})

    def pushed_in_trouble(self, dataset: str) -> dict[str, Pushed]:
        """What was said there not to be decided, or is not."""
        said = self._pushed({"dataset = ?": dataset, "problem = '' AND trouble <> ?": ""})
        only = self.pushed(dataset, self.troubles())
        return said | {id_: one for id_, one in only.items() if one.rounds and not one.problem}

    def pushed_bare(self, dataset: str) -> list[Pushed]:
        """What was pushed without vectors."""
        where = {"dataset = ?": dataset, "problem = '' AND rounds > 0 AND vectors = ?": 0}
        return list(self._pushed(where).values())

    def note_bare(self, dataset: str) -> None:
        """Note that nothing that was pushed to a data set has vectors there."""
        with self._writing() as db:
            db.execute("UPDATE pushed SET vectors = 0 WHERE dataset = ?", [dataset])

    def _pushed(self, conditions: Mapping[str, object]) -> dict[str, Pushed]:
        where = " AND ".join(conditions) or "true"
        rows = self._read(f"SELECT * FROM pushed WHERE {where}", list(conditions.values()))
        return {
            row["prediction"]: Pushed(**{**dict(row), "vectors": bool(row["vectors"])})
            for row in rows
        }

    def note_state(self, dataset: str, states: Mapping[str, str]) -> None:
        """Note that what was pushed of these is what would be pushed now, by prediction."""
        with self._writing() as db:
            db.executemany(
                "UPDATE pushed SET state = ? WHERE dataset = ? AND prediction = ?",
                [(state, dataset, id_) for id_, state in states.items()],
            )

    def count_records(self, dataset: str) -> int:
        """How many records a data set has, so far as is known here, other stores' included."""
        return int(self._read(_RECORDS, [dataset, dataset])[0][0])

    def note_records(self, dataset: str, count: int) -> None:
        """Note how many records a data set has; the rest of them is other stores'."""
        others = "others + ? - (" + _RECORDS + ")"
        with self._writing() as db:
            db.execute(
                f"UPDATE datasets SET others = {others} WHERE dataset = ?",
                [count, dataset, dataset, dataset],
            )

    def pushed_of(self, prediction: str) -> list[Pushed]:
        """What was pushed of one prediction, to whichever data sets."""
        rows = self._read("SELECT * FROM pushed WHERE prediction = ? ORDER BY at", [prediction])
        return [Pushed(**{**dict(row), "vectors": bool(row["vectors"])}) for row in rows]

    def pulled_of(self, prediction: str) -> list[Pulled]:
        """The responses about one prediction."""
        query = "SELECT * FROM pulled WHERE prediction = ? ORDER BY version"
        return [Pulled(**dict(row)) for row in self._read(query, [prediction])]

    def activity(self, dataset: str) -> str | None:
        """The other system's time of the last change that was wholly taken in; None if none."""
        rows = self._read("SELECT activity FROM pulls WHERE dataset = ?", [dataset])
        return rows[0]["activity"] if rows else None

    def note_activity(self, dataset: str, activity: str) -> None:
        with self._writing() as db:
            db.execute(
                "INSERT INTO pulls VALUES (?, ?)"
                " ON CONFLICT (dataset) DO UPDATE SET activity = excluded.activity",
                [dataset, activity],
            )

    def exchanged(self) -> dict[str, int]:
        """How many predictions were ``pushed`` and responses ``pulled`` without fault."""
        pushed = "SELECT count(DISTINCT prediction) FROM pushed WHERE problem = '' AND rounds > 0"
        return {"pushed": int(self._read(pushed, ())[0][0]), "pulled": self.count_pulled()}

    def addresses(self, predictions: Collection[str]) -> dict[str, str]:
        """Where people open the data set that each of these was pushed to, by prediction.

        Of several data sets, one in which somebody has answered.
        """
        rows = self._read(
            "SELECT prediction, address FROM json_each(?) JOIN pushed ON prediction = value"
            " JOIN datasets USING (dataset) WHERE problem = '' AND rounds > 0 ORDER BY EXISTS"
            " (SELECT 1 FROM pulled WHERE pulled.prediction = pushed.prediction"
            " AND pulled.dataset = pushed.dataset)",
            [json.dumps(list(predictions))],
        )
        return {row["prediction"]: row["address"] for row in rows}

    def address_of(self, dataset: str) -> str:
        """Where people open a data set, "" if it is not known."""
        rows = self._read("SELECT address FROM datasets WHERE dataset = ?", [dataset])
        return str(rows[0]["address"]) if rows else ""

    def asides(self, *, decided: bool = False) -> list[Aside]:
        """What could not be exchanged. decided: also of what others have decided meanwhile."""
        rows = self._read(
            "SELECT prediction AS id, question, '' AS reviewer, problem, address, decided"
            " FROM pushed JOIN predictions ON id = prediction JOIN standing USING (prediction)"
            " LEFT JOIN datasets USING (dataset) WHERE problem <> ''"
            " UNION ALL SELECT response, question, reviewer, problem, address, decided"
            " FROM pulled JOIN predictions ON id = prediction JOIN standing USING (prediction)"
            " LEFT JOIN datasets USING (dataset) WHERE problem <> '' ORDER BY question, reviewer",
            (),
        )
        names = [name for name in Aside.__dataclass_fields__ if name != "address"]
        return [
            Aside(**{name: row[name] for name in names}, address=row["address"] or "")
            for row in rows
            if decided or not row["decided"]
        ]


def round_id(prediction: str, number: int) -> str:
    """Our id of the first, or of a further, record of a prediction in another system."""
    return prediction if number == 1 else f"{prediction}.{number}"


def prediction_id(record: str) -> str:
    """The prediction whose record this is, by our id of it."""
    return record.partition(".")[0]


def _round(record: str) -> int:
    """Which of a prediction's records this is, by our id of it."""
    number = record.partition(".")[2]
    return int(number) if number.isdecimal() else 1


def moment(said: str) -> datetime:
    """A time of another system, in ISO 8601; in UTC where it names no zone."""
    when = datetime.fromisoformat(said)
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _insert(db: Queries, table: str, row: Mapping[str, Any], *key: str) -> None:
    """Put a row in the place of one with the same key."""
    same = " AND ".join(f"{column} = :{column}" for column in key)
    db.execute(f"DELETE FROM {table} WHERE {same}", row)
    db.execute(
        f"INSERT INTO {table} ({', '.join(map(quoted, row))})"
        f" VALUES ({', '.join(f':{column}' for column in row)})",
        row,
    )
