"""The command line of the review loop, as its users run it."""

import json
import re
import sqlite3
from pathlib import Path

import pytest
from datasets import load_from_disk
from typer.testing import CliRunner

from annotation.cli.main import app
from annotation.store.store import Store
from qa_core.data import squad
from qa_core.data.examples import Gold, question_id
from tests.support.predictions import CONTEXT, SPAN, answer
from tests.support.reviewing import annotation


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with a question that two decided, one they differ on, and one nobody has seen."""
    path = tmp_path / "reviews.sqlite3"
    store = Store(path)
    for question, reason in (("who?", "doubtful"), ("when?", "doubtful"), ("why?", "flagged")):
        store.keep(question, CONTEXT, answer(), reason=reason, source="test")  # type: ignore[arg-type]
    who, when = (
        next(k.id for k in store.predictions() if k.question == q) for q in ("who?", "when?")
    )
    store.review(who, "ann", SPAN, text="Ines Soto", source="page")
    store.review(who, "bob", SPAN, text="Ines Soto", source="page")
    store.review(when, "ann", SPAN, text="Ines Soto", source="page")
    store.review(when, "bob", None, note="not said", source="page")
    store.close()
    return path


def test_status_counts_and_says_how_far_reviewers_agree(path: Path) -> None:
    done = annotation("status", "--store", path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    day = lines.pop(5)
    assert re.fullmatch(r"  20\d\d-\d\d-\d\d  ann 2, bob 2", day)
    when = question_id("when?", CONTEXT)[:8]
    assert lines == [
        "3 predictions kept (1 flagged, 2 doubtful)",
        "1 decided by reviews, 2 wait for a reviewer",
        "  ann: 2 reviews",
        "  bob: 2 reviews",
        "Reviews by day (UTC):",
        "2 questions read by several: alpha on answerable 0.00 (1 perfect, 0 chance), "
        "F1 between spans 1.00",
        "  ann: 2 questions, agrees 50%, spans F1 1.00",
        "  bob: 2 questions, agrees 50%, spans F1 1.00",
        "Two by two:",
        "  ann and bob: 2 questions, 1 differently",
        "Reviewers disagree on:",
        f"  {when} when? ann: 'Ines Soto' ({SPAN[0]}-{SPAN[1]}) | "
        "bob: the text does not say (undecided)",
        "Notes:",
        f"  {when} when? bob: not said",
        "The model that serves: bundled",
        "",
        "Next:",
        "  2 of 50 reviews before re-training is worthwhile.",
        "  Reviewers differ on 1 question: one more opinion on each decides.",
        "  2 predictions wait for a reviewer, the least sure first.",
    ]
    figures = json.loads(annotation("status", "--store", path, "--json").stdout)
    assert (figures["predictions"], figures["reviewed"], figures["decided"]) == (3, 2, 1)
    assert figures["agreement"]["alpha"] == 0
    (differing,) = figures["disagreements"]
    assert figures["pairs"] == [
        {"reviewers": ["ann", "bob"], "questions": 2, "different": [differing["id"]]}
    ]
    assert [*figures["days"].values()] == [{"ann": 2, "bob": 2}]
    assert [one["text"] for one in differing["opinions"]] == ["Ines Soto", None]
    assert [(one["question"], one["note"]) for one in figures["notes"]] == [("when?", "not said")]


def test_status_says_how_right_the_model_is_where_it_was_sure(tmp_path: Path) -> None:
    path = tmp_path / "reviews.sqlite3"
    store = Store(path)
    for number in range(12):
        reason = "doubtful" if number == 11 else "random"
        id_ = str(store.keep(f"{number}?", CONTEXT, answer(), reason=reason, source="test"))  # type: ignore[arg-type]
        store.review(id_, "ann", SPAN if number < 8 else None, text="Ines Soto", source="page")
    store.close()
    figures = CliRunner().invoke(app, ["status", "--store", str(path), "--json"])
    said = json.loads(figures.stdout)
    assert said["drawn"] == {"decided": 11, "wrong": 3}
    assert any("wrong in 3 of 11 predictions drawn at random" in one for one in said["next"])
    printed = CliRunner().invoke(app, ["status", "--store", str(path)]).stdout
    assert "Of 11 kept at random and newly decided 8 were right" in printed


def test_status_of_nothing_is_nothing(tmp_path: Path) -> None:
    done = annotation("status", "--store", tmp_path / "new" / "reviews.sqlite3")
    assert done.stdout.splitlines() == [
        "0 predictions kept",
        "0 decided by reviews, 0 wait for a reviewer",
        "The model that serves: bundled",
        "",
        "Next:",
        "  Nothing is kept yet: ask questions on the page; doubtful answers will wait here.",
    ]


@pytest.mark.parametrize("name", ["reviews.json", "reviews.jsonl.gz", "reviews"])
def test_exports_hold_what_was_decided(path: Path, tmp_path: Path, name: str) -> None:
    done = annotation("export", "--store", path, "--output", tmp_path / name)
    assert done.stdout == f"1 examples written to {tmp_path / name}, 1 undecided left out\n", done
    if name == "reviews":
        (row,) = load_from_disk(str(tmp_path / name))
        assert row["answers"] == {"text": ["Ines Soto"], "answer_start": [SPAN[0]]}
        assert row["context"] == CONTEXT
        again = annotation("export", "--store", path, "--output", tmp_path / name)
        assert (again.returncode, "expected a new folder" in again.stderr) == (1, True)
    else:
        notes = tmp_path / "notes.jsonl"
        where = ("--store", path, "--output", tmp_path / f"again-{name}")
        annotation("export", *where, "--notes", notes)
        assert json.loads(notes.read_text())["note"] == "not said"
        (example,) = squad.read(tmp_path / name)[0]
        assert (example.question, example.context) == ("who?", CONTEXT)
        assert example.answers == (Gold("Ines Soto", SPAN[0]),)


def test_an_export_of_nothing_is_refused(tmp_path: Path) -> None:
    done = annotation("export", "--store", tmp_path / "x", "--output", tmp_path / "reviews.json")
    assert done.returncode == 1
    assert done.stderr.startswith("error: expected decided reviews in ")
    assert done.stderr.count("\n") == 1


def test_purge_asks_and_deletes(path: Path) -> None:
    store = Store(path)
    id_ = next(kept.id for kept in store.predictions() if kept.reason == "doubtful")
    assert annotation("purge", "--store", path).returncode == 2
    refused = annotation("purge", "--store", path, "--id", id_)
    assert (refused.returncode, len(store.predictions())) == (1, 3)
    done = annotation("purge", "--store", path, "--id", id_[:8], "--yes", "--json")
    assert json.loads(done.stdout) == {"deleted": 1}
    assert len(store.predictions()) == 2
    wrong = annotation("purge", "--store", path, "--id", id_, "--yes")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)
    with sqlite3.connect(path) as db:
        db.execute(
            "UPDATE predictions SET at = '2020-01-01T00:00:00+00:00' WHERE reason = 'flagged'"
        )
    annotation("purge", "--store", path, "--older-than", "1", "--yes")
    assert [kept.reason for kept in store.predictions()] == ["doubtful"]


def test_help_shows_an_example() -> None:
    for verb in ("status", "history", "import", "export-reviews", "purge"):
        done = annotation(verb, "--help")
        assert f"Example: spanloop {verb}" in " ".join(done.stdout.split())
