"""Asking on the page: what changes while answers are read, how it loads, what it warns of."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, expect

from annotation.store.store import Store
from page.asked import Asked
from page.examples import EXAMPLES
from page.tabs.ask_parts import STRICTNESS
from qa_core.inference.reader import Reader
from tests.support.browsing import BAKERY, SHOTS, Served, ask

RENTAL = next(example.context for example in EXAMPLES if "deposit" in example.question)
UNCLEAR = "Who pays for electricity?"
SIZES = {1440: 900, 1024: 768, 390: 844}


@pytest.fixture
def tab(chromium: Browser, served: Served) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1280, "height": 900}) as context:
        tab = context.new_page()
        tab.goto(served.url)
        yield tab


def ask_at_length(tab: Page, text: str, *, more: int = 2) -> Locator:
    """Ask what the text does not say, and more that take long; the cards, once one is answered."""
    long = f"{text}\n" + "The river ran slowly past the mill that winter. " * 150
    ask(tab, "\n".join([UNCLEAR, *[f"Who opened door {n}?" for n in range(more)]]), long)
    expect(tab.locator(".sl-verdict:not(.sl-waiting)").first).to_be_visible()
    expect(tab.locator(".sl-waiting").first).to_be_visible()
    return tab.locator(".sl-verdict")


def answered(tab: Page) -> None:
    expect(tab.locator(".sl-waiting")).to_have_count(0)
    expect(tab.get_by_role("button", name="Cancel")).to_be_hidden()


# While answers are read


def test_asking_strictness_changed_meanwhile_holds_for_all(tab: Page) -> None:
    cards = ask_at_length(tab, RENTAL)
    tab.get_by_label("Answer more").check()
    answered(tab)
    context = tab.locator(".sl-passage").text_content() or ""
    reader = Reader.load(bundled=True).expecting(STRICTNESS["Answer more"] or 0)
    for card, question in zip(
        cards.all(), tab.get_by_label("Your question").input_value().split("\n"), strict=True
    ):
        wanted = Asked(question, context, reader.answer(question, context))
        expect(card).to_contain_text(wanted.verdict)
    expect(tab.get_by_label("Answer more")).to_be_checked()


def test_asking_closest_words_taken_meanwhile_stay(tab: Page) -> None:
    card = ask_at_length(tab, RENTAL).first
    closest = card.locator(".sl-guess").inner_text()
    card.get_by_role("button", name="Use as the answer").click()
    expect(card.locator(".sl-take")).to_have_count(0)
    answered(tab)
    expect(card.locator(".sl-text")).to_have_text(closest)


def test_asking_nothing_is_kept_that_is_made_private_meanwhile(tab: Page) -> None:
    text = f"{RENTAL} Nobody but the tenant may read this."
    ask_at_length(tab, text)
    tab.get_by_label("Keep this private").check()
    answered(tab)
    expect(tab.locator("#sl-under")).to_be_visible()
    assert [one for one in Store().predictions() if "Nobody but the tenant" in one.context] == []


def test_asking_something_else_ends_what_is_read(tab: Page) -> None:
    ask(tab, "Who opened the bakery?", BAKERY)
    expect(tab.locator("#sl-under")).to_be_visible()
    cards = ask_at_length(tab, RENTAL)
    example = next(one for one in EXAMPLES if "deposit" in one.question)
    tab.get_by_role("button", name=example.label).click()
    expect(cards.locator(".sl-text").first).to_contain_text("1,880 euros")
    expect(cards).to_have_count(1)
    answered(tab)
    ask_at_length(tab, RENTAL)
    tab.get_by_role("button", name="Who opened the bakery?").click()
    expect(cards.locator(".sl-text").first).to_contain_text("Mara Lindqvist")
    answered(tab)
    tab.wait_for_timeout(1_500)  # what was being read would show up by then
    expect(cards).to_have_count(1)
    expect(tab.locator("#sl-status .sl-reading")).to_have_count(0)


# How it loads

SHIFTS = """() => new Promise(done => new PerformanceObserver((list, observer) => {
  observer.disconnect();
  const shifts = list.getEntries().filter(one => !one.hadRecentInput);
  done(shifts.reduce((sum, one) => sum + one.value, 0));
}).observe({type: 'layout-shift', buffered: true}))"""


@pytest.mark.parametrize("width", SIZES)
def test_asking_page_holds_still_while_it_loads(
    chromium: Browser, served: Served, width: int
) -> None:
    with chromium.new_context(viewport={"width": width, "height": SIZES[width]}) as context:
        tab = context.new_page()
        for _ in ("first visit", "with what was typed"):
            tab.goto(served.url)
            tab.wait_for_function("document.documentElement.classList.contains('sl-ready')")
            tab.wait_for_timeout(700)
            # One shift of ours, too small to matter, so that there is something to observe.
            tab.add_style_tag(content="body { padding-top: 4px }")
            assert tab.evaluate(SHIFTS) < 0.05
            tab.get_by_label("Your text").fill(RENTAL)
            tab.get_by_label("Your question").fill("How much is the deposit?\nWho pays?")
        tab.screenshot(path=SHOTS / f"loaded-{width}.png")


def test_asking_page_is_sent_compressed_and_its_events_as_they_come(
    chromium: Browser, served: Served
) -> None:
    sent: list[Response] = []
    with chromium.new_context() as context:
        tab = context.new_page()
        tab.on("response", lambda response: sent.append(response))
        tab.goto(served.url)
        ask_at_length(tab, BAKERY)  # answers arrive one by one
        page = next(one for one in sent if one.url.rstrip("/") == served.url)
        events = [one for one in sent if "event-stream" in one.headers.get("content-type", "")]
        assert page.headers["content-encoding"] == "gzip"
        assert int(page.headers["content-length"]) < 60_000 < len(page.text())
        assert events
        assert [one.url for one in events if "content-encoding" in one.headers] == []


# What it warns of


@pytest.mark.parametrize("width", SIZES)
def test_asking_warnings_do_not_pile_up(tab: Page, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": SIZES[width]})
    ask(tab, "Who opened the bakery?", BAKERY)
    expect(tab.locator(".sl-verdict mark").first).to_be_visible()
    for question in ("", "x" * 3_000, ""):
        tab.get_by_label("Your question").fill(question)
        tab.get_by_label("Your question").press("Enter")
        tab.wait_for_timeout(300)
    seen = tab.get_by_test_id("toast-text").filter(visible=True)
    expect(seen).to_have_text(["Type a question first."])
    tab.locator(".sl-text").first.scroll_into_view_if_needed()
    answer = tab.locator(".sl-text").first.bounding_box()
    toast = seen.first.bounding_box()
    assert answer is not None
    assert toast is not None
    apart = (
        answer["y"] + answer["height"] <= toast["y"] or toast["x"] + toast["width"] <= answer["x"]
    )
    assert apart, (answer, toast)
    tab.screenshot(path=SHOTS / f"warned-{width}.png")
