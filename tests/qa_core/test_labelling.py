"""Exports of Label Studio and doccano, as these tools write them, read and written."""

import json
from pathlib import Path
from typing import Any

import pytest

from qa_core.data import labelling, squad
from qa_core.data.examples import Example, Gold
from qa_core.errors import DataError

TEXT = "😀 Ines Soto opened the harbour in 1904."
START = TEXT.index("Ines")
SOTO: dict[str, Any] = {"start": START, "end": START + 9, "text": "Ines Soto", "labels": ["Answer"]}
YEAR: dict[str, Any] = {
    **SOTO,
    "start": TEXT.index("1904"),
    "end": TEXT.index("1904") + 4,
    "text": "1904",
}
INES = {**SOTO, "end": START + 4, "text": "Ines"}


def annotation(*values: dict[str, Any], **more: Any) -> dict[str, Any]:
    results = [
        {"id": "x1", "from_name": "answer", "to_name": "text", "type": "labels", "value": value}
        for value in values
    ]
    rating = {"from_name": "rating", "to_name": "text", "type": "rating", "value": {"rating": 4}}
    return {
        "id": 9,
        "completed_by": 1,
        "was_cancelled": False,
        "result": [rating, *results],
        **more,
    }


def task(number: int, *annotations: dict[str, Any]) -> dict[str, Any]:
    data = {"question": f"{number}?", "text": TEXT}
    return {
        "id": number, "data": data, "annotations": list(annotations), "predictions": [], "meta": {},
        "drafts": [], "project": 1, "total_annotations": len(annotations),
    }  # fmt: skip


def written(path: Path, value: object, *, indent: int | None = None) -> Path:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=indent), encoding="utf-8")
    return path


@pytest.mark.parametrize("indent", [None, 2])
def test_label_studio_is_read(tmp_path: Path, indent: int | None) -> None:
    units = {**SOTO, "start": START + 1, "end": START + 10}  # as versions of 2021 counted
    tasks = [
        task(1, annotation(SOTO)),
        task(2, annotation()),
        task(3, annotation(units), annotation(was_cancelled=True)),
        task(4, annotation(SOTO), annotation(), annotation(YEAR)),
        task(5, annotation(YEAR, SOTO)),
        task(6, annotation(SOTO), annotation(SOTO, YEAR), annotation(YEAR, SOTO)),
        task(7, annotation(SOTO), annotation(SOTO, YEAR)),  # as many: the first
        task(8, annotation(SOTO, INES)),
    ]
    examples, _ = squad.read(written(tmp_path / "export.json", tasks, indent=indent))
    soto, year, ines = Gold("Ines Soto", START), Gold("1904", YEAR["start"]), Gold("Ines", START)
    whole = Gold(TEXT[soto.start : year.end], START)
    assert [one.answers for one in examples] == [
        (soto,), (), (soto,), (soto, year), (whole,), (whole,), (soto,), (soto, ines),
    ]  # fmt: skip
    assert [one.id for one in examples if one.parts] == ["5", "6"]
    assert {one.parts for one in examples if one.parts} == {(soto, year)}
    assert [one.id for one in examples] == [*"12345678"]


@pytest.mark.parametrize(
    ("annotations", "found"),
    [
        ([], "found none"),
        ([annotation(was_cancelled=True)], "found none"),
        ([annotation(), annotation(SOTO)], "found 1 that mark words and 1 that mark none"),
        ([annotation({**SOTO, "text": "Ines Sot0"})], "the text nowhere in the context"),
        ([annotation({**SOTO, "text": "Ines Sot0"}, YEAR)], "the text nowhere in the context"),
        ([annotation({"start": 30, "end": 99})], "found 30 to 99"),
        ([annotation({"start": "/p[1]", "end": "/p[1]", "text": "Ines"})], "found '/p[1]' to"),
        ([{"result": "none"}], "found 'none'"),
        (["none"], "annotations as objects"),
    ],
)
def test_a_task_that_says_nothing_names_file_row_and_id(
    tmp_path: Path, annotations: list[Any], found: str
) -> None:
    path = written(tmp_path / "export.json", [task(7, annotation(SOTO)), task(8, *annotations)])
    with pytest.raises(DataError, match=r"export\.json, row 2, id '8': expected ") as raised:
        squad.read(path)
    assert found in str(raised.value)
    assert "\n" not in str(raised.value)
    questions, _, bad = squad.read_questions(path)
    assert ([one.question for one in questions], bad) == (["7?", "8?"], [])


def test_doccano_is_read(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "text": TEXT, "label": [[START, START + 9, "Answer"]], "question": "a?"},
        {"id": 2, "text": TEXT, "labels": [], "meta": {"question": "b?"}},
        {"id": 3, "text": TEXT, "question": "c?", "relations": [],
         "entities": [{"id": 1, "label": "A", "start_offset": START, "end_offset": START + 4}]},
        {"id": 4, "text": TEXT, "question": "d?",
         "label": [[34, 38, "A"], [START, START + 4, "A"]]},
        {"id": 5, "text": TEXT, "question": "e?", "label": [[0, 4, "A"], [START, START + 4, "A"]]},
    ]  # fmt: skip
    path = tmp_path / "all.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    examples, _ = squad.read(path)
    assert [(one.question, one.answers) for one in examples] == [
        ("a?", (Gold("Ines Soto", START),)), ("b?", ()), ("c?", (Gold("Ines", START),)),
        ("d?", (Gold(TEXT[START:38], START),)), ("e?", (Gold(TEXT[:4], 0), Gold("Ines", START))),
    ]  # fmt: skip
    assert [one.parts for one in examples if one.parts] == [(Gold("Ines", START), Gold("1904", 34))]
    for wrong, found in (
        ({**rows[0], "label": ["pos"]}, "found 'pos'"),
        ({**rows[0], "label": [[3, 999, "Answer"]]}, "found 3 to 999"),
        ({"id": 5, "text": TEXT, "label": []}, "expected question as a string; found none"),
    ):
        path.write_text("\n".join(map(json.dumps, [rows[1], wrong])), encoding="utf-8")
        with pytest.raises(DataError, match=r"all\.jsonl, row 2, id '[15]': ") as raised:
            squad.read(path)
        assert found in str(raised.value)


def test_what_is_written_for_them_is_read_again(tmp_path: Path) -> None:
    examples = [
        Example("a", "Who?", TEXT, (Gold("Ines Soto", START),), "Harbours"),
        Example("b", "Why?", TEXT),
        Example("c", "What?", TEXT, (Gold(TEXT[START : len(TEXT) - 1], START),),
                parts=(Gold("Ines Soto", START), Gold("1904", len(TEXT) - 5))),
    ]  # fmt: skip
    tasks = written(tmp_path / "x", [labelling.label_studio(one, {"n": 1}) for one in examples])
    assert squad.read(tasks)[0] == examples
    path = tmp_path / "y"
    path.write_text("\n".join(json.dumps(labelling.doccano(one, {})) for one in examples))
    assert squad.read(path)[0] == examples
