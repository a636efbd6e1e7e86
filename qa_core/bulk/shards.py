"""Many questions in shards: which are in which, and how each is answered and written once.

A shard's name says its file and its place there, so that whoever reads the file again finds the
same shards. In the folder of a run are the answers of each (``part-00000-000003.jsonl``), its bad
rows (``_bad/``) and, once both are there, what it came to (``_done/``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Literal

from qa_core.bulk.output import to_json_lines
from qa_core.bulk.places import Folder, brought_here, state_of
from qa_core.bulk.predict import CHUNK, answered, written
from qa_core.bulk.scoring import totals
from qa_core.data.examples import BadRow, Example
from qa_core.data.squad import stream_questions
from qa_core.errors import DataError
from qa_core.inference.answer import Answers

ROWS = 16 * CHUNK  # whole chunks, so that questions are answered together as from one file
CHARACTERS = 4_000_000  # of texts, after which a shard ends with the next whole chunk
DONE, BAD, RUN = "_done", "_bad", "_run.json"


@dataclass(frozen=True, slots=True)
class BulkJob:
    """What is asked, and where the answers go.

    files: URLs. target: the folder of the run. suffix: of its files, one of `WRITERS`. rows: good
    rows of a shard, at most, and bad ones.
    """

    files: tuple[str, ...]
    target: str
    suffix: str
    top_k: int = 3
    on_bad: Literal["stop", "skip"] = "stop"
    rows: int = ROWS


@dataclass(slots=True)
class Shard:
    """Rows that follow each other in a file. golds: as `read_questions` gives them."""

    name: str
    questions: list[Example] = field(default_factory=list)
    golds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)

    def packed(self) -> bytes:
        """The shard as JSON, to be sent to another process."""
        questions = [(one.id, one.question, one.context, one.title) for one in self.questions]
        bad = [asdict(row) for row in self.bad]
        return json.dumps([self.name, questions, self.golds, bad]).encode()

    @classmethod
    def unpacked(cls, data: bytes) -> Shard:
        """What `packed` packed."""
        name, questions, golds, bad = json.loads(data)
        return cls(
            name,
            [Example(id_, asked, context, title=title) for id_, asked, context, title in questions],
            {id_: tuple(texts) for id_, texts in golds.items()},
            [BadRow(**row) for row in bad],
        )


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a shard: answers written, bad rows set aside, scores (0 to 100).

    again: it was on disk before.
    """

    written: int
    bad: int
    scores: dict[str, float] | None
    again: bool = False


class _Ids:
    """Ids that were seen, on disk where they are many."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("")
        self._db.execute("CREATE TABLE ids (id TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID")

    def setdefault(self, key: str, default: int, /) -> int:
        if self._db.execute("INSERT OR IGNORE INTO ids VALUES (?, ?)", (key, default)).rowcount:
            return default
        found = self._db.execute("SELECT number FROM ids WHERE id = ?", [key])
        return int(found.fetchone()[0])

    def close(self) -> None:
        self._db.close()


def shards_of(job: BulkJob, number: int) -> Iterator[Shard]:
    """The shards of one of the files, which is read in a stream; those that are done come empty.

    Ids are compared within the file. Where there are several files, a row without an id is called
    by the file and its number. Raises DataError if the file cannot be read, and at the first bad
    row unless these are skipped.
    """
    url = job.files[number]
    done = Folder(job.target).names(DONE)
    names = (f"part-{number:05}-{place:06}" for place in count())
    texts: dict[str, str] = {}
    judged: bool | None = None  # whether the file holds right answers
    with brought_here(url) as path, closing(_Ids()) as ids:
        shard, characters = Shard(next(names)), 0
        for one in stream_questions(
            path, name=url, stem=stem_of(job.files, number), ids=ids, texts=texts, progress=False
        ):
            if not isinstance(one, BadRow):
                example, golds = one
                if golds is not None and judged is None:
                    judged = bool(golds) or _has_golds(path)
                if golds is not None and judged:
                    shard.golds[example.id] = golds
                shard.questions.append(example)
                characters += len(example.context)
            elif job.on_bad == "stop":
                raise DataError(str(one))
            else:
                shard.bad.append(one)
            long = characters >= CHARACTERS and len(shard.questions) % CHUNK == 0
            if long or max(len(shard.questions), len(shard.bad)) >= job.rows:
                yield Shard(shard.name) if f"{shard.name}.json" in done else shard
                shard, characters = Shard(next(names)), 0
                texts.clear()
        if shard.questions or shard.bad:
            yield Shard(shard.name) if f"{shard.name}.json" in done else shard


def stem_of(files: Sequence[str], number: int) -> str:
    """What goes before the number of a row without an id: the file's name, if there are several."""
    return f"{files[number].rpartition('/')[2]}:" if len(files) > 1 else ""


def _has_golds(path: Path) -> bool:
    """Whether a file holds right answers, and not just empty places for them."""
    rows = stream_questions(path, progress=False)
    return any(one[1] for one in rows if not isinstance(one, BadRow))


def finish(job: BulkJob, shard: Shard, reader: Answers) -> Done:
    """Answer a shard and write it; one that is on disk stays as it is.

    Whoever is stopped in between leaves files that the next one replaces by equal ones.
    """
    folder = Folder(job.target)
    if (told := folder.read(f"{DONE}/{shard.name}.json")) is not None:
        return Done(**{**json.loads(told), "again": True})
    rows = [
        row for chunk in answered(reader, shard.questions, shard.golds, job.top_k) for row in chunk
    ]
    scores = totals([(row["id"], row["text"]) for row in rows], shard.golds)
    done = Done(len(rows), len(shard.bad), scores)
    if rows:
        folder.write(f"{shard.name}{job.suffix}", written(rows, shard.questions, job.suffix))
    if shard.bad:
        lines = to_json_lines([asdict(row) for row in shard.bad])
        folder.write(f"{BAD}/{shard.name}.jsonl", lines.encode("utf-8", "backslashreplace"))
    folder.write(f"{DONE}/{shard.name}.json", json.dumps(asdict(done)).encode())
    return done


def begin(job: BulkJob, reader: Mapping[str, object], *, resume: bool) -> None:
    """Make the folder of a run, or go on with it: with the same files, reader and shards only.

    reader: what says which reader answers. Raises DataError where there is a folder already and it
    is not to be gone on with, or was begun otherwise.
    """
    folder = Folder(job.target)
    asked = {
        "files": [[url, state_of(url)] for url in job.files],
        "suffix": job.suffix,
        "top_k": job.top_k,
        "rows": job.rows,
        **reader,
    }
    told = folder.read(RUN)
    if told is None and folder.names():
        raise DataError(
            f"expected a new folder, or one that predict made, found {job.target}; choose another"
        )
    if told is None:
        folder.write(RUN, json.dumps(asked).encode())
        return
    if not resume:
        raise DataError(
            f"expected a new output, found {job.target}; add --resume to go on with it, or choose "
            "another"
        )
    before = json.loads(told)
    if other := [name for name, value in asked.items() if before.get(name) != value]:
        raise DataError(
            f"{job.target}: expected the {', '.join(other)} that it was begun with, found others; "
            "choose another output"
        )
