"""The formats: what each file holds is what comes out, and a file that is broken says so."""

import csv
import gzip
import io
import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from qa_core.data import progress as bars
from qa_core.data.examples import Example, Gold
from qa_core.data.squad import read
from qa_core.errors import DataError
from tests.support.files import docx
from tests.support.hub import run, serve

# Everything that moves offsets when somebody is careless, in one context.
NASTY = '\ufeff  “Zoë”, e\u0301 said:\r\nline,\ttwo;\u2028three\x0b "q" 😀👩‍🚀\r done\n\n'
EXAMPLES = [
    Example("a", " Who?\r\n", NASTY, (Gold("Zoë", 4), Gold("e\u0301", 10)), "T, \n“t”"),
    Example("b", "Where 😀?", NASTY, (), "T, \n“t”"),
    Example("c", "Which?", NASTY, (Gold("👩‍🚀\r done", NASTY.index("👩")),), ""),
]


def hub_row(example: Example) -> dict[str, Any]:
    return {
        "id": example.id,
        "title": example.title,
        "context": example.context,
        "question": example.question,
        "answers": {
            "text": [gold.text for gold in example.answers],
            "answer_start": [gold.start for gold in example.answers],
        },
    }


def squad_qa(example: Example) -> dict[str, Any]:
    return {
        "id": example.id,
        "question": example.question,
        "answers": [{"text": gold.text, "answer_start": gold.start} for gold in example.answers],
    }


def squad_json(ascii_only: bool) -> bytes:
    articles = [
        {
            "title": example.title,
            "paragraphs": [
                {
                    "context": example.context,
                    "qas": [
                        {
                            **squad_qa(example),
                            "is_impossible": not example.answerable,
                            "plausible_answers": [{"text": "nonsense", "answer_start": -5}],
                        }
                    ],
                }
            ],
        }
        for example in EXAMPLES
    ]
    return json.dumps({"version": "v2.0", "data": articles}, ensure_ascii=ascii_only).encode()


def json_lines(layout: Callable[[Example], dict[str, Any]], newline: str = "\n") -> bytes:
    lines = [json.dumps(layout(example), ensure_ascii=False) for example in EXAMPLES]
    return newline.join([*lines, " ", ""]).encode()


def csv_of(records: list[dict[str, Any]], line_end: str = "\r\n") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, records[0].keys(), lineterminator=line_end)
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode()


def csv_row(example: Example) -> dict[str, Any]:
    row = hub_row(example)
    return {**row, "answers": json.dumps(row["answers"], ensure_ascii=False), "extra": "x"}


def flat_row(example: Example) -> dict[str, Any]:
    row = hub_row(example)
    del row["answers"]
    gold = example.answers[0] if example.answers else None
    return {
        **row,
        "answer_text": gold.text if gold else None,
        "answer_start": gold.start if gold else None,
    }


def first_golds(examples: list[Example]) -> list[Example]:
    return [Example(e.id, e.question, e.context, e.answers[:1], e.title) for e in examples]


def parquet(path: Path, records: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(records), path)
    return path


BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("bom", [b"", BOM], ids=["", "bom"])
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.json", squad_json(ascii_only=True)),
        ("x.json", squad_json(ascii_only=False)),
        ("X.JSON.GZ", squad_json(ascii_only=False)),
        ("x.jsonl", json_lines(hub_row)),
        ("x.jsonl.gz", json_lines(hub_row, "\r\n")),
        ("x.jsonl", json_lines(lambda e: {**squad_qa(e), "context": e.context, "title": e.title})),
        ("x.csv", csv_of([csv_row(example) for example in EXAMPLES])),
        ("x.csv.gz", csv_of([csv_row(example) for example in EXAMPLES], "\n")),
    ],
)
def test_every_text_format_keeps_every_code_point(
    tmp_path: Path, name: str, data: bytes, bom: bytes, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / name
    path.write_bytes(pack(bom + data))
    assert read(path) == (EXAMPLES, [])
    assert read(str(path), on_bad="skip") == (EXAMPLES, [])


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.parquet"])
def test_one_answer_may_stand_in_two_columns(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    records = [flat_row(example) for example in EXAMPLES]
    match name:
        case "x.jsonl":
            path.write_bytes(json_lines(flat_row))
        case "x.csv":
            path.write_bytes(csv_of(records))
        case _:
            parquet(path, records)
    assert read(path) == (first_golds(EXAMPLES), [])


def test_parquet_as_on_the_hub(tmp_path: Path) -> None:
    records = [{**hub_row(example), "metadata": {"split": "x"}} for example in EXAMPLES]
    assert read(parquet(tmp_path / "x.parquet", records)) == (EXAMPLES, [])


def test_csv_reads_truth_values_and_contexts_of_any_length(tmp_path: Path) -> None:
    context = "word, " * 100_000 + "end"
    records = [
        {"id": "1", "context": context, "question": "q?", "answers": "", "is_impossible": "True"},
        {
            "id": "2",
            "context": context,
            "question": "q?",
            "answers": '[{"text": "end", "answer_start": 600000}]',
            "is_impossible": "0",
        },
    ]
    path = tmp_path / "x.csv"
    path.write_bytes(csv_of(records))
    examples, _ = read(path)
    assert [example.answers for example in examples] == [(), (Gold("end", 600_000),)]


def test_a_context_of_many_rows_is_kept_once(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(json_lines(hub_row))
    first, second, third = read(path)[0]
    assert first.context is second.context is third.context


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("x.json", b"", "found an empty file"),
        ("x.jsonl", b"", "found an empty file"),
        ("x.parquet", b"", "found an empty file"),
        ("x.json", b" \n", "found nothing but white space"),
        ("x.jsonl", b" \n", "found nothing but white space"),
        ("x.json", b'{"data": []}', "found no rows"),
        ("x.csv", b"id,question,context,answers\n", "found no rows"),
        ("x.json", squad_json(ascii_only=True)[:-9], "expected JSON; found none"),
        ("x.json", b"[" * 100_000, "nested too deeply"),
        ("x.json", b"{}", 'expected SQuAD JSON, {"data": [...]}, or a list of rows; found {}'),
        ("x.json", b"[]", "found no rows"),
        ("x.json", '["é", "é", "é",'.encode() + b'"\xff"]', "found the byte 0xff"),
        ("x.csv", csv_of([csv_row(EXAMPLES[0])]).decode().encode("utf-16")[:-1], "as UTF-8"),
        (
            "x.json",
            gzip.compress(squad_json(ascii_only=True), mtime=0)[:-20],
            "cut short or damaged",
        ),
        ("x.jsonl", gzip.compress(json_lines(hub_row), mtime=0)[:-20], "cut short or damaged"),
        ("x.csv", b"\x1f\x8bnot gzip", "cut short or damaged"),
        ("x.json", gzip.compress(b"{}", mtime=0)[:10] + b"\xff" * 30, "cut short or damaged"),
        ("x.parquet", b"PAR1 nothing PAR1", "expected Parquet; found none"),
        ("x.csv", b'id,question,context,answers\n1,"open', "expected CSV; found line 2"),
        ("x.csv", b"id;question;text;answers\n", "add or rename context"),
        ("x.csv", b"question,context,id\n", "add or rename answers"),
        (
            "x.txt",
            b"some text",
            "found ['some text",
        ),
        ("x.xlsx", b"PK\x03\x04 nothing", "expected a sound Excel file; found a damaged one"),
        ("x.csv", docx("Some text."), "found a Word file; to mend it: export the rows"),
    ],
)
def test_broken_files_are_named_in_one_line(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        read(path, on_bad="skip")
    message = str(caught.value)
    assert message.startswith(f"{path}: expected ")
    assert said in message
    assert "to mend it: " in message
    assert len(message.splitlines()) == 1


def test_parquet_without_the_columns_lists_what_it_has(tmp_path: Path) -> None:
    path = parquet(tmp_path / "x.parquet", [{"id": "1", "text": "t"}])
    with pytest.raises(DataError, match=r"found \['id', 'text'\]; to mend it: add or rename"):
        read(path)


def test_a_damaged_parquet_page_is_an_error(tmp_path: Path) -> None:
    path = parquet(tmp_path / "x.parquet", [hub_row(example) for example in EXAMPLES])
    data = bytearray(path.read_bytes())
    data[4:200] = b"\xff" * 196
    path.write_bytes(data)
    with pytest.raises(DataError, match="to mend it: "):
        read(path)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("missing.json", "found neither"),
        ("data/missing.json.gz", "found neither"),
        ("/missing/set", "found neither"),
        ("missing", "found neither"),
        ("nul\0", "found neither"),
        ("x" * 5000 + ".json", "found neither"),
        (".", "found a folder"),
        (Path("owner/name"), "found neither"),
    ],
)
def test_missing_files_and_folders(source: str | Path, found: str) -> None:
    with pytest.raises(DataError, match=found) as caught:
        read(source)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_has_no_splits(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(json_lines(hub_row))
    with pytest.raises(DataError, match="leave out split='train'"):
        read(path, split="train")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read any file")
def test_a_file_without_permission_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(json_lines(hub_row))
    path.chmod(stat.S_IWUSR)
    with pytest.raises(DataError, match="Permission denied"):
        read(path)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("terminal", "progress", "seconds", "shown"),
    [
        (Terminal, True, 0.0, True),
        (Terminal, True, 3600.0, False),
        (Terminal, False, 0.0, False),
        (io.StringIO, True, 0.0, False),
    ],
)
@pytest.mark.parametrize("name", ["x.json", "x.jsonl", "x.csv", "x.parquet"])
def test_the_progress_bar_is_for_long_reads_on_a_terminal(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    terminal: type[io.StringIO],
    progress: bool,
    seconds: float,
    shown: bool,
) -> None:
    path = tmp_path / name
    match name:
        case "x.json":
            path.write_bytes(squad_json(ascii_only=True))
        case "x.jsonl":
            path.write_bytes(json_lines(hub_row))
        case "x.csv":
            path.write_bytes(csv_of([csv_row(example) for example in EXAMPLES]))
        case _:
            parquet(path, [hub_row(example) for example in EXAMPLES])
    monkeypatch.setattr(bars, "BAR_AFTER_SECONDS", seconds)
    stderr = terminal()
    monkeypatch.setattr(sys, "stderr", stderr)
    read(path, progress=progress)
    assert (name in stderr.getvalue()) is shown


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[str]:
    """The address of a Hub that holds two data sets.

    They are `owner/name`, with a train and a validation split, and `owner/single`, with one split
    of other columns.
    """
    root = tmp_path / "hub"
    records = [hub_row(example) for example in EXAMPLES]
    data = root / "datasets/owner"
    parquet(data / "name/data/train-00000-of-00001.parquet", records[:1])
    parquet(data / "name/data/validation-00000-of-00001.parquet", records)
    parquet(data / "single/data/test-00000-of-00001.parquet", [{"id": 1, "prompt": "?"}])
    with serve(root) as address:
        yield address


