"""Many questions from one small file: read and checked within bounds, cut into pieces."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qa_core import child
from qa_core.data import squad
from qa_core.data.examples import BadRow, Example
from qa_core.data.problems import show
from qa_core.errors import DataError
from qa_core.text.documents import MAX_CHARACTERS

MAX_BYTES = 32 * 2**20  # of text, unzipped
MAX_LINES = 1_000_000  # blank ones, too
MAX_QUESTIONS = 5_000  # rows, good and bad
MAX_BAD = 100  # bad rows that are kept to be shown; the rest are counted
LONGEST = 500  # characters of what stands in a bad row


@dataclass(frozen=True, slots=True)
class Upload:
    """What a file holds: its questions, the first of its bad rows, and how many are bad.

    golds: the texts to score answers by, by id; empty for "the text does not say".
    """

    questions: list[Example]
    bad: list[BadRow]
    bad_rows: int
    golds: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read(path: Path) -> Upload:
    """Questions of a file of any layout that `read_questions` takes, and its bad rows.

    The file is taken apart in a process of bounded time and memory. Raises DataError, which names
    the file without its folder, if it cannot be read or exceeds MAX_BYTES or MAX_QUESTIONS.
    """
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
    golds = {id_: tuple(some) for id_, some in found["golds"].items()}
    bad = [BadRow(path.name, *row) for row in found["bad"]]
    return Upload(questions, bad, found["bad_rows"], golds)


def main(path: Path) -> None:
    """Take a file apart, and say as JSON what is in it, each text once."""
    child.limit_memory()
    said: dict[str, object]
    try:
        _check_size(path)
        questions, golds, bad = squad.read_questions(
            path, on_bad="skip", progress=False, most=MAX_QUESTIONS
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
        said = {"questions": rows, "texts": list(places), "golds": golds}
        said |= {"bad": listed, "bad_rows": len(bad)}
    except DataError as error:
        said = {"error": str(error)}
    except MemoryError:
        return
    sys.stdout.write(json.dumps(said))


def _check_size(path: Path) -> None:
    """Raise DataError if the text is too long, without unpacking more of it than that."""
    with path.open("rb") as file:
        head = file.peek(4)[:4]
        if head == b"PAR1":
            size, lines = _parquet_size(path)
        else:
            size, lines = _text_size(file, zipped=head[:2] == b"\x1f\x8b")
    if size > MAX_BYTES or lines > MAX_LINES:
        raise DataError(
            f"{path}: expected at most {MAX_BYTES >> 20} MB of text in {MAX_LINES:,} lines, "
            "found more; split the file, or use spanloop predict"
        )


def _text_size(file: io.BufferedReader, *, zipped: bool) -> tuple[int, int]:
    """Bytes and lines, no more of them than one beyond what is allowed; a ZIP's as it is."""
    size = lines = 0
    text = gzip.GzipFile(fileobj=file) if zipped else file
    try:
        while size <= MAX_BYTES and (block := text.read(2**20)):
            size += len(block)
            lines += block.count(b"\n")
    except (EOFError, gzip.BadGzipFile, zlib.error):
        pass  # for the reader to explain
    return size, lines


def _parquet_size(path: Path) -> tuple[int, int]:
    """Bytes and rows, unpacked, as the file says."""
    try:
        from pyarrow.parquet import read_metadata

        found = read_metadata(path)
        sizes = [found.row_group(n).total_byte_size for n in range(found.num_row_groups)]
        return sum(sizes), found.num_rows
    except (ImportError, OSError, ValueError):
        return 0, 0  # for the reader to explain


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


if __name__ == "__main__":
    main(Path(sys.argv[1]))
