"""Many questions from a file to a file, going on where an interrupted run stopped."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from tqdm.auto import tqdm

from qa_core.errors import DataError, InputError
from qa_core.inference.answer import Answer, Answers
from qa_core.text.checks import check_text

CHUNK = 64


def record(id_: str, answer: Answer) -> dict[str, Any]:
    """One line of output: strict JSON, scores in logits, confidences as probabilities."""
    return {
        "id": id_,
        "text": answer.text,
        "start": answer.start,
        "end": answer.end,
        "score": _finite(answer.score),
        "confidence": answer.confidence,
        "null_score": answer.null_score,
        "answerable": answer.answerable,
        "alternatives": [asdict(span) for span in answer.alternatives],
        "warnings": list(answer.warnings),
        "model": answer.model,
    }


def _finite(score: float) -> float | None:
    return score if score > float("-inf") else None


def predict(
    reader: Answers,
    source: Path,
    target: Path,
    *,
    resume: bool = False,
    on_bad: Literal["stop", "skip"] = "stop",
    top_k: int = 3,
    progress: bool = True,
) -> tuple[int, list[str]]:
    """Answer JSON Lines of ``id``, ``question``, ``context`` into JSON Lines of `record`.

    Lines are written in order, a chunk at a time, and are on disk before the next chunk begins.
    With ``resume`` the lines that ``target`` holds are kept, a half-written last one is dropped,
    and their ids are not asked again. Returns how many lines were written now and what was wrong
    with the rows left out. Raises DataError on the first bad row unless ``on_bad`` is ``skip``,
    and where ``target`` exists without ``resume``.
    """
    if target.exists() and not resume:
        raise DataError(
            f"expected a new output file, found {target}; add --resume to go on with it, "
            "or choose another"
        )
    if not source.is_file():
        raise DataError(f"expected a JSON Lines file, found no file {source}; check the path")
    done = _finished(target) if target.exists() else set()
    bad: list[str] = []
    written = 0
    with source.open("rb") as lines:
        total = sum(1 for line in lines if line.strip())
    with target.open("ab") as out, tqdm(total=total, unit=" rows", disable=not progress) as bar:
        rows = _rows(source, done, bad, on_bad, bar)
        while chunk := list(itertools.islice(rows, CHUNK)):
            answers = reader.answer_batch([(q, c) for _, q, c in chunk], top_k=top_k)
            for (id_, _, _), answer in zip(chunk, answers, strict=True):
                line = json.dumps(record(id_, answer), ensure_ascii=False)
                out.write(line.encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())
            written += len(chunk)
            bar.update(len(chunk))
    return written, bad


def _finished(target: Path) -> set[str]:
    """Ids of the whole lines in ``target``, which is cut after the last of them."""
    done: set[str] = set()
    with target.open("rb+") as file:
        end = 0
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                break
            try:
                done.add(json.loads(line)["id"])
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(
                    f"{target}, line {number}: expected a line that predict wrote, found "
                    f"{line[:60]!r}; choose another output"
                ) from error
            end += len(line)
        file.truncate(end)
    return done


def _rows(
    source: Path,
    done: set[str],
    bad: list[str],
    on_bad: Literal["stop", "skip"],
    bar: tqdm[Any],
) -> Iterator[tuple[str, str, str]]:
    seen: set[str] = set()
    with source.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = _parse(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
                if row[0] in seen:
                    raise InputError(f"id: expected one of its own, found {row[0]!r} again")
            except InputError as error:
                message = f"{source}, line {number}: {error}"
                if on_bad == "stop":
                    raise DataError(f"{message}; mend it, or add --on-bad skip") from error
                bad.append(message)
                bar.update()
                continue
            seen.add(row[0])
            if row[0] in done:
                bar.update()
                continue
            yield row


def _parse(line: bytes) -> tuple[str, str, str]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InputError(f"expected a JSON object, found {line[:60]!r}") from error
    if not isinstance(row, dict):
        raise InputError(f"expected a JSON object, found {type(row).__name__}")
    for name in ("id", "question", "context"):
        if name not in row:
            raise InputError(f"expected the key {name!r}, found {', '.join(map(repr, row))}")
        check_text(row[name], name)
    return row["id"], row["question"], row["context"]
