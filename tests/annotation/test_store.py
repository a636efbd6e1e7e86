"""The store: nothing lost, nothing doubled, nothing that does not match its text."""

import math
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database, Migrations

from annotation.review.records import Pulled, Pushed
from annotation.store import schema
from annotation.store.engines import engine as module
from annotation.store.store import Store, StoreError
from qa_core.data.examples import Example, Gold, question_id
from qa_core.errors import InputError
from tests.support.predictions import CONTEXT, QUESTION, SPAN, START, Clock, answer, in_a_file, keep


def test_what_is_kept_comes_back_as_it_was(store: Store) -> None:
    id_ = keep(store)
    (kept,) = Store(store.where).predictions()
    assert (kept.id, kept.question, kept.context) == (id_, QUESTION, CONTEXT)
    assert (kept.answer.start, kept.answer.end) == SPAN
    assert kept.answer == answer(plain_confidence=math.nan)
    assert (kept.reason, kept.source) == ("doubtful", "test")
    assert kept.at == "2030-05-01T12:00:00+00:00"
    assert store.prediction(id_) == kept


def test_a_question_on_a_context_is_kept_once(store: Store) -> None:
    id_ = keep(store)
    assert keep(store) == id_
    assert keep(store, confidence=0.1) == id_
    assert store.prediction(id_).answer.confidence == 0.4  # the same model said so first
    keep(store, model="m@2", text="", confidence=0.7)
    kept = store.prediction(id_)
    assert kept.answer == answer(model="m@2", text="", confidence=0.7, plain_confidence=math.nan)
    store.keep(QUESTION, CONTEXT, answer(), reason="flagged", source="test")
    keep(store)
    assert [kept.reason for kept in store.predictions()] == ["flagged"]


def test_several_spans_are_one_answer(store: Store, tmp_path: Path) -> None:
    """Their offsets are code points, and stay with what was said."""
    id_, year = keep(store), CONTEXT.index("1904")
    span, further = SPAN, [Gold("1904", year), Gold("\ufeff 😀", 0)]
    given: dict[str, Any] = {"text": "Ines Soto", "source": "page"}
    for _ in range(2):  # to say it again adds nothing
        store.review(id_, "ann", span, **given, further=further)
    (review,) = store.reviews_of(id_)
    assert review.spans == ((0, 3), SPAN, (year, year + 4))
    assert len(store.record_of(id_)) == 1
    (example,) = store.examples()
    assert [gold.text for gold in example.parts] == ["\ufeff 😀", "Ines Soto", "1904"]
    assert example.answers == (example.parts[0],)  # scattered over lines
    store.review(id_, "bob", span, **given)
    assert not store.consensus()[id_].decided
    assert [kept.id for kept, *_ in store.disagreements()] == [id_]
    assert store.opinions_of_several()[0][0].spans == review.spans
    taken = response(id_, "2030-01-01T00:00:00", reviewer="cem")
    store.take(taken, span=span, **given | {"source": "argilla"}, further=further, opinion=True)
    assert store.consensus()[id_].parts == review.spans
    store.withdraw(id_, "cem", source="page")
    store.withdraw(id_, "bob", source="page")
    assert store.consensus()[id_].parts == review.spans
    for wrong in (Gold("1905", year), Gold("Soto", START + 5), Gold("1904", year - 1)):
        with pytest.raises(InputError):
            store.review(id_, "ann", span, **given, further=[wrong])
    copy = Store(tmp_path / "copy.sqlite3")
    copy.load(store.dump())
    assert copy.dump() == store.dump()
    assert copy.reviews_of(id_) == [review]


def test_a_reviewed_prediction_is_not_replaced(store: Store) -> None:
    id_ = keep(store)
    store.review(id_, "ann", None, source="page")
    keep(store, model="m@2")
    assert store.prediction(id_).answer.model == "m@1"


def test_the_budget_is_of_a_day_and_not_for_flags(store: Store, clock: Clock) -> None:
    def offer(question: str, reason: Any = "doubtful") -> str | None:
        return store.keep(question, CONTEXT, answer(), reason=reason, source="test", budget=2)

    assert [bool(offer(question)) for question in "abca"] == [True, True, False, True]
    assert offer("c", "flagged")
    assert not offer("d", "random")
    clock.time += timedelta(hours=12)
    assert [bool(offer(question)) for question in "def"] == [True, True, False]


