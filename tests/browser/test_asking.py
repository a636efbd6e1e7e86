"""Asking on the page: what changes while answers are read, how it loads, what it warns of."""

import pytest
from playwright.sync_api import Browser, Page, expect

from page import messages
from page.examples import EXAMPLES, SHOWN_FIRST
from tests.support import browsing
from tests.support.axe import no_serious_fault
from tests.support.browsing import BAKERY, SHOTS, Served, ask, edit

RENTAL = next(example.context for example in EXAMPLES if "deposit" in example.question)
UNCLEAR = "Who pays for electricity?"
SIZES = {1440: 900, 1024: 768, 390: 844}


# How it loads

# A busy machine may show nothing of what has shifted for a while, hence the second.
SHIFTS = """() => new Promise(done => {
  if (!PerformanceObserver.supportedEntryTypes.includes('layout-shift')) done(Infinity);
  let sum = 0;
  new PerformanceObserver(list => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value;
  }).observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(sum), 1000);
})"""


MOVED = """new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.moved += one.value;
}).observe({type: 'layout-shift'})"""


@pytest.mark.parametrize("width", SIZES)
def test_asking_page_holds_still_while_it_loads(
    chromium: Browser, served: Served, width: int
) -> None:
    with chromium.new_context(viewport={"width": width, "height": SIZES[width]}) as context:
        tab = context.new_page()
        for _ in ("first visit", "with what was typed"):
            tab.goto(served.url)
            tab.wait_for_function("document.documentElement.classList.contains('sl-ready')")
            assert tab.evaluate(SHIFTS) < 0.05
            edit(tab)
            tab.get_by_label("Your text").fill(RENTAL)
            tab.get_by_label("Your question").fill("How much is the deposit?\nWho pays?")
        tab.screenshot(path=SHOTS / f"loaded-{width}.png")
        if width != 1440:
            return
        # What comes later than half a second after a key counts: suggestions, and late answers.
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        tab.add_init_script(MOVED)
        tab.goto("about:blank")
        tab.goto(served.url)
        for text in (RENTAL, RENTAL + " The river ran slowly past the mill that winter." * 600):
            edit(tab)
            tab.evaluate("window.moved = 0")
            tab.evaluate("text => navigator.clipboard.writeText(text)", text)
            tab.get_by_label("Your text").focus()
            tab.keyboard.press("Control+A")
            tab.keyboard.press("Control+V")
            if text == RENTAL:
                expect(tab.locator("#sl-suggested button").first).to_be_visible()
            tab.get_by_label("Your question").fill(UNCLEAR)
            tab.get_by_label("Your question").press("Enter")
            assert tab.evaluate("document.getElementById('sl-columns').dataset.mode") == "read"
            browsing.answered(tab, UNCLEAR)
            tab.wait_for_timeout(300)
            assert tab.evaluate("window.moved") < 0.05
        cut = "all => all.filter((one) => one.scrollWidth > one.clientWidth).length"
        assert tab.locator(".sl-verdict, .sl-verdict p, .sl-legend dd").evaluate_all(cut) == 0


# What it warns of

PLACES = """() => {
  const answer = document.querySelector('.sl-text');
  const toasts = [...document.querySelectorAll('[data-testid=toast-text]')];
  const toast = toasts.find((one) => one.checkVisibility());
  if (!toast) return null;
  answer.scrollIntoView({ block: 'nearest' });
  return [answer, toast].map((one) => one.getBoundingClientRect().toJSON());
}"""


