"""Rows of JSON: SQuAD's layout, lists of rows or of paragraphs, and JSON Lines of any of them.

Tasks and documents of labelling tools among them, as `labelling` takes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from qa_core.data import labelling
from qa_core.data.problems import Problem, show
from qa_core.data.progress import rows_bar
from qa_core.data.texts import damage, lines

LOOKED_AT = 20  # lines after a broken first one that may tell JSON Lines from broken JSON
_MEND = "use the layout of SQuAD, or give each row a question and a context"
_LINE = "write one JSON object per line, in UTF-8"


def parse(text: str) -> Any:
    """The JSON value in `text`; raises ValueError also when it is nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def rows(path: Path, encoding: str, progress: bool) -> Iterator[tuple[int, object]]:
    """Numbers and fields of the rows; a row that cannot be taken apart is a Problem.

    The number is that of the line in JSON Lines, else of the row. Raises Problem if the file as a
    whole is no JSON or has another layout.
    """
    numbered = enumerate(lines(path, encoding, progress, newline="\n"), 1)
    some = (one for one in numbered if one[1].strip())
    number, line = next(some)
    value, broken = _value(line)
    if broken:
        text = line + "".join(one for _, one in numbered)
        value, broken = _value(text)
        if broken and not _are_lines(text):
            raise broken
        if broken:
            yield from _line_rows(enumerate(text.split("\n"), number))
            return
    elif following := next(some, None):
        is_header = isinstance(value, dict) and value.keys() == {"header"}  # MRQA's first line
        begin = [following] if is_header else [(number, line), following]
        yield from _line_rows(chain(begin, some))
        return
    yield from enumerate(rows_bar(_unfolded(value), path.name, progress), 1)


def _value(text: str) -> tuple[Any, Problem | None]:
    """The JSON value in a text, or what is wrong with it."""
    if problem := damage(text):
        return None, problem
    try:
        return parse(text.lstrip("\ufeff")), None
    except ValueError as error:
        return None, Problem("JSON", f"none: {error}", "fetch or export the file again")


def _are_lines(text: str) -> bool:
    """Whether one of the lines after a broken first one is an object."""
    for line in text.split("\n", LOOKED_AT)[1:LOOKED_AT]:
        try:
            if isinstance(parse(line), dict):
                return True
        except ValueError:
            continue
    return False


def _line_rows(numbered: Iterable[tuple[int, str]]) -> Iterator[tuple[int, object]]:
    for number, line in numbered:
        if not line.strip():
            continue
        value, broken = _value(line)
        if broken:
            yield number, Problem("a JSON object on this line", broken.found, _LINE)
        elif isinstance(value, dict) and ("paragraphs" in value or "qas" in value):
            for fields in _folded(value, "the line"):
                yield number, fields
        else:
            yield number, (labelling.row(value) or value) if isinstance(value, dict) else value


def _unfolded(value: Any) -> Iterator[object]:
    """The rows of a whole file. Raises Problem if it has none of the layouts."""
    if isinstance(value, dict):
        if isinstance(value.get("data"), list):
            for number, item in enumerate(value["data"]):
                yield from _folded(item, f"data[{number}]")
            return
        if columns := [k for k in ("question", "context") if isinstance(value.get(k), dict | list)]:
            yield from _columns(value, columns[0])
            return
        known = ("paragraphs", "qas", "question", "context")
        if not value.keys().isdisjoint(known) or labelling.row(value):
            yield from _folded(value, "the file")
            return
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _folded(item, f"[{number}]")
        return
    raise Problem('SQuAD JSON, {"data": [...]}, or a list of rows', show(value), _MEND)


def _folded(item: object, place: str) -> Iterator[object]:
    """The rows of an article, of a paragraph, or of one row."""
    if not isinstance(item, dict):
        yield Problem(f'{place} with a list "paragraphs"', show(item), _MEND)
    elif isinstance(item.get("paragraphs"), list):
        for number, paragraph in enumerate(item["paragraphs"]):
            yield from _paragraph(paragraph, item.get("title"), f"{place}.paragraphs[{number}]")
    elif "qas" in item:
        yield from _paragraph(item, item.get("title"), place)
    elif of_tool := labelling.row(item):
        yield of_tool
    elif "question" in item or "context" in item:
        yield item
    else:
        yield Problem(f'{place} with a list "paragraphs"', show(item), _MEND)


def _paragraph(paragraph: object, title: object, place: str) -> Iterator[object]:
    questions = paragraph.get("qas") if isinstance(paragraph, dict) else None
    if not isinstance(paragraph, dict) or not isinstance(questions, list):
        yield Problem(f'{place} with a list "qas"', show(paragraph), _MEND)
        return
    shared = {"context": paragraph.get("context"), "title": title}
    for question in questions:
        yield {**question, **shared} if isinstance(question, dict) else question


def _columns(value: dict[str, Any], known: str) -> Iterator[object]:
    """Rows of a table that was written by its columns, as pandas' `to_json` does."""
    of = {
        name: column if isinstance(column, dict) else dict(enumerate(column))
        for name, column in value.items()
        if isinstance(column, dict | list)
    }
    for key in of[known]:
        yield {name: column.get(key) for name, column in of.items()}
