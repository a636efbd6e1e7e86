"""The store on PostgreSQL: several pages at once, a server that goes away, and the way there."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from annotation.cli.main import app
from annotation.review.records import Pulled, Pushed
from annotation.store.engines import postgres as engine
from annotation.store.engines.tables import STEPS
from annotation.store.store import MOVED, Store, StoreError
from qa_core.data.examples import Example, Gold
from tests.support.browsing import ROOT
from tests.support.postgres import PASSWORD, WRITTEN, Server
from tests.support.predictions import CONTEXT, SPAN, answer, keep

PAGE = """
import sys
from annotation.loop.intake import Intake
from annotation.store.store import Store
from page.tabs.desk import Desk, Visit
desk, visit = Desk(Intake(Store())), Visit()
while desk.look(sys.argv[1], visit).item is not None:
    desk.accept(sys.argv[1], visit, visit.item, "")
    id_, receipt, _ = visit.done[-1]
    print(id_, receipt, flush=True)
"""


def reviewing(name: str) -> subprocess.Popen[str]:
    """A process that does what a page does for a reviewer, and prints each receipt."""
    return subprocess.Popen(
        [sys.executable, "-c", PAGE, name], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


def test_two_pages_share_a_queue_and_a_kill_loses_and_doubles_nothing(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPANLOOP_ARGILLA_MIN_SUBMITTED", "2")  # both review everything
    store = Store()
    ids = [keep(store, f"{number}?") for number in range(40)]
    pages = {name: reviewing(name) for name in ("ann", "bob")}
    said: list[tuple[str, str, int]] = []

    def read(name: str, lines: list[str]) -> None:
        # a page that is killed as it prints has acknowledged no more than it printed
        parts = [line.split() for line in lines if line.endswith("\n")]
        said.extend((name, id_, int(receipt)) for id_, receipt in parts)

    for name, page in pages.items():
        assert page.stdout is not None
        read(name, [page.stdout.readline() for _ in range(8)])
        os.kill(page.pid, signal.SIGKILL)
        read(name, page.stdout.readlines())
        page.wait()
        pages[name] = reviewing(name)
    for name, page in pages.items():
        read(name, page.communicate(timeout=300)[0].splitlines(keepends=True))
        assert page.returncode == 0
    assert {one[:2] for one in said} <= {(name, id_) for name in pages for id_ in ids}
    assert len({receipt for *_, receipt in said}) == len(said)
    kept = [
        (review.reviewer, id_, review.number)
        for id_, reviews in store.reviews().items()
        for review in reviews
    ]
    assert set(said) <= set(kept)
    assert len(said) >= 2 * len(ids) - 2  # but what was killed between the review and its receipt
    rows = store._read("SELECT prediction, reviewer FROM reviews", ())
    assert Counter((row["reviewer"], row["prediction"]) for row in rows) == Counter(
        (name, id_) for name in pages for id_ in ids
    )
    assert store.counts().decided == len(ids)


def test_a_server_that_is_started_again_is_found_again(postgres: Server, database: str) -> None:
    store = Store()
    id_ = keep(store)
    changes = store.changes_by_others()
    postgres.stop()
    postgres.start()
    assert store.prediction(id_).context == CONTEXT
    assert store.changes_by_others() == changes
    postgres.stop()
    postgres.start()
    number = store.review(id_, "ann", None, source="page")
    assert [review.number for review in store.reviews_of(id_)] == [number]
    changed = store.changes_by_others()
    assert changed > changes
    assert len(store.dump()) == 2
    Store().close()
    assert store.changes_by_others() == changed  # who reads changes nothing


def test_a_connection_that_breaks_in_a_transaction_changes_nothing(
    postgres: Server, database: str
) -> None:
    store = Store()
    id_ = keep(store)

    def change(*, read: bool) -> None:
        with store._writing() as db:
            db.execute("UPDATE predictions SET model = 'm@9'")
            of = "FROM pg_locks WHERE locktype = 'advisory'"
            postgres.sql(f"SELECT pg_terminate_backend(pid) {of}")
            if read:  # which would go on by another connection
                store.counts()

    for read in (False, True):
        with pytest.raises(StoreError, match="start the server"):
            change(read=read)
    assert store.prediction(id_).answer.model == "m@1"


def test_a_writer_that_does_not_end_is_named(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = Store(), Store()
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    with other._writing(), pytest.raises(StoreError, match=r"lock timeout.*another program"):
        keep(store)
    keep(store)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (
            "ann:wrong-one@127.0.0.1:{port}/postgres",
            "authentication failed.*check the user",
        ),
        ("ann@127.0.0.1:{port}/postgres", "no password supplied.*check the user and the password"),
        (f"ann:{WRITTEN}@127.0.0.1:{{port}}/none", '"none" does not exist.*createdb'),
        ("ann:wrong-one@127.0.0.1:1/postgres", "refused.*start the server, or check host and"),
        ("ann:wrong-one@nowhere.invalid/postgres", "nowhere.invalid.*start the server"),
        ("ann:wrong/one@127.0.0.1/postgres", "write /, @, :, # and % in a password as %2F"),
        ("ann:12/wrong@127.0.0.1/postgres", "write /, @, :, # and % in a password as %2F"),
        ("ann:wrong@one@127.0.0.1/postgres", "write /, @, :, # and % in a password as %2F"),
        ("ann:wrong%one@127.0.0.1/postgres", "expected SPANLOOP_DATABASE as postgresql://user"),
        ("?host={folder}&port={port}&dbname=ascii&user=ann", "UTF8, found SQL_ASCII.*createdb"),
    ],
)
def test_what_is_wrong_is_said_in_a_line_without_the_password(
    postgres: Server, address: str, message: str
) -> None:
    if "ascii" in address:
        postgres.sql("CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0")
    written = "postgresql://" + address.format(port=postgres.port, folder=postgres.folder)
    with pytest.raises(StoreError, match=message) as raised:
        Store(written)
    said = str(raised.value)
    assert "\n" not in said
    assert not any(part in said for part in ("wrong", "one@", PASSWORD, WRITTEN))


def test_an_address_with_a_password_opens(postgres: Server) -> None:
    schema = "CREATE SCHEMA IF NOT EXISTS hidden"
    postgres.sql(schema)
    rest = "?options=-csearch_path%3Dhidden"
    store = Store(f"postgresql://ann:{WRITTEN}@127.0.0.1:{postgres.port}/postgres{rest}")
    keep(store)
    assert len(Store(store.address).predictions()) == 1
    assert str(store) == f"postgresql://127.0.0.1:{postgres.port}/postgres"
    assert PASSWORD not in repr(vars(store)) + repr(vars(store._engine))


def test_tables_of_an_older_version_get_what_they_lack(database: str) -> None:
    with psycopg.connect(database) as db:
        db.execute(STEPS[9].encode())
        db.execute("UPDATE spanloop SET version = 9")
        db.execute(
            "INSERT INTO predictions VALUES ('i', 'q', 'c', 0, 0, false, 0.5, 1, 2, '[]', 'm@1',"
            " 'doubtful', 'test', '2026-01-01')"
        )
        db.execute(
            'INSERT INTO reviews (prediction, reviewer, withdrawn, start, "end", note, source, at)'
            " VALUES ('i', 'ann', false, 0, 1, 'n', 'page', '2026-01-02')"
        )
        db.execute("INSERT INTO golds VALUES ('i', '[[0, 1]]', 'f', '1', '2026-01-02')")
    for _ in range(2):
        store = Store()
        (review,) = store.reviews_of("i")
        assert (review.spans, review.note) == (((0, 1),), "n")
        (gold,) = store.golds()
        assert (gold.spans, gold.together) == (((0, 1),), False)
        store.close()


def test_tables_of_a_newer_version_are_refused(database: str) -> None:
    store = Store()
    with store._writing() as db:
        db.execute("UPDATE spanloop SET version = 99")
    with pytest.raises(StoreError, match=r"version \d+ at most, found 99.*update this one"):
        Store()


def test_without_psycopg_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"pip install 'spanloop\[postgres\]'"):
        Store("postgresql://127.0.0.1/postgres")


@given(st.text(st.sampled_from("a\0\ufdd00") | st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_back(text: str) -> None:
    assert "\0" not in engine.escaped(text)
    assert engine.unescaped(engine.escaped(text)) == text


def test_queries_are_translated_but_not_what_they_quote() -> None:
    query = "SELECT ':a ? 5%' FROM json_each(?) CROSS JOIN b WHERE c = :c AND d % 2"
    assert engine.translated(query) == (
        b"SELECT ':a ? 5%%' FROM jsonb_array_elements_text(%s) JOIN b WHERE c = %(c)s AND d %% 2"
    )


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Store]:
    """A store in a file with rows in every table."""
    store = Store(tmp_path / "reviews.sqlite3")
    ids = [keep(store, f"{number}? \ufdd0\0") for number in range(12)]
    gold = Example("row", "gold?", CONTEXT, (Gold("Ines Soto", SPAN[0]),))
    store.add_golds([(gold, answer())], source="golds.csv", asked_on="page")
    store.take_rows([(Example("1", "row?", CONTEXT), None)], source="a.csv", reviewer="ann")
    for number, id_ in enumerate(ids[:6]):
        store.review(id_, "ann", SPAN, text="Ines Soto", note="\0 é", source="page")
        store.review(id_, "bob", None if number % 2 else SPAN, text="Ines Soto", source="page")
    store.withdraw(ids[0], "bob", source="page")
    store.review(store.golds()[0].prediction.id, "ann", SPAN, text="Ines Soto", source="page")
    store.note_dataset("d", asked=2, address="http://there", name="n")
    store.note_pushed([Pushed("d", id_, "x", 0, 9, vectors=True) for id_ in ids[:3]])
    store.name_of("u1", ["cem"], server="s")
    pulled = Pulled("r", "d", ids[1], "cem", "2030-05-01T12:00:00", person="u1")
    store.take(pulled, opinion=True, source="argilla")
    store.note_activity("d", "2030-05-01")
    store.estimate({ids[7]: 0.9, ids[8]: 0.2}, {ids[7]})
    store.assign({ids[9]: ["ann", "bob"]})
    last = store.review(ids[10], "dan", None, source="page")
    store.erase(ids[10], [last], "doubtful")  # its receipt is given to no other
    yield store
    store.close()


TABLES = (*MOVED, "standing", "counted", "scores", "tally", "rules")


def content(store: Store) -> dict[str, list[tuple[tuple[str, object], ...]]]:
    """The rows of every table, by table."""
    found = {}
    for table in TABLES:
        rows = [dict(row) for row in store._read(f"SELECT * FROM {table}", ())]
        if table == "tally":
            rows = [row for row in rows if row["count"]]
        found[table] = sorted((tuple(sorted(row.items())) for row in rows), key=repr)
    return found


def test_a_store_moves_whole_with_its_receipts(full: Store, postgres: Server) -> None:
    before = content(full)
    assert [table for table, rows in before.items() if not rows] == ["rules"]
    words = ["move", "--to", postgres.empty(), "--store", str(full.path)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "14 predictions and 16 reviews are now in postgresql:///" in done.output
    moved = Store(words[2])
    assert content(moved) == before
    assert moved.dump() == full.dump()
    assert [kept.id for kept in moved.waiting()] == [kept.id for kept in full.waiting()]
    assert moved.golds() == full.golds()
    id_ = moved.predictions()[-1].id
    assert moved.review(id_, "eve", None, source="page") == full.review(
        id_, "eve", None, source="page"
    )
    again = CliRunner().invoke(app, words)
    assert again.exit_code
    assert "expected an empty store in postgresql:" in str(again.exception)
    assert "found 14 predictions" in str(again.exception)


def test_a_move_that_is_killed_leaves_nothing(full: Store, postgres: Server) -> None:
    address = postgres.empty()
    Store(address).close()
    with psycopg.connect(address) as other:  # the move gets no further than the eighth table
        other.execute("LOCK TABLE imports IN SHARE MODE")
        moving = subprocess.Popen(
            [sys.executable, "-m", "annotation", "move", "--store", str(full.path)],
            cwd=ROOT,
            env={**os.environ, "SPANLOOP_DATABASE": address},
        )
        while postgres.sql("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0":
            assert moving.poll() is None
        os.kill(moving.pid, signal.SIGKILL)
        assert moving.wait() == -signal.SIGKILL
    store = Store(address)
    assert not any(content(store).values())
    assert store.take_over(full)["predictions"] == 14


def test_rows_that_do_not_fit_are_left_out_where_that_is_asked(full: Store, database: str) -> None:
    stray = ("assigned", {"prediction": "gone", "reviewer": "ann", "at": ""})
    rows, store = full.dump(), Store()
    with pytest.raises(StoreError, match="violates foreign key"):
        store.load([stray, *rows])
    assert store.predictions() == []
    assert store.load([stray, *rows], lenient=True) == 1
    assert store.dump() == rows


def test_copies_are_left_to_postgresqls_own_programs(database: str, tmp_path: Path) -> None:
    for words in (
        ["backup", "--output", str(tmp_path / "copy.sqlite3")],
        ["restore", "--from", str(tmp_path / "copy.sqlite3")],
        ["salvage", "--output", str(tmp_path / "saved.sqlite3")],
    ):
        done = CliRunner().invoke(app, words)
        assert done.exit_code
        assert "copy it with pg_dump and bring it back with pg_restore" in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_uses_the_database_but_where_a_file_is_named(
    database: str, tmp_path: Path
) -> None:
    id_ = keep(Store())
    shown = CliRunner().invoke(app, ["status", "--json"])
    assert '"store": "postgresql://' in shown.output
    words = ["purge", "--id", id_, "--yes"]
    other = CliRunner().invoke(app, [*words, "--store", str(tmp_path / "other.sqlite3")])
    assert "of a kept prediction" in str(other.exception)
    assert "1 predictions deleted" in CliRunner().invoke(app, words).output
    assert Store().predictions() == []
