"""From Enter to the marked answer in Chromium, beside the reader's own time for the same text.

    python -m benchmarks.first_answer

Serves the page as anyone gets it, pastes a paragraph and asks it another question each time.
"""

from __future__ import annotations

import statistics
import time
from typing import Annotated

import typer

from benchmarks.page import EXAMPLE, QUESTIONS, ask
from qa_core.inference.reader import Reader
from tests.support.browsing import open_chromium, serve


def main(
    rounds: Annotated[int, typer.Option(help="Questions asked; the first warms up.")] = 30,
) -> None:
    """Print the median and the 95th percentile of both, in milliseconds."""
    with serve() as served, open_chromium() as browser:
        tab = browser.new_page()
        tab.goto(served.url)
        in_page = ask(tab, rounds - 1)
    reader = Reader.load()
    alone = []
    for number in range(rounds):
        begun = time.perf_counter()
        reader.answer(QUESTIONS[number % len(QUESTIONS)], EXAMPLE.context)
        alone.append(1000 * (time.perf_counter() - begun))
    for name, times in (("Enter to answer", in_page), ("reader alone", alone[1:])):
        slow = statistics.quantiles(times, n=20)[-1]
        typer.echo(f"{name}: median {statistics.median(times):.0f} ms, 95 % under {slow:.0f} ms")


if __name__ == "__main__":
    typer.run(main)
