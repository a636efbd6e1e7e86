"""What reviewers decided, as files of the formats that `import` and other programs read."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from annotation.review.records import Imported
from annotation.store.store import Store
from qa_core.bulk.output import cell, to_json_lines
from qa_core.data import labelling
from qa_core.data.examples import Example, Gold
from qa_core.data.squad import columns, dumps, hub_row, squad_json, write_text
from qa_core.errors import DataError

COLUMNS = ("id", "title", "question", "context", "answers", "best_answer", "notes")
SUFFIXES = {".json": "squad", ".jsonl": "jsonl", ".csv": "csv"}
Notes = Mapping[str, Mapping[str, object]]  # what else is written of an example, by its id


def decided(store: Store) -> tuple[list[Example], Notes]:
    """What reviewers decided, called as the files that it came from call it, and their notes.

    Raises DataError where nothing is decided.
    """
    examples = list(store.examples())
    if not examples:
        raise DataError(
            f"expected decided reviews in {store}, found none: review some predictions first"
        )
    origins = {one.prediction: one for one in reversed(store.imports())}
    called = {example.id: _names(example.id, origins.get(example.id)) for example in examples}
    uses = Counter(name for names in called.values() for name in names)
    said: dict[str, list[dict[str, str]]] = {}
    for kept, review in store.notes():
        said.setdefault(kept.id, []).append({"reviewer": review.reviewer, "note": review.note})
    found, notes = [], {}
    for example in examples:
        origin = origins.get(example.id)
        id_ = next(name for name in called[example.id] if uses[name] == 1)
        found.append(replace(example, id=id_, title=origin.title if origin else ""))
        if example.id in said:
            notes[id_] = {"notes": said[example.id]}
    return found, notes


def _names(id_: str, origin: Imported | None) -> list[str]:
    """What a question may be called in an export, the best first; the store's id is unique."""
    theirs = [origin.row, f"{origin.source}:{origin.row}"] if origin else []
    return [*dict.fromkeys([*theirs, id_])]


def write(examples: Sequence[Example], notes: Notes, path: Path, format: str = "") -> None:
    """Write examples to a file, gzipped if its name ends in .gz, or as a new folder of `datasets`.

    format: `squad`, `csv`, `jsonl`, `label-studio`, `doccano`, `datasets`, or "" for what the
    name's suffix says. Those of labelling tools hold the best answer alone. Raises DataError.
    """
    suffix = Path(path.name.removesuffix(".gz")).suffix
    chosen = format or SUFFIXES.get(suffix, "datasets")
    if chosen == "datasets":
        _save_dataset(examples, path)
    else:
        write_text(_WRITERS[chosen](examples, notes), path)


def _csv(examples: Sequence[Example], notes: Notes) -> str:
    """A table that no spreadsheet runs anything of; the answers are those in its cells."""
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    several = any(one.parts for one in examples)
    writer.writerow([*COLUMNS, *(["answer_spans"] if several else [])])
    for one in examples:
        context = cell(one.context)
        best = cell(one.answers[0].text) if one.answers else ""
        shown = (cell(one.id), cell(one.title), cell(one.question), context)
        told = cell(_told(notes.get(one.id, {})))
        answers, spans = (_in_cell(one.context, context, of) for of in (one.answers, one.parts))
        writer.writerow([*shown, answers, best, told, *([spans] if several else [])])
    return "\ufeff" + table.getvalue()


def _in_cell(context: str, guarded: str, golds: Sequence[Gold]) -> str:
    """Answers as they stand in the cell of their context."""
    spans = [
        (_moved(context, guarded, gold.start), _moved(context, guarded, gold.end - 1))
        for gold in golds
    ]
    return dumps(columns([Gold(guarded[start : last + 1], start) for start, last in spans]))


def _moved(text: str, guarded: str, position: int) -> int:
    """Where a character of a text is in its cell, which has apostrophes besides."""
    at = 0
    for character in text[: position + 1]:
        while guarded[at] != character:
            at += 1
        at += 1
    return at - 1


def _told(more: Mapping[str, Any]) -> str:
    """Notes in a line."""
    return "; ".join(f"{one['reviewer']}: {one['note']}" for one in more.get("notes", ()))


def _save_dataset(examples: Sequence[Example], folder: Path) -> None:
    """Write examples as `datasets.load_from_disk` reads them; a folder that is there stays."""
    from datasets import Dataset
    from datasets.utils.logging import disable_progress_bar

    if folder.exists():
        raise DataError(f"expected a new folder, found {folder}: choose another name")
    disable_progress_bar()
    none = {"answer_spans": columns([])} if any(one.parts for one in examples) else {}
    with TemporaryDirectory(dir=folder.resolve().parent) as scratch:
        Dataset.from_list([none | hub_row(one) for one in examples]).save_to_disk(scratch)
        Path(scratch).rename(folder)
        Path(scratch).mkdir()


_Row = Callable[[Example, Mapping[str, object]], Mapping[str, Any]]


def _rows(row: _Row, examples: Sequence[Example], notes: Notes) -> list[Mapping[str, Any]]:
    return [row(one, notes.get(one.id, {})) for one in examples]


_WRITERS: dict[str, Callable[[Sequence[Example], Notes], str]] = {
    "squad": lambda examples, notes: dumps(squad_json(examples, notes)),
    "csv": _csv,
    "jsonl": lambda examples, notes: to_json_lines(
        _rows(lambda one, more: {**hub_row(one), **more}, examples, notes)
    ),
    "label-studio": lambda examples, notes: dumps(_rows(labelling.label_studio, examples, notes)),
    "doccano": lambda examples, notes: to_json_lines(_rows(labelling.doccano, examples, notes)),
}
