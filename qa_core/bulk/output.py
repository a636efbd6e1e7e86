"""Answers to many questions, as files: JSON Lines, CSV, Excel, Parquet, SQuAD."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qa_core.bulk.scoring import Golds, scored
from qa_core.data.examples import Example, Gold
from qa_core.data.squad import squad_json
from qa_core.errors import DataError, one_line
from qa_core.inference.answer import Answer, Span
from qa_core.inference.lists import items
from qa_core.text.offsets import well_formed

COLUMNS = (
    "id", "question", "answer", "answerable", "confidence", "start", "end", "warnings", "items",
)  # fmt: skip
XLSX_CHARACTERS = 32_767  # in a cell, at most
SCORES = ("expected", "exact", "f1")
Record = Mapping[str, Any]

# What spreadsheets take for the beginning of a formula (OWASP, "CSV Injection"), some of them also
# behind what may end a cell. All runs are matched, so that none is looked at twice.
_RUN = re.compile(r"[;|\s\"'\x00-\x1f\u200b-\u200f\u2060\ufeff]++(?=(?P<formula>[=+\-@＝＋－＠]))?")
_ENDS_CELL = frozenset(";\t\r\n|")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def record(id_: str, question: str, answer: Answer) -> dict[str, Any]:
    """One line of output: strict JSON, scores in logits, confidences as probabilities."""
    return {
        "id": id_,
        "text": answer.text,
        "start": answer.start,
        "end": answer.end,
        "score": _finite(answer.score),
        "confidence": answer.confidence,
        "null_score": answer.null_score,
        "answerable": answer.answerable,
        "alternatives": [asdict(span) for span in answer.alternatives],
        "warnings": list(answer.warnings),
        "model": answer.model,
        "items": items_of(question, answer),
    }


def items_of(question: str, answer: Answer) -> list[dict[str, Any]]:
    """The items of an answer that is a list, as answers are given in JSON; else none."""
    return [
        {"text": answer.text[begin:end], "start": answer.start + begin, "end": answer.start + end}
        for begin, end in items(question, answer.text)
    ]


def _finite(score: float) -> float | None:
    return score if score > float("-inf") else None


def answer_of(row: Record) -> Answer:
    """The answer that `record` made a row of; what a row does not hold is nan. Raises DataError."""
    try:
        score, null_score = (
            float("-inf") if row[name] is None else float(row[name])
            for name in ("score", "null_score")
        )
        return Answer(
            text=str(row["text"]),
            start=int(row["start"]),
            end=int(row["end"]),
            score=score,
            confidence=float(row["confidence"]),
            null_score=null_score,
            answerable=bool(row["answerable"]),
            alternatives=tuple(Span(**span) for span in row["alternatives"]),
            warnings=tuple(row["warnings"]),
            model=str(row["model"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"expected a row that predict wrote, found none: {one_line(error)}; name a .jsonl or "
            ".parquet file of its answers"
        ) from error


def read_records(path: Path) -> Iterator[tuple[int, Record]]:
    """The rows of a JSON Lines or Parquet file that `predict` wrote, from 1, in a stream.

    Raises DataError.
    """
    number = 0
    try:
        with path.open("rb") as file:
            if file.peek(4)[:4] == b"PAR1":
                import pyarrow.parquet

                batches = pyarrow.parquet.ParquetFile(file).iter_batches(batch_size=1000)
                rows: Iterator[Record] = (row for batch in batches for row in batch.to_pylist())
            else:
                rows = (json.loads(line) for line in file)
            for number, row in enumerate(rows, 1):
                yield number, row
    except ValueError as error:  # of JSON and of Arrow
        raise DataError(
            f"{path}: expected JSON Lines or Parquet that predict wrote, found after row {number}: "
            f"{one_line(error)}"
        ) from error


def records(
    questions: Sequence[Example], answers: Sequence[Answer], golds: Golds | None = None
) -> list[dict[str, Any]]:
    """`record` of each answer with its question and, where there are golds, its scores."""
    return [
        record(example.id, example.question, answer)
        | {"question": example.question}
        | scored(example.id, answer.text if answer.answerable else "", golds or {})
        for example, answer in zip(questions, answers, strict=True)
    ]


def to_json_lines(rows: Iterable[Record]) -> str:
    """One object a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def to_csv(rows: Sequence[Record]) -> str:
    """A table with `COLUMNS`, and `SCORES` if any row has them, safe to open in a spreadsheet.

    A text that a spreadsheet would run as a formula gets an apostrophe in front; JSON Lines has
    every text as it is.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    for cells in _table(rows):
        writer.writerow([cell(one) if isinstance(one, str) else one for one in cells])
    return table.getvalue()


def to_xlsx(rows: Sequence[Record]) -> bytes:
    """A workbook with the columns of `to_csv`, in which no text is a formula.

    What XML cannot hold is left out of a text, and so is what is longer than a cell can be.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet("answers")
    for values in _table(rows):
        cells = []
        for value in values:
            if isinstance(value, str):
                value = ILLEGAL_CHARACTERS_RE.sub("", well_formed(value))[:XLSX_CHARACTERS]
            written = WriteOnlyCell(sheet, value)
            if isinstance(value, str):
                written.data_type, written.quotePrefix = "s", True
            cells.append(written)
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _table(rows: Sequence[Record]) -> Iterator[list[Any]]:
    """The cells of a table: its head, and a line for each row."""
    more = SCORES if any("expected" in row for row in rows) else ()
    yield [*COLUMNS, *more]
    for row in rows:
        said = row["answerable"]
        cells = [
            row["id"],
            row["question"],
            row["text"],
            "yes" if said else "no",
            round(row["confidence"], 4),
            *((row["start"], row["end"]) if said else ("", "")),
            " ".join(row["warnings"]),
            "; ".join(item["text"] for item in row["items"]),
        ]
        if more and "expected" in row:
            cells += [json.dumps(row["expected"], ensure_ascii=False), row["exact"], row["f1"]]
        yield cells


