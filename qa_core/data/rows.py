"""Raw rows of a data set: a file of any of the formats, or a data set on the Hugging Face Hub.

What a file is, its content says, whatever its name. Every reader yields `(number, fields)`;
`fields` is what the source holds, under its own names: nothing is checked, stripped or converted,
but for the cells of CSV and Excel, which are all text, None where they are empty. A row that cannot
be taken apart is yielded as a `Problem`, so that the reader can go on after it.
"""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from qa_core.data import objects, tables
from qa_core.data.problems import Problem
from qa_core.data.progress import rows_bar
from qa_core.data.texts import encoding_of, lines
from qa_core.errors import DataError, one_line

SUFFIXES = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt", ".xlsx", ".parquet")  # of files

_FETCH = "fetch or export the file again"
_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*(:[\w.-]+)?", re.ASCII)


class Row(NamedTuple):
    number: int
    fields: object


def read_rows(
    source: str | Path, *, split: str | None, progress: bool, labelled: bool = True
) -> Iterator[Row]:
    """Rows of a file or, if `source` is a name and no file, of a data set on the Hub.

    Unless `labelled`, the source need have no answers. Raises DataError if the source as a whole
    cannot be read.
    """
    path = Path(source)
    try:
        if not os.path.exists(path) and isinstance(source, str) and _is_hub_name(source):
            rows = _hub_rows(source, split, progress, labelled)
        elif split is not None:
            expected = "a data set on the Hub, as a split was asked for"
            raise Problem(expected, "a file's name", f"leave out split={split!r}")
        else:
            rows = _file_rows(path, progress, labelled)
        for number, fields in rows:
            yield Row(number, fields)
    except (Problem, DataError) as problem:
        raise DataError(f"{source}: {problem}") from problem


def _is_hub_name(source: str) -> bool:
    name = source.lower().removesuffix(".gz")
    return bool(_HUB_NAME.fullmatch(source)) and not name.endswith(SUFFIXES)


def _file_rows(path: Path, progress: bool, labelled: bool) -> Iterator[tuple[int, object]]:
    if os.path.isdir(path):
        raise Problem("a file", "a folder", "name the file in it")
    if not os.path.exists(path):
        expected = "a file, or owner/name of a data set on the Hub"
        raise Problem(expected, "neither", "check the spelling and the current folder")
    try:
        with path.open("rb") as file:
            head = file.read(2**16)
        if not head:
            raise Problem("examples", "an empty file", _FETCH)
        if head.startswith(b"PAR1"):
            yield from tables.parquet_rows(path, progress, labelled)
        elif head.startswith(b"PK\x03\x04"):
            yield from tables.xlsx_rows(path, progress, labelled)
        else:
            tables.check_kind(head)
            encoding = encoding_of(path)
            if _begins_as_json(path, encoding):
                yield from objects.rows(path, encoding, progress)
            else:
                yield from tables.csv_rows(path, encoding, progress, labelled)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        found = f"it cut short or damaged: {one_line(error)}"
        raise Problem("whole gzip data", found, _FETCH) from error
    except UnicodeError as error:
        raise Problem("text", f"none: {one_line(error)}", "save the file as UTF-8") from error
    except OSError as error:
        found = f"an error: {error.strerror or one_line(error)}"
        mend = "check the file, its permissions and the disk"
        raise Problem("a file that can be read", found, mend) from error


def _begins_as_json(path: Path, encoding: str) -> bool:
    """Whether a text file's first sign is a bracket. Raises Problem if the file is blank."""
    for line in lines(path, encoding, False, newline="\n"):
        if text := line.strip().lstrip("\ufeff"):
            return text[0] in "{["
    raise Problem("examples", "nothing but white space", _FETCH)


def _hub_rows(
    source: str, split: str | None, progress: bool, labelled: bool
) -> Iterator[tuple[int, object]]:
    import datasets

    name, _, configuration = source.partition(":")
    try:
        loaded = datasets.load_dataset(name, configuration or None, split=split)
    except Exception as error:  # `datasets` raises a dozen unrelated types
        expected = "a data set on the Hub, as there is no such file"
        mend = (
            "check the spelling (owner/name or owner/name:configuration), the split, the network "
            "and, if it is private, HF_TOKEN"
        )
        raise Problem(expected, f"an error: {one_line(error)}", mend) from error
    if isinstance(loaded, dict):
        if len(loaded) > 1:
            found = f"the splits {', '.join(map(str, loaded))}"
            raise Problem("the name of a split", found, "choose one")
        loaded = next(iter(loaded.values()))
    tables.check_columns(loaded.column_names, labelled)
    records = loaded.select_columns([c for c in loaded.column_names if c in tables.FIELDS])
    yield from enumerate(rows_bar(records, source, progress, len(records)), start=1)
