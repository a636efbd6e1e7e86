"""Many questions from one small file: read and checked, cut into pieces, written with answers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from qa_core.bulk.predict import record
from qa_core.data import squad
from qa_core.data.examples import BadRow, Example
from qa_core.errors import DataError
from qa_core.inference.answer import Answer

MAX_BYTES = 32 * 2**20  # of text, unzipped
MAX_QUESTIONS = 5_000
KINDS = (".csv", ".jsonl", ".json")

COLUMNS = ("id", "question", "answer", "answerable", "confidence", "start", "end", "warnings")
# What spreadsheets take for the beginning of a formula: OWASP, "CSV Injection".
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def read(path: Path) -> tuple[list[Example], list[BadRow]]:
    """Questions of a CSV, JSON Lines or SQuAD JSON file, gzipped or not, and its bad rows.

    Rows have `question` and `context`, optionally `id`; answers are left out. Raises DataError,
    which names the file without its folder, if it cannot be read or exceeds MAX_BYTES or
    MAX_QUESTIONS.
    """
    if not path.name.lower().removesuffix(".gz").endswith(KINDS):
        raise DataError(
            f"{path.name}: expected a name that ends in .csv, .jsonl or .json (also .gz); "
            "rename or convert the file"
        )
    try:
        _check_size(path)
        questions, bad = squad.read(path, on_bad="skip", progress=False, labelled=False)
    except DataError as error:
        raise DataError(str(error).replace(str(path), path.name)) from error
    if len(questions) > MAX_QUESTIONS:
        raise DataError(
            f"{path.name}: expected at most {MAX_QUESTIONS:,} questions, found "
            f"{len(questions):,}; split the file, or use spanloop predict"
        )
    return questions, bad


def _check_size(path: Path) -> None:
    """Raise DataError if the text is too long, without unzipping more of it than that."""
    size = 0
    with path.open("rb") as file:
        zipped = file.peek(2)[:2] == b"\x1f\x8b"
        text = gzip.GzipFile(fileobj=file) if zipped else file
        try:
            while size <= MAX_BYTES and (block := text.read(2**20)):
                size += len(block)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return  # for the reader to explain
    if size > MAX_BYTES:
        raise DataError(
            f"{path.name}: expected at most {MAX_BYTES >> 20} MB of text, found more; "
            "split the file, or use spanloop predict"
        )


def pieces(
    questions: Sequence[Example], most: int = 32, characters: int = 40_000
) -> Iterator[Sequence[Example]]:
    """The questions in order, so many at a time that one piece takes about a second."""
    first = size = 0
    for place, example in enumerate(questions):
        if place > first and (place - first == most or size + len(example.context) > characters):
            yield questions[first:place]
            first, size = place, 0
        size += len(example.context)
    if first < len(questions):
        yield questions[first:]


def to_json_lines(questions: Sequence[Example], answers: Sequence[Answer]) -> str:
    """One object a line: `record` of each answer, with its question."""
    lines = (
        record(example.id, answer) | {"question": example.question}
        for example, answer in zip(questions, answers, strict=True)
    )
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def to_csv(questions: Sequence[Example], answers: Sequence[Answer]) -> str:
    """A table with `COLUMNS`, safe to open in a spreadsheet.

    A text that a spreadsheet would run as a formula gets an apostrophe in front; JSON Lines has
    every text as it is.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    for example, answer in zip(questions, answers, strict=True):
        writer.writerow(
            [
                _cell(example.id),
                _cell(example.question),
                _cell(answer.text),
                "yes" if answer.answerable else "no",
                f"{answer.confidence:.4f}",
                *((answer.start, answer.end) if answer.answerable else ("", "")),
                _cell(" ".join(answer.warnings)),
            ]
        )
    return table.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text
