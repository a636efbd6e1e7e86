"""Whatever is in a file, its reader gives text or says what is wrong with it."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qa_core.data import squad
from qa_core.data.examples import Example
from qa_core.errors import DataError, SpanLoopError
from qa_core.text.documents import kinds, read_bytes
from tests.support import files

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["data", "paragraphs", "qas", "context", "question", "answers", "id",
                         "text", "answer_start", "is_impossible", "title", "version"]),
        inner, max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip
SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def reads(path: Path) -> None:
    """A file is read whole, or refused in one line that names it."""
    try:
        examples, bad = squad.read(path, on_bad="skip")
    except SpanLoopError as error:
        said = str(error)
        assert path.name in said
        assert "\n" not in said
        return
    for one in examples:
        assert isinstance(one, Example)
        assert all(one.context[gold.start : gold.end] == gold.text for gold in one.answers)
    assert all("\n" not in str(row) for row in bad)


@SAME_FOLDER
@given(value=VALUES)
@example(value={"data": [{"paragraphs": [{"context": "a", "qas": [{"question": "b"}]}]}]})
def test_fuzz_data_of_any_shape(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(value))
    reads(path)
    lines = tmp_path / "rows.jsonl"
    lines.write_text(f"{json.dumps(value)}\n{json.dumps(value)}\n")
    reads(lines)


@SAME_FOLDER
@given(data=st.binary(max_size=400), name=st.sampled_from(["a.json", "a.jsonl", "a.csv"]))
@example(data=gzip.compress(b"[]")[:-3], name="a.json")
def test_fuzz_data_of_any_bytes(tmp_path: Path, data: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    reads(path)
    path = tmp_path / f"{name}.gz"
    path.write_bytes(data)
    reads(path)


@given(data=st.binary(min_size=1, max_size=400) | st.text(max_size=200).map(str.encode))
def test_fuzz_plain_text_of_any_bytes(data: bytes) -> None:
    for suffix in (one for one in kinds.NAMES if kinds.USUAL[one] == kinds.PLAIN):
        try:
            found = read_bytes(data, suffix)
        except DataError as error:
            assert "\n" not in str(error)
        else:
            assert found.text.strip()
            found.text.encode()  # no half characters


WHOLE = {
    ".pdf": files.pdf("Ines Soto opened the harbour.", "It holds 240 boats."),
    ".docx": files.docx("Ines Soto opened the harbour.", "It holds 240 boats."),
    ".html": b"<table><tr><th>Year</th></tr><tr><td>1904</td></tr></table><p>Ines &amp; Olga</p>",
    ".eml": b"From: a@example.org\r\nSubject: Harbour\r\n\r\nInes Soto opened it.\r\n",
    ".mhtml": b"From: x\r\nContent-Type: text/html\r\n\r\n<p>Ines Soto opened it.</p>\r\n",
    ".srt": b"1\r\n00:00:01,000 --> 00:00:02,000\r\nInes Soto opened <i>it</i>.\r\n",
    ".ipynb": b'{"cells": [{"cell_type": "code", "source": ["1"], "outputs": [{"text": "1"}]}]}',
    ".json": b'{"port": [{"name": "Oslo", "year": 1904}, {"name": "Riga", "year": 1911}]}',
    ".tex": rb"\section{Port} \emph{Soto}\footnote{No.} \begin{tabular}{l}a & b\end{tabular}",
    ".xml": b"<port year='1904'><p>Ines <b>Soto</b> opened it.</p><name>Oslo</name></port>",
    ".csv": b'Port,Year\r\n"Soto, old",1904\r\nOlga,1911\r\n',
    ".ics": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Harbour\r\nDTSTART;TZID=Europe/Oslo:"
    b"20240503T090000\r\nRRULE:FREQ=WEEKLY;BYDAY=MO\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    ".vcf": b"BEGIN:VCARD\r\nFN:Ines Soto\r\nitem1.TEL;TYPE=WORK:+47 1\r\nEND:VCARD\r\n",
    ".rtf": rb"{\rtf1\ansi Ines Soto opened \'e9 \u9786? the harbour.\par}",
}
EXAMPLES = 2 if settings().max_examples <= 100 else settings().max_examples // 20  # each a process


@pytest.mark.parametrize("suffix", WHOLE)
@settings(max_examples=EXAMPLES)
@given(cuts=st.lists(st.tuples(st.integers(0, 10**4), st.binary(max_size=8)), max_size=6))
def test_fuzz_damaged_documents(suffix: str, cuts: list[tuple[int, bytes]]) -> None:
    data = bytearray(WHOLE[suffix])
    for place, piece in cuts:
        place %= len(data) + 1
        data[place : place + len(piece) // 2] = piece
    try:
        found = read_bytes(bytes(data), suffix)
    except DataError as error:
        assert "\n" not in str(error)
    else:
        assert found.text.strip()
        assert list(found.pages) == sorted(found.pages)
        assert all(0 <= start <= len(found.text) for start in found.pages)