def to_parquet(rows: Sequence[Record]) -> bytes:
    """A table with what JSON Lines have, of the same columns and types whatever the rows.

    So several of them are one table. Raises DataError where pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise DataError(
            "expected the library pyarrow to write Parquet, found none; "
            "pip install 'spanloop[train]', or write .jsonl or .csv"
        ) from error
    text, number, texts = pyarrow.string(), pyarrow.float64(), pyarrow.list_(pyarrow.string())
    span = {"text": text, "start": pyarrow.int64(), "end": pyarrow.int64()}
    item = pyarrow.struct(span)
    span |= {"score": number, "confidence": number}
    types = {
        "id": text, **span, "null_score": number, "answerable": pyarrow.bool_(),
        "alternatives": pyarrow.list_(pyarrow.struct(span)), "warnings": texts, "model": text,
        "items": pyarrow.list_(item), "expected": texts, "exact": pyarrow.int64(), "f1": number,
        "question": text,
    }  # fmt: skip
    schema = pyarrow.schema(list(types.items()))
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(rows), schema=schema), file)
    return file.getvalue()


def to_squad(rows: Sequence[Record], questions: Sequence[Example]) -> str:
    """SQuAD v2 with what was answered as the answers, each question with its confidence."""
    answered = [
        Example(
            one.id,
            one.question,
            one.context,
            (Gold(row["text"], row["start"]),) if row["answerable"] else (),
            one.title,
            parts=tuple(Gold(item["text"], item["start"]) for item in row["items"]),
        )
        for one, row in zip(questions, rows, strict=True)
    ]
    more = {row["id"]: {"confidence": row["confidence"]} for row in rows}
    return json.dumps(squad_json(answered, more), ensure_ascii=False)


# By the suffix of the file: its bytes.
WRITERS: dict[str, Callable[[Sequence[Record], Sequence[Example]], bytes]] = {
    ".jsonl": lambda rows, _: to_json_lines(rows).encode(),
    ".csv": lambda rows, _: to_csv(rows).encode("utf-8-sig"),
    ".parquet": lambda rows, _: to_parquet(rows),
    ".json": lambda rows, questions: to_squad(rows, questions).encode(),
}


def cell(text: str) -> str:
    """A text that no spreadsheet runs, whatever it takes for the end of a cell."""
    text = _RUN.sub(lambda run: run[0] + "'" * _starts_formula(run), text)
    bare = "".join(c for c in text if not (c.isspace() or unicodedata.category(c) in ("Cc", "Cf")))
    return f"'{text}" if text.startswith(_FORMULA) or bare.startswith(_FORMULA) else text


def _starts_formula(run: re.Match[str]) -> bool:
    return run["formula"] is not None and not _ENDS_CELL.isdisjoint(run[0])
