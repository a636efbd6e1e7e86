"""Examples of extractive question answering: read, check, write.

Offsets are code points, end exclusive. Texts are taken as they are: a leading blank, a carriage
return, a BOM or a combining accent inside a context counts like any other code point.
"""

from __future__ import annotations

import gzip
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from qa_core.data.examples import BadRow, Example, Gold
from qa_core.data.golds import gold_texts, golds, missing, parts, plausible, truth
from qa_core.data.problems import Problem, misplaced, show
from qa_core.data.rows import Row, read_rows
from qa_core.errors import DataError
from qa_core.files import write_whole
from qa_core.text.offsets import stands

T = TypeVar("T")


class Ids(Protocol):
    """Remembers ids. A dictionary is one."""

    def setdefault(self, key: str, default: int, /) -> int:
        """The number that an id was first seen with, which is this one if it is new."""


def read(
    source: str | Path,
    *,
    split: str | None = None,
    on_bad: Literal["stop", "skip"] = "stop",
    progress: bool = True,
) -> tuple[list[Example], list[BadRow]]:
    """Read and check examples from a file or from the Hugging Face Hub.

    `source` is a file, or else `owner/name` or `owner/name:configuration` of a data set on the
    Hub. A file is SQuAD JSON v1.1 or v2, a JSON list of rows or of `{context, qas}`, JSON Lines of
    either (MRQA's among them), an export of Label Studio (JSON) or doccano (JSONL), CSV with
    commas, semicolons or tabs, Excel or Parquet; text may be gzipped, and in any usual encoding.
    Its content says which, whatever its name. Rows have `question`, `context`, optionally `id`,
    `title` and `is_impossible`, and the answers as `golds` takes them. A row without an id is given
    the file's name and its number. An unanswerable question may have `plausible_answers` as in
    SQuAD JSON; those that do not stand at their offsets, and anything else in a row, are left out.
    `answer_spans`, of the shapes of `answers`, are the several spans that together are the answer.

    Returns the examples in the source's order, and with `on_bad="skip"` the rows left out.
    Raises DataError at the first bad row with `on_bad="stop"`, and always if the source as a whole
    cannot be read or has no rows.
    """
    name = f"{source} [{split}]" if split else str(source)
    rows = read_rows(source, split=split, progress=progress)
    texts: dict[str, str] = {}  # a context shared by many rows is kept once
    stem = Path(source).name
    good, bad = _apart(
        _checked(name, rows, lambda fields, n: _example(fields, f"{stem}:{n}", texts), {}), on_bad
    )
    return [example for example, _ in good], bad


def read_questions(
    source: str | Path,
    *,
    split: str | None = None,
    on_bad: Literal["stop", "skip"] = "stop",
    progress: bool = True,
    most: int | None = None,
) -> tuple[list[Example], dict[str, tuple[str, ...]], list[BadRow]]:
    """Questions to be answered, from anything that `read` takes, with or without answers.

    A row without an id is given its number. Returns the examples, their answers left out; the
    texts to score an answer by, by id, where the source has any (empty if the text does not say);
    and with `on_bad="skip"` the bad rows. Raises DataError as `read` does, and at row `most` + 1,
    good or bad.
    """
    rows = stream_questions(source, split=split, ids={}, texts={}, progress=progress, most=most)
    good, bad = _apart(rows, on_bad)
    golds = {example.id: found for example, found in good if found is not None}
    return [example for example, _ in good], golds if any(golds.values()) else {}, bad


