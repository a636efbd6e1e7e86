"""Jupyter notebooks to what Jupyter shows: texts, code, and what it gave."""

from __future__ import annotations

import json
import re
from typing import Any

from qa_core.errors import DataError
from qa_core.text.documents.blocks import Block
from qa_core.text.documents.decoding import decoded
from qa_core.text.documents.web import html_blocks, markdown

_COLOURS = re.compile(r"\x1b\[[\d;]*[A-Za-z]")


def notebook(data: bytes) -> tuple[list[Block], list[str]]:
    """A notebook's cells in their order, and notes."""
    source, note = decoded(data)
    try:
        held = json.loads(source)
    except ValueError as error:
        raise DataError("expected a notebook, found no JSON; save it again in Jupyter") from error
    sheets = _list(held, "worksheets")  # of old ones
    cells = [cell for sheet in sheets for cell in _list(sheet, "cells")] or _list(held, "cells")
    if not cells:
        raise DataError("expected a notebook, found no cells; save it again in Jupyter")
    blocks: list[Block] = []
    pictures = 0
    for cell in cells:
        text = _text(cell.get("source", cell.get("input")))
        if cell.get("cell_type") == "markdown":
            blocks += markdown(text.encode("utf-8", "replace"))[0]
        elif cell.get("cell_type") == "heading":
            blocks += filter(None, [text.strip()])
        else:
            blocks += _lines(text)
        for given in _list(cell, "outputs"):
            shown, is_picture = _given(given)
            blocks += shown
            pictures += is_picture
    notes = [note] if note else []
    if pictures:
        notes.append(f"pictures were left out, as their words are not read: {pictures}")
    return blocks, notes


def _given(output: dict[str, Any]) -> tuple[list[Block], bool]:
    """What a cell gave, in the richest form that is read; and whether it is a picture."""
    held = output.get("data")
    told: dict[str, Any] = held if isinstance(held, dict) else output
    if shown := html_blocks(_text(told.get("text/html", told.get("html")))):
        return shown, False
    if text := _text(told.get("text/markdown")):
        return markdown(text.encode("utf-8", "replace"))[0], False
    if any(key.startswith("image/") or key in ("png", "jpeg", "svg") for key in told):
        return [], True
    text = _text(told.get("text/plain", told.get("text")))
    if output.get("output_type") in ("error", "pyerr"):
        text = "\n".join(map(str, output.get("traceback") or [])) or (
            f"{output.get('ename', '')}: {output.get('evalue', '')}"
        )
    return _lines(_COLOURS.sub("", text)), False


def _list(held: Any, name: str) -> list[dict[str, Any]]:
    found = held.get(name) if isinstance(held, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(source: Any) -> str:
    """Text, which notebooks hold whole or in lines."""
    parts = source if isinstance(source, list) else [source]
    return "".join(one for one in parts if isinstance(one, str))


def _lines(text: str) -> list[Block]:
    return [line.rstrip() for line in text.split("\n") if line.strip()]
