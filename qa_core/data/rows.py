"""Raw rows of a data set: SQuAD JSON, JSON Lines, CSV, Parquet, or the Hugging Face Hub.

Every adapter yields `(number, fields)`. `fields` is what the source holds under the names `id`,
`question`, `context`, `title`, `is_impossible` and either `answers` or `answer_text` and
`answer_start`: nothing is checked, stripped or converted, but for CSV, whose cells are all text.
A row that cannot be taken apart is yielded as a `Problem`, so that the reader can go on after it.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from qa_core.data.problems import Problem, show
from qa_core.errors import DataError

FIELDS = (
    "id",
    "title",
    "context",
    "question",
    "answers",
    "answer_text",
    "answer_start",
    "is_impossible",
)

BAR_AFTER_SECONDS = 1.0

_FETCH = "fetch or export the file again"
_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*(:[\w.-]+)?", re.ASCII)
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


class Row(NamedTuple):
    number: int
    fields: object


def _parse_json(text: str) -> Any:
    """The JSON value in `text`; raises ValueError also when it is nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_rows(
    source: str | Path, *, split: str | None, progress: bool, labelled: bool = True
) -> Iterator[Row]:
    """Rows of a file or, if `source` is a name and no file, of a data set on the Hub.

    Unless `labelled`, the source need have no ids and no answers.
    Raises DataError if the source as a whole cannot be read.
    """
    path = Path(source)
    try:
        if not os.path.exists(path) and isinstance(source, str) and _is_hub_name(source):
            yield from _hub_rows(source, split, progress, labelled)
        elif split is not None:
            expected = "a data set on the Hub, as a split was asked for"
            raise Problem(expected, "a file's name", f"leave out split={split!r}")
        else:
            yield from _file_rows(path, progress, labelled)
    except Problem as problem:
        raise DataError(f"{source}: {problem}") from problem


def _is_hub_name(source: str) -> bool:
    return bool(_HUB_NAME.fullmatch(source)) and _format(Path(source)) is None


def _format(path: Path) -> str | None:
    stem, _, suffix = path.name.lower().removesuffix(".gz").rpartition(".")
    return suffix if stem and suffix in ("json", "jsonl", "csv", "parquet") else None


def _file_rows(path: Path, progress: bool, labelled: bool) -> Iterator[Row]:
    kind = _format(path)
    if os.path.isdir(path):
        raise Problem("a file", "a folder", "name the file in it")
    if not os.path.exists(path):
        expected = "a file, or owner/name of a data set on the Hub"
        raise Problem(expected, "neither", "check the spelling and the current folder")
    if kind is None:
        expected = "a name that ends in .json, .jsonl, .csv (also .gz) or .parquet"
        raise Problem(expected, show(path.suffix), "rename or convert the file")
    adapters: dict[str, Callable[[Path, bool], Iterator[Row]]] = {
        "json": _squad_json_rows,
        "jsonl": _json_lines_rows,
        "csv": partial(_csv_rows, labelled=labelled),
        "parquet": partial(_parquet_rows, labelled=labelled),
    }
    try:
        if path.stat().st_size == 0:
            raise Problem("examples", "an empty file", _FETCH)
        yield from adapters[kind](path, progress)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        found = f"it cut short or damaged: {_one_line(error)}"
        raise Problem("whole gzip data", found, _FETCH) from error
    except UnicodeDecodeError as error:
        found = f"the byte 0x{error.object[error.start]:02x}"
        raise Problem("text in UTF-8", found, "save the file as UTF-8") from error
    except OSError as error:
        found = f"an error: {error.strerror or _one_line(error)}"
        mend = "check the file, its permissions and the disk"
        raise Problem("a file that can be read", found, mend) from error


