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


@steps()
def standing(db: Database) -> None:
    """What `annotation.store.standing` keeps, and what finds rows by their prediction."""
    more = """INSERT INTO tally
        VALUES (new.reason, new.waiting, new.sent, new.decided, new.said > 0, 1)
        ON CONFLICT DO UPDATE SET count = count + 1;"""
    less = """UPDATE tally SET count = count - 1 WHERE reason = old.reason AND waiting = old.waiting
        AND sent = old.sent AND decided = old.decided AND reviewed = (old.said > 0);"""
    for statement in (
        "CREATE INDEX IF NOT EXISTS pushed_of ON pushed (prediction)",
        "CREATE INDEX IF NOT EXISTS pulled_of ON pulled (prediction)",
        """CREATE TABLE IF NOT EXISTS standing (
            prediction TEXT PRIMARY KEY REFERENCES predictions ON DELETE CASCADE,
            reason TEXT NOT NULL,
            model TEXT NOT NULL,
            source TEXT NOT NULL,
            at TEXT NOT NULL,
            sure REAL NOT NULL,
            estimated INTEGER NOT NULL,
            settled INTEGER NOT NULL,
            sent INTEGER NOT NULL,
            said INTEGER NOT NULL DEFAULT 0,
            decided INTEGER NOT NULL DEFAULT 0,
            wrong INTEGER NOT NULL DEFAULT 0,
            accepted INTEGER NOT NULL DEFAULT 0,
            waiting INTEGER NOT NULL GENERATED ALWAYS AS
                (NOT decided AND NOT (settled AND reason = 'doubtful')) STORED
        ) STRICT, WITHOUT ROWID""",
        """CREATE INDEX IF NOT EXISTS waiting_by_doubt
            ON standing (reason, sure, at, prediction) WHERE waiting""",
        """CREATE INDEX IF NOT EXISTS waiting_by_chance
            ON standing (reason, prediction) WHERE waiting""",
        """CREATE INDEX IF NOT EXISTS waiting_again
            ON standing (prediction) WHERE waiting AND said""",
        """CREATE TABLE IF NOT EXISTS counted (
            prediction TEXT NOT NULL REFERENCES predictions ON DELETE CASCADE,
            reviewer TEXT NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (prediction, reviewer)
        ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX IF NOT EXISTS counted_by ON counted (reviewer)",
        "CREATE INDEX IF NOT EXISTS counted_since ON counted (number)",
        """CREATE TABLE IF NOT EXISTS tally (
            reason TEXT NOT NULL,
            waiting INTEGER NOT NULL,
            sent INTEGER NOT NULL,
            decided INTEGER NOT NULL,
            reviewed INTEGER NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (reason, waiting, sent, decided, reviewed)
        ) STRICT, WITHOUT ROWID""",
        *(
            f"CREATE TRIGGER IF NOT EXISTS standing_{event} AFTER {event} ON standing BEGIN"
            f" {more if 'new' in rows else ''} {less if 'old' in rows else ''} END"
            for event, rows in {"insert": "new", "update": "old new", "delete": "old"}.items()
        ),
    ):
        db.execute(statement)


@steps()
def people_and_responses(db: Database) -> None:
    """Who said what in which response, and when; what the data sets ask; what they lack."""
    for table, columns in {
        "reviews": {"response": "TEXT NOT NULL DEFAULT ''", "given": "TEXT NOT NULL DEFAULT ''"},
        "pulled": {"person": "TEXT NOT NULL DEFAULT ''", "record": "TEXT NOT NULL DEFAULT ''"},
        "pushed": {
            "vectors": "INTEGER NOT NULL DEFAULT 0",
            "rounds": "INTEGER NOT NULL DEFAULT 1",
            "trouble": "TEXT NOT NULL DEFAULT ''",
        },
        "standing": {"asked": "INTEGER NOT NULL DEFAULT 1"},
    }.items():
        for column in columns.keys() - db.table(table).columns_dict.keys():
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {columns[column]}")
    for statement in (
        "DROP VIEW IF EXISTS current",
        "CREATE INDEX IF NOT EXISTS reviews_from ON reviews (response, number)",
        """CREATE TABLE IF NOT EXISTS people (
            person TEXT PRIMARY KEY,
            server TEXT NOT NULL,
            name TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE IF NOT EXISTS datasets (
            dataset TEXT PRIMARY KEY,
            address TEXT NOT NULL,
            asked INTEGER NOT NULL
        ) STRICT""",
    ):
        db.execute(statement)


@steps()
def imports_and_history(db: Database) -> None:
    """Which rows of which files came here; when what was pushed, and how far responses are."""
    for table, column in {"pushed": "at", "pulled": "status"}.items():
        if column not in db.table(table).columns_dict:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
    db.execute(
        """CREATE TABLE IF NOT EXISTS imports (
            prediction TEXT NOT NULL REFERENCES predictions ON DELETE CASCADE,
            source TEXT NOT NULL,
            row TEXT NOT NULL,
            title TEXT NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (prediction, source)
        ) STRICT"""
    )
    db.execute("CREATE INDEX IF NOT EXISTS imports_of_row ON imports (row)")


@steps()
def golds_and_assignments(db: Database) -> None:
    """Questions whose answers are known, how reviewers did on them, and who is to review what."""
    for statement in (
        """CREATE TABLE IF NOT EXISTS golds (
            prediction TEXT PRIMARY KEY REFERENCES predictions ON DELETE CASCADE,
            spans TEXT NOT NULL,
            source TEXT NOT NULL,
            row TEXT NOT NULL,
            at TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE IF NOT EXISTS scores (
            prediction TEXT NOT NULL REFERENCES predictions ON DELETE CASCADE,
            reviewer TEXT NOT NULL,
            right INTEGER NOT NULL,
            PRIMARY KEY (prediction, reviewer)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE IF NOT EXISTS assigned (
            prediction TEXT NOT NULL REFERENCES predictions ON DELETE CASCADE,
            reviewer TEXT NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (prediction, reviewer)
        ) STRICT""",
        "CREATE INDEX IF NOT EXISTS assigned_to ON assigned (reviewer)",
        """CREATE TABLE IF NOT EXISTS rules (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT""",
    ):
        db.execute(statement)
    for table, column in {"pushed": "state", "datasets": "name"}.items():
        if column not in db.table(table).columns_dict:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
    if "others" not in db.table("datasets").columns_dict:
        db.execute("ALTER TABLE datasets ADD COLUMN others INTEGER NOT NULL DEFAULT 0")


@steps()
def waiting_again_by_number(db: Database) -> None:
    """An index whose condition PostgreSQL understands, too, for queries that have it in words."""
    db.execute("DROP INDEX IF EXISTS waiting_again")
    db.execute("CREATE INDEX waiting_again ON standing (prediction) WHERE waiting AND said > 0")


@steps()
def several_spans(db: Database) -> None:
    """The further spans of an answer of several; whether gold spans are one answer together."""
    for table, column in {
        "reviews": "further TEXT NOT NULL DEFAULT '[]'",
        "golds": "together INTEGER NOT NULL DEFAULT 0",
    }.items():
        if column.split()[0] not in db.table(table).columns_dict:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
