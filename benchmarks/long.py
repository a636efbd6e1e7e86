"""What one more question on a known text costs, and what reading little of it loses.

    python -m benchmarks.long --data train-v2.0.json.gz

Long texts are made of the paragraphs of SQuAD's articles, joined in their order. ``once`` is what
a text costs when it is added, ``ours`` the median question after that, ``whole`` a question that
reads every passage; beyond ``--whole`` characters that is reckoned from the passages read, and
marked "about". Seconds are by the clock, and of processor time in brackets.

With ``--questions``, EM and F1 of `Collection.answer` beside those of `Reader.answer`, which reads
all of the text: on the whole articles of paragraphs that no stage of training has seen.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import typer

from qa_core.collection.collection import Collection, Findings
from qa_core.data import squad
from qa_core.data.examples import Example
from qa_core.data.splits import paragraph_fraction
from qa_core.evaluation.metrics import exact_match, f1
from qa_core.inference.reader import Reader

HELD_OUT = 0.08  # share of the paragraphs that the bundled reader did not learn from
SHORTEST = 30_000  # characters of an article to be asked
EACH = 3  # questions of an article, at most
SIZES = ((1, 10_000), (1, 50_000), (1, 200_000), (1, 1_000_000), (100, 20_000))


class Asked(NamedTuple):
    """A question, its right answers, and the whole article that it is asked of."""

    id: str
    question: str
    golds: list[str]
    title: str


class Cost(NamedTuple):
    """Seconds by the clock, and of processor time."""

    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{self.clock:.2f} ({self.processor:.2f})"


def articles(examples: Sequence[Example]) -> dict[str, str]:
    """The long articles by their titles, each a text."""
    paragraphs: dict[str, dict[str, None]] = defaultdict(dict)
    for one in examples:
        paragraphs[one.title].setdefault(one.context)
    texts = {title: "".join(f"{one}\n\n" for one in of) for title, of in paragraphs.items()}
    return {title: text for title, text in texts.items() if len(text) > SHORTEST}


def chosen(examples: Sequence[Example], titles: dict[str, str], count: int) -> list[Asked]:
    """Questions on held-out paragraphs, EACH of an article at most, always the same ones."""
    rng = np.random.default_rng(5)
    held = [one for one in examples if one.title in titles]
    held = [one for one in held if paragraph_fraction(one.context) < HELD_OUT]
    of: Counter[str] = Counter()
    found: list[Asked] = []
    for number in rng.permutation(len(held)).tolist():
        one = held[number]
        of[one.title] += 1
        if of[one.title] <= EACH and len(found) < count:
            golds = [gold.text for gold in one.answers]
            found.append(Asked(one.id, one.question, golds, one.title))
    return found


def timed(work: Callable[[], object]) -> Cost:
    began = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - began[0], time.process_time() - began[1])


def costs(
    reader: Reader, texts: Sequence[str], questions: Sequence[str], whole: int
) -> Iterator[str]:
    """The table of costs."""
    yield "| text | passages | once, s | ours, s | passages read | whole, s |"
    yield "| --- | --- | --- | --- | --- | --- |"
    reader.answer("Who?", "Warm.")
    for count, length in SIZES:
        pool = cycle(texts)
        made = [joined(pool, length) for _ in range(count)]
        name = f"{length:,} characters" if count == 1 else f"{count} of {length:,}"
        yield f"| {name} | {row(reader, made, questions, count * length <= whole)} |"


def row(reader: Reader, texts: Sequence[str], questions: Sequence[str], whole: bool) -> str:
    """What questions on some texts cost; whole: measure reading all of them, too."""
    collection = Collection(reader)

    def add() -> None:
        for number, text in enumerate(texts):
            collection.add(text, f"{number}")
        collection.answer("Is it known?")  # makes the index

    answers: list[Findings] = []

    def ask(question: str) -> None:
        answers.append(collection.answer(question))

    once = timed(add)
    spent = [timed(partial(ask, question)) for question in questions]
    ours = Cost(*map(statistics.median, zip(*spent, strict=True)))
    read, passages = statistics.mean(one.read for one in answers), answers[0].passages
    if whole:
        said = f"{timed(lambda: collection.answer(questions[0], exhaustive=True))}"
    else:
        share = passages / sum(one.read for one in answers)
        said = f"about {Cost(*(share * sum(cost) for cost in zip(*spent, strict=True)))}"
    return f"{passages:,} | {once} | {ours} | {read:.1f} | {said}"


def joined(texts: Iterator[str], length: int) -> str:
    """A text of so many characters, of articles one after another."""
    text = ""
    while len(text) < length:
        text += next(texts)
    return text[:length]


def quality(reader: Reader, titles: dict[str, str], asked: Sequence[Asked]) -> Iterator[str]:
    """EM and F1 of reading little beside reading all."""
    ours: list[tuple[str, int]] = []
    theirs: list[str] = []
    held: dict[str, Collection] = {}
    for one in asked:
        if one.title not in held:
            held[one.title] = Collection(reader)
            held[one.title].add(titles[one.title], one.title)
        found = held[one.title].answer(one.question)
        ours.append((found.found[0].answer.text, found.read))
        theirs.append(reader.answer(one.question, titles[one.title]).text)
    for name, texts in (("ours", [text for text, _ in ours]), ("whole", theirs)):
        pairs = list(zip(texts, asked, strict=True))
        exact = 100 * statistics.mean(exact_match(text, one.golds) for text, one in pairs)
        overlap = 100 * statistics.mean(f1(text, one.golds) for text, one in pairs)
        yield f"{name}: EM {exact:.1f}, F1 {overlap:.1f} on {len(asked)} questions"
    yield f"passages read: {statistics.mean(read for _, read in ours):.1f}"


def main(
    data: Annotated[Path, typer.Option(help="SQuAD file of whole articles.")],
    questions: Annotated[int, typer.Option(min=0, help="Questions to judge by.")] = 0,
    repeats: Annotated[int, typer.Option(min=1, help="Questions to time by.")] = 10,
    whole: Annotated[int, typer.Option(help="Characters that are read whole at most.")] = 200_000,
) -> None:
    """Print the table of costs and, for some questions, EM and F1."""
    examples, _ = squad.read(data, on_bad="skip")
    titles = articles(examples)
    reader = Reader.load(bundled=True)
    asked = chosen(examples, titles, max(questions, repeats))
    texts = [titles[one] for one in dict.fromkeys(one.title for one in asked)]
    texts += [text for text in titles.values() if text not in texts]
    for line in costs(reader, texts, [one.question for one in asked[:repeats]], whole):
        print(line, flush=True)
    if questions:
        for line in quality(reader, titles, asked):
            print(line, flush=True)


if __name__ == "__main__":
    typer.run(main)