def _squad_json_rows(path: Path, progress: bool) -> Iterator[Row]:
    with path.open("rb") as file:
        text = _unzipped(file).read().decode("utf-8-sig")
    if not text.strip():
        raise Problem("SQuAD JSON", "nothing but white space", _FETCH)
    try:
        document = _parse_json(text)
    except ValueError as error:
        raise _json_problem(text, error) from error
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, list):
        mend = "write one row per line and name the file .jsonl, or use the layout of SQuAD"
        raise Problem('SQuAD JSON: {"data": [...]}', show(document), mend)
    questions = list(_questions(data))
    for number, fields in enumerate(_bar(questions, path.name, progress), start=1):
        yield Row(number, fields)


def _json_problem(text: str, error: ValueError) -> Problem:
    try:
        _parse_json(text.lstrip().split("\n", 1)[0])
    except ValueError:
        return Problem("JSON", f"none: {error}", _FETCH)
    return Problem("SQuAD JSON", "JSON Lines, it seems", "rename the file to .jsonl")


def _questions(data: list[Any]) -> Iterator[object]:
    for i, article in enumerate(data):
        for j, paragraph in enumerate(_items(article, "paragraphs", f"data[{i}]")):
            if isinstance(paragraph, Problem):
                yield paragraph
                continue
            for qa in _items(paragraph, "qas", f"data[{i}].paragraphs[{j}]"):
                if isinstance(qa, dict):
                    shared = {"context": paragraph.get("context"), "title": article.get("title")}
                    yield {**qa, **shared}
                else:
                    yield qa


def _items(parent: object, key: str, place: str) -> list[Any]:
    value = parent.get(key) if isinstance(parent, dict) else None
    if isinstance(value, list):
        return value
    mend = "use the layout of SQuAD, or write one row per line and name the file .jsonl"
    return [Problem(f'{place} with a list "{key}"', show(parent), mend)]


