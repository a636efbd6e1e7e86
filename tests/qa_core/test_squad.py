"""Examples: every check says what is wrong and how to mend it; writing and reading is exact."""

import json
import resource
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_core.data.examples import BadRow, Example, Gold
from qa_core.data.squad import read, write
from qa_core.errors import DataError

GOOD: dict[str, Any] = {
    "id": "1",
    "question": "Who wrote it?",
    "context": "So Ada wrote it.",
    "answers": {"text": ["Ada"], "answer_start": [3]},
}
EXAMPLE = Example("1", "Who wrote it?", "So Ada wrote it.", (Gold("Ada", 3),))


def lines(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def answers(*golds: tuple[object, object]) -> dict[str, object]:
    return {"answers": {"text": [g[0] for g in golds], "answer_start": [g[1] for g in golds]}}


def test_gold_and_example_properties() -> None:
    assert EXAMPLE.answers[0].end == 6
    assert EXAMPLE.answerable
    assert not Example("1", "q?", "c").answerable


@pytest.mark.parametrize(
    ("change", "expected", "found", "mend"),
    [
        ({"id": " "}, "id not empty", "' '", "write the id"),
        ({"question": None}, "question as a string", "none", "add it"),
        ({"question": " \n"}, "question not empty", r"' \n'", "drop the row"),
        ({"question": ["q"]}, "question as a string", "['q'] (list)", "write it as a string"),
        ({"context": ""}, "context not empty", "''", "drop the row"),
        ({"context": "\ufeff\u200b\t"}, "context not empty", r"'\ufeff\u200b\t'", "drop the row"),
        ({"title": 3}, "title as a string", "3 (int)", "write it as a string"),
        ({"question": "\ud83d?"}, "question in valid Unicode", r"'\ud83d' at 0", "export"),
        ({"context": "So Ada\udc00"}, "context in valid Unicode", r"'\udc00' at 6", "export"),
        ({"id": "\ud800"}, "id in valid Unicode", r"'\ud800' at 0", "export"),
        ({"title": "\ud800"}, "title in valid Unicode", r"'\ud800' at 0", "export"),
        (answers(("\ud800", 3)), "the answer's text in valid Unicode", r"'\ud800'", "export"),
        (answers(("Ada", 4)), "the answer 'Ada' at 4", "'da ' there", "answer_start to 3"),
        (answers(("Ada", -13)), "the answer 'Ada' at -13", "16 code points", "answer_start to 3"),
        (answers(("it.", 14)), "the answer 'it.' at 14", "16 code points", "answer_start to 13"),
        (answers(("Ada", 3), ("Bob", 3)), "the answer 'Bob' at 3", "nowhere", "copy the answer"),
        (answers(("", 3)), "an answer's text not empty", "''", "leave both lists empty"),
        (answers((" ", 2)), "an answer's text not empty", "' '", "leave both lists empty"),
        (answers((None, 3)), "the answer's text as a string", "None", "write it as a string"),
        (answers(("Ada", "3.5")), "answer_start as a whole number", "'3.5'", "as an integer"),
        (answers(("Ada", 3.5)), "answer_start as a whole number", "3.5", "as an integer"),
        (answers(("o", True)), "answer_start as a whole number", "True", "as an integer"),
        (answers(("Bob", None)), "an answer that stands in the context", "'Bob'", "copy the"),
        ({"answers": None}, "answers as", "none", "with empty lists if the text does not say"),
        ({"answers": "Bob"}, "an answer that stands in the context", "'Bob'", "copy the"),
        ({"answers": ["Ada", "Bob"]}, "an answer that stands", "'Bob'", "copy the"),
        ({"answers": ["Ada", 7]}, "answers as", "['Ada', 7]", "answer_start"),
        ({"answers": "['Ada'"}, "answers as JSON", "\"['Ada'\"", "export the data set"),
        ({"answers": "[" * 200_000}, "answers as JSON", "[[", "export the data set"),
        ({"answers": [{"text": "Bob"}]}, "an answer that stands", "'Bob'", "copy the"),
        ({"answers": {"text": 7, "answer_start": 3}}, "answers as", "'text': 7", "two lists"),
        (
            {"answers": None, "detected_answers": [{"text": "Ada", "char_spans": [[4, 6]]}]},
            "the answer 'Ada' at 4",
            "'da ' there",
            "set answer_start to 3",
        ),
        (
            {"detected_answers": [{"text": "Ada", "char_spans": [3]}]},
            "char_spans as pairs",
            "[3]",
            "write [[first, last]]",
        ),
        (
            {"answers": {"text": ["Ada"], "answer_start": []}},
            "as many answer texts as starts",
            "1 texts, 0 starts",
            "give each text its start",
        ),
        ({"answer_text": "Ada", "answer_start": 3}, "answers, or answer_text", "both", "leave"),
        ({"is_impossible": True}, "is_impossible", "true with 1 answers", "correct"),
        ({"is_impossible": False, **answers()}, "is_impossible", "false with 0 answers", "correct"),
        ({"is_impossible": "no"}, "is_impossible as true or false", "'no'", "write true or false"),
    ],
)
def test_bad_rows_say_what_is_expected_found_and_how_to_mend(
    tmp_path: Path, change: dict[str, object], expected: str, found: str, mend: str
) -> None:
    path = lines(tmp_path / "x.jsonl", {**GOOD, "id": "good"}, {**GOOD, **change})
    examples, (bad,) = read(path, on_bad="skip")
    assert [example.id for example in examples] == ["good"]
    assert (bad.source, bad.row) == (str(path), 2)
    assert expected in bad.expected
    assert found in bad.found
    assert mend in bad.mend
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value) == str(bad)
    assert len(str(bad).splitlines()) == 1


