"""One reader for all layouts of data: each of a table of small files gives the same examples."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest

from qa_core.data.examples import Example, Gold
from qa_core.data.squad import read, read_questions
from qa_core.errors import DataError

TEXT = "Zoë opened the café; in 1904, Zoë said “oui”.\nIt closed, they say, in 1999."
NUMBER = TEXT.index("1999")
ASKED = [
    Example("1", "Who opened it?", TEXT, (Gold("Zoë", 0),)),
    Example("2", "When did it\tclose?", TEXT, (Gold("1999", NUMBER), Gold("in 1999", NUMBER - 3))),
    Example("3", "Who closed it?", TEXT),
]
ROWS: list[dict[str, Any]] = [
    {
        "id": one.id,
        "question": one.question,
        "context": one.context,
        "answers": {
            "text": [gold.text for gold in one.answers],
            "answer_start": [gold.start for gold in one.answers],
        },
    }
    for one in ASKED
]


def changed(**of: Callable[[dict[str, Any]], Any]) -> list[dict[str, Any]]:
    return [{**row, **{name: make(row) for name, make in of.items()}} for row in ROWS]


def texts(row: dict[str, Any]) -> list[str]:
    found: list[str] = row["answers"]["text"]
    return found


def objects(row: dict[str, Any]) -> list[dict[str, Any]]:
    pairs = zip(texts(row), row["answers"]["answer_start"], strict=True)
    return [{"text": text, "answer_start": start} for text, start in pairs]


def numpy_like(row: dict[str, Any]) -> str:
    """As pandas writes a row of the Hub to CSV."""
    answers = row["answers"]
    return (
        f"{{'text': array({answers['text']!r}, dtype=object), "
        f"'answer_start': array({answers['answer_start']!r}, dtype=int32)}}"
    )


def table(rows: list[dict[str, Any]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0].keys(), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def jsons(rows: list[dict[str, Any]], encoding: str = "utf-8") -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode(encoding)


def parquet(rows: list[dict[str, Any]]) -> bytes:
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), out)
    return out.getvalue()


def excel(rows: list[dict[str, Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["Nothing to see here"])
    sheet = book.create_sheet("Questions")
    sheet.append([])
    sheet.append([name.capitalize() for name in rows[0]])
    for row in rows:
        sheet.append(list(row.values()))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def qas(**more: Callable[[dict[str, Any]], Any]) -> list[dict[str, Any]]:
    made = {"id": lambda row: row["id"], "question": lambda row: row["question"], **more}
    return [{name: make(row) for name, make in made.items()} for row in ROWS]


def dumped(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()


AS_TEXT = changed(answers=lambda row: json.dumps(row["answers"]))
AS_LIST = changed(answers=lambda row: repr(texts(row)))
CELLS = changed(id=lambda row: int(row["id"]), answers=lambda row: json.dumps(row["answers"]))
SQUAD = qas(answers=objects)
WITHOUT = [{name: value for name, value in row.items() if name != "id"} for row in ROWS]
MRQA = [
    {
        "qid": row["id"],
        "question": row["question"],
        "answers": texts(row),
        "detected_answers": [
            {"text": gold.text, "char_spans": [[gold.start, gold.end - 1]], "token_spans": []}
            for gold in example.answers
        ],
    }
    for row, example in zip(ROWS, ASKED, strict=True)
    if example.answerable
]
ONE_ANSWER = [
    {
        **{name: row[name] for name in ("id", "question", "context")},
        "answer_text": one.answers[0].text if one.answers else None,
        "answer_start": float(one.answers[0].start) if one.answers else float("nan"),
        "is_impossible": 0 if one.answers else 1,
    }
    for row, one in zip(ROWS, ASKED, strict=True)
]
FIRST = [Example(one.id, one.question, one.context, one.answers[:1]) for one in ASKED]

LAYOUTS: dict[str, tuple[bytes, list[Example]]] = {
    "comma": (table(AS_TEXT), ASKED),
    "semicolon": (table(AS_TEXT, ";"), ASKED),
    "tab": (table(AS_TEXT, "\t"), ASKED),
    "bar": (table(AS_TEXT, "|"), ASKED),
    "sep line": (b"sep=;\r\n" + table(AS_TEXT, ";"), ASKED),
    "cp1252": (table(AS_TEXT, ";", "cp1252"), ASKED),
    "utf-8 with mark": (table(AS_TEXT, ";", "utf-8-sig"), ASKED),
    "utf-16": (table(AS_TEXT, "\t", "utf-16"), ASKED),
    "utf-16 without mark": (table(AS_TEXT, ",", "utf-16-le"), ASKED),
    "lists in CSV": (table(AS_LIST), ASKED),
    "pandas in CSV": (table(changed(answers=numpy_like)), ASKED),
    "objects in CSV": (table(changed(answers=lambda row: repr(objects(row)))), ASKED),
    "capitals": (table(AS_TEXT).replace(b"id,question,context", b"ID, Question,Context"), ASKED),
    "floats in CSV": (table(ONE_ANSWER).replace(b",nan,", b",,"), FIRST),
    "excel": (excel(CELLS), ASKED),
    "excel, one answer": (excel([{**row, "answer_start": None} for row in ONE_ANSWER]), FIRST),
    "parquet": (parquet(ROWS), ASKED),
    "parquet with capitals": (
        parquet([{name.capitalize(): value for name, value in row.items()} for row in ROWS]),
        ASKED,
    ),
    "parquet with JSON": (parquet(AS_TEXT), ASKED),
    "parquet with floats": (parquet(changed(id=lambda row: float(row["id"]))), ASKED),
    "parquet, one answer": (parquet(ONE_ANSWER), FIRST),
    "array": (dumped(ROWS), ASKED),
    "rows in data": (dumped({"data": AS_LIST}), ASKED),
    "columns": (dumped({name: [row[name] for row in ROWS] for name in ROWS[0]}), ASKED),
    "pandas' columns": (
        dumped({name: {f"{n}": row[name] for n, row in enumerate(ROWS)} for name in ROWS[0]}),
        ASKED,
    ),
    "paragraphs": (dumped([{"context": TEXT, "qas": SQUAD}]), ASKED),
    "one paragraph": (dumped({"context": TEXT, "qas": SQUAD}), ASKED),
    "squad 1.1": (dumped({"data": [{"paragraphs": [{"context": TEXT, "qas": SQUAD}]}]}), ASKED),
    "squad 2.0": (
        dumped(
            {
                "version": "v2.0",
                "data": [
                    {
                        "paragraphs": [
                            {
                                "context": TEXT,
                                "qas": qas(
                                    answers=objects, is_impossible=lambda row: not texts(row)
                                ),
                            }
                        ]
                    }
                ],
            }
        ),
        ASKED,
    ),
    "articles": (dumped([{"title": "", "paragraphs": [{"context": TEXT, "qas": SQUAD}]}]), ASKED),
    "lines": (jsons(ROWS), ASKED),
    "lines in utf-16": (jsons(ROWS, "utf-16"), ASKED),
    "lines in cp1252": (jsons(ROWS, "cp1252"), ASKED),
    "paragraphs in lines": (jsons([{"context": TEXT, "qas": SQUAD[:2]}, ROWS[2]]), ASKED),
    "mrqa": (
        jsons([{"header": {"dataset": "X"}}, {"context": TEXT, "qas": MRQA}, ROWS[2]]),
        ASKED,
    ),
    "numbers as text": (jsons(changed(is_impossible=lambda row: f"{not texts(row)}")), ASKED),
    "0 and 1": (jsons(changed(is_impossible=lambda row: int(not texts(row)))), ASKED),
    "whole floats": (
        jsons(
            changed(
                answers=lambda row: {
                    "text": texts(row),
                    "answer_start": [float(at) for at in row["answers"]["answer_start"]],
                }
            )
        ),
        ASKED,
    ),
    "integer ids": (jsons(changed(id=lambda row: int(row["id"]))), ASKED),
    "no ids": (
        jsons(WITHOUT),
        [Example(f"data:{n}", e.question, TEXT, e.answers) for n, e in enumerate(ASKED, 1)],
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_examples(tmp_path: Path, layout: str) -> None:
    """The name tells nothing: it is "data" for all of them."""
    data, expected = LAYOUTS[layout]
    path = tmp_path / "data"
    path.write_bytes(data)
    assert read(path) == (expected, [])
    questions, golds, bad = read_questions(path)
    assert [(one.question, one.context) for one in questions] == [e.pair for e in expected]
    assert [golds[one.id] for one in questions] == [
        tuple(gold.text for gold in one.answers) for one in expected
    ]
    assert bad == []


@pytest.mark.parametrize(
    ("data", "row", "id_", "said"),
    [
        (table([AS_TEXT[0], {**AS_TEXT[1], "question": ""}], ";"), 3, "2", "question as a string"),
        (excel([CELLS[0], {**CELLS[1], "answers": "['1998']"}]), 4, "2", "an answer that stands"),
        (excel([CELLS[0], {**CELLS[1], "context": "x" * 32_767}]), 4, "", "where Excel cuts"),
        (parquet([AS_TEXT[0], {**AS_TEXT[1], "answers": "[1998]"}]), 2, "2", "answers as"),
        (dumped([ROWS[0], {**ROWS[1], "is_impossible": 2}]), 2, "2", "is_impossible as true or"),
        (dumped([ROWS[0], "row"]), 2, "", '[1] with a list "paragraphs"'),
        (jsons([ROWS[0], {**ROWS[1], "id": 1}]), 2, "1", "ids that are unique"),
        (jsons([ROWS[0], {"context": TEXT, "qas": 7}]), 2, "", 'the line with a list "qas"'),
        (
            jsons([ROWS[0], {"context": TEXT[1:], "qas": MRQA[1:]}]),
            2,
            "2",
            f"set answer_start to {NUMBER - 1}",
        ),
        (jsons(ROWS[:1]) + "\n{é, é, é, \xff".encode("latin-1"), 2, "", "a JSON object on this"),
    ],
)
def test_a_bad_row_is_refused_with_file_row_and_id(
    tmp_path: Path, data: bytes, row: int, id_: str, said: str
) -> None:
    path = tmp_path / "data"
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}, row {row}, id {id_!r}: expected ")
    assert said in str(caught.value)
    assert read(path, on_bad="skip")[0] == ASKED[:1]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"),
         "a table, JSON or Parquet; found an old Excel file (.xls); to mend it: export the rows"),
        (b"%PDF-1.7", "a table, JSON or Parquet; found a PDF; to mend it: export the rows"),
        (b"<html><table>", "a table, JSON or Parquet; found a web page; to mend it: export the"),
        (b"question,question,context,answers\nWho?,When?,x,x\n",
         "each column once; found question twice; to mend it: rename or remove the others"),
    ],
    ids=["xls", "pdf", "html", "column-twice"],
)  # fmt: skip
def test_a_file_of_another_kind_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "data"
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: expected {said}")


def test_a_damaged_byte_in_utf8_is_told_and_not_guessed_around(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(table(AS_TEXT[:2]).replace("café".encode(), b"caf\xe9", 1))
    examples, (bad,) = read(path, on_bad="skip")
    assert examples == ASKED[1:2]
    assert (bad.row, bad.found) == (2, "the byte 0xe9")


def test_answers_to_score_by_need_no_place_in_the_context(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(
        table(
            [
                {"question": "Who?", "context": TEXT, "answer": "Zoe"},
                {"question": "When?", "context": TEXT, "answer": ""},
            ]
        )
    )
    questions, golds, _ = read_questions(path)
    assert [one.id for one in questions] == ["2", "3"]
    assert golds == {"2": ("Zoe",), "3": ()}
    path.write_bytes(path.read_bytes().replace(b"Zoe", b""))
    assert read_questions(path)[1] == {}  # an empty column is no verdict
