"""How the page feels in Chromium, and under many visitors; beside another checkout's, if wanted.

    python -m benchmarks.page [--against ../older] [--json]

Each page is served as anyone gets it, with a home of its own. A first load begins with an empty
cache: its bytes are those that came over the wire, and it is usable once the box for the question
can be seen and typed into. Then a paragraph is asked another question each time, from Enter to the
frame that shows the answer; two files are opened, and asked. At last many clients ask at once by
HTTP, about everyday texts. The two checkouts take turns at loading and asking, so that a busy
moment hits both.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from playwright.sync_api import Browser, Page

from benchmarks.load import ROOT, crowd, serve
from page.examples import EXAMPLES
from tests.support.browsing import answered, edit, open_chromium

SETTLED = 2_000  # milliseconds after which nothing is expected to move any more
ROUNDS = 3  # turns of each checkout
# Figures of a page, each with its aim: "<" at most, "=" exactly.
AIMS: dict[str, tuple[str, float] | None] = {
    "first load, kB": ("<", 500),
    "first load, requests": ("<", 40),
    "usable after, s": ("<", 1.5),
    "Ask to answer, median, ms": None,
    "Ask to answer, 90th percentile, ms": ("<", 150),
    "layout shift, first load": ("<", 0.05),
    "layout shift, whole visit": ("<", 0.05),
    "crowd, answers a second": None,
    "crowd, half within, s": None,
    "crowd, 99 % within, s": None,
    "crowd, failures": ("=", 0),
}

# Notes when the page can be used, and how much has moved that no input moved: as browsers count
# it, the worst five seconds without a second's rest.
WATCH = """(() => {
  window.moved = 0;
  let begun = -Infinity, last = -Infinity, sum = 0;
  new PerformanceObserver((list) => {
    for (const { startTime, value, hadRecentInput } of list.getEntries()) {
      if (hadRecentInput) continue;
      if (startTime - last > 1000 || startTime - begun > 5000) [begun, sum] = [startTime, 0];
      last = startTime;
      sum += value;
      window.moved = Math.max(window.moved, sum);
    }
  }).observe({ type: 'layout-shift', buffered: true });
  const look = () => {
    const box = document.querySelector('#sl-question textarea');
    if (box?.checkVisibility({ visibilityProperty: true }) && !box.disabled)
      window.usable = performance.now();
    else requestAnimationFrame(look);
  };
  look();
})()"""
# Resolves with the milliseconds from Enter to the frame that shows the answer to a question.
ANSWERED = """(question) => { window.answered = new Promise((resolve) => {
  let begun = 0;
  addEventListener('keydown', () => { begun = performance.now(); }, { once: true, capture: true });
  const watcher = new MutationObserver(() => {
    const shown = document.querySelector('#sl-result article')?.dataset.questions;
    if (shown !== question || document.querySelector('#sl-result .sl-waiting')) return;
    watcher.disconnect();
    requestAnimationFrame(() => resolve(performance.now() - begun));
  });
  watcher.observe(document.body, { childList: true, subtree: true, attributes: true });
}); }"""

EXAMPLE = next(one for one in EXAMPLES if "\n" in one.question)
QUESTIONS = [*EXAMPLE.question.splitlines(), "Who was sixteen?", "What came in 1879?"]

Figures = dict[str, list[float]]


@contextmanager
def served(root: Path) -> Iterator[str]:
    """The address of a checkout's page; its home lasts as long as it does."""
    with tempfile.TemporaryDirectory() as home:
        process, url = serve(root, {**os.environ, "SPANLOOP_HOME": home})
        try:
            yield url
        finally:
            process.terminate()
            process.wait()


