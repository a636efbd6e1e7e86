"""Many questions on many machines: Ray Data streams shards to actors, each with a reader."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import Any, Literal

import pyarrow
import ray
import ray.data
from ray.data import ActorPoolStrategy, DataContext, TaskPoolStrategy
from ray.data.block import BlockMetadata
from ray.data.datasource import Datasource, ReadTask
from ray.exceptions import RayError
from tqdm.auto import tqdm

from qa_core.bulk.places import Folder, files_of
from qa_core.bulk.predict import suffix_of
from qa_core.bulk.scoring import combined
from qa_core.bulk.shards import BAD, ROWS, BulkJob, Done, Shard, begin, finish, shards_of
from qa_core.child import hand_down
from qa_core.errors import InputError, ModelError, SpanLoopError, one_line
from qa_core.inference.reader import Reader

READERS_A_FILE = 8  # so many actors have enough to do while one file is read


@dataclass(frozen=True, slots=True)
class Sharded:
    """What a run came to, over all its shards.

    written: answers written now; kept: those that an earlier run had written. bad: rows set aside,
    in the folder bad_rows. scores: from 0 to 100, None where the files hold no right answers.
    """

    written: int
    kept: int
    bad: int
    bad_rows: str
    scores: dict[str, float] | None


class Questions(Datasource):
    """The shards of a job's files as rows of one column; each file is read by one task."""

    def __init__(self, job: BulkJob) -> None:
        super().__init__()
        self.job = job

    def estimate_inmemory_data_size(self) -> int | None:
        return None

    def get_read_tasks(
        self, parallelism: int, per_task_row_limit: int | None = None, data_context: Any = None
    ) -> list[ReadTask]:
        unknown = BlockMetadata(None, None, None, None)
        files = range(len(self.job.files))
        return [ReadTask(partial(_blocks, self.job, number), unknown) for number in files]


def _blocks(job: BulkJob, number: int) -> Iterator[pyarrow.Table]:
    """A block of one row a shard, so that Ray neither cuts shards nor joins them."""
    for shard in shards_of(job, number):
        yield pyarrow.table({"shard": pyarrow.array([shard.packed()], pyarrow.binary())})


class Answering:
    """An actor: one reader, which answers a shard and has it on disk before it takes the next."""

    def __init__(self, job: BulkJob, model: str, options: dict[str, Any]) -> None:
        self.job, self.model, self.options = job, model, options

    @cached_property
    def reader(self) -> Reader:
        """Loaded with the first shard: what fails then reaches the user as it is."""
        reader = Reader.load(**self.options)
        if reader.model != self.model:
            raise ModelError(
                f"expected the reader {self.model} on every machine, found {reader.model} on one; "
                "name a --model that all can read"
            )
        return reader

    def __call__(self, batch: pyarrow.Table) -> dict[str, list[str]]:
        shards = [Shard.unpacked(one.as_py()) for one in batch["shard"]]
        return {"done": [json.dumps(asdict(finish(self.job, one, self.reader))) for one in shards]}


