"""The tables of the store, step by step from its first version on.

What has once been released is never changed, only added to. sqlite-utils remembers which steps a
file has had. These first four leave alone what they find: they also meet files from before that.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

steps = Migrations("spanloop")


@steps()
def predictions_and_reviews(db: Database) -> None:
    for statement in (
        """CREATE TABLE IF NOT EXISTS predictions (
            id TEXT PRIMARY KEY,
            question TEXT NOT NULL,
            context TEXT NOT NULL,
            start INTEGER NOT NULL,
            end INTEGER NOT NULL,
            answerable INTEGER NOT NULL,
            confidence REAL NOT NULL,
            score REAL NOT NULL,
            null_score REAL NOT NULL,
            alternatives TEXT NOT NULL,
            model TEXT NOT NULL,
            reason TEXT NOT NULL,
            source TEXT NOT NULL,
            at TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE IF NOT EXISTS reviews (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            prediction TEXT NOT NULL REFERENCES predictions ON DELETE CASCADE,
            reviewer TEXT NOT NULL,
            withdrawn INTEGER NOT NULL,
            start INTEGER,
            end INTEGER,
            note TEXT NOT NULL,
            source TEXT NOT NULL,
            at TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX IF NOT EXISTS reviews_of ON reviews (prediction, reviewer, number)",
        "CREATE INDEX IF NOT EXISTS predictions_at ON predictions (at)",
        """CREATE VIEW IF NOT EXISTS current AS SELECT * FROM reviews AS newest WHERE NOT withdrawn
            AND number = (SELECT max(number) FROM reviews
                WHERE prediction = newest.prediction AND reviewer = newest.reviewer)""",
    ):
        db.execute(statement)


@steps()
def pushed_and_pulled(db: Database) -> None:
    for statement in (
        """CREATE TABLE IF NOT EXISTS pushed (
            dataset TEXT NOT NULL,
            prediction TEXT NOT NULL REFERENCES predictions ON DELETE CASCADE,
            digest TEXT NOT NULL,
            start INTEGER NOT NULL,
            end INTEGER NOT NULL,
            problem TEXT NOT NULL,
            PRIMARY KEY (dataset, prediction)
        ) STRICT""",
        """CREATE TABLE IF NOT EXISTS pulled (
            response TEXT PRIMARY KEY,
            dataset TEXT NOT NULL,
            prediction TEXT NOT NULL REFERENCES predictions ON DELETE CASCADE,
            reviewer TEXT NOT NULL,
            version TEXT NOT NULL,
            problem TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE IF NOT EXISTS pulls (
            dataset TEXT PRIMARY KEY,
            activity TEXT NOT NULL
        ) STRICT""",
    ):
        db.execute(statement)


@steps()
def estimates(db: Database) -> None:
    db.execute(
        """CREATE TABLE IF NOT EXISTS estimates (
            prediction TEXT PRIMARY KEY REFERENCES predictions ON DELETE CASCADE,
            model TEXT NOT NULL,
            probability REAL NOT NULL
        ) STRICT"""
    )


@steps()
def settled(db: Database) -> None:
    if "settled" not in db.table("estimates").columns_dict:
        db.execute("ALTER TABLE estimates ADD COLUMN settled INTEGER NOT NULL DEFAULT 0")
