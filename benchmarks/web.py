"""The reader in the browser beside Python's: same answers, time to the first one.

    python -m benchmarks.web --model small

Exports the page, opens it in Chromium and asks its worker questions of the everyday texts. There,
the model runs on one thread, as for every visitor; Python's takes all cores.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from playwright.sync_api import Page, expect

from qa_core.data import squad
from qa_core.inference.reader import Reader
from tests.support import site
from tests.support.browsing import ROOT, open_chromium


def main(
    model: Annotated[
        str, typer.Option(help="Model folder or Hub id, `small` or `base`.")
    ] = "small",
    questions: Annotated[int, typer.Option(help="How many to ask.")] = 200,
    seed: Annotated[int, typer.Option(help="Of the choice of questions.")] = 0,
) -> None:
    """Print how many answers differ, by how much the probabilities do, and the times."""
    examples = squad.read(ROOT / "texts" / "everyday.test.json.gz")[0]
    chosen = random.Random(seed).sample(examples, questions)
    pairs = [(one.question, one.context) for one in chosen]
    with tempfile.TemporaryDirectory() as folder, open_chromium() as browser:
        site.exported(Path(folder), model)
        with site.served(Path(folder)) as url:
            loaded, first = times(browser.new_page(), url)
            tab = browser.new_page()
            tab.set_default_timeout(0)
            tab.goto(url)
            found, milliseconds = site.asked(tab, pairs)
    reader = Reader.load(model, backend="onnx")
    begun = time.perf_counter()
    wanted = [reader.answer(*pair) for pair in pairs]
    alone = 1000 * (time.perf_counter() - begun)
    differ = [
        (question, one.text, other["text"])
        for (question, _), one, other in zip(pairs, wanted, found, strict=True)
        if (one.start, one.end, one.answerable)
        != (other["start"], other["end"], other["answerable"])
    ]
    apart = [abs(a.confidence - b["confidence"]) for a, b in zip(wanted, found, strict=True)]
    for question, one, other in differ:
        typer.echo(f"{question} Python: {one!r}, browser: {other!r}")
    typer.echo(
        f"{len(differ)} of {questions} answers differ; probabilities by "
        f"{statistics.mean(apart):.4f} on average, {max(apart):.3f} at most\n"
        f"loaded in {loaded:.1f} s, first answer {first:.1f} s after that, "
        f"{milliseconds / questions:.0f} ms a question; Python: {alone / questions:.0f} ms"
    )


def times(tab: Page, url: str) -> tuple[float, float]:
    """Seconds until the page's reader is ready, and from Enter to its first answer."""
    begun = time.perf_counter()
    tab.goto(url)
    expect(tab.locator("html[data-reader=ready]")).to_be_attached()
    ready = time.perf_counter()
    question = "Who trimmed the wick?"
    tab.get_by_label("Your question").fill(question)
    tab.get_by_label("Your question").press("Enter")
    expect(tab.locator(f"article[data-questions='{question}'] .sl-confidence")).to_be_visible()
    return ready - begun, time.perf_counter() - ready


if __name__ == "__main__":
    typer.run(main)