def predict(
    source: str,
    target: str,
    *,
    resume: bool = False,
    on_bad: Literal["stop", "skip"] = "stop",
    top_k: int = 3,
    address: str | None = None,
    actors: int | None = None,
    rows: int = ROWS,
    progress: bool = True,
    **options: Any,
) -> Sharded:
    """Answer the questions of files into a folder of shards, as `qa_core.bulk.predict` does.

    source: a file of any layout that `read_questions` takes, a folder of files or a pattern, here
    or at an fsspec URL. target: the folder, of which the suffix says what its files are. Each shard
    is written whole, and answered again if that was not reached; with ``resume``, those of an
    earlier run stay. address: of a running Ray, ``"auto"`` for the one on this machine; by default
    one is started for this run. actors: readers, by default one for each GPU, else for each CPU.
    rows: of a shard. options: of `Reader.load`. Raises DataError on the first bad row unless
    ``on_bad`` is ``skip``, where the target is there without ``resume``, and where it was begun
    with other files or another reader; ModelError, InputError, or SpanLoopError where Ray fails.
    """
    suffix = suffix_of(target)
    job = BulkJob(tuple(files_of(source)), Folder(target).url, suffix, top_k, on_bad, rows)
    model = Reader.load(**options).model
    which = {name: value for name, value in options.items() if name != "model"}
    begin(job, {"reader": model, **which}, resume=resume)
    written = kept = bad = 0
    scores: dict[str, float] | None = None
    with _ray(address), tqdm(unit=" rows", disable=not progress) as bar:
        for done in _run(job, model, options, actors):
            written += 0 if done.again else done.written
            kept += done.written if done.again else 0
            bad += done.bad
            scores = combined(scores, done.scores)
            bar.update(done.written)
    return Sharded(written, kept, bad, f"{job.target}/{BAD}", scores)


def _run(job: BulkJob, model: str, options: dict[str, Any], actors: int | None) -> Iterator[Done]:
    """What becomes of the shards, as they are done."""
    resources = ray.cluster_resources()
    gpus = (
        int(resources.get("GPU", 0)) if options.get("backend", "auto") in ("auto", "torch") else 0
    )
    many = actors or gpus or max(1, int(resources.get("CPU", 1)))
    context = DataContext.get_current().copy()
    context.enable_progress_bars = context.print_on_execution_start = False
    context.target_max_block_size = 1  # bytes: each shard is a block, which goes to any actor
    with DataContext.current(context):
        # Whoever reads waits for room, most of the time. With a CPU for it, Ray would also let each
        # file be read and answered by one actor.
        shards = ray.data.read_datasource(
            Questions(job),
            num_cpus=0,
            compute=TaskPoolStrategy(-(-many // READERS_A_FILE)),
            override_num_blocks=len(job.files),
        )
        found = shards.map_batches(
            Answering,
            fn_constructor_args=(job, model, {"threads": None if gpus else 1, **options}),
            batch_size=1,
            batch_format="pyarrow",
            compute=ActorPoolStrategy(min_size=1, max_size=many, initial_size=many),
            num_cpus=1,
            num_gpus=1 if gpus else 0,
        )
        try:
            for row in found.iter_rows():
                yield Done(**json.loads(row["done"]))
        except (
            Exception
        ) as error:  # Ray and its libraries raise many kinds, ours among their causes
            raise _cause(error) from error


def _cause(error: BaseException) -> SpanLoopError:
    """What went wrong, in words of ours if it has them."""
    one: BaseException | None = error
    last = error
    while one is not None:
        if isinstance(one, SpanLoopError) and not isinstance(one, RayError):
            return type(one)(str(one).partition("\n")[0])  # Ray adds lines of advice
        last, one = one, getattr(one, "cause", None) or one.__cause__
    return SpanLoopError(f"Ray failed: {one_line(last)}; add --resume to go on")


@contextmanager
def _ray(address: str | None) -> Iterator[None]:
    """Ray: one that runs already, or one for as long as it is needed. Raises InputError."""
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # what fails is raised
    if ray.is_initialized():
        yield
        return
    hand_down(RAY_BACKEND_LOG_LEVEL="fatal")
    alone = {} if address else {"include_dashboard": False}
    try:
        with _silent():
            ray.init(address or "local", log_to_driver=False, logging_level="ERROR", **alone)
    except Exception as error:  # no cluster there, a wrong address, a start that took too long
        where, mend = "Ray to start on this machine", "try again, or name a --ray-address"
        if address:
            where = f"a Ray that runs at {address}"
            mend = "start it with `ray start --head`, or leave out --ray-address"
        raise InputError(f"expected {where}, found: {one_line(error)}; {mend}") from error
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _silent() -> Iterator[None]:
    """Without what Ray's own core writes to standard error: that it will write less."""
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
