"""Examples of extractive question answering: read, check, write.

Offsets are code points, end exclusive. Texts are taken as they are: a leading blank, a carriage
return, a BOM or a combining accent inside a context counts like any other code point.
"""

from __future__ import annotations

import gzip
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from qa_core.data.examples import BadRow, Example, Gold
from qa_core.data.problems import Problem, misplaced, show
from qa_core.data.rows import read_rows
from qa_core.errors import DataError
from qa_core.files import write_whole
from qa_core.text.offsets import stands


def read(
    source: str | Path,
    *,
    split: str | None = None,
    on_bad: Literal["stop", "skip"] = "stop",
    progress: bool = True,
    labelled: bool = True,
    most: int | None = None,
) -> tuple[list[Example], list[BadRow]]:
    """Read and check examples from a file or from the Hugging Face Hub.

    `source` is a file, or else `owner/name` or `owner/name:configuration` of a data set on the
    Hub. A file is SQuAD JSON v1.1 or v2 (.json), JSON Lines (.jsonl), CSV or Parquet, the text
    formats gzipped or not. Rows have `id`, `question`, `context`, optionally `title` and
    `is_impossible`, and `answers` as on the Hub (`{"text": [...], "answer_start": [...]}`) or as in
    SQuAD JSON (`[{"text": ..., "answer_start": ...}, ...]`), in CSV as JSON; or one answer as
    `answer_text` and `answer_start`, both empty for none. An unanswerable question may have
    `plausible_answers` as in SQuAD JSON; those that do not stand at their offsets, and anything
    else in a row, are left out.
    Unless `labelled`, answers are left out too, and a row without an id is given its number.

    Returns the examples in the source's order, and with `on_bad="skip"` the rows left out.
    Raises DataError at the first bad row with `on_bad="stop"`, and always if the source as a whole
    cannot be read or has no rows, or at row `most` + 1, good or bad.
    """
    name = f"{source} [{split}]" if split else str(source)
    examples: list[Example] = []
    bad_rows: list[BadRow] = []
    row_of_id: dict[str, int] = {}
    texts: dict[str, str] = {}  # a context shared by many rows is kept once
    for number, fields in read_rows(source, split=split, progress=progress, labelled=labelled):
        if len(examples) + len(bad_rows) == most:
            raise DataError(
                f"{name}: expected at most {most:,} rows; found more; to mend it: split it"
            )
        try:
            example = _example(fields if labelled else _unlabelled(fields, number), texts)
            _check(example)
            _check_unique(example, number, row_of_id)
        except Problem as problem:
            bad = BadRow(name, number, _id(fields), problem.expected, problem.found, problem.mend)
            if on_bad != "skip":
                raise DataError(str(bad)) from problem
            bad_rows.append(bad)
        else:
            examples.append(example)
    if not examples and not bad_rows:
        raise DataError(f"{name}: expected examples; found no rows; to mend it: export it again")
    return examples, bad_rows


def write(examples: Iterable[Example], path: str | Path) -> None:
    """Write examples as SQuAD v2 JSON (.json) or as JSON Lines as on the Hub (.jsonl), also .gz.

    `read` gives back equal examples in the same order. In SQuAD JSON, neighbours with one title
    share an article and neighbours with one context share a paragraph; as the order is kept, a
    title or context that comes back later is written again.
    The file appears whole or not at all. Raises DataError if an example is not valid, if there is
    none, or if the file cannot be written.
    """
    path = Path(path)
    examples = list(examples)
    row_of_id: dict[str, int] = {}
    for number, example in enumerate(examples, start=1):
        try:
            _check(example)
            _check_unique(example, number, row_of_id)
        except Problem as problem:
            raise DataError(f"example {number}, id {show(example.id)}: {problem}") from problem
    if not examples:
        raise DataError(f"{path}: expected examples to write; found none; to mend it: add some")
    match path.name.lower().removesuffix(".gz").rpartition(".")[2]:
        case "json":
            text = _dumps(_squad_json(examples))
        case "jsonl":
            text = "".join(_dumps(hub_row(example)) + "\n" for example in examples)
        case _:
            raise DataError(
                f"{path}: expected a name that ends in .json, .jsonl, .json.gz or .jsonl.gz; "
                f"found {show(path.suffix)}; to mend it: rename it"
            )
    data = text.encode()
    if path.suffix.lower() == ".gz":
        data = gzip.compress(data, mtime=0)
    try:
        write_whole(path, data)
    except OSError as error:
        raise DataError(
            f"{path}: expected a file that can be written; found: {error.strerror or error}; "
            "to mend it: check the folder, its permissions and the disk"
        ) from error


