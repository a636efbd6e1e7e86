"""The main path in Firefox: paste, ask, see the answer marked, ask why, reload."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.bidi import FIREFOX, open_firefox
from tests.support.browsing import BAKERY, Served

QUESTION = "Who opened the bakery?"
MARKED = "document.querySelector('#sl-result .sl-passage .sl-answer')"


@pytest.mark.skipif(FIREFOX is None, reason="No Firefox: run `apt-get install firefox-esr`")
def test_firefox_passes_the_main_path(served: Served, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as apart:  # Playwright's loop may run in this thread
        apart.submit(asyncio.run, main_path(served.url, tmp_path)).result()


async def main_path(url: str, profile: Path) -> None:
    async with open_firefox(profile) as firefox:
        await firefox.goto(url)
        await firefox.until("document.documentElement.classList.contains('sl-ready')")
        await firefox.click("#sl-other")
        await firefox.paste("#sl-context textarea", BAKERY)
        await firefox.paste("#sl-question textarea", QUESTION)
        await firefox.press("\ue007")  # Enter
        shown = "document.querySelector('#sl-result article')?.dataset.questions"
        await firefox.until(f"{shown} === {json.dumps(QUESTION)} && {MARKED}?.checkVisibility()")
        assert await firefox.evaluate(f"{MARKED}.textContent") == "Mara Lindqvist"
        colour = await firefox.evaluate(f"getComputedStyle({MARKED}).backgroundColor")
        assert colour != "rgba(0, 0, 0, 0)"
        await firefox.click("#sl-why button")
        because = await firefox.until(
            "document.querySelector('#sl-because')?.textContent.includes('mattered most')"
        )
        assert because
        await firefox.reload()
        await firefox.until("document.documentElement.classList.contains('sl-ready')")
        kept = "document.querySelector('#sl-context textarea').value"
        assert await firefox.until(f"{kept} === {json.dumps(BAKERY)}")
        assert (
            await firefox.evaluate("document.querySelector('#sl-question textarea').value")
            == QUESTION
        )