def visit(browser: Browser, url: str, questions: int, found: Figures) -> None:
    """A visit with an empty cache, which adds what it measures to ``found``."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        tab = context.new_page()
        tab.add_init_script(WATCH)
        wire = context.new_cdp_session(tab)
        sizes: list[float] = []
        wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        wire.send("Network.enable")
        sent: list[str] = []
        tab.on("request", lambda request: sent.append(request.url))  # none of data: addresses
        tab.goto(url)
        tab.wait_for_function("window.usable")
        tab.wait_for_timeout(SETTLED)
        found["first load, kB"].append(sum(sizes) / 1000)
        found["first load, requests"].append(len(sent))
        found["usable after, s"].append(tab.evaluate("window.usable") / 1000)
        found["layout shift, first load"].append(tab.evaluate("window.moved"))
        found["asked"] += ask(tab, questions)
        open_files(tab)
        tab.wait_for_timeout(SETTLED)
        found["layout shift, whole visit"].append(tab.evaluate("window.moved"))


def ask(tab: Page, questions: int) -> list[float]:
    """Milliseconds from Enter to each answer but the first, which warms up."""
    edit(tab)
    tab.get_by_label("Your text").fill(EXAMPLE.context)
    waits = []
    for number in range(questions + 1):
        question = QUESTIONS[number % len(QUESTIONS)]
        tab.get_by_label("Your question").fill(question)
        tab.evaluate(ANSWERED, question)
        tab.get_by_label("Your question").press("Enter")
        waits.append(float(tab.evaluate("window.answered")))
        tab.wait_for_timeout(100)
    return waits[1:]


def open_files(tab: Page) -> None:
    """Open two files, and ask them."""
    edit(tab)
    files = [
        {"name": f"{one.label}.txt", "mimeType": "text/plain", "buffer": one.context.encode()}
        for one in (EXAMPLES[0], EXAMPLES[-1])
    ]
    tab.locator("#sl-file input[type=file]").set_input_files(files)  # type: ignore[arg-type]
    tab.locator("#sl-files li").nth(1).wait_for()
    tab.get_by_label("Your question").fill(QUESTIONS[0])
    tab.get_by_label("Your question").press("Enter")
    answered(tab, QUESTIONS[0])


def everyday() -> list[tuple[str, str]]:
    """Questions on everyday texts."""
    with gzip.open(ROOT / "texts" / "everyday.test.json.gz", "rt", encoding="utf-8") as file:
        texts = [one for entry in json.load(file)["data"] for one in entry["paragraphs"]]
    return [(question["question"], one["context"]) for one in texts for question in one["qas"]]


def summary(found: Figures, many: dict[str, Any]) -> dict[str, float]:
    """One figure for each of `AIMS`."""
    tenths = statistics.quantiles(found["asked"], n=10)
    figures = {name: statistics.median(values) for name, values in found.items() if name in AIMS}
    figures |= {name: max(found[name]) for name in found if name.startswith("layout shift")}
    return figures | {
        "Ask to answer, median, ms": statistics.median(found["asked"]),
        "Ask to answer, 90th percentile, ms": tenths[-1],
        "crowd, answers a second": many["page"],
        "crowd, half within, s": many["wait_p50_s"],
        "crowd, 99 % within, s": many["wait_p99_s"],
        "crowd, failures": many["failed"],
    }


def measure(
    roots: list[Path], questions: int, clients: int, seconds: float
) -> list[dict[str, float]]:
    """The figures of each checkout."""
    pairs = everyday()
    found: list[Figures] = [{name: [] for name in (*AIMS, "asked")} for _ in roots]
    many: list[dict[str, Any]] = [{} for _ in roots]
    for number, root in enumerate(roots):
        with served(root) as url:
            asyncio.run(crowd(url, pairs, None, clients, 3))  # the first set things up
            many[number] = asyncio.run(crowd(url, pairs, None, clients, seconds))
    with open_chromium() as browser:
        for _ in range(ROUNDS):
            for number, root in enumerate(roots):
                with served(root) as url:
                    visit(browser, url, questions, found[number])
    for one in found:
        for name in [name for name, values in one.items() if not values]:
            del one[name]
    return [summary(*both) for both in zip(found, many, strict=True)]


def reached(name: str, value: float) -> str:
    """Whether an aim is reached, in a word; "" where there is none."""
    aim = AIMS[name]
    if aim is None:
        return ""
    sign, limit = aim
    ok = value < limit if sign == "<" else value == limit
    return f"{sign} {limit:g}: {'yes' if ok else 'NO'}"


def main(
    against: Annotated[
        Path | None, typer.Option(help="Another checkout, to compare with.", exists=True)
    ] = None,
    questions: Annotated[int, typer.Option(min=10, help="Asked in each of three visits.")] = 20,
    clients: Annotated[int, typer.Option(min=1, help="Visitors at once.")] = 64,
    seconds: Annotated[float, typer.Option(min=1, help="How long they ask.")] = 60,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print what the page weighs, how quick it is and how still it stands."""
    roots = [ROOT, *([against.resolve()] if against else [])]
    figures = measure(roots, questions, clients, seconds)
    ours, theirs = figures[0], figures[1] if against else None
    ratios = {} if theirs is None else {
        name: round(ours[name] / theirs[name], 3) for name in AIMS if theirs[name]
    }  # fmt: skip
    if as_json:
        print(json.dumps({"page": ours, "against": theirs, "ratios": ratios}))
        return
    print(f"{'':36}{'page':>10}{'against':>10}{'ratio':>8}  aim")
    for name in AIMS:
        other = "" if theirs is None else f"{theirs[name]:.4g}"
        ratio = f"{ratios[name]:.2f}" if name in ratios else ""
        print(f"{name:36}{ours[name]:>10.4g}{other:>10}{ratio:>8}  {reached(name, ours[name])}")


if __name__ == "__main__":
    typer.run(main)