def _example(fields: object, texts: dict[str, str]) -> Example:
    """The example in a row, its types checked; `texts` holds the strings seen so far."""
    if isinstance(fields, Problem):
        raise fields
    if not isinstance(fields, Mapping):
        raise Problem("a row with named fields", show(fields), 'write {"id": ..., ...}')
    title = "" if fields.get("title") is None else _string(fields, "title")
    context = _string(fields, "context")
    example = Example(
        id=_string(fields, "id"),
        question=_string(fields, "question"),
        context=texts.setdefault(context, context),
        answers=_golds(fields),
        title=texts.setdefault(title, title),
    )
    if not example.answers:
        example = replace(example, plausible=_plausible(fields, context))
    impossible = fields.get("is_impossible")
    if impossible is not None and not isinstance(impossible, bool):
        raise Problem("is_impossible as true or false", show(impossible), "write true or false")
    if impossible is not None and impossible == example.answerable:
        raise Problem(
            "no answers if and only if is_impossible",
            f"is_impossible {str(impossible).lower()} with {len(example.answers)} answers",
            "correct is_impossible or the answers",
        )
    return example


def _unlabelled(fields: object, number: int) -> object:
    if not isinstance(fields, Mapping):
        return fields
    kept = {name: fields.get(name) for name in ("title", "context", "question")}
    given = fields.get("id")
    id_ = str(number) if given in (None, "") else str(given) if type(given) is int else given
    return {"id": id_, **kept, "answers": []}


def _id(fields: object) -> str:
    value = fields.get("id") if isinstance(fields, Mapping) else None
    return "" if value is None else str(value)


def _string(fields: Mapping[Any, Any], name: str) -> str:
    value = fields.get(name)
    if isinstance(value, str):
        return value
    if value is None:
        mend = "any unique text will do, the row number for instance" if name == "id" else "add it"
        raise Problem(f"{name} as a string", "none", mend)
    raise Problem(
        f"{name} as a string", f"{show(value)} ({type(value).__name__})", "write it as a string"
    )


_ANSWERS = 'answers as {"text": [...], "answer_start": [...]}'


def _golds(fields: Mapping[Any, Any]) -> tuple[Gold, ...]:
    answers = fields.get("answers")
    flat = fields.get("answer_text"), fields.get("answer_start")
    if answers is not None and flat != (None, None):
        raise Problem("answers, or answer_text and answer_start", "both", "leave one of them out")
    if isinstance(answers, Mapping):
        texts, starts = answers.get("text"), answers.get("answer_start")
        if not (isinstance(texts, list) and isinstance(starts, list)):
            raise Problem(_ANSWERS, show(answers), "write two lists")
        if len(texts) != len(starts):
            found = f"{len(texts)} texts, {len(starts)} starts"
            raise Problem("as many answer texts as starts", found, "give each text its start")
        return tuple(map(_gold, texts, starts))
    if isinstance(answers, list):
        if not all(isinstance(answer, Mapping) for answer in answers):
            raise Problem(_ANSWERS, show(answers), 'write {"text": ..., "answer_start": ...} each')
        return tuple(_gold(answer.get("text"), answer.get("answer_start")) for answer in answers)
    if answers is not None:
        raise Problem(_ANSWERS, show(answers), "write two lists, empty ones for no answer")
    if flat[1] is not None or flat[0]:
        return (_gold(*flat),)
    if {"answer_text", "answer_start"} <= fields.keys() or fields.get("is_impossible") is True:
        return ()
    raise Problem(_ANSWERS, "none", "add them, with empty lists if the text does not say")