def read_in_a_child(tmp_path: Path, calls: list[str], **settings: str) -> list[str]:
    """What each call of `read` gives in a fresh interpreter, where the Hub's address is set."""
    script = "from qa_core.errors import DataError\nfrom qa_core.data.squad import *\n" + "".join(
        f"try: print(ascii({call}))\nexcept DataError as error: print(ascii(str(error)))\n"
        for call in calls
    )
    return run(script, tmp_path, **settings).splitlines()


def test_hub_data_sets_are_read_by_name_and_split(tmp_path: Path, hub: str) -> None:
    calls = [
        "read('owner/name', split='validation')",
        "read('owner/name:default', split='train', on_bad='skip')",
        "read('owner/name')",
        "read('owner/name', split='tset')",
        "read('owner/name:de')",
        "read('owner/single')",
        "read('owner/other')",
    ]
    validation, train, no_split, bad_split, no_config, columns, missing = read_in_a_child(
        tmp_path, calls, HF_ENDPOINT=hub
    )
    assert validation == ascii((EXAMPLES, []))
    assert train == ascii((EXAMPLES[:1], []))
    assert "found the splits train, validation; to mend it: choose one" in no_split
    assert 'Unknown split "tset"' in bad_split
    assert "not found. Available: " in no_config
    assert "prompt" in columns
    assert "as there is no such file; found an error: Dataset" in missing
    assert "exist on the Hub" in missing


def test_the_hub_out_of_reach_is_one_line(tmp_path: Path) -> None:
    (message,) = read_in_a_child(tmp_path, ["read('owner/name')"], HF_HUB_OFFLINE="1")
    assert "owner/name: expected a data set on the Hub, as there is no such file" in message
    assert "the network" in message


def test_reading_files_needs_no_heavy_library(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(json_lines(hub_row))
    heavy = "{'torch', 'transformers', 'datasets', 'pyarrow', 'pandas', 'numpy'}"
    calls = [f"read({str(path)!r})", f"sorted({heavy} & set(__import__('sys').modules))"]
    _, loaded = read_in_a_child(tmp_path, calls)
    assert loaded == "[]"