def test_a_bad_row_reads_as_one_line() -> None:
    bad = BadRow("x.json", 3, "a\nb", "this", "that", "do so")
    assert str(bad) == (r"x.json, row 3, id 'a\nb': expected this; found that; to mend it: do so")


def test_ids_are_unique_among_good_rows(tmp_path: Path) -> None:
    bad, other = {**GOOD, "context": ""}, {**GOOD, "id": "2"}
    path = lines(tmp_path / "x.jsonl", bad, GOOD, other, GOOD)
    examples, bad_rows = read(path, on_bad="skip")
    assert [example.id for example in examples] == ["1", "2"]
    assert [row.row for row in bad_rows] == [1, 4]
    assert bad_rows[1].found == "the id of row 2 again"


def test_duplicate_golds_are_kept(tmp_path: Path) -> None:
    path = lines(tmp_path / "x.jsonl", {**GOOD, **answers(("Ada", 3), ("it", 13), ("Ada", 3))})
    assert read(path)[0][0].answers == (Gold("Ada", 3), Gold("it", 13), Gold("Ada", 3))


def test_is_impossible_stands_for_missing_answers(tmp_path: Path) -> None:
    row = {"id": "1", "question": "q?", "context": "c", "is_impossible": True}
    assert read(lines(tmp_path / "x.jsonl", row)) == ([Example("1", "q?", "c")], [])


def test_bad_lines_of_json_lines_are_rows(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    good = json.dumps(GOOD).encode()
    path.write_bytes(b"\n".join([b"[1]", b"null", b'{"id": "1', b"\xff", b"[" * 9999, good]))
    examples, bad_rows = read(path, on_bad="skip")
    assert examples == [EXAMPLE]
    assert [row.row for row in bad_rows] == [1, 2, 3, 4, 5]
    assert bad_rows[0].found == "[1]"
    assert bad_rows[1].found == "None"


def test_bad_rows_of_csv_are_numbered_as_in_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "id,question,context,answer_text,answer_start,is_impossible\n"
        '1,"Who\nwrote it?",So Ada wrote it.,Ada,3,\n'
        "2,Who wrote it?,So Ada wrote it.,Ada,3.0,\n"
        "3,Who wrote it?,So Ada,wrote it.,Ada,3,\n"
        "4,Who wrote it?,So Ada wrote it.,Ada,3,perhaps\n"
        "5,Who wrote it?,So Ada wrote it.,,3,\n"
        "6,Who wrote it?,So Ada wrote it.,,,\n",
        encoding="utf-8",
    )
    examples, bad_rows = read(path, on_bad="skip")
    assert [example.id for example in examples] == ["1", "2", "6"]
    assert [row.row for row in bad_rows] == [4, 5, 6]
    assert (bad_rows[0].expected, bad_rows[0].found) == ("6 cells", "7")


def test_answers_that_are_no_literal_are_bad_rows_of_csv(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "id,question,context,answers\n"
        "1,Who?,So Ada wrote it.,\"{'text': list(['Ada']), 'answer_start': list([3])}\"\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError, match=r"row 2, id '1': .* as JSON Lines or Parquet"):
        read(path)


def test_bad_places_in_squad_json_are_named(tmp_path: Path) -> None:
    qa = {"id": "1", "question": "Who wrote it?", "answers": [{"text": "Ada", "answer_start": 3}]}
    paragraph = {"context": "So Ada wrote it.", "qas": ["?", qa]}
    data: list[object] = [{"paragraphs": [{"qas": {}}, paragraph]}, "article", {"title": "T"}]
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"version": "1.1", "data": data}), encoding="utf-8")
    examples, bad_rows = read(path, on_bad="skip")
    assert examples == [EXAMPLE]
    assert [(row.row, row.expected) for row in bad_rows] == [
        (1, 'data[0].paragraphs[0] with a list "qas"'),
        (2, "a row with named fields"),
        (4, 'data[1] with a list "paragraphs"'),
        (5, 'data[2] with a list "paragraphs"'),
    ]


# Texts that move offsets: astral and combining characters, joiners, line ends, BOMs, separators.
NASTY = st.sampled_from(
    [*"ab ,\"'\\\r\n\t\x00\x0b\x1e", "\ufeff", "\u0301", "\u200d", "\u2028", "😀"]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]) | NASTY, max_size=30)