def _gold(text: object, start: object) -> Gold:
    if not isinstance(text, str):
        raise Problem("the answer's text as a string", show(text), "write it as a string")
    if not isinstance(start, int) or isinstance(start, bool):
        raise Problem("answer_start as a whole number", show(start), "write it as an integer")
    return Gold(text, start)


def _plausible(fields: Mapping[Any, Any], context: str) -> tuple[Gold, ...]:
    """The plausible answers that are where they say; they help training and are never judged by."""
    given = fields.get("plausible_answers")
    found = []
    for answer in given if isinstance(given, list) else []:
        try:
            gold = _gold(answer.get("text"), answer.get("answer_start"))
        except (AttributeError, Problem):
            continue
        if gold.text.strip() and stands(context, gold.start, gold.text):
            found.append(gold)
    return tuple(found)


def _check(example: Example) -> None:
    """Raise Problem unless the example's values make sense."""
    for name in ("id", "question", "context", "title"):
        text = getattr(example, name)
        if name != "title" and _is_blank(text):
            raise Problem(f"{name} not empty", show(text), f"write the {name} or drop the row")
        _check_unicode(name, text)
    for gold in example.answers:
        if _is_blank(gold.text):
            mend = "give its text; for no answer leave both lists empty"
            raise Problem("an answer's text not empty", show(gold.text), mend)
        _check_unicode("the answer's text", gold.text)
        if not stands(example.context, gold.start, gold.text):
            raise misplaced(gold.text, gold.start, example.context)


def _check_unique(example: Example, number: int, row_of_id: dict[str, int]) -> None:
    first = row_of_id.setdefault(example.id, number)
    if first != number:
        mend = "give each question an id of its own"
        raise Problem("ids that are unique", f"the id of row {first} again", mend)


def _is_blank(text: str) -> bool:
    """Whether `text` holds only white space, control and format characters (zero-width, BOM)."""
    return all(c.isspace() or unicodedata.category(c) in ("Cc", "Cf") for c in text)


def _check_unicode(name: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        found = f"the lone surrogate {show(text[error.start])} at {error.start}"
        mend = "an emoji was cut in half: export the text again"
        raise Problem(f"{name} in valid Unicode", found, mend) from error


def _squad_json(examples: Iterable[Example]) -> dict[str, object]:
    articles = []
    for title, of_title in groupby(examples, key=lambda example: example.title):
        paragraphs = [
            {"context": context, "qas": [_qa(example) for example in of_context]}
            for context, of_context in groupby(of_title, key=lambda example: example.context)
        ]
        articles.append({"title": title, "paragraphs": paragraphs})
    return {"version": "v2.0", "data": articles}


def _qa(example: Example) -> dict[str, object]:
    return {
        "id": example.id,
        "question": example.question,
        "answers": _answers(example.answers),
        "is_impossible": not example.answerable,
    } | _plausible_answers(example)


def _answers(golds: Sequence[Gold]) -> list[dict[str, object]]:
    return [{"text": gold.text, "answer_start": gold.start} for gold in golds]


def _plausible_answers(example: Example) -> dict[str, object]:
    return {"plausible_answers": _answers(example.plausible)} if example.plausible else {}


def hub_row(example: Example) -> dict[str, object]:
    """An example as SQuAD data sets on the Hub hold it."""
    return {
        "id": example.id,
        "title": example.title,
        "context": example.context,
        "question": example.question,
        "answers": {
            "text": [gold.text for gold in example.answers],
            "answer_start": [gold.start for gold in example.answers],
        },
    } | _plausible_answers(example)


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