def stream_questions(
    source: str | Path,
    *,
    split: str | None = None,
    name: str = "",
    stem: str = "",
    ids: Ids | None = None,
    texts: dict[str, str] | None = None,
    progress: bool = True,
    most: int | None = None,
) -> Iterator[tuple[Example, tuple[str, ...] | None] | BadRow]:
    """The questions of `read_questions` one by one, each with the texts to score its answer by.

    These are None where the row is silent, and empty if it says that the text does not answer.
    name: what the source is called in bad rows. stem: goes before the number of a row without an
    id. ids: those seen so far, None to let ids come twice. texts: the strings seen so far, of which
    each is kept once. Raises DataError where the source as a whole cannot be read.
    """
    rows = _checked(
        name or str(source),
        read_rows(source, split=split, progress=progress, labelled=False),
        lambda fields, number: _question(fields, f"{stem}{number}", {} if texts is None else texts),
        ids,
        most,
    )
    for one in rows:
        if isinstance(one, BadRow):
            yield one
        else:
            example, fields = one
            found = gold_texts(fields, example.context) if isinstance(fields, Mapping) else None
            yield example, found


def _checked(
    name: str,
    rows: Iterable[Row],
    take: Callable[[object, int], Example],
    ids: Ids | None,
    most: int | None = None,
) -> Iterator[tuple[Example, object] | BadRow]:
    """The valid examples that `take` makes of rows, each with its row, and the bad rows."""
    count = 0
    for count, (number, fields) in enumerate(rows, 1):
        if count - 1 == most:
            raise DataError(
                f"{name}: expected at most {most:,} rows; found more; to mend it: split it"
            )
        try:
            example = take(fields, number)
            _check(example)
            if ids is not None:
                _check_unique(example, number, ids)
        except Problem as problem:
            yield BadRow(name, number, _id(fields), problem.expected, problem.found, problem.mend)
        else:
            yield example, fields
    if not count:
        raise DataError(f"{name}: expected examples; found no rows; to mend it: export it again")


def _apart(
    found: Iterable[T | BadRow], on_bad: Literal["stop", "skip"]
) -> tuple[list[T], list[BadRow]]:
    """The good and the bad rows. Raises DataError at the first bad one unless they are skipped."""
    good: list[T] = []
    bad: list[BadRow] = []
    for one in found:
        if not isinstance(one, BadRow):
            good.append(one)
        elif on_bad == "skip":
            bad.append(one)
        else:
            raise DataError(str(one))
    return good, bad


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
            text = dumps(squad_json(examples))
        case "jsonl":
            text = "".join(dumps(hub_row(example)) + "\n" for example in examples)
        case _:
            raise DataError(
                f"{path}: expected a name that ends in .json, .jsonl, .json.gz or .jsonl.gz; "
                f"found {show(path.suffix)}; to mend it: rename it"
            )
    write_text(text, path)


def write_text(text: str, path: Path) -> None:
    """Write a file whole, gzipped if its name ends in .gz. Raises DataError if it cannot be."""
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


def _question(fields: object, own_id: str, texts: dict[str, str]) -> Example:
    """The question in a row, its types checked; `texts` holds the strings seen so far.

    own_id: what a row without an id is called.
    """
    if isinstance(fields, Problem):
        raise fields
    if not isinstance(fields, Mapping):
        raise Problem("a row with named fields", show(fields), 'write {"question": ..., ...}')
    title = "" if missing(fields.get("title")) else _string(fields, "title")
    context = _string(fields, "context")
    return Example(
        id=_id(fields) or own_id,
        question=_string(fields, "question"),
        context=texts.setdefault(context, context),
        title=texts.setdefault(title, title),
    )


def _example(fields: object, own_id: str, texts: dict[str, str]) -> Example:
    """The example in a row, its types checked."""
    example = _question(fields, own_id, texts)
    if not isinstance(fields, Mapping):
        return example
    impossible = truth(fields.get("is_impossible"))
    context = example.context
    example = replace(example, answers=golds(fields, context), parts=parts(fields, context))
    if not example.answers:
        found = plausible(fields.get("plausible_answers"), example.context)
        example = replace(example, plausible=found)
    if impossible is not None and impossible == example.answerable:
        raise Problem(
            "no answers if and only if is_impossible",
            f"is_impossible {str(impossible).lower()} with {len(example.answers)} answers",
            "correct is_impossible or the answers",
        )
    return example


