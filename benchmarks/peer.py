"""One reader as a process that `benchmarks.peers` times: this project's, or one people use instead.

    python benchmarks/peer.py KIND MODEL

Reads a JSON line at a time, ``{"pairs": [[question, context], ...], "together": bool}``, and writes
one: the seconds of each question, or of all together, and the most memory held so far in MB. It
runs in the peer's own environment and imports nothing of this project but for ``spanloop``.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Pairs = Sequence[tuple[str, str]]
Answer = Callable[[Pairs], Any]


def spanloop(model: str) -> Answer:
    from qa_core import Reader

    return Reader.load(model).answer_batch


def pipeline(model: str) -> Answer:
    from transformers import pipeline

    ask = pipeline("question-answering", model=model, device="cpu")

    def answer(pairs: Pairs) -> list[Any]:
        # One question at a time: batches make it slower (transformers#3007).
        return [
            ask(question=question, context=context, handle_impossible_answer=True)
            for question, context in pairs
        ]

    return answer


def haystack(model: str) -> Answer:
    from haystack import Document
    from haystack.utils import ComponentDevice
    from haystack_integrations.components.readers.transformers import TransformersExtractiveReader

    reader = TransformersExtractiveReader(model=model, device=ComponentDevice.from_str("cpu"))
    reader.warm_up()
    return lambda pairs: [
        reader.run(query=question, documents=[Document(content=context)])
        for question, context in pairs
    ]


KINDS = {one.__name__: one for one in (spanloop, pipeline, haystack)}


def main() -> None:
    _, kind, model = sys.argv
    answer = KINDS[kind](model)
    for line in sys.stdin:
        asked = json.loads(line)
        parts = [asked["pairs"]] if asked["together"] else [[pair] for pair in asked["pairs"]]
        seconds = []
        for part in parts:
            began = time.perf_counter()
            answer([(question, context) for question, context in part])
            seconds.append(time.perf_counter() - began)
        print(json.dumps({"seconds": seconds, "memory": memory()}), flush=True)


def memory() -> float:
    """The most that this process has held, in MB; `getrusage` counts what started it, too."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:  # not on Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