def test_a_clock_set_back_does_not_use_up_the_days_budget(store: Store, clock: Clock) -> None:
    def offer(question: str) -> str | None:
        return store.keep(question, CONTEXT, answer(), reason="doubtful", source="test", budget=2)

    clock.time += timedelta(days=400)  # it was wrong
    assert [bool(offer(question)) for question in "abc"] == [True, True, False]
    clock.time -= timedelta(days=400)
    assert [bool(offer(question)) for question in "cde"] == [True, True, False]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"question": " \n"}, "question: expected some text"),
        ({"context": "half \ud83d"}, "context: expected valid Unicode"),
        ({"context": "Another text than that."}, "expected 'Ines Soto' at"),
        ({"reason": "fun"}, "flagged, doubtful, random, imported, found 'fun'"),
    ],
)
def test_what_does_not_fit_is_refused_whole(
    store: Store, changes: dict[str, Any], message: str
) -> None:
    given = {"question": QUESTION, "context": CONTEXT, "reason": "doubtful", **changes}
    with pytest.raises(InputError, match=message):
        store.keep(answer=answer(), source="test", **given)
    assert store.predictions() == []


def test_the_newest_review_of_each_reviewer_counts(store: Store) -> None:
    id_ = keep(store)
    first = store.review(id_, "ann", None, note="hm", source="page")
    assert store.review(id_, "ann", None, note="hm", source="page") == first
    second = store.review(id_, "ann", SPAN, text="Ines Soto", source="page")
    third = store.review(id_, "bob", None, source="argilla")
    assert first < second < third
    assert [(r.reviewer, r.start) for r in store.reviews()[id_]] == [("ann", START), ("bob", None)]
    assert store.withdraw(id_, "ann", source="argilla") > third
    assert [r.reviewer for r in store.reviews()[id_]] == ["bob"]
    store.withdraw(id_, "bob", source="argilla")
    assert store.reviews() == {}
    rows = store._read("SELECT count(*) FROM reviews", ())
    assert rows[0][0] == 5  # the record of who said what is whole


def response(prediction: str, version: str, id_: str = "r", reviewer: str = "ann") -> Pulled:
    return Pulled(id_, "d", prediction, reviewer, version, person="u1")


def test_what_was_said_last_counts_whenever_it_comes_here(store: Store, clock: Clock) -> None:
    """Now it is noon. A response's time has no zone: it is UTC."""
    id_ = keep(store)

    def says(version: str, span: Any = None, *, opinion: bool = True, of: str = "r") -> bool:
        given = {"span": span, "text": "Ines Soto" if span else ""}
        return store.take(response(id_, version, of), **given, opinion=opinion, source="argilla")

    def counted() -> list[tuple[int, int] | None]:
        return [review.opinion.span for review in store.reviews_of(id_)]

    store.review(id_, "ann", SPAN, text="Ines Soto", source="page")
    assert says("2030-05-01T11:59:00")
    assert counted() == [SPAN]
    assert says("2030-05-01T14:01:00+02:00")
    assert counted() == [None]
    assert says("2030-05-01T12:00:30", SPAN)  # the same response later, by a clock that lags
    assert counted() == [SPAN]
    clock.time -= timedelta(days=1)  # what is said here is newer than all that is known
    store.review(id_, "ann", None, source="page")
    assert counted() == [None]
    assert says("2030-05-01T13:00:00", SPAN, of="other")
    assert counted() == [SPAN]
    assert says("2030-05-01T13:30:00", opinion=False, of="other")
    assert counted() == [None]  # only what came from that response is withdrawn
    assert not says("2030-05-01T13:40:00", opinion=False, of="third")
    store.withdraw(id_, "ann", source="page")
    assert counted() == []


def test_a_person_is_an_id_and_has_one_name(store: Store) -> None:
    id_ = keep(store)
    store.take(response(id_, "2030-01-01", reviewer="u1"), opinion=True, source="argilla")
    assert store.name_of("u1", [], server="s") == "u1"
    assert store.name_of("u1", ["ann", "anna"], server="s") == "ann"
    assert [review.reviewer for review in store.reviews_of(id_)] == ["ann"]
    assert store.pulled()["r"].reviewer == "ann"
    assert store.name_of("u1", ["bob"], server="s") == "ann"
    assert store.name_of("u2-of-the-same-name", ["ann"], server="s") == "ann (u2-of-th)"
    assert store.name_of("u3", ["ann"], server="elsewhere") == "ann"