@st.composite
def example_lists(draw: st.DrawFn) -> list[Example]:
    contexts = draw(st.lists(TEXT.map(lambda text: text + "é."), min_size=1, max_size=4))
    titles = draw(st.lists(TEXT, min_size=1, max_size=3))
    examples = []
    for number in range(draw(st.integers(1, 8))):
        context = draw(st.sampled_from(contexts))
        ends = st.tuples(*[st.integers(0, len(context))] * 2).map(sorted)
        spans = draw(st.lists(ends, max_size=3))
        golds = [Gold(context[start:end], start) for start, end in spans]
        examples.append(
            Example(
                f"{draw(TEXT)}{number}",
                draw(TEXT) + "?",
                context,
                tuple(gold for gold in golds if any(c.isprintable() for c in gold.text.strip())),
                draw(st.sampled_from(titles)),
            )
        )
    return examples


@pytest.mark.parametrize("name", ["x.json", "x.json.gz", "x.jsonl", "x.jsonl.gz"])
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(examples=example_lists())
def test_what_is_written_is_read_back_exactly(
    tmp_path: Path, name: str, examples: list[Example]
) -> None:
    write(examples, tmp_path / name)
    assert read(tmp_path / name) == (examples, [])


def test_squad_json_is_grouped_by_title_and_context(tmp_path: Path) -> None:
    examples = [
        Example("1", "q?", "c", (), "T"),
        Example("2", "q?", "c", (Gold("c", 0),), "T"),
        Example("3", "q?", "d", (), "T"),
        Example("4", "q?", "d", (), "U"),
    ]
    path = tmp_path / "x.json"
    write(iter(examples), str(path))
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "version": "v2.0",
        "data": [
            {
                "title": "T",
                "paragraphs": [
                    {
                        "context": "c",
                        "qas": [
                            {"id": "1", "question": "q?", "answers": [], "is_impossible": True},
                            {
                                "id": "2",
                                "question": "q?",
                                "answers": [{"text": "c", "answer_start": 0}],
                                "is_impossible": False,
                            },
                        ],
                    },
                    {
                        "context": "d",
                        "qas": [
                            {"id": "3", "question": "q?", "answers": [], "is_impossible": True}
                        ],
                    },
                ],
            },
            {
                "title": "U",
                "paragraphs": [
                    {
                        "context": "d",
                        "qas": [
                            {"id": "4", "question": "q?", "answers": [], "is_impossible": True}
                        ],
                    }
                ],
            },
        ],
    }


def test_json_lines_are_rows_as_on_the_hub(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    write([EXAMPLE], path)
    assert [json.loads(line) for line in path.read_bytes().splitlines()] == [{**GOOD, "title": ""}]


def test_equal_examples_give_equal_bytes(tmp_path: Path) -> None:
    write([EXAMPLE], tmp_path / "x.json.gz")
    write([EXAMPLE], tmp_path / "y.json.gz")
    data = (tmp_path / "x.json.gz").read_bytes()
    assert data == (tmp_path / "y.json.gz").read_bytes()
    assert data[4:8] == bytes(4)  # gzip's field for the time of writing


@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_written_text_can_be_read_by_people(tmp_path: Path, name: str) -> None:
    write([Example("1", "Où est la clé 😀?", "Ici.")], tmp_path / name)
    assert "Où est la clé 😀?" in (tmp_path / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("examples", "name", "said"),
    [
        ([], "x.json", "found none"),
        ([EXAMPLE], "x.csv", "expected a name that ends in .json, .jsonl"),
        ([EXAMPLE], "missing/x.json", "No such file or directory"),
        ([EXAMPLE], "folder.json", "Is a directory"),
        ([EXAMPLE, EXAMPLE], "x.json", "example 2, id '1': expected ids that are unique"),
        ([Example("1", "q?", "c", (Gold("c", 1),))], "x.json", "set answer_start to 0"),
        ([Example("1", "\ud800", "c")], "x.jsonl", "question in valid Unicode"),
    ],
)
def test_what_cannot_be_written_leaves_nothing_behind(
    tmp_path: Path, examples: list[Example], name: str, said: str
) -> None:
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(DataError, match=said.replace(".", r"\.")) as caught:
        write(examples, tmp_path / name)
    assert len(str(caught.value).splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["folder.json"]


def test_a_write_that_fails_half_way_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write([EXAMPLE], path)
    old = path.read_bytes()
    many = [Example(str(number), "q?", "c" * 100) for number in range(1000)]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(DataError, match="File too large"):
            write(many, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == old
    assert [file.name for file in tmp_path.iterdir()] == ["x.json"]


def test_plausible_answers_are_kept_where_they_stand(tmp_path: Path) -> None:
    context = "So Ada wrote it."
    given = [{"text": "Ada", "answer_start": 3}, {"text": "it", "answer_start": 0}, "Ada"]
    row = {"id": "1", "question": "Who read it?", "context": context, "is_impossible": True,
           "plausible_answers": given}  # fmt: skip
    (example,) = read(lines(tmp_path / "x.jsonl", row))[0]
    assert example == Example("1", "Who read it?", context, plausible=(Gold("Ada", 3),))
    for name in ("y.json", "y.jsonl"):
        write([example], tmp_path / name)
        assert read(tmp_path / name)[0] == [example]
