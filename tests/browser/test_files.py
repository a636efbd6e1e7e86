"""Several files on the page, asked as one: real files, a real reader, a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from annotation.store.store import Store
from page import messages
from tests.support.axe import no_serious_fault
from tests.support.browsing import SHOTS, Served, answered, ask, edit
from tests.support.files import docx, pdf

HARBOUR = "The harbour is old. It was opened by Ines Soto in 1904. It holds 240 boats."
BAKERY = "The bakery in Elm Street was founded by Rosa Lind in 1932. It closes at noon."
PLACE = """() => {
  const [box, sheet] = ['.sl-box', '.sl-sheet img'].map((one) =>
    document.querySelector(one).getBoundingClientRect());
  return [(box.x - sheet.x) / sheet.width * 595, (box.y - sheet.y) / sheet.height * 842];
}"""
# What moved though no input moved it, and how much.
MOVED = """window.moved = [];
new PerformanceObserver((list) => list.getEntries().forEach((one) => {
  const moved = one.sources.map(({ node }) => node?.parentElement?.closest('[id]').id);
  if (!one.hadRecentInput) window.moved.push([one.value, moved.join()]);
})).observe({ type: 'layout-shift', buffered: true });"""
CLOSE = "document.querySelectorAll('[data-testid=toast-close]').forEach(one => one.click())"
WHO = "Who founded the bakery in Elm Street?"


@pytest.fixture
def width() -> int:
    return 1280


@pytest.fixture
def tab(chromium: Browser, served: Served, width: int) -> Iterator[Page]:
    phone = width == 390
    with chromium.new_context(
        viewport={"width": width, "height": 860}, has_touch=phone, is_mobile=phone
    ) as context:
        tab = context.new_page()
        tab.add_init_script(MOVED)
        tab.goto(served.url)
        yield tab


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    held = {
        "mill.pdf": pdf("The mill is idle.", "Olga Berg runs the mill."),
        "bakery.docx": docx(BAKERY),
        "harbour.txt": HARBOUR.encode(),
        "copy.md": HARBOUR.encode(),
        "broken.pdf": b"%PDF-1.7 nothing",
    }
    for name, data in held.items():
        (tmp_path / name).write_bytes(data)
    return {name: tmp_path / name for name in held}


def put_in(tab: Page, question: str) -> None:
    tab.get_by_label("Your question").fill(question)
    tab.get_by_label("Your question").press("Enter")
    answered(tab, question)


@pytest.mark.parametrize("width", [1280, 390])
def test_files_are_asked_as_one(tab: Page, files: dict[str, Path], width: int) -> None:
    edit(tab)
    picker = tab.locator("#sl-file input[type=file]")
    names = tab.locator("#sl-files .sl-open")
    picker.set_input_files([files["bakery.docx"], files["broken.pdf"], files["mill.pdf"]])
    expect(names).to_have_text(["bakery.docx", "mill.pdf"])
    toasts = tab.get_by_test_id("toast-text")
    expect(toasts).to_contain_text("broken.pdf: expected a PDF that")
    expect(tab.locator("#sl-opened p").last).to_have_text("bakery.docx and mill.pdf opened.")
    expect(tab.locator("#sl-files li").last).to_contain_text("2 pages, 43 characters")
    expect(tab.locator(".sl-passage")).to_have_text(BAKERY)
    expect(tab.get_by_label("Your text")).to_be_hidden()
    picker.set_input_files(files["harbour.txt"])  # one after another
    expect(names).to_have_count(3)
    picker.set_input_files(files["copy.md"])
    expect(toasts.filter(has_text="is already open")).to_be_visible()
    expect(names).to_have_count(3)

    put_in(tab, f"{WHO}\nWho runs the mill?\nWho painted the bridge?")
    moved = tab.evaluate("window.moved")
    assert sum(value for value, _ in moved) < 0.05, moved
    cards = tab.locator(".sl-verdict")
    expect(cards.nth(0).locator(".sl-text")).to_have_text("Rosa Lind")
    expect(cards.nth(0).locator(".sl-page")).to_have_text("bakery.docx")
    expect(cards.nth(1).locator(".sl-page")).to_have_text("mill.pdf, page 2")
    expect(cards.nth(2).locator(".sl-text")).to_contain_text("in the files.")
    passage = tab.locator(".sl-passage")
    expect(passage).to_have_text(BAKERY)
    expect(passage.locator("mark.sl-answer")).to_have_text("Rosa Lind")
    cards.nth(1).locator(".sl-jump").first.focus()
    tab.keyboard.press("Enter")
    expect(passage).to_contain_text("Olga Berg runs the mill.")
    expect(passage.locator(".sl-shown")).to_have_text("Olga Berg")
    expect(tab.locator("#sl-files [aria-current=true]")).to_contain_text("mill.pdf")
    cards.nth(1).get_by_role("button", name="Show the page").click()
    expect(tab.get_by_role("img", name="mill.pdf, page 2, as a picture")).to_be_in_viewport()
    left, top = tab.evaluate(PLACE)
    assert 70 < left < 76  # points: where it was drawn, on a line at 72
    assert 55 < top < 72
    tab.screenshot(path=SHOTS / f"picture-{width}.png", full_page=True)
    tab.get_by_role("button", name="Hide the page").click()
    expect(tab.locator(".sl-picture")).to_have_count(0)
    names.last.click()
    expect(passage).to_have_text(HARBOUR)
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    tab.evaluate(CLOSE)  # Gradio's own notices have a button in a button
    expect(toasts).to_have_count(0)
    no_serious_fault(tab)
    tab.screenshot(path=SHOTS / f"files-{width}.png", full_page=True)
    assert not [one for one in Store().predictions() if "Elm Street" in one.context]

    tab.get_by_role("button", name="Remove bakery.docx").click()
    expect(names).to_have_text(["mill.pdf", "harbour.txt"])
    expect(cards).to_have_count(0)
    put_in(tab, WHO)
    expect(cards.locator(".sl-text").first).to_contain_text("in the files.")
    tab.get_by_role("button", name="Remove mill.pdf").click()
    expect(tab.get_by_label("Your text")).to_have_value(HARBOUR)
    expect(tab.locator("#sl-files")).to_be_hidden()


def test_files_give_way_to_another_text(tab: Page, files: dict[str, Path]) -> None:
    edit(tab)
    picker = tab.locator("#sl-file input[type=file]")
    both = [files["bakery.docx"], files["harbour.txt"]]
    picker.set_input_files(both)
    expect(tab.locator("#sl-files .sl-open")).to_have_count(2)
    put_in(tab, WHO)
    tab.get_by_role("button", name="Use another text").click()
    expect(tab.get_by_label("Your text")).to_be_visible()
    expect(tab.get_by_label("Your text")).to_have_value("")
    ask(tab, "Who runs the mill?", "Olga Berg runs the mill.")
    answered(tab, "Who runs the mill?")
    expect(tab.locator(".sl-text").first).to_contain_text("Olga Berg")
    tab.locator("#sl-history").get_by_role("button", name=WHO).click()
    expect(tab.get_by_test_id("toast-text")).to_have_text(messages.FILES_GONE)
    expect(tab.locator(".sl-text").first).to_contain_text("Olga Berg")


def test_files_dropped_right_after_each_other_are_asked_together(
    tab: Page, files: dict[str, Path]
) -> None:
    ask(tab, WHO, "Another text, in whose place they come.")
    answered(tab, WHO)
    edit(tab)
    picker = tab.locator("#sl-file input[type=file]")
    stream, join = "**/queue/data?*", "**/queue/join?*"
    held: list[Route] = []

    def open_unheard(name: str) -> None:
        """Open a file; the page does not hear yet that it is open."""
        tab.route(stream, lambda route: held.append(route))
        with tab.expect_response(join):
            picker.set_input_files(files[name])
        tab.wait_for_timeout(500)

    def hear() -> None:
        for route in held:
            route.continue_()
        held.clear()
        tab.unroute(stream)

    open_unheard("harbour.txt")
    with tab.expect_response(join):
        picker.set_input_files(files["mill.pdf"])
    hear()
    names = tab.locator("#sl-files .sl-open")
    expect(names).to_have_count(2)
    assert {*names.all_text_contents()} == {"harbour.txt", "mill.pdf"}

    # Another text was taken in between: they have nothing to do with each other.
    text = tab.get_by_label("Your text")
    tab.get_by_role("button", name="Use another text").click()
    expect(text).to_have_value("")
    picker.set_input_files(files["harbour.txt"])
    expect(text).to_have_value(HARBOUR)
    text.fill("")
    picker.set_input_files(files["mill.pdf"])
    expect(text).to_have_value(re.compile("Olga Berg"))
    expect(names).to_have_count(0)
    own = "My own words."  # typed before a file that was opened before
    open_unheard("harbour.txt")
    text.fill(own)
    hear()
    tab.wait_for_timeout(2_000)
    expect(text).to_have_value(own)
    expect(names).to_have_count(0)


def test_a_long_text_is_read_whole_where_one_asks(tab: Page) -> None:
    filler = "".join(
        f"Parcel {n} weighs {n % 97} pounds and lies on shelf {n % 13}. " for n in range(450)
    )
    ask(tab, WHO, f"{filler}{BAKERY}")
    answered(tab, WHO)
    card = tab.locator(".sl-verdict").first
    expect(card).to_contain_text("most promising")
    card.get_by_role("button", name="Read all").click()
    ask(tab, WHO, BAKERY)  # ends it
    answered(tab, WHO)
    expect(card.locator(".sl-text")).to_have_text("Rosa Lind")
    expect(card.get_by_role("button", name="Read all")).to_have_count(0)
    ask(tab, WHO, f"{filler}{BAKERY}")
    answered(tab, WHO)
    card.get_by_role("button", name="Read all").click()
    expect(card).not_to_contain_text("most promising")
    expect(card.locator(".sl-text")).to_have_text("Rosa Lind")
    expect(tab.get_by_role("button", name="Cancel")).to_be_hidden()