def test_as_many_are_asked_as_settings_and_data_sets_say(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = keep(store), keep(store, "there?")

    def decided() -> tuple[bool, bool]:
        found = store.consensus()
        assert store.counts().decided == sum(one.decided for one in found.values())
        return found[here].decided, found[there].decided

    for id_ in (here, there):
        store.review(id_, "ann", None, source="page")
    assert decided() == (True, True)
    store.note_dataset("d", asked=2, address="")
    store.note_pushed([Pushed("d", there, "", 0, 1)])
    assert decided() == (True, False)
    monkeypatch.setenv("SPANLOOP_ARGILLA_MIN_SUBMITTED", "3")
    Store(store.where).close()
    assert decided() == (False, False)
    assert store.counts().split == 0
    for reviewer in ("bob", "cem"):
        store.review(there, reviewer, None, source="page")
    assert decided() == (False, True)
    monkeypatch.delenv("SPANLOOP_ARGILLA_MIN_SUBMITTED")
    Store(store.where).close()
    store.note_dataset("d", asked=1, address="")
    assert decided() == (True, True)


def test_what_was_deleted_elsewhere_asks_as_many_until_it_is_sent_again(store: Store) -> None:
    id_ = keep(store)
    for dataset, asked in (("d", 2), ("e", 1)):
        store.note_dataset(dataset, asked=asked, address=f"http://h:6900/dataset/{dataset}")
    store.note_pushed([Pushed("d", id_, "", 0, 1)])
    assert store.datasets_at("http://h:6900/") == store.datasets_at("http://h:6900") == {"d"}
    assert store.datasets_at("http://h:690") == set()
    store.note_gone("d", (), store.pushed("d").values())
    assert store.datasets_at("http://h:6900") == set()
    assert (store.exchanged()["pushed"], store.counts().unsent) == (0, 1)
    store.review(id_, "ann", None, source="page")
    assert not store.is_decided(id_)
    store.note_pushed([Pushed("e", id_, "", 0, 1)])
    assert store.is_decided(id_)


@pytest.mark.parametrize(
    ("span", "text", "message"),
    [
        ((START + 1, SPAN[1] + 1), "Ines Soto", "found 'nes Soto,'"),
        ((0, 999), "x", "found None"),
        ((START + 4, START + 5), " ", "only blanks"),
    ],
)
def test_a_span_that_does_not_match_is_never_stored(
    store: Store, span: tuple[int, int], text: str, message: str
) -> None:
    id_ = keep(store)
    with pytest.raises(InputError, match=message):
        store.review(id_, "ann", span, text=text, source="page")
    with pytest.raises(InputError, match="was it purged"):
        store.review("f" * 32, "ann", None, source="page")
    with pytest.raises(InputError, match="reviewer: expected some text"):
        store.review(id_, "", None, source="page")
    assert store.reviews() == {}


def test_what_waits_comes_by_turns_flagged_and_least_sure_or_drawn(store: Store) -> None:
    for question, confidence in (("a", 0.5), ("b", 0.2), ("c", 0.9), ("d", 0.3)):
        keep(store, question, confidence=confidence)
    c = store.keep("c", CONTEXT, answer(), reason="flagged", source="test")
    assert [kept.question for kept in store.waiting()] == ["c", "b", "a", "d"]  # "a" is drawn
    assert c is not None
    store.review(c, "ann", None, source="page")
    assert [kept.question for kept in store.waiting()] == ["b", "a", "d"]
    store.review(c, "bob", SPAN, text="Ines Soto", source="page")  # a tie: one more is needed
    assert [kept.question for kept in store.waiting()] == ["c", "b", "a", "d"]
    for question in ("e", "f"):
        store.keep(question, CONTEXT, answer(), reason="flagged", source="test")
    flagged = {"c", "e", "f"}
    found = [kept.question in flagged for kept in store.waiting()]
    assert found == [True, False, True, False, True, False]


def test_decided_reviews_are_examples(store: Store) -> None:
    yes, no, tie = (keep(store, question) for question in ("yes?", "no?", "tie?"))
    keep(store, "nobody?")
    store.review(yes, "ann", SPAN, text="Ines Soto", source="page")
    store.review(yes, "bob", (START, START + 4), text="Ines", source="page")
    store.review(yes, "cem", SPAN, text="Ines Soto", source="page")
    store.review(no, "ann", None, source="page")
    store.review(tie, "ann", None, source="page")
    store.review(tie, "bob", SPAN, text="Ines Soto", source="page")
    assert sorted(store.examples(), key=lambda example: example.question) == [
        Example(no, "no?", CONTEXT),
        Example(yes, "yes?", CONTEXT, (Gold("Ines Soto", START), Gold("Ines", START))),
    ]


def test_purged_is_gone_from_the_disk(store: Store, clock: Clock) -> None:
    old = keep(store, "a secret question?")
    store.review(old, "ann", None, note="a secret note", source="page")
    clock.time += timedelta(days=30)
    new = keep(store, "new?")
    with pytest.raises(InputError, match="found no 'nonsense'"):
        store.purge([old, "nonsense"])
    assert len(store.predictions()) == 2
    assert store.purge(before=clock.time - timedelta(days=7)) == 1
    assert [kept.id for kept in store.predictions()] == [new]
    assert store.reviews() == {}
    if store.where is None:
        return  # PostgreSQL overwrites it when it vacuums
    files = [path for path in store.path.parent.iterdir() if path.name.startswith(store.path.name)]
    assert not any(b"secret" in path.read_bytes() for path in files)


def test_many_threads_and_processes_write_at_once(store: Store) -> None:
    writers = [start(store.where, f"w{number}") for number in range(3)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: keep(store, f"thread {number}"), range(40)))
    acknowledged = [set(writer.communicate()[0].split()) for writer in writers]
    assert all(len(ids) == 25 for ids in acknowledged)
    assert {kept.id for kept in store.predictions()} >= set.union(*acknowledged)
    assert len(store.predictions()) == 40 + 75


