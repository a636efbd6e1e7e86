"""JSON to lines that say what each value is of."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from qa_core.text.documents.blocks import Block, Table
from qa_core.text.documents.decoding import decoded

DEEPEST = 500  # values in each other; the parser's own calls would take the stack
RAGGED = 4  # cells of a table for each value in it; one of more is none


class _Object(list[tuple[str, Any]]):
    """An object's names and values, all of them, though a name may come twice."""


def records(data: bytes) -> tuple[list[Block], list[str]]:
    """The values of JSON, or of its lines, each after its name; and notes."""
    source, note = decoded(data)
    notes = [note] if note else []
    deepest = sys.getrecursionlimit()
    sys.setrecursionlimit(DEEPEST)
    try:
        held = _parsed(source)
    finally:
        sys.setrecursionlimit(deepest)
    if held is None:
        notes.append("read as plain text, as it is no sound JSON")
        return [line for line in source.split("\n") if line.strip()], notes
    return list(_told(held, ())), notes


def _parsed(source: str) -> Any:
    """The value of JSON, or a list of those of its lines; None where it is neither.

    Numbers are kept as they are written.
    """
    decoder = json.JSONDecoder(
        object_pairs_hook=_Object, parse_float=str, parse_int=str, parse_constant=str, strict=False
    )
    try:
        return decoder.decode(source)
    except ValueError:
        pass
    try:
        return [decoder.decode(line) for line in source.split("\n") if line.strip()]
    except ValueError:
        return None


def _told(value: Any, names: tuple[str, ...]) -> Iterator[Block]:
    """A value's lines. names: its own, after that of what it stands in."""
    before = ", ".join(filter(None, names))
    if _is_plain(value):
        said = _said(value)
        if said:
            yield f"{before}: {said}" if before else said
    elif isinstance(value, _Object):
        for name, inner in value:
            yield from _told(inner, (*names[-1:], name))
    elif columns := _columns(value):
        yield from filter(None, [before])
        yield Table([columns, *(_row(one, columns) for one in value)], 1)
    else:
        for one in value:
            yield from _told(one, names)


def _columns(values: list[Any]) -> list[str]:
    """The names of all values in records of the same kind; none where they are no such."""
    if len(values) < 2 or not all(map(_is_record, values)):
        return []
    columns = list(dict.fromkeys(name for one in values for name, _ in one))
    is_even = len(columns) * len(values) <= RAGGED * sum(map(len, values))
    return columns if is_even else []


def _is_record(value: Any) -> bool:
    """Whether a value is an object of plain values, each of a name of its own."""
    is_object = isinstance(value, _Object) and all(_is_plain(inner) for _, inner in value)
    return is_object and len(dict(value)) == len(value)


def _row(record: _Object, columns: list[str]) -> list[str]:
    held = dict(record)
    return [_said(held.get(name)) for name in columns]


def _is_plain(value: Any) -> bool:
    """Whether a value is no object, and no list of lists or objects."""
    if isinstance(value, _Object):
        return not value
    return not isinstance(value, list) or not any(isinstance(one, list) for one in value)


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_said, value)))
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value).strip()
