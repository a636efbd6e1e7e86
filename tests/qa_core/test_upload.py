import csv
import gzip
import io
import json
import time
import zipfile
from pathlib import Path

import openpyxl
import psutil
import pyarrow
import pyarrow.parquet
import pytest

from qa_core.bulk import output, scoring
from qa_core.bulk import upload as batches
from qa_core.data.examples import Example
from qa_core.errors import DataError
from qa_core.inference.answer import Answer


def answer(text: str, start: int = 0, confidence: float = 0.5) -> Answer:
    return Answer(
        text, start, start + len(text), 1.0, confidence, 0.0, bool(text), (), (), "test", 0.5
    )


def parquet(context: str, count: int = 1) -> bytes:
    """A context that is stored once for all rows."""
    contexts = pyarrow.DictionaryArray.from_arrays([0] * count, [context])
    table = pyarrow.table({"question": ["Who?"] * count, "context": contexts})
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file, store_schema=False)
    return file.getvalue()


def bomb() -> bytes:
    """An Excel file of 200 MB, packed to little."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (200 * 2**20))
    return file.getvalue()


def test_batches_read_rows_without_ids_and_answers(tmp_path: Path) -> None:
    table = (
        "context,question,answers,id\r\n"
        '"Ada wrote it,\r\nin 1843.",Who?,junk,\r\n'
        "Text.,When?,,7\r\n"
    )
    rows = [
        {"context": "Ada wrote it,\r\nin 1843.", "question": "Who?"},
        {"context": "Text.", "question": "When?", "id": 7, "answer_start": "junk"},
    ]
    (tmp_path / "a.csv").write_bytes(table.encode("utf-8-sig"))
    (tmp_path / "b.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress((tmp_path / "b.jsonl").read_bytes()))
    for name, first in (("a.csv", "2"), ("b.jsonl", "1"), ("c.jsonl.gz", "1")):
        found = batches.read(tmp_path / name)
        assert (found.bad, found.bad_rows) == ([], 0)
        assert found.questions == [
            Example(first, "Who?", "Ada wrote it,\r\nin 1843."),
            Example("7", "When?", "Text."),
        ]


def test_batches_read_squad_without_its_answers(tmp_path: Path) -> None:
    qas = [{"id": "x", "question": "Who?"}, {"id": "y", "question": " "}]
    paragraph = {"context": "Ada wrote it.", "qas": qas}
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"data": [{"title": "Ada", "paragraphs": [paragraph]}]}))
    found = batches.read(path)
    assert [(one.id, one.title) for one in found.questions] == [("x", "Ada")]
    assert [(row.row, row.id, row.expected) for row in found.bad] == [
        (2, "y", "question not empty")
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"question", "columns question and context"),
        ("a.csv", b"question;text\n1;2\n", "columns question and context"),
        ("a.csv", b"", "an empty file"),
        ("a.xlsx", b"PK\x03\x04" + b" " * (batches.MAX_BYTES + 1), "at most 32 MB of text"),
        ("a.parquet", parquet("x" * (batches.MAX_BYTES + 1)), "at most 32 MB of text"),
        ("a.parquet", parquet("x" * 4_000_000, 1_000), "MB of memory"),
        ("a.xlsx", bomb(), "MB unpacked"),
        ("a.json.gz", gzip.compress(b"{}" * 99, mtime=0)[:20], "whole gzip data"),
        ("a.json", b"[" * 100_000, "nested too deeply"),
        (
            "a.jsonl.gz",
            gzip.compress(b" " * (batches.MAX_BYTES + 1), mtime=0),
            "at most 32 MB of text",
        ),
    ],
)
def test_batches_say_why_a_file_cannot_be_read(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        batches.read(tmp_path / name)
    assert str(caught.value).startswith(f"{name}: ")
    assert str(tmp_path) not in str(caught.value)


def test_batches_refuse_too_many_rows_good_or_bad(tmp_path: Path) -> None:
    for row in ("Who?,Ada.\n", ",\n"):
        (tmp_path / "a.csv").write_text("question,context\n" + row * (batches.MAX_QUESTIONS + 1))
        with pytest.raises(DataError, match="at most 5,000 rows; found more; to mend it: split it"):
            batches.read(tmp_path / "a.csv")


def test_batches_keep_the_first_bad_rows_and_a_count(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("question,context\n" + "?,\n" * 4_999 + "Who?,Ada.\n")
    found = batches.read(tmp_path / "a.csv")
    assert [one.question for one in found.questions] == ["Who?"]
    assert [row.row for row in found.bad] == list(range(2, batches.MAX_BAD + 2))
    assert found.bad_rows == 4_999


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bad.jsonl.gz", b"{}\n" * 10_000_000),
        ("blank.csv.gz", b"question,context\n" + b"\n" * 30_000_000),
        ("bad.json.gz", b'{"data":[{"paragraphs":[{"qas":[' + b"{}," * 10_000_000 + b"{}]}]}]}"),
        ("nested.json.gz", b"[[]," * 8_000_000 + b"[]]"),
    ],
)
def test_batches_a_bomb_costs_little(tmp_path: Path, name: str, text: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(text, 9, mtime=0))
    assert path.stat().st_size < 200_000
    own = psutil.Process()
    before, began = own.memory_info().rss, time.monotonic()
    with pytest.raises(DataError, match=name):
        batches.read(path)
    assert time.monotonic() - began < 20
    assert own.memory_info().rss - before < 50 * 2**20


def test_batches_hold_a_text_once_however_many_ask_of_it(tmp_path: Path) -> None:
    context = "Ada wrote it. " * 70_000
    qas = [{"id": str(number), "question": "Who?"} for number in range(5_000)]
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"data": [{"paragraphs": [{"context": context, "qas": qas}]}]}))
    found = batches.read(path)
    assert len(found.questions) == 5_000
    assert len({id(one.context) for one in found.questions}) == 1
    path.write_text(path.read_text().replace("Ada wrote it. ", "Ada wrote that. "))
    with pytest.raises(DataError, match="at most 1,000,000 characters, found 1,120,000 with the"):
        batches.read(path)


def test_batches_pieces_hold_every_question_once_and_are_small() -> None:
    questions = [Example(str(n), "Who?", "x" * length) for n, length in enumerate([5, 5, 90, 5, 5])]
    found = list(batches.pieces(questions, most=2, characters=50))
    assert [[int(one.id) for one in piece] for piece in found] == [[0, 1], [2], [3, 4]]
    assert list(batches.pieces([])) == []


def test_batches_csv_runs_no_formula_in_a_spreadsheet() -> None:
    attacks = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1"]
    questions = [Example(attack, attack, attack) for attack in attacks]
    table = output.to_csv(output.records(questions, [answer(attack) for attack in attacks]))
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    for row, attack in zip(rows, attacks, strict=True):
        safe = f"'{attack[0]}'{attack[1:]}" if attack[0] in "\t\r\n" else f"'{attack}"
        assert row["id"] == row["question"] == row["answer"] == safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a; \0=1", "a; \0'=1"),
        ('a";"@SUM(A1)', 'a";"\'@SUM(A1)'),
        ("\0=1", "'\0=1"),
        ("\u200b=1", "'\u200b=1"),
        ("\ufeff\u2060 +1", "'\ufeff\u2060 +1"),
        ("a\n=1", "a\n'=1"),
        ("rain; wind - and 3 = three", "rain; wind - and 3 = three"),
    ],
)
def test_batches_csv_runs_no_formula_behind_anything(text: str, safe: str) -> None:
    table = output.to_csv(output.records([Example("1", text, text)], [answer("Ada")]))
    (row,) = csv.DictReader(io.StringIO(table, newline=""))
    assert row["question"] == safe


@pytest.mark.parametrize("run", ["\n", "\t\n", ";", " ;"])
def test_batches_csv_looks_at_no_run_twice(run: str) -> None:
    assert output.cell(f"Ann{run * 100_000}=1+1") == f"Ann{run * 100_000}'=1+1"


def test_batches_files_hold_every_answer() -> None:
    questions = [Example("a", 'Who, "Ada"?', "Ada."), Example("b", "When?\nWhere?", "Ada.")]
    answers = [answer("Ada", 0, 0.87654), answer("", 0, 0.25)]
    rows = output.records(questions, answers)
    first, second = csv.DictReader(io.StringIO(output.to_csv(rows), newline=""))
    assert first == {
        "id": "a", "question": 'Who, "Ada"?', "answer": "Ada", "answerable": "yes",
        "confidence": "0.8765", "start": "0", "end": "3", "warnings": "", "items": "",
    }  # fmt: skip
    assert (second["answerable"], second["start"], second["question"]) == (
        "no",
        "",
        "When?\nWhere?",
    )
    lines = [json.loads(line) for line in output.to_json_lines(rows).splitlines()]
    assert [line["question"] for line in lines] == ['Who, "Ada"?', "When?\nWhere?"]
    assert lines[0]["confidence"] == 0.87654


def test_batches_read_tables_of_every_kind_and_what_to_score_by(tmp_path: Path) -> None:
    rows = {"question": ["Who?", "When?"], "context": ["Ada wrote it."] * 2, "answer": ["Ada", ""]}
    csv_, parquet_, excel = (tmp_path / name for name in ("a.csv", "b", "c.txt"))
    csv_.write_text("question;context;answer\nWho?;Ada wrote it.;Ada\nWhen?;Ada wrote it.;\n")
    pyarrow.parquet.write_table(pyarrow.table(rows), parquet_)
    book = openpyxl.Workbook()
    for row in (tuple(rows), *zip(*rows.values(), strict=True)):
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    (tmp_path / "book.xlsx").rename(excel)
    for path, first in ((csv_, 2), (parquet_, 1), (excel, 2)):
        found = batches.read(path)
        assert [one.id for one in found.questions] == [f"{first}", f"{first + 1}"]
        assert found.golds == {f"{first}": ("Ada",), f"{first + 1}": ()}
    answers = [answer("Ada"), answer("wrote", 4)]
    scored = output.records(found.questions, answers, found.golds)
    assert [(row["expected"], row["exact"], row["f1"]) for row in scored] == [
        (["Ada"], 1, 1.0),
        ([], 0, 0.0),
    ]
    table = list(csv.DictReader(io.StringIO(output.to_csv(scored), newline="")))
    assert [(row["expected"], row["exact"]) for row in table] == [('["Ada"]', "1"), ("[]", "0")]
    texts = scoring.texts_of(["2", "3"], answers)
    assert scoring.sentence(scoring.totals(texts, found.golds) or {}) == (
        "EM 50.0, F1 50.0 on 2 rows with expected answers"
    )