WRITER = """
import sys
from pathlib import Path
from annotation.store.store import Store
from tests.support.predictions import CONTEXT, SPAN, answer
store = Store(Path(sys.argv[1]) if sys.argv[1] else None)
for number in range(int(sys.argv[3])):
    id_ = store.keep(f"{sys.argv[2]} {number}", CONTEXT, answer(), reason="doubtful", source="t")
    store.review(id_, "ann", SPAN, text="Ines Soto", source="t")
    print(id_, flush=True)
"""


def start(path: Path | None, name: str, count: int = 25) -> subprocess.Popen[str]:
    """A process that keeps and reviews predictions, and prints each id once it is acknowledged."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path or ""), name, str(count)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def test_a_second_store_of_a_process_takes_no_lock_from_the_first(tmp_path: Path) -> None:
    """Else the next process to close the file would delete the log that the first writes to."""
    path = tmp_path / "reviews.sqlite3"
    first = Store(path)
    Store(path).close()
    start(path, "other", count=1).wait()
    keep(first)
    found = sqlite3.connect(path).execute("SELECT count(*) FROM predictions").fetchone()
    assert found == (2,)
    other = start(path, "another", count=1)
    assert other.wait() == 0
    assert len(Store(path).predictions()) == len(first.predictions()) == 3


def test_a_kill_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    path = tmp_path / "reviews.sqlite3"
    acknowledged: list[str] = []
    for round_ in range(6):  # the first is killed while it makes the file, the others as they write
        writer = start(path, f"round {round_}", count=10**6)
        if round_ == 0:
            while not path.exists() and writer.poll() is None:
                pass
        elif writer.stdout:
            acknowledged += [writer.stdout.readline().strip() for _ in range(5)]
            time.sleep(0.013 * round_)
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += writer.communicate()[0].split()
        assert writer.returncode == -signal.SIGKILL
    store = Store(path)
    whole = [id_ for id_ in acknowledged if len(id_) == 32]
    assert len(whole) > 20
    assert {kept.id for kept in store.predictions()} >= set(whole)
    reviews = store.reviews()
    assert all(len(reviews[id_]) == 1 for id_ in whole)
    assert len(store.predictions()) <= len(whole) + 6  # one, at most, not yet acknowledged
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


@in_a_file
def test_a_full_disk_changes_nothing_and_says_so(store: Store) -> None:
    id_ = keep(store)
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match=r"is full.*free some space"):
        [keep(store, f"{number} " * 200) for number in range(1000)]
    before = store.predictions()
    store._db.execute("PRAGMA max_page_count = 100000")
    store.review(id_, "ann", None, source="page")
    assert store.predictions() == before
    assert sqlite3.connect(store.path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


@in_a_file
def test_a_lock_that_is_not_released_is_named(store: Store) -> None:
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store._db.execute("PRAGMA busy_timeout = 50")
    with pytest.raises(StoreError, match=r"locked.*another program holds it"):
        keep(store)
    other.execute("COMMIT")
    keep(store)


@pytest.mark.parametrize("content", [b"not a database " * 300, b"\x00" * 4096])
def test_another_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "reviews.sqlite3"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"not a database.*SPANLOOP_HOME"):
        Store(path)
    assert path.read_bytes() == content


def test_a_rollback_journal_by_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPANLOOP_JOURNAL", "delete")
    store = Store(tmp_path / "reviews.sqlite3")
    id_ = keep(store)
    store.purge([id_])
    assert [path.name for path in tmp_path.iterdir()] == ["reviews.sqlite3"]
    monkeypatch.setenv("SPANLOOP_JOURNAL", "off")
    with pytest.raises(InputError, match="'wal' or 'delete', found 'off'"):
        Store(tmp_path / "reviews.sqlite3")


@in_a_file
def test_a_file_of_a_newer_version_is_refused(store: Store) -> None:
    store._db.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=r"version \d+ at most, found 99"):
        Store(store.path)


@in_a_file
def test_a_migration_that_fails_leaves_the_old_version(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = keep(store)
    broken = Migrations("spanloop")

    @broken()
    def more(db: Database) -> None:
        db.execute("CREATE TABLE more (a) STRICT")
        db.execute("CREATE TABLE twice")

    monkeypatch.setattr(schema, "steps", broken)
    monkeypatch.setattr("annotation.store.database.VERSION", module.VERSION + 1)
    with pytest.raises(StoreError):
        Store(store.path)
    monkeypatch.undo()
    assert Store(store.path).prediction(id_).question == QUESTION
    names = sqlite3.connect(store.path).execute("SELECT name FROM sqlite_master").fetchall()
    assert ("more",) not in names


@pytest.mark.parametrize("remembered", [False, True])
@pytest.mark.parametrize("version", range(1, module.VERSION))
def test_a_file_of_an_older_version_gets_what_it_lacks(
    tmp_path: Path, version: int, remembered: bool
) -> None:
    path = tmp_path / "reviews.sqlite3"
    old = Database(path)
    names = [step.name for step in schema.steps.pending(old)]
    assert len(names) == module.VERSION
    schema.steps.apply(old, stop_before=names[version])
    old.execute(
        "INSERT INTO predictions VALUES"
        " ('i', 'q', 'c', 0, 0, 0, 0.5, 1, 2, '[]', 'm@1', 'doubtful', 'test', '2026-01-01')"
    )
    old.execute(
        "INSERT INTO reviews (prediction, reviewer, withdrawn, start, end, note, source, at)"
        " VALUES ('i', 'ann', 0, 0, 1, 'n', 'page', '2026-01-02')"
    )
    if not remembered:
        old.table("_sqlite_migrations").drop()
    old.execute(f"PRAGMA user_version = {version}")
    old.close()
    for _ in range(2):
        store = Store(path)
        assert store.prediction("i").answer.model == "m@1"
        (review,) = store.reviews_of("i")
        assert (review.reviewer, review.spans, review.note) == ("ann", ((0, 1),), "n")
        store.estimate({"i": 0.9}, ["i"])
        assert store.waiting() == []
        assert store.pushed() == {}
        assert store.pulled() == {}
        store.close()


def test_reviews_of_an_older_version_belong_to_their_responses(tmp_path: Path) -> None:
    path = tmp_path / "reviews.sqlite3"
    old = Database(path)
    names = [step.name for step in schema.steps.pending(old)]
    schema.steps.apply(old, stop_before=names[5])
    old.execute(
        "INSERT INTO predictions VALUES"
        " ('i', 'q', 'c', 0, 0, 0, 0.5, 1, 2, '[]', 'm@1', 'doubtful', 'test', '2026-01-01')"
    )
    for number, (who, source) in enumerate((("ann", "argilla"), ("bob", "page")), 1):
        old.execute(
            "INSERT INTO reviews VALUES (?, 'i', ?, 0, NULL, NULL, '', ?, '2026-01-02')",
            [number, who, source],
        )
    old.execute("INSERT INTO pulled VALUES ('r', 'd', 'i', 'ann', '2026-01-02', '')")
    old.execute("PRAGMA user_version = 5")
    old.close()
    store = Store(path)
    assert [review.reviewer for review in store.reviews_of("i")] == ["ann", "bob"]
    assert store.forget(store.pulled()["r"], source="argilla")
    assert [review.reviewer for review in store.reviews_of("i")] == ["bob"]
    again = Store(tmp_path / "again.sqlite3")
    rows = store.dump()
    again.load([*rows, ("people", {"person": "p", "server": "s", "name": "n", "since": 1}),
                ("tomorrows", {"a": 1})])  # fmt: skip
    assert again.dump() == [*rows, ("people", {"person": "p", "server": "s", "name": "n"})]
    store.close()
    again.close()


def test_random_predictions_take_turns_with_doubtful_ones(store: Store) -> None:
    for question in ("r1", "r2"):
        store.keep(question, CONTEXT, answer(), reason="random", source="test")
    for question, confidence in (("a", 0.5), ("b", 0.2), ("c", 0.4), ("d", 0.3)):
        keep(store, question, confidence=confidence)
    order = [kept.question for kept in store.waiting()]
    assert order[::2][:2] + order[4:] == ["b", "d", "c", "a"]
    assert set(order[1:4:2]) == {"r1", "r2"}
    store.estimate({question_id("r1", CONTEXT): 0.1, question_id("r2", CONTEXT): 0.9})
    assert [kept.question for kept in store.waiting()] == order  # whatever one thinks of them


def test_settled_predictions_wait_no_more_unless_more_than_doubt_speaks_for_them(
    store: Store,
) -> None:
    reasons = ("doubtful", "doubtful", "random", "flagged")
    ids = [
        store.keep(f"q{n}", CONTEXT, answer(), reason=reason, source="test")  # type: ignore[arg-type]
        for n, reason in enumerate(reasons)
    ]
    store.estimate({str(id_): 0.9 for id_ in ids}, {str(ids[0]), str(ids[2]), str(ids[3])})
    assert {kept.question for kept in store.waiting()} == {"q1", "q2", "q3"}
    store.estimate({})
    assert len(store.waiting()) == 4


def test_waiting_follows_estimates_of_the_answer_that_is_there(store: Store) -> None:
    ids = [
        str(store.keep(f"{n}?", CONTEXT, answer(confidence=c), reason="doubtful", source="test"))
        for n, c in enumerate((0.1, 0.2, 0.3))
    ]
    store.estimate({ids[0]: 0.9, ids[1]: 0.25})
    assert [kept.id for kept in store.waiting()] == [ids[1], ids[0], ids[2]]  # the second is drawn
    store.keep("0?", CONTEXT, answer(confidence=0.1, model="m@2"), reason="doubtful", source="test")
    assert [kept.id for kept in store.waiting()] == [ids[0], ids[1], ids[2]]
    store.estimate({})
    assert [kept.id for kept in store.waiting()] == ids
    store.estimate({ids[2]: 0.5})
    store.purge([ids[2]])
    assert [kept.id for kept in store.waiting()] == ids[:2]


def test_only_the_owner_reads_what_is_stored(tmp_path: Path) -> None:
    path = tmp_path / "home" / "inner" / "reviews.sqlite3"
    store = Store(path)
    keep(store, "who?")
    files = sorted(file for file in path.parent.iterdir())
    assert path in files
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    for folder in (path.parent, path.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    store.close()
    path.chmod(0o644)  # as older versions left it
    Store(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
