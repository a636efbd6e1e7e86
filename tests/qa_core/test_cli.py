"""The command line, as its users run it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from qa_core.data import squad
from qa_core.data.examples import Gold
from qa_core.data.splits import split_by_paragraph
from qa_core.inference.confidence import Calibration
from qa_core.inference.reader import Reader
from qa_core.models.folder import bundled_model
from tests.support import tiny
from tests.support.commands import spanloop
from tests.support.files import docx, pdf

ROOT = Path(__file__).parents[2]
CONTEXT = "The bakery in Elm Street was founded by Rosa Lind in 1932. 😀 It closes at noon."


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_bytes(CONTEXT.encode())
    return path


def test_answer_prints_the_answer_and_how_sure_it_is(letter: Path) -> None:
    done = spanloop(
        "answer", "--question", "Who founded the bakery in Elm Street?", "--context", letter
    )
    assert done.returncode == 0, done.stderr
    first = done.stdout.decode().splitlines()[0]
    assert first.startswith("Rosa Lind  (")
    assert first.endswith("% sure)")


def test_answer_reads_standard_input_and_prints_json() -> None:
    text = "\r\n " + CONTEXT
    done = spanloop(
        "answer", "--question", "Who founded the bakery in Elm Street?", "--context", "-", "--json",
        stdin=text.encode(),
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["answerable"]
    assert text[found["start"] : found["end"]] == found["text"] == "Rosa Lind"


def test_unanswerable_is_said_in_words(letter: Path) -> None:
    done = spanloop("answer", "--question", "Who stole the moon?", "--context", letter)
    assert done.stdout.decode().startswith("The text does not say.")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["answer"], 2, "Missing option"),
        (["dance"], 2, "No such command"),
        (["answer", "--question", "Who?", "--context", "none.txt"], 1, "error: cannot read none"),
        (["answer", "--question", " ", "--context", "README.md"], 1, "error: question: expected"),
        (
            ["answer", "--question", "Who?", "--context", "README.md", "--model", "./nowhere"],
            1,
            "error: ",
        ),
        (["evaluate", "--data", "none.json"], 1, "error: "),
        (["train", "--data", "none.json", "--output", "x", "--epochs", "0"], 1, "error: "),
        (
            ["predict", "--input", "README.md", "--output", "nowhere/a.jsonl"],
            1,
            "error: cannot read or write nowhere/a.jsonl (No such file or directory)",
        ),
    ],
)  # fmt: skip
def test_errors_are_one_line_and_an_exit_code(
    arguments: list[str], code: int, message: str
) -> None:
    done = spanloop(*arguments)
    said = done.stderr.decode()
    assert done.returncode == code
    assert message in said
    assert "Traceback" not in said
    if code == 1:
        assert len(said.strip().splitlines()) == 1


def test_ask_reads_files_of_every_kind(tmp_path: Path) -> None:
    sentence = "The café was opened by Ines Soto in 1904."
    files = {
        "a.txt": sentence.encode("cp1252"),
        "no-suffix": sentence.encode("utf-16"),
        "b.html": "<p>The café was opened by <b>Ines</b> Soto in 1904.</p>".encode(),
        "c.docx": docx(sentence),
        "d.pdf": pdf("The first page is about a mill.", sentence.replace("é", "e")),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        done = spanloop(
            "ask", "--question", "Who opened the café in 1904?", "--context", tmp_path / name
        )
        assert done.stdout.decode().startswith("Ines Soto  ("), (name, done.stderr)
        assert (b", page 2)" in done.stdout) == (name == "d.pdf")
        assert (b"note: read as Windows-1252" in done.stderr) == (name == "a.txt")
    piped = spanloop(
        "ask", "--question", "Who opened the café?", "--context", "-", stdin=files["c.docx"]
    )
    assert b"Ines Soto" in piped.stdout
    (tmp_path / "word.pdf").write_bytes(files["c.docx"])
    disguised = spanloop("ask", "--question", "Who?", "--context", tmp_path / "word.pdf")
    assert b"expected a PDF, found a Word file; rename it to end in .docx" in disguised.stderr


@pytest.mark.parametrize("verb", ["answer", "predict", "evaluate", "calibrate", "train", "average"])
def test_help_shows_an_example(verb: str) -> None:
    names = {"answer": "ask"}
    done = spanloop(verb, "--help")
    assert done.returncode == 0
    assert f"Example: spanloop {names.get(verb, verb)} " in " ".join(done.stdout.decode().split())


def test_train_then_evaluate(tmp_path: Path) -> None:
    """The whole way from a file of examples to a judged model, on a tiny encoder."""
    data, model = tmp_path / "data.json", tmp_path / "model"
    squad.write(tiny.examples(300), data)
    encoder = tiny.save_encoder(tmp_path / "encoder")
    done = spanloop(
        "train", "--data", data, "--model", encoder, "--output", model, "--cpu", "--epochs", "1",
        "--learning-rate", "0.003", "--max-length", "96", "--stride", "8",
        "--max-question-length", "32", "--held-out", "0.4", "--evaluations", "2",
        "--report-to", "tensorboard",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"tokens/s" in done.stderr
    assert b"device cpu (--cpu was given)" in done.stderr
    assert list(model.glob("checkpoints/runs/**/events.*"))

    figures = tmp_path / "figures"
    done = spanloop(
        "evaluate", "--model", model, "--data", data, "--part", "held-out", "--held-out", "0.4",
        "--limit", "50", "--output", figures, "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["scores"]["total"] == 50
    assert set(report["confidence"]) >= {"ece", "auroc", "aurc"}
    assert (figures / "reliability.png").stat().st_size > 1000


def test_calibrate_learns_how_often_verdicts_are_right(tmp_path: Path) -> None:
    """One label in four is wrong, so that no verdict deserves much more than 75 %."""
    data, unseen, model = tmp_path / "data.json", tmp_path / "unseen.json", tmp_path / "model"
    examples = [
        replace(e, answers=() if e.answers else (Gold("boats", e.context.index("boats")),))
        if number % 4 == 0
        else e
        for number, e in enumerate(tiny.examples(600))
    ]
    learning, held_out = split_by_paragraph(examples, 0.7)
    squad.write(examples, data)
    squad.write(learning, unseen)  # --part takes nothing away from it
    shutil.copytree(bundled_model(), model, ignore=shutil.ignore_patterns("calibration.json", ".*"))
    done = spanloop(
        "calibrate", "--model", model, "--data", data, "--part", "held-out", "--held-out", "0.7",
        "--unseen", unseen, "--backend", "onnx", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed, stored = json.loads(done.stdout), Calibration.load(model)
    assert stored is not None
    assert printed["threshold"] == stored.threshold
    assert printed["questions"] == len(held_out) + len(learning) == 600
    assert learning
    reader = Reader.load(model, backend="onnx")
    answers = reader.answer_batch([e.pair for e in tiny.examples(60)])
    assert 0.6 < sum(answer.confidence for answer in answers) / 60 < 0.9
    assert all(answer.warnings == () for answer in answers)