@pytest.mark.parametrize("width", [1440, 390])
def test_asking_warnings_do_not_pile_up(tab: Page, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": SIZES[width]})
    ask(tab, "Who opened the bakery?", BAKERY)
    expect(tab.locator(".sl-verdict mark").first).to_be_visible()
    for question in ("", "x" * 3_000, "\u200b?"):
        tab.get_by_label("Your question").fill(question)
        tab.get_by_label("Your question").press("Enter")
        tab.wait_for_timeout(300)
    seen = tab.get_by_test_id("toast-text").filter(visible=True)
    expect(seen).to_have_text(["Type a question first."])
    answer, toast = tab.wait_for_function(PLACES).json_value()  # at once, before the notice goes
    apart = answer["bottom"] <= toast["top"] or toast["right"] <= answer["left"]
    assert apart, (answer, toast)
    tab.screenshot(path=SHOTS / f"warned-{width}.png")
    no_serious_fault(tab)
    tab.keyboard.press("Escape")
    expect(seen).to_have_count(0)


# One text, and the question in reach

UNCOVERED = """() => {
  const text = document.querySelector('.sl-text'), { x, y, height } = text.getBoundingClientRect();
  return text.contains(document.elementFromPoint(x + 8, y + height / 2));
}"""


@pytest.mark.parametrize("width", [1024, 390])
def test_asking_every_way_brings_the_first_answer_into_view(
    chromium: Browser, served: Served, width: int
) -> None:
    phone = width == 390
    with chromium.new_context(
        viewport={"width": width, "height": SIZES[width]}, has_touch=phone, is_mobile=phone
    ) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        tab = context.new_page()
        tab.goto(served.url)
        first = tab.locator(".sl-verdict:not(.sl-waiting) .sl-text").first

        def in_view(words: str) -> None:
            expect(first).to_contain_text(words)
            expect(first).to_be_in_viewport(ratio=1)
            tab.wait_for_function(UNCOVERED)
            expect(tab.get_by_label("Your text")).to_be_hidden()
            assert tab.evaluate("document.documentElement.scrollWidth") == width

        ask(tab, "Who opened the bakery?", BAKERY)
        in_view("Mara Lindqvist")
        tab.get_by_label("Your question").fill("When did it open?")
        tab.get_by_role("button", name="Ask", exact=True).click()
        in_view("2009")
        example = next(one for one in EXAMPLES if "deposit" in one.question)
        tab.get_by_role("button", name=example.label).click()
        in_view("1,880 euros")
        tab.locator("#sl-history").get_by_role("button", name="When did it open?").click()
        in_view("2009")
        tab.get_by_role("button", name="link", exact=True).click()
        expect(tab.locator("#sl-copied")).to_contain_text("Link copied.")
        link = tab.evaluate("navigator.clipboard.readText()")
        tab.goto("about:blank")
        tab.goto(link)
        in_view("2009")
        tab.evaluate("scrollTo(0, 300)")
        expect(tab.get_by_label("Your question")).to_be_in_viewport()
        tab.screenshot(path=SHOTS / f"asked-{width}.png", full_page=True)


def test_asking_the_text_is_read_or_edited_and_shown_once(tab: Page) -> None:
    text, passage = tab.get_by_label("Your text"), tab.locator(".sl-passage")
    first = tab.locator(".sl-text").first
    ask(tab, "Who opened the bakery?", BAKERY)
    expect(first).to_contain_text("Mara Lindqvist")
    expect(passage).to_be_visible()
    expect(text).to_be_hidden()
    tab.wait_for_function("() => getSelection().toString() === 'Who opened the bakery?'")
    tab.keyboard.type("When did it open?")  # in the place of the question before
    tab.keyboard.press("Enter")
    expect(first).to_contain_text("2009")
    tab.get_by_role("button", name="Edit the text").click()
    expect(text).to_be_focused()
    expect(passage).to_be_hidden()
    tab.get_by_role("button", name="Back to the answers").click()
    expect(passage).to_be_visible()
    tab.get_by_role("button", name="Edit the text").click()
    text.press_sequentially("!")
    expect(tab.get_by_role("button", name="Back to the answers")).to_be_hidden()
    tab.get_by_label("Your question").press("Enter")
    expect(passage).to_contain_text("!")
    expect(text).to_be_hidden()
    tab.get_by_role("button", name="Use another text").click()
    expect(text).to_be_focused()
    expect(text).to_have_value("")


def test_asking_several_questions_by_touch(chromium: Browser, served: Served) -> None:
    with chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ) as context:
        tab = context.new_page()
        tab.goto(served.url)
        expect(tab.get_by_text("Shift+Enter")).to_be_hidden()
        edit(tab)
        tab.get_by_label("Your text").fill(BAKERY)
        tab.get_by_label("Your question").fill("Who opened the bakery?")
        tab.get_by_role("button", name="Add a question").tap()
        expect(tab.get_by_label("Your question")).to_have_value("Who opened the bakery?\n")
        expect(tab.get_by_label("Your question")).to_be_focused()
        tab.keyboard.type("When did it open?")
        tab.get_by_role("button", name="Ask", exact=True).tap()
        expect(tab.locator(".sl-verdict:not(.sl-waiting)")).to_have_count(2)


