"""What visitors do while answers are read: the real page, whose reader takes its time."""

import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import psutil
import pytest
from playwright.sync_api import Page, Response, expect

from annotation.store.store import Store
from page.asked import Asked
from page.door import front
from page.examples import EXAMPLES
from page.look import ASSETS
from page.tabs.ask_parts import STRICTNESS
from qa_core.inference.reader import Reader
from tests.support import browsing
from tests.support.browsing import BAKERY, SHOTS, Served, ask, download, serve, upload

EXAMPLE = next(example for example in EXAMPLES if "deposit" in example.question)
RENTAL = EXAMPLE.context
QUESTIONS = ["Who pays for electricity?", *[f"Who opened door {number}?" for number in range(4)]]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serve(slow=True) as served:
        yield served


def ask_some(tab: Page, text: str) -> None:
    """Ask what the text does not say, and more; until one is answered."""
    ask(tab, "\n".join(QUESTIONS), text)
    expect(tab.locator(".sl-verdict")).to_have_count(len(QUESTIONS))
    expect(tab.locator(".sl-verdict").first).not_to_have_class(re.compile("sl-waiting"))
    expect(tab.locator(".sl-verdict").last).to_have_class(re.compile("sl-waiting"))


def answered(tab: Page) -> None:
    expect(tab.locator(".sl-waiting")).to_have_count(0)
    expect(tab.get_by_role("button", name="Cancel")).to_be_hidden()


@contextmanager
def crowd(served: Served) -> Iterator[None]:
    """As many others as every worker can serve, and some to wait before us."""
    seen = threading.Event()

    def ask_on() -> set[int]:
        statuses = set()
        while not seen.is_set():
            url = f"{served.url}/gradio_api/run/answer"
            posted = httpx.post(url, json={"data": ["Who opened it?", BAKERY]}, timeout=None)
            statuses.add(posted.status_code)
        return statuses

    with ThreadPoolExecutor(12) as pool:
        others = [pool.submit(ask_on) for _ in range(12)]
        try:
            yield
        finally:
            seen.set()
        assert [other.result() for other in others] == [{200}] * 12


def test_strictness_and_privacy_changed_meanwhile_hold_for_all(tab: Page) -> None:
    text = f"{RENTAL} Nobody but the tenant may read this."
    ask_some(tab, text)
    tab.get_by_label("Answer more").check()
    tab.get_by_label("Keep this private").check()
    expect(tab.locator("#sl-copy")).to_be_hidden()  # what it would copy was answered before
    answered(tab)
    expect(tab.locator("#sl-copy")).to_be_visible()
    reader = Reader.load(bundled=True).expecting(STRICTNESS["Answer more"] or 0)
    for card, question in zip(tab.locator(".sl-verdict").all(), QUESTIONS, strict=True):
        wanted = Asked(question, text, reader.answer(question, text))
        expect(card).to_contain_text(wanted.verdict)
    expect(tab.get_by_label("Answer more")).to_be_checked()
    expect(tab.locator("#sl-under")).to_be_visible()
    assert [one for one in Store().predictions() if "Nobody but the tenant" in one.context] == []


def test_closest_words_taken_meanwhile_stay(tab: Page) -> None:
    ask_some(tab, RENTAL)
    card = tab.locator(".sl-verdict").first
    closest = card.locator(".sl-guess").inner_text()
    card.get_by_role("button", name="Use as the answer").click()
    expect(card.locator(".sl-take")).to_have_count(0)
    answered(tab)
    expect(card.locator(".sl-text")).to_have_text(closest)


def test_asking_something_else_ends_what_is_read(tab: Page) -> None:
    cards = tab.locator(".sl-verdict")
    ask(tab, "Who opened the bakery?", BAKERY)
    browsing.answered(tab, "Who opened the bakery?")
    ask_some(tab, RENTAL)
    tab.get_by_role("button", name=EXAMPLE.label).click()
    expect(cards.locator(".sl-text").first).to_contain_text("1,880 euros")
    expect(cards).to_have_count(1)
    answered(tab)
    ask_some(tab, RENTAL)
    ask(tab, "When did it open?", BAKERY)
    expect(cards.locator(".sl-text").first).to_contain_text("2009")
    answered(tab)
    ask_some(tab, RENTAL)
    tab.get_by_role("button", name="Who opened the bakery?").click()
    expect(cards.locator(".sl-text").first).to_contain_text("Mara Lindqvist")
    answered(tab)
    tab.wait_for_timeout(2_500)  # what was being read would show up by then
    expect(cards).to_have_count(1)
    expect(tab.locator("#sl-status .sl-reading")).to_have_count(0)


