"""Many questions from a file to a file, going on where an interrupted run stopped."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tqdm.auto import tqdm

from qa_core.bulk.output import WRITERS, Record, record, to_json_lines
from qa_core.bulk.scoring import Golds, scored, totals
from qa_core.data.examples import BadRow, Example
from qa_core.data.squad import read_questions
from qa_core.errors import DataError
from qa_core.files import write_whole
from qa_core.inference.answer import Answers

CHUNK = 64
PARTIAL = ".partial.jsonl"  # beside an output that is written at the end, what is answered so far


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a run did: answers written now, rows left out, and scores over all (0 to 100).

    scores: None where the input holds no right answers.
    """

    written: int
    bad: list[BadRow]
    scores: dict[str, float] | None


def predict(
    reader: Answers,
    source: Path,
    target: Path,
    *,
    resume: bool = False,
    on_bad: Literal["stop", "skip"] = "stop",
    top_k: int = 3,
    progress: bool = True,
) -> Predicted:
    """Answer the questions of a file into a file: JSON Lines of `record`, CSV, Parquet or SQuAD.

    source: anything that `read_questions` takes. target: its suffix says what is written. Where the
    source holds right answers, each row is scored. Answers are written in order, a chunk at a time,
    and are on disk before the next chunk begins: in ``target`` if that is JSON Lines, else beside
    it until all are there. With ``resume`` those that are there are kept, a half-written last one
    is dropped, and their ids are not asked again. Raises DataError on the first bad row unless
    ``on_bad`` is ``skip``, and where ``target`` exists without ``resume``; and OSError.
    """
    suffix = suffix_of(target)
    kept = target if suffix == ".jsonl" else target.with_name(target.name + PARTIAL)
    if found := next((one for one in (target, kept) if one.exists() and not resume), None):
        raise DataError(
            f"expected a new output file, found {found}; add --resume to go on with it, "
            "or choose another"
        )
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target))
    questions, golds, bad = read_questions(source, on_bad=on_bad, progress=progress)
    if kept != target and target.exists():
        return Predicted(0, bad, None)  # a whole file: there is nothing to go on with
    done = _finished(kept) if kept.exists() else {}
    left = [one for one in questions if one.id not in done]
    with (
        kept.open("ab") as out,
        tqdm(total=len(questions), unit=" rows", disable=not progress) as bar,
    ):
        bar.update(len(questions) - len(left))
        for rows in answered(reader, left, golds, top_k):
            done |= {row["id"]: row for row in rows}
            out.write(to_json_lines(rows).encode())
            out.flush()
            os.fsync(out.fileno())
            bar.update(len(rows))
    rows = [done[one.id] for one in questions]
    if kept != target:
        write_whole(target, written(rows, questions, suffix))
        kept.unlink()
    return Predicted(len(left), bad, totals([(row["id"], row["text"]) for row in rows], golds))


def suffix_of(target: str | Path) -> str:
    """How the name of an output ends. Raises DataError unless there is a writer for it."""
    suffix = Path(target).suffix.lower()
    if suffix not in WRITERS:
        raise DataError(
            f"{target}: expected a name that ends in {', '.join(WRITERS)}, "
            f"found {suffix or 'no suffix'}; choose one of these"
        )
    return suffix


def answered(
    reader: Answers, questions: Sequence[Example], golds: Golds, top_k: int
) -> Iterator[list[dict[str, Any]]]:
    """The rows of output of the questions, `CHUNK` at a time, in order."""
    for begin in range(0, len(questions), CHUNK):
        chunk = questions[begin : begin + CHUNK]
        answers = reader.answer_batch([one.pair for one in chunk], top_k=top_k)
        yield [
            record(one.id, one.question, answer) | scored(one.id, answer.text, golds)
            for one, answer in zip(chunk, answers, strict=True)
        ]


def written(rows: Sequence[Record], questions: Sequence[Example], suffix: str) -> bytes:
    """A file of `WRITERS`: the rows of output, and their questions in all but JSON Lines."""
    if suffix != ".jsonl":
        asked = zip(rows, questions, strict=True)
        rows = [{**row, "question": one.question} for row, one in asked]
    return WRITERS[suffix](rows, questions)


def _finished(kept: Path) -> dict[str, dict[str, Any]]:
    """The whole lines in a file by their ids; the file is cut after the last of them."""
    done: dict[str, dict[str, Any]] = {}
    with kept.open("rb+") as file:
        end = 0
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                break
            try:
                row = json.loads(line)
                done[row["id"]] = {"items": [], **row, "text": row["text"]}
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(
                    f"{kept}, line {number}: expected a line that predict wrote, found "
                    f"{line[:60]!r}; choose another output"
                ) from error
            end += len(line)
        file.truncate(end)
    return done
