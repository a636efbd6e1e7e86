"""Prediction from file to file: order, bad rows, and going on after a kill."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from qa_core.bulk.predict import predict
from qa_core.errors import DataError
from qa_core.inference.reader import Reader

ROOT = Path(__file__).parents[2]
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
    assert predict(reader, source, target, progress=False) == (3, [])
    found = written(target)
    assert [line["id"] for line in found] == ["a", "b", "c"]
    assert found[0]["text"] == "Rosa Lind"
    assert not found[2]["answerable"]
    for line in found:
        assert set(line) == {
            "id", "text", "start", "end", "score", "confidence", "null_score", "answerable",
            "alternatives", "warnings", "model",
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
    assert predict(reader, source, target, resume=True, progress=False) == (3, [])
    assert target.read_bytes() == whole
    assert predict(reader, source, target, resume=True, progress=False) == (0, [])


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{", "line 2: expected a JSON object"),
        ("[1]", "line 2: expected a JSON object, found list"),
        ({"id": "x", "question": "Who?"}, "line 2: expected the key 'context'"),
        (row("x", " "), "line 2: question: expected some text"),
        (row("a"), "line 2: id: expected one of its own, found 'a' again"),
        ('{"id": "x", "question": "Who?", "context": "\\ud800"}', "lone surrogate"),
        ({"id": 7, "question": "Who?", "context": "Anna."}, "line 2: id: expected text, found int"),
    ],
)
def test_a_bad_row_stops_or_is_listed(
    reader: Reader, tmp_path: Path, bad: object, message: str
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(lines(row("a"), bad, row("b")), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        predict(reader, source, target, progress=False)
    count, left_out = predict(
        reader, source, tmp_path / "skipped.jsonl", on_bad="skip", progress=False
    )
    assert count == 2
    assert len(left_out) == 1
    assert message in left_out[0]
    assert [line["id"] for line in written(tmp_path / "skipped.jsonl")] == ["a", "b"]


def test_a_foreign_output_file_is_not_touched(reader: Reader, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(lines(row("a")), encoding="utf-8")
    target.write_text("my notes\n")
    with pytest.raises(DataError, match="line 1: expected a line that predict wrote"):
        predict(reader, source, target, resume=True, progress=False)
    assert target.read_text() == "my notes\n"
    with pytest.raises(DataError, match="no file"):
        predict(reader, tmp_path / "none.jsonl", tmp_path / "new.jsonl", progress=False)


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
