"""From Enter to the marked answer in Chromium, beside the reader's own time for the same text.

    python -m benchmarks.first_answer

Serves the page as anyone gets it, pastes a paragraph and asks it another question each time.
"""

from __future__ import annotations

import statistics
import time
from typing import Annotated

import typer

from page.examples import EXAMPLES
from qa_core.inference.reader import Reader
from tests.support.browsing import open_chromium, serve

# Resolves with the milliseconds from Enter to the frame that shows another answer than before.
WATCH = """window.shown = new Promise(resolve => {
  const result = () => document.querySelector('.sl-verdicts')?.textContent;
  const before = result();
  let begun = 0;
  addEventListener('keydown', () => { begun = performance.now(); }, {once: true, capture: true});
  const watcher = new MutationObserver(() => {
    if (!result() || result() === before) return;
    watcher.disconnect();
    requestAnimationFrame(() => resolve(performance.now() - begun));
  });
  watcher.observe(document.body, {childList: true, subtree: true, characterData: true});
}), null"""


def main(
    rounds: Annotated[int, typer.Option(help="Questions asked; the first warms up.")] = 30,
) -> None:
    """Print the median and the 95th percentile of both, in milliseconds."""
    example = next(one for one in EXAMPLES if "\n" in one.question)
    context, different = example.context, example.question.splitlines()
    questions = [different[number % len(different)] for number in range(rounds)]
    in_page = []
    with serve() as served, open_chromium() as browser:
        tab = browser.new_page()
        tab.goto(served.url)
        tab.get_by_label("Your text").fill(context)
        for question in questions:
            tab.get_by_label("Your question").fill(question)
            tab.evaluate(WATCH)
            tab.keyboard.press("Enter")
            in_page.append(tab.evaluate("window.shown"))
            tab.wait_for_timeout(100)  # until the page takes the next one
    reader = Reader.load()
    alone = []
    for question in questions:
        begun = time.perf_counter()
        reader.answer(question, context)
        alone.append(1000 * (time.perf_counter() - begun))
    for name, times in (("Enter to answer", in_page[1:]), ("reader alone", alone[1:])):
        slow = statistics.quantiles(times, n=20)[-1]
        typer.echo(f"{name}: median {statistics.median(times):.0f} ms, 95 % under {slow:.0f} ms")


if __name__ == "__main__":
    typer.run(main)