def _json_lines_rows(path: Path, progress: bool) -> Iterator[Row]:
    # Only "\n" ends a line: U+2028 and its like may stand in a JSON string as they are.
    for number, line in enumerate(_lines(path, progress), start=1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            if text.strip():
                yield Row(number, _parse_json(text))
        except ValueError as error:
            mend = "write one JSON object per line, in UTF-8"
            yield Row(number, Problem("a JSON object on this line", f"none: {error}", mend))


def _lines(path: Path, progress: bool) -> Iterator[bytes]:
    with path.open("rb") as file, _bytes_bar(path, progress) as bar:
        for line in _unzipped(file):
            yield line
            bar.update(file.tell() - bar.n)


def _csv_rows(path: Path, progress: bool, labelled: bool) -> Iterator[Row]:
    csv.field_size_limit(2**31 - 1)  # the default refuses contexts over 131,072 characters
    with path.open("rb") as file, _bytes_bar(path, progress) as bar:
        # newline="" leaves "\r\n" inside quotes alone.
        text = io.TextIOWrapper(_unzipped(file), encoding="utf-8-sig", newline="")
        records = csv.reader(text, strict=True)
        try:
            header = next(records, [])
            _check_columns(header, labelled)
            for number, cells in enumerate(records, start=2):
                if cells:
                    yield Row(number, _csv_fields(header, cells, labelled))
                bar.update(file.tell() - bar.n)
        except csv.Error as error:
            mend = "quote each text with double quotes and double those inside"
            raise Problem("CSV", f"line {records.line_num}: {error}", mend) from error


def _csv_fields(header: list[str], cells: list[str], labelled: bool) -> dict[str, object] | Problem:
    if len(cells) != len(header):
        mend = "quote texts that hold commas, quotes or line ends"
        return Problem(f"{len(header)} cells", f"{len(cells)}", mend)
    fields: dict[str, object] = dict(zip(header, cells, strict=True))
    if not labelled:
        return fields
    try:
        for name, convert in _CSV_CELLS.items():
            if name in fields:
                fields[name] = convert(str(fields[name])) if fields[name] else None
    except Problem as problem:
        return problem
    return fields


def _csv_answers(cell: str) -> object:
    try:
        return _parse_json(cell)
    except ValueError as error:
        expected = 'answers as JSON, {"text": [...], "answer_start": [...]}'
        mend = "export the data set as JSON Lines or Parquet, or write this column as JSON"
        raise Problem(expected, show(cell), mend) from error


def _csv_start(cell: str) -> int:
    if _WHOLE_NUMBER.fullmatch(cell):
        return int(cell)
    mend = "write digits only (pandas: astype('Int64') before to_csv)"
    raise Problem("answer_start as a whole number", show(cell), mend)


def _csv_truth(cell: str) -> bool:
    if cell.lower() in _TRUTH:
        return _TRUTH[cell.lower()]
    raise Problem("is_impossible as true or false", show(cell), "write true or false")


_CSV_CELLS: dict[str, Callable[[str], object]] = {
    "answers": _csv_answers,
    "answer_text": str,
    "answer_start": _csv_start,
    "is_impossible": _csv_truth,
}


def _parquet_rows(path: Path, progress: bool, labelled: bool) -> Iterator[Row]:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            _check_columns(file.schema_arrow.names, labelled)
            columns = [name for name in file.schema_arrow.names if name in FIELDS]
            batches = file.iter_batches(batch_size=1000, columns=columns)
            records = (record for batch in batches for record in batch.to_pylist())
            bar = _bar(records, path.name, progress, total=file.metadata.num_rows)
            for number, fields in enumerate(bar, start=1):
                yield Row(number, fields)
    except pyarrow.ArrowException as error:
        found = f"none that can be read: {_one_line(error)}"
        raise Problem("Parquet", found, _FETCH) from error


def _hub_rows(source: str, split: str | None, progress: bool, labelled: bool) -> Iterator[Row]:
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
        raise Problem(expected, f"an error: {_one_line(error)}", mend) from error
    if isinstance(loaded, dict):
        if len(loaded) > 1:
            found = f"the splits {', '.join(map(str, loaded))}"
            raise Problem("the name of a split", found, "choose one")
        loaded = next(iter(loaded.values()))
    _check_columns(loaded.column_names, labelled)
    records = loaded.select_columns([c for c in loaded.column_names if c in FIELDS])
    for number, fields in enumerate(_bar(records, source, progress, len(records)), start=1):
        yield Row(number, fields)


def _check_columns(found: Sequence[str], labelled: bool) -> None:
    if not labelled:
        if missing := {"question", "context"}.difference(found):
            mend = f"add or rename {', '.join(sorted(missing))}; comma-separated, if it is CSV"
            raise Problem("columns question and context", show(list(found)), mend)
        return
    answers = {"answers"} if "answers" in found else {"answer_text", "answer_start"}
    missing = {"id", "context", "question", *answers}.difference(found)
    if not missing:
        return
    expected = "columns id, context, question and answers (or answer_text and answer_start)"
    mend = f"add or rename {', '.join(sorted(missing))}; comma-separated, if it is CSV"
    if "id" in missing:
        mend += "; an id is any unique text, the row number for instance"
    raise Problem(expected, show(list(found)), mend)


def _unzipped(file: io.BufferedReader) -> io.BufferedReader | gzip.GzipFile:
    """`file`, decompressed if its first bytes say gzip, whatever its name says."""
    return gzip.GzipFile(fileobj=file) if file.peek(2)[:2] == b"\x1f\x8b" else file


def _bar(
    records: Iterable[object], name: str, progress: bool, total: int | None = None
) -> Iterable[object]:
    return tqdm(records, **_bar_style(name, progress), total=total, unit=" rows")


def _bytes_bar(path: Path, progress: bool) -> tqdm[Any]:
    size = path.stat().st_size
    return tqdm(**_bar_style(path.name, progress), total=size, unit="B", unit_scale=True)


def _bar_style(name: str, progress: bool) -> dict[str, Any]:
    """Shown on a terminal only, and only on reads that take a while."""
    return {
        "desc": name,
        "delay": BAR_AFTER_SECONDS,
        "leave": False,
        "disable": None if progress else True,
    }


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
