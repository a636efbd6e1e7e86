"""Prediction from file to file: order, bad rows, and going on after a kill."""

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from qa_core.bulk.predict import PARTIAL, Predicted, predict
from qa_core.data import squad
from qa_core.errors import DataError
from qa_core.inference.reader import Reader

ROOT = Path(__file__).parents[2]
PARTY = "Ann, Bob and Eve came to the party on Sunday."
CONTEXT = "The bakery in Elm Street was founded by Rosa Lind in 1932. 😀 It closes at noon."


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def lines(*rows: object) -> str:
    return "".join(
        (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n"
        for row in rows
    )


def row(id_: str, question: str = "Who founded the bakery in Elm Street?") -> dict[str, str]:
    return {"id": id_, "question": question, "context": CONTEXT}


def written(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_row_gets_its_line_in_order(reader: Reader, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    asked = [row("a"), row("b", "When does it close?"), row("c", "Who stole the moon?")]
    source.write_text("\ufeff" + lines(*asked), encoding="utf-8")
    assert predict(reader, source, target, progress=False) == Predicted(3, [], None)
    found = written(target)
    assert [line["id"] for line in found] == ["a", "b", "c"]
    assert found[0]["text"] == "Rosa Lind"
    assert not found[2]["answerable"]
    for line in found:
        assert set(line) == {
            "id", "text", "start", "end", "score", "confidence", "null_score", "answerable",
            "alternatives", "warnings", "model", "items",
        }  # fmt: skip
        assert CONTEXT[line["start"] : line["end"]] == line["text"]


def test_resume_drops_a_half_line_and_asks_only_the_rest(reader: Reader, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(lines(*(row(str(n)) for n in range(5))), encoding="utf-8")
    predict(reader, source, target, progress=False)
    whole = target.read_bytes()
    cut = whole.index(b"\n", whole.index(b"\n") + 1) + 20
    target.write_bytes(whole[:cut])
    with pytest.raises(DataError, match="add --resume"):
        predict(reader, source, target, progress=False)
    assert predict(reader, source, target, resume=True, progress=False) == Predicted(3, [], None)
    assert target.read_bytes() == whole
    assert predict(reader, source, target, resume=True, progress=False) == Predicted(0, [], None)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{", "row 2, id '': expected a JSON object"),
        ("[1]", "row 2, id '': expected a row with named fields"),
        ({"id": "x", "question": "Who?"}, "row 2, id 'x': expected context as a string"),
        (row("x", " "), "row 2, id 'x': expected question not empty"),
        (row("a"), "row 2, id 'a': expected ids that are unique; found the id of row 1 again"),
        ('{"id": "x", "question": "Who?", "context": "\\ud800"}', "lone surrogate"),
    ],
)
def test_a_bad_row_stops_or_is_listed(
    reader: Reader, tmp_path: Path, bad: object, message: str
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(lines(row("a"), bad, row("b")), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        predict(reader, source, target, progress=False)
    done = predict(reader, source, tmp_path / "skipped.jsonl", on_bad="skip", progress=False)
    assert done.written == 2
    (left_out,) = done.bad
    assert message in str(left_out)
    assert not target.exists()
    assert [line["id"] for line in written(tmp_path / "skipped.jsonl")] == ["a", "b"]


def test_every_kind_of_output_holds_the_same_answers_and_their_scores(
    reader: Reader, tmp_path: Path
) -> None:
    source = tmp_path / "asked"
    source.write_text(
        "question;context;answer\n"
        f"Who founded the bakery in Elm Street?;{CONTEXT};Rosa Lind\n"
        f"Who stole the moon?;{CONTEXT};\n"
        f"When does it close?;{CONTEXT};at noon\n"
        f"Who came to the party?;{PARTY};Ann, Bob and Eve\n",
        encoding="cp1252",
        errors="ignore",
    )
    outcomes = {}
    for suffix in (".jsonl", ".csv", ".parquet", ".json"):
        target = tmp_path / f"out{suffix}"
        outcomes[suffix] = predict(reader, source, target, progress=False)
        again = predict(reader, source, target, resume=True, progress=False)
        assert again.written == 0
    assert not list(tmp_path.glob(f"*{PARTIAL}"))
    first = outcomes[".jsonl"]
    assert first.scores is not None
    assert (first.written, first.scores["total"]) == (4, 4)
    assert all(one == first for one in outcomes.values())

    lines = written(tmp_path / "out.jsonl")
    assert [line["id"] for line in lines] == ["2", "3", "4", "5"]
    assert (lines[0]["text"], lines[0]["expected"], lines[0]["exact"]) == (
        "Rosa Lind",
        ["Rosa Lind"],
        1,
    )
    table = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8-sig", newline="")))
    columns = pyarrow.parquet.read_table(tmp_path / "out.parquet").to_pylist()
    examples, _ = squad.read(tmp_path / "out.json")
    for line, row_, column, example in zip(lines, table, columns, examples, strict=True):
        assert line["text"] == row_["answer"] == column["text"]
        assert [line["text"]] * line["answerable"] == [gold.text for gold in example.answers]
        assert line["f1"] == float(row_["f1"]) == column["f1"]
        items = [item["text"] for item in line["items"]]
        assert line["items"] == column["items"]
        assert "; ".join(items) == row_["items"]
        assert items == [part.text for part in example.parts]
    assert len(lines[3]["items"]) > 1


def test_a_kept_part_of_another_output_is_gone_on_with(reader: Reader, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.csv"
    source.write_text(lines(*(row(str(n)) for n in range(3))), encoding="utf-8")
    predict(reader, source, tmp_path / "whole.jsonl", progress=False)
    part = (tmp_path / "whole.jsonl").read_bytes().splitlines(keepends=True)[0]
    (tmp_path / f"out.csv{PARTIAL}").write_bytes(part + b'{"id"')
    with pytest.raises(DataError, match="add --resume"):
        predict(reader, source, target, progress=False)
    assert predict(reader, source, target, resume=True, progress=False).written == 2
    assert target.read_text(encoding="utf-8-sig").count("Rosa Lind") == 3


def test_a_foreign_output_file_is_not_touched(reader: Reader, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(lines(row("a")), encoding="utf-8")
    target.write_text("my notes\n")
    with pytest.raises(DataError, match="line 1: expected a line that predict wrote"):
        predict(reader, source, target, resume=True, progress=False)
    assert target.read_text() == "my notes\n"
    with pytest.raises(DataError, match="found neither"):
        predict(reader, tmp_path / "none.jsonl", tmp_path / "new.jsonl", progress=False)
    with pytest.raises(DataError, match=r"a name that ends in .jsonl, .csv, .parquet, .json"):
        predict(reader, source, tmp_path / "new.xls", progress=False)


def test_a_killed_run_loses_and_doubles_nothing(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    ids = [str(n) for n in range(400)]
    source.write_text(lines(*(row(id_) for id_ in ids)), encoding="utf-8")
    command = [sys.executable, "-m", "qa_core", "predict", "--input", str(source),
               "--output", str(target)]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and not (target.exists() and target.stat().st_size):
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    done = subprocess.run(
        [*command, "--resume", "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert 0 < json.loads(done.stdout)["written"] < len(ids)
    assert [line["id"] for line in written(target)] == ids
