"""Many questions from one small file: read and checked, cut into pieces, written with answers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa_core import child
from qa_core.bulk.predict import record
from qa_core.data import squad
from qa_core.data.examples import BadRow, Example
from qa_core.data.problems import show
from qa_core.errors import DataError
from qa_core.inference.answer import Answer
from qa_core.text.documents import MAX_CHARACTERS

MAX_BYTES = 32 * 2**20  # of text, unzipped
MAX_LINES = 1_000_000  # blank ones, too
MAX_QUESTIONS = 5_000  # rows, good and bad
MAX_BAD = 100  # bad rows that are kept to be shown; the rest are counted
LONGEST = 500  # characters of what stands in a bad row
KINDS = (".csv", ".jsonl", ".json")

COLUMNS = ("id", "question", "answer", "answerable", "confidence", "start", "end", "warnings")
# What spreadsheets take for the beginning of a formula: OWASP, "CSV Injection".
# A formula after what some spreadsheets take for the next cell.
_LATER = re.compile(r"([;\t\r\n|][\s\"'\x00-\x1f\u200b-\u200f\u2060\ufeff]*)(?=[=+\-@＝＋－＠])")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Upload:
    """What a file holds: its questions, the first of its bad rows, and how many are bad."""

    questions: list[Example]
    bad: list[BadRow]
    bad_rows: int


def read(path: Path) -> Upload:
    """Questions of a CSV, JSON Lines or SQuAD JSON file, gzipped or not, and its bad rows.

    Rows have `question` and `context`, optionally `id`; answers are left out. The file is taken
    apart in a process of bounded time and memory. Raises DataError, which names the file without
    its folder, if it cannot be read or exceeds MAX_BYTES or MAX_QUESTIONS.
    """
    if not path.name.lower().removesuffix(".gz").endswith(KINDS):
        raise DataError(
            f"{path.name}: expected a name that ends in .csv, .jsonl or .json (also .gz); "
            "rename or convert the file"
        )
    try:
        found = child.run_limited("qa_core.bulk.upload", str(path))
    except DataError as error:
        message = str(error).replace(str(path), path.name)
        named = message if message.startswith(path.name) else f"{path.name}: {message}"
        raise DataError(named) from error
    texts = found["texts"]
    questions = [
        Example(id_, question, texts[context], title=texts[title])
        for id_, question, context, title in found["questions"]
    ]
    return Upload(questions, [BadRow(path.name, *row) for row in found["bad"]], found["bad_rows"])


def main(path: Path) -> None:
    """Take a file apart, and say as JSON what is in it, each text once."""
    child.limit_memory()
    said: dict[str, object]
    try:
        _check_size(path)
        questions, bad = squad.read(
            path, on_bad="skip", progress=False, labelled=False, most=MAX_QUESTIONS
        )
        long = [one for one in questions if len(one.context) > MAX_CHARACTERS]
        if long:
            raise DataError(
                f"{path}: expected texts of at most {MAX_CHARACTERS:,} characters, found "
                f"{len(long[0].context):,} with the id {show(long[0].id)}; take the part you need"
            )
        places: dict[str, int] = {}
        rows = [
            (
                one.id,
                one.question,
                places.setdefault(one.context, len(places)),
                places.setdefault(one.title, len(places)),
            )
            for one in questions
        ]
        listed = [
            (one.row, one.id[:LONGEST], one.expected, one.found[:LONGEST], one.mend)
            for one in bad[:MAX_BAD]
        ]
        said = {"questions": rows, "texts": list(places), "bad": listed, "bad_rows": len(bad)}
    except DataError as error:
        said = {"error": str(error)}
    except MemoryError:
        return
    sys.stdout.write(json.dumps(said))


def _check_size(path: Path) -> None:
    """Raise DataError if the text is too long, without unzipping more of it than that."""
    size = lines = 0
    with path.open("rb") as file:
        zipped = file.peek(2)[:2] == b"\x1f\x8b"
        text = gzip.GzipFile(fileobj=file) if zipped else file
        try:
            while size <= MAX_BYTES and (block := text.read(2**20)):
                size += len(block)
                lines += block.count(b"\n")
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return  # for the reader to explain
    if size > MAX_BYTES or lines > MAX_LINES:
        raise DataError(
            f"{path}: expected at most {MAX_BYTES >> 20} MB of text in {MAX_LINES:,} lines, "
            "found more; split the file, or use spanloop predict"
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
    """A text that no spreadsheet runs, whatever it takes for the end of a cell."""
    text = _LATER.sub(r"\1'", text)
    bare = "".join(c for c in text if not (c.isspace() or unicodedata.category(c) in ("Cc", "Cf")))
    return f"'{text}" if text.startswith(_FORMULA) or bare.startswith(_FORMULA) else text


if __name__ == "__main__":
    main(Path(sys.argv[1]))
