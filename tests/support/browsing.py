"""The real page, served and opened in a real browser."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Error, Page, TimeoutError, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "test-artifacts"  # pictures of the page as the tests saw it, to be looked at


BAKERY = (
    "Mara Lindqvist opened the bakery on Quay Street in March 2009. 🥐👩‍🍳\n\n"
    "  Its cinnamon buns sell out by nine o'clock, and on Sundays it stays closed."
)


class Served(NamedTuple):
    url: str
    pid: int


@contextmanager
def serve(
    *arguments: str,
    env: dict[str, str] | None = None,
    log: Path | None = None,
    slow: bool = False,
) -> Iterator[Served]:
    """The real app in a process of its own, ready to answer.

    log: where its errors go. slow: whether each piece of work takes its reader a second or more.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = ["-m", "tests.support.slow"] if slow else ["app.py"]
    command = [sys.executable, "-u", *app, "--no-browser", "--port", str(port), *arguments]
    with (
        log.open("wb") if log else nullcontext() as errors,
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True, env=env
        ) as process,
    ):
        try:
            lines = iter(process.stdout or ())
            ready = next((line for line in lines if "ready" in line), None)
            assert ready is not None, f"app.py ended with status {process.wait()}"
            yield Served(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """The Chromium of this machine, or Playwright's own."""
    # The headless shell takes half of the others' processor time to load a page.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    installed = next(filter(None, map(shutil.which, names)), None)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    expect.set_options(timeout=60_000)  # a busy machine is not a failure
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=installed, args=flags)
        except Error as error:
            hint = "No Chromium to test the page in: run `apt-get install chromium-headless-shell`"
            pytest.fail(f"{hint} or `playwright install chromium` ({error.name})", pytrace=False)
        with browser:
            yield browser


def edit(tab: Page) -> None:
    """Have the box for the text in sight, instead of the text that is read."""
    ready = "document.documentElement.classList.contains('sl-ready')"
    tab.wait_for_function(ready, polling=100)
    if tab.get_by_label("Your text").is_hidden():
        tab.get_by_role("button", name="Edit the text").click()


def fill_text(tab: Page, text: str) -> None:
    """Fill in the text, also if an answer that arrives meanwhile shows it to be read."""
    for _ in range(10):
        edit(tab)
        try:
            tab.get_by_label("Your text").fill(text, timeout=5_000)
        except TimeoutError:
            continue
        return
    pytest.fail("the box for the text stays hidden")


def answered(tab: Page, question: str) -> None:
    """Wait until these questions are answered."""
    asked = "\n".join(line.strip() for line in question.splitlines() if line.strip())
    tab.wait_for_function(
        """asked => document.querySelector('#sl-result article')?.dataset.questions === asked
          && !document.querySelector('#sl-result .sl-waiting')""",
        arg=asked,
        polling=100,  # ms; by default with every frame, all of which would be drawn
    )
    expect(tab.locator("#sl-under")).to_be_visible()


def ask(tab: Page, question: str, context: str) -> None:
    """Fill in both boxes and press Enter in the question."""
    fill_text(tab, context)
    tab.get_by_label("Your question").fill(question)
    tab.get_by_label("Your question").press("Enter")


def upload(tab: Page, name: str, content: bytes) -> None:
    """Give the Batch tab a file."""
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    tab.locator("#sl-many-file input[type=file]").set_input_files(file)  # type: ignore[arg-type]


def download(tab: Page, name: str) -> str:
    """What a link or button of this name downloads."""
    with tab.expect_download() as found:
        tab.get_by_role("link", name=name).or_(tab.get_by_role("button", name=name)).click()
    return found.value.path().read_bytes().decode("utf-8-sig")