# The first visit


def test_asking_starts_with_an_example_and_its_answers(tab: Page) -> None:
    example = EXAMPLES[SHOWN_FIRST]
    expect(tab.locator(".sl-first")).to_have_text(messages.EXAMPLE)
    expect(tab.locator(".sl-verdict")).to_have_count(len(example.question.splitlines()))
    expect(tab.locator(".sl-text").first).to_contain_text("1868")
    expect(tab.locator(".sl-passage")).to_have_text(example.context)
    tab.get_by_role("button", name="Why this answer?").click()
    expect(tab.locator("#sl-because")).to_contain_text("mattered most")
    tab.get_by_label("Your question").fill("Who was Tomas Aldane's daughter?")
    tab.get_by_label("Your question").press("Enter")
    expect(tab.locator(".sl-text").first).to_contain_text("Ingrid")
    tab.get_by_role("button", name="Use another text").click()
    tab.reload()  # an empty box is kept, too
    expect(tab.locator(".sl-empty")).to_be_visible()
    expect(tab.locator(".sl-verdict")).to_have_count(0)
    expect(tab.locator("#sl-under")).to_be_hidden()


def test_asking_the_text_can_be_searched_and_its_marks_walked(tab: Page) -> None:
    filler = "The river ran slowly past the mill that winter. " * 60
    ask(tab, "Who opened the bakery?\nWhen did it open?", f"{filler}\n{BAKERY}\n{filler}")
    expect(tab.locator(".sl-verdict:not(.sl-waiting)")).to_have_count(2)
    place, passage = tab.locator(".sl-place"), tab.locator(".sl-passage")
    expect(tab.locator(".sl-rail i")).to_have_count(2)
    top = tab.locator(".sl-rail i").first.evaluate("tick => parseFloat(tick.style.top)")
    assert 40 < top < 60  # in the middle of the text, as the mark
    tab.get_by_role("button", name="Next", exact=True).click()
    expect(place).to_have_text("1 / 2")
    expect(passage.locator("mark.sl-answer").first).to_be_in_viewport()
    tab.get_by_role("button", name="Previous", exact=True).click()
    expect(place).to_have_text("2 / 2")
    search = tab.get_by_role("searchbox", name="Search the text")
    search.fill("CINNAMON")
    expect(place).to_have_text("1 / 1")
    search.fill("the mill")
    expect(place).to_have_text("1 / 120")
    search.press("Enter")
    expect(place).to_have_text("2 / 120")
    search.press("Shift+Enter")
    search.press("Shift+Enter")
    expect(place).to_have_text("120 / 120")
    scrolled = "passage => passage.scrollTop + passage.clientHeight > passage.scrollHeight - 60"
    tab.wait_for_function(f"({scrolled})(document.querySelector('.sl-passage'))")
    assert tab.evaluate("CSS.highlights.get('sl-found').size") == 120
    search.fill("zebra")
    expect(place).to_have_text("0 / 0")
    assert passage.text_content() == f"{filler}\n{BAKERY}\n{filler}"
    no_serious_fault(tab)