def test_page_is_sent_compressed_and_its_events_as_they_come(tab: Page, served: Served) -> None:
    sent: list[Response] = []
    tab.on("response", lambda response: sent.append(response))
    tab.goto(served.url)
    ask_some(tab, BAKERY)  # answers arrive one by one
    page = next(one for one in sent if one.url.rstrip("/") == served.url)
    events = [one for one in sent if "event-stream" in one.headers.get("content-type", "")]
    assert page.headers["content-encoding"] == "gzip"
    parts = [one for one in sent if "/assets/" in one.url]
    assert {one.headers["cache-control"] for one in parts} == {front.KEPT}
    listed = (ASSETS / "front.txt").read_text().split()
    names = {one.url.rpartition("/")[2] for one in parts}
    found = {name for name in names if not name.startswith(("index-", "front-"))}
    needed = {name for name in listed if name.endswith(".js")}
    assert found == needed, "another Gradio: write what was found to page/assets/front.txt"
    assert int(page.headers["content-length"]) < 60_000 < len(page.text())
    assert events
    assert [one.url for one in events if "content-encoding" in one.headers] == []


def test_who_waits_is_told_where_and_cancel_stops_the_work(tab: Page, served: Served) -> None:
    cancel = tab.get_by_role("button", name="Cancel")
    status = tab.locator("#sl-status")
    with crowd(served):
        questions = ["Who opened the bakery?", *[f"When was day {number}?" for number in range(19)]]
        ask(tab, "\n".join(questions), BAKERY)
        expect(status).to_contain_text("Busy: you are number")
        tab.screenshot(path=SHOTS / "busy.png")
        expect(tab.locator(".sl-verdict mark").first).to_have_text("Mara Lindqvist")
        cancel.click()
        expect(status).to_contain_text("Stopped. These questions were answered before.")
        expect(cancel).to_be_hidden()
        assert 1 <= tab.locator(".sl-verdict mark").count() < 20
        expect(tab.locator("#sl-under")).to_be_visible()
    long = "The river ran slowly past the mill that winter, and nobody came. " * 3_000
    ask(tab, "\n".join(questions), long)
    cancel.click()
    expect(status).to_contain_text("Stopped.")
    expect(tab.locator(".sl-empty").or_(tab.locator(".sl-verdict")).first).to_be_visible()
    assert tab.locator(".sl-verdict:not(.sl-waiting)").count() < 20
    process = psutil.Process(served.pid)
    give_up = time.monotonic() + 15  # reading on would take longer
    while (busy := process.cpu_percent(3)) > 7:
        assert time.monotonic() < give_up, f"still {busy}% of a core"
    ask(tab, "Who opened it?", BAKERY)
    browsing.answered(tab, "Who opened it?")
    expect(status).not_to_contain_text("Busy")
    expect(cancel).to_be_hidden()


def test_batch_stops_keeps_what_is_answered_and_goes_on(tab: Page) -> None:
    tab.get_by_role("tab", name="Batch").click()
    rows = [{"question": "Who opened it?", "context": f"{BAKERY} {n}"} for n in range(150)]
    upload(tab, "rows.jsonl", "\n".join(map(json.dumps, rows)).encode())
    tab.get_by_role("button", name="Answer all").click()
    progress = tab.locator("#sl-many-progress")
    expect(progress).to_contain_text("left")
    tab.get_by_role("button", name="Stop").click()
    expect(progress).to_contain_text("Stopped after")
    answered = int(progress.inner_text().split("after ")[1].split(" of")[0])
    assert 0 < answered < 150
    assert len(download(tab, "Download JSON Lines").splitlines()) == answered
    tab.get_by_role("button", name="Continue").click()
    expect(progress).to_contain_text("All 150 answered")
    lines = [json.loads(line) for line in download(tab, "Download JSON Lines").splitlines()]
    assert [line["id"] for line in lines] == [str(n) for n in range(1, 151)]