def _id(fields: object) -> str:
    """The id of a row as text, "" if it has none; whole numbers as pandas writes them, too."""
    if not isinstance(fields, Mapping):
        return ""
    value = next((v for name in ("id", "qid") if not missing(v := fields.get(name))), None)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _string(fields: Mapping[Any, Any], name: str) -> str:
    value = fields.get(name)
    if isinstance(value, str):
        return value
    if missing(value):
        raise Problem(f"{name} as a string", "none", "add it")
    raise Problem(
        f"{name} as a string", f"{show(value)} ({type(value).__name__})", "write it as a string"
    )


def _check(example: Example) -> None:
    """Raise Problem unless the example's values make sense."""
    for name in ("id", "question", "context", "title"):
        text = getattr(example, name)
        if name != "title" and _is_blank(text):
            raise Problem(f"{name} not empty", show(text), f"write the {name} or drop the row")
        _check_unicode(name, text)
    for gold in (*example.answers, *example.parts):
        if _is_blank(gold.text):
            mend = "give its text; for no answer leave both lists empty"
            raise Problem("an answer's text not empty", show(gold.text), mend)
        _check_unicode("the answer's text", gold.text)
        if not stands(example.context, gold.start, gold.text):
            raise misplaced(gold.text, gold.start, example.context)
    for gold, after in pairwise(example.parts):
        if after.start < gold.end:
            found = f"{show(gold.text)} at {gold.start}, {show(after.text)} at {after.start}"
            raise Problem("answer_spans apart from each other", found, "leave one of them out")
    if example.parts and not example.answers:
        mend = "add what one span can say to answers: SQuAD's readers and scorers take that"
        raise Problem("answers beside answer_spans", "none", mend)


def _check_unique(example: Example, number: int, ids: Ids) -> None:
    first = ids.setdefault(example.id, number)
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


def squad_json(
    examples: Iterable[Example], more: Mapping[str, Mapping[str, object]] | None = None
) -> dict[str, object]:
    """Examples in the layout of SQuAD v2; `more`: what else to say of questions, by their ids."""
    articles = []
    for title, of_title in groupby(examples, key=lambda example: example.title):
        paragraphs = [
            {"context": context, "qas": [_qa(one, more or {}) for one in of_context]}
            for context, of_context in groupby(of_title, key=lambda example: example.context)
        ]
        articles.append({"title": title, "paragraphs": paragraphs})
    return {"version": "v2.0", "data": articles}


def _qa(example: Example, more: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    return {
        "id": example.id,
        "question": example.question,
        "answers": _answers(example.answers),
        "is_impossible": not example.answerable,
        **_plausible_answers(example),
        **({"answer_spans": _answers(example.parts)} if example.parts else {}),
        **more.get(example.id, {}),
    }


def _answers(golds: Sequence[Gold]) -> list[dict[str, object]]:
    return [{"text": gold.text, "answer_start": gold.start} for gold in golds]


def _plausible_answers(example: Example) -> dict[str, object]:
    return {"plausible_answers": _answers(example.plausible)} if example.plausible else {}


def hub_row(example: Example) -> dict[str, object]:
    """An example as SQuAD data sets on the Hub hold it."""
    spans = {"answer_spans": columns(example.parts)} if example.parts else {}
    return {
        "id": example.id,
        "title": example.title,
        "context": example.context,
        "question": example.question,
        "answers": columns(example.answers),
        **spans,
        **_plausible_answers(example),
    }


def columns(golds: Sequence[Gold]) -> dict[str, list[object]]:
    """Answers as data sets on the Hub hold them."""
    return {
        "text": [gold.text for gold in golds],
        "answer_start": [gold.start for gold in golds],
    }


def dumps(value: object) -> str:
    """A value as JSON on one line, as data sets are written."""
    return json.dumps(value, ensure_ascii=False)
