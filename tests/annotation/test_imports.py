"""Files of questions and labels to reviewers, and what reviewers decided to files, and back."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from datasets import load_from_disk
from typer.testing import CliRunner

from annotation.argilla.payload import choose_excerpt, payload
from annotation.cli.main import app
from annotation.loop.exports import decided, write
from annotation.loop.imports import import_file
from annotation.review.reviewers import ReviewersError
from annotation.store.store import Store
from page.tabs.desk import Desk
from qa_core.data import squad
from qa_core.data.examples import Example, Gold
from qa_core.errors import DataError, InputError
from qa_core.inference.reader import Reader
from tests.support.predictions import CONTEXT, answer, in_a_file

TEXT = "Ines Soto opened the harbour in 1904.\n- It is deep; =9 metres.\n-5 °C in winter."
EXAMPLES = [
    Example("q1", "Who opened it?", TEXT, (Gold("Ines Soto", 0),), "Harbours"),
    Example("q2", "How cold is it?", TEXT, (Gold("-5 °C", TEXT.index("-5")),), "Harbours"),
    Example("q3", "How deep?", TEXT, (Gold("=9 metres", TEXT.index("=9")),), "Harbours"),
    Example("q4", "=Why?", "Nobody knows.", ()),
]
LISTS = [  # in one sentence, and scattered; with an emoji, and with what a cell must not begin with
    Example(
        "l1", "Who came?", "-😀 Ann, Bob\r\nand Eve", (Gold("Ann, Bob", 3),), "",
        parts=(Gold("Ann", 3), Gold("Bob", 8)),
    ),
    Example(
        "l2", "Who came?", TEXT, (Gold("Ines Soto", 0),), "Harbours",
        parts=(Gold("Ines Soto", 0), Gold("-5 °C", TEXT.index("-5"))),
    ),
]  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "harbours.json"
    squad.write(EXAMPLES, path)
    return path


def spanloop(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_questions_wait_with_the_readers_suggestion(store: Store, file: Path) -> None:
    reader, loaded = Reader.load("small"), []

    def load() -> Reader:
        loaded.append(1)
        return reader

    report = import_file(store, str(file), load=load)
    assert (report.taken.new, report.taken.there, report.answers_left_out) == (4, 0, True)
    waiting = {kept.question: kept for kept in store.waiting()}
    assert set(waiting) == {one.question for one in EXAMPLES}
    kept = waiting["Who opened it?"]
    assert "Soto" in kept.answer.text
    assert (kept.answer.model, kept.reason, kept.source) == (
        reader.model,
        "imported",
        "harbours.json",
    )
    dump = store.dump()
    again = import_file(store, str(file), load=load)
    assert (again.taken.new, again.taken.there, loaded) == (0, 4, [1])
    assert store.dump() == dump


def test_without_a_suggestion_nobody_is_led(store: Store, file: Path) -> None:
    import_file(store, str(file))
    store.keep("When?", CONTEXT, answer(), reason="doubtful", source="test")
    blind = [kept for kept in store.waiting() if not kept.suggested]
    assert len(blind) == 4
    assert payload(blind[0], choose_excerpt(blind[0], 2000))["suggestions"] == []
    first = store.next_for("ann")
    assert first is not None
    assert not first.suggested
    desk = Desk.__new__(Desk)
    desk.store = store
    with pytest.raises(InputError, match="Nothing is suggested"):
        desk.accept("ann", None, first, "")  # type: ignore[arg-type]
    for kept in blind:
        store.review(kept.id, "ann", None, source="page")
    assert store.judged_since(0) == {}  # no model was right or wrong
    assert store.accepted_and_refused() == (0, 0)


def test_an_import_makes_what_was_settled_wait_and_costs_no_budget(store: Store) -> None:
    id_ = str(store.keep("Who?", CONTEXT, answer(), reason="doubtful", source="test"))
    store.estimate({id_: 0.99}, [id_])
    assert store.waiting() == []
    rows = [(Example(str(n), f"{n}?", CONTEXT), None) for n in range(5)]
    store.take_rows([(Example("x", "Who?", CONTEXT), None), *rows], source="f")
    assert len(store.waiting()) == 6
    more = {"reason": "random", "source": "test", "budget": 1}
    assert store.keep("Where?", CONTEXT, answer(), **more) is not None  # type: ignore[arg-type]


def test_labels_are_a_reviewers_answers(store: Store, file: Path) -> None:
    taken = import_file(store, str(file), reviewer="ann").taken
    assert (taken.new, taken.reviews, taken.without_answer, taken.left) == (4, 4, 1, 0)
    assert {r.reviewer for reviews in store.reviews().values() for r in reviews} == {"ann"}
    found = {one.question: one.answers for one in store.examples()}
    assert found == {one.question: one.answers for one in EXAMPLES}
    who = next(kept.id for kept in store.predictions() if kept.question == "Who opened it?")
    store.review(who, "ann", None, source="page")  # she changed her mind
    before = store.dump()
    again = import_file(store, str(file), reviewer="ann").taken
    assert (again.new, again.reviews, again.left) == (0, 0, 4)
    assert store.dump() == before
    assert import_file(store, str(file), reviewer="bob").taken.reviews == 4
    with pytest.raises(ReviewersError):
        import_file(store, str(file), reviewer="visitor")


def test_a_bad_row_refuses_the_whole_file(tmp_path: Path) -> None:
    path, store = tmp_path / "rows.csv", tmp_path / "reviews.sqlite3"
    path.write_text(f'id,question,context,answer\na,Who?,"{TEXT}",Ines Soto\nb,Why?,,\n')
    done = spanloop("import", path, "--as-reviews", "ann", "--store", store)
    assert done.exit_code == 1
    assert str(done.exception).startswith(f"{path}, row 3, id 'b': expected context as a string")
    assert Store(store).predictions() == []
    done = spanloop(
        "import", path, "--as-reviews", "ann", "--on-bad", "skip", "--store", store, "--json"
    )
    assert json.loads(done.stdout) == {
        "new": 1, "there": 0, "reviews": 1, "without_answer": 0, "left": 0, "bad": 1,
    }  # fmt: skip
    assert "row 3, id 'b'" in done.stderr
    path.write_text("question,context\nWho?,There.\n")
    done = spanloop("import", path, "--as-reviews", "ann", "--store", store)
    assert "expected columns question, context and answers" in str(done.exception)
    done = spanloop("import", path, "--no-suggest", "--store", store)
    assert done.stdout == "1 questions imported, 0 were there\n"


@pytest.mark.parametrize("format", ["squad", "csv", "jsonl", "label-studio", "doccano"])
def test_what_is_exported_can_be_imported(
    store: Store, file: Path, tmp_path: Path, format: str
) -> None:
    import_file(store, str(file), reviewer="ann")
    who = next(kept.id for kept in store.predictions() if kept.question == "Who opened it?")
    store.review(who, "ann", (0, 9), text="Ines Soto", note="=sure", source="page")
    path = tmp_path / "out.gz"
    write(*decided(store), path, format)
    examples, _ = squad.read(path)
    found = {one.id: one for one in examples}
    if format != "csv":  # in which apostrophes keep spreadsheets from running texts
        assert found == {one.id: one for one in EXAMPLES}
    assert found["q1"].answers == (Gold("Ines Soto", 0),)
    assert [found[id_].answers[0].text for id_ in ("q2", "q3")] == ["-5 °C", "=9 metres"]
    assert found["q4"].answers == ()
    assert "=sure" in gzip.decompress(path.read_bytes()).decode()


@pytest.mark.parametrize("format", ["squad", "csv", "jsonl", "label-studio", "doccano", "datasets"])
def test_answers_of_several_spans_are_exported_and_imported(
    store: Store, tmp_path: Path, format: str
) -> None:
    """Readers that know one span have it; labelling tools have a mark for each."""
    squad.write([*LISTS, EXAMPLES[3]], tmp_path / "lists.jsonl")
    import_file(store, str(tmp_path / "lists.jsonl"), reviewer="ann")
    assert [review.further for (review,) in store.reviews().values()] == [
        ((8, 11),), ((TEXT.index("-5"), TEXT.index("-5") + 5),), (),
    ]  # fmt: skip
    found, notes = decided(store)
    found = sorted(found, key=lambda one: one.id)
    assert found == [*LISTS, EXAMPLES[3]]
    path = tmp_path / "out"
    write(found, notes, path, format)
    if format == "datasets":
        rows = load_from_disk(path).to_list()
        assert [row["answer_spans"]["answer_start"] for row in rows] == [
            [gold.start for gold in one.parts] for one in found
        ]
        return
    examples, _ = squad.read(path)
    for one, example in zip(found, examples, strict=True):
        if format != "csv":
            assert example == one
        else:
            at = [(gold.start, gold.end) for gold in example.parts]
            assert [example.context[start:end].lstrip("'") for start, end in at] == [
                gold.text for gold in one.parts
            ]
            assert len(example.answers) == len(one.answers)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([["Ann", 3], ["n, Bob", 5]], "answer_spans apart from each other"),
        ([["Ann", 3], ["Bob", 7]], "set answer_start to 8"),
        ([["Ann", 3], ["", 8]], "text not empty"),
    ],
)
def test_spans_that_are_no_answer_together_are_bad_rows(
    tmp_path: Path, spans: list[list[Any]], expected: str
) -> None:
    row: dict[str, Any] = {"question": "Who?", "context": LISTS[0].context, "answers": ["Ann"]}
    texts, starts = zip(*spans, strict=True)
    row["answer_spans"] = {"text": texts, "answer_start": starts}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    with pytest.raises(DataError, match=expected):
        squad.read(tmp_path / "rows.jsonl")
    row = {**row, "answers": [], "answer_spans": ["Ann", "Bob"]}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    with pytest.raises(DataError, match="expected answers beside answer_spans"):
        squad.read(tmp_path / "rows.jsonl")


@in_a_file
def test_no_spreadsheet_runs_anything(store: Store, file: Path, tmp_path: Path) -> None:
    import_file(store, str(file), reviewer="ann")
    done = spanloop("export-reviews", "--store", str(store.path), "--output", tmp_path / "out.csv")
    assert done.stdout.startswith("4 examples written to")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as table:
        cells = [cell for row in csv.reader(table) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "-", "+", "@"))]
    assert "'=Why?" in cells
    assert "'-5 °C" in cells


def test_ids_that_files_share_are_told_apart(store: Store, tmp_path: Path) -> None:
    """Two files call different questions alike."""
    for number in range(2):
        path = tmp_path / f"{number}.json"
        squad.write(
            [Example("1", f"{number}?", "Ines."), Example(f"x{number}", "?", "Ines.")], path
        )
        import_file(store, str(path), reviewer="ann")
    ids = {example.question: example.id for example in decided(store)[0]}
    assert ids == {"0?": "0.json:1", "1?": "1.json:1", "?": "x0"}
    assert [one.row for one in store.imports()] == ["1", "x0", "1", "x1"]
    with pytest.raises(InputError, match="expected one prediction '1', found 2"):
        store.find("1")
    assert store.find("x1").question == "?"
    with pytest.raises(DataError, match="expected decided reviews"):
        decided(Store(tmp_path / "none.sqlite3"))


def test_a_reviewed_prediction_is_backed_up_with_where_it_came_from(
    store: Store, file: Path, tmp_path: Path
) -> None:
    import_file(store, str(file), reviewer="ann")
    copy = Store(tmp_path / "copy.sqlite3")
    copy.load(store.dump())
    assert copy.dump() == store.dump()
    assert copy.imports() == store.imports()
