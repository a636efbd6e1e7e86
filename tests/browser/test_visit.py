"""A visit to the page: what is shown of doubt and of changes, and what outlives a reload."""

import json
import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from page import messages, share
from page.asked import Asked
from page.examples import EXAMPLES, SHOWN_FIRST
from page.html import result as render
from page.html.passage import Mark, passage
from page.suggest.ideas import SHOWN
from qa_core.inference.answer import Answer, Span
from tests.support import browsing
from tests.support.axe import no_serious_fault
from tests.support.browsing import BAKERY, SHOTS, Served

SCHOOL_TRIP = (
    "Year 6 will visit the Maritime Museum on Thursday 23 May. The trip costs £14 per child."
    " Payment is due by 10 May."
)
LOOK = """(number) => {
  document.querySelector('[data-look]').dataset.look = number;
  document.dispatchEvent(new Event('sl-edited'));
}"""
OWNER = "Who owns the bakery today?"  # which the text does not say


def ask(tab: Page, question: str, context: str) -> None:
    browsing.ask(tab, question, context)
    browsing.answered(tab, question)


def copied(tab: Page, what: str) -> str:
    tab.locator("#sl-copy").get_by_role("button", name=what, exact=True).click()
    expect(tab.locator("#sl-copied")).to_contain_text("copied" if what == "link" else what)
    return str(tab.evaluate("navigator.clipboard.readText()"))


def drop(tab: Page, selector: str, name: str, text: str) -> None:
    """Drop a file on an element."""
    tab.evaluate(
        """([selector, name, text]) => {
          const held = new DataTransfer();
          held.items.add(new File([text], name));
          for (const kind of ['dragover', 'drop'])
            document.querySelector(selector).dispatchEvent(
              new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: held}));
        }""",
        [selector, name, text],
    )


# Doubt


def given(confidence: float, answerable: bool) -> Asked:
    span = Span(BAKERY[:14], 0, 14, 1.0, confidence)
    said = (span.text, 0, 14) if answerable else ("", 0, 0)
    others = () if answerable else (span,)
    answer = Answer(*said, 1.0, confidence, 0.0, answerable, others, (), "m", 0.5)
    return Asked("Who?", BAKERY, answer)


def test_visit_the_less_sure_the_louder(tab: Page) -> None:
    """Words, weight and colour say how sure an answer is, or that there is none."""
    ask(tab, "Who opened the bakery?", BAKERY)
    loudness = """element => {
      const style = getComputedStyle(element), filled = style.backgroundColor != 'rgba(0, 0, 0, 0)';
      return [filled ? 1 : 0, Number(style.fontWeight)];
    }"""
    for answerable in (True, False):
        marks, firm, words = [], [], []
        for confidence in (0.95, 0.8, 0.56, 0.41):
            markup = render.result([given(confidence, answerable)])
            replace = "html => document.querySelector('#sl-result article').outerHTML = html"
            tab.evaluate(replace, str(markup))
            marks.append(tab.locator(".sl-confidence b").evaluate(loudness))
            firm.append(tab.locator(".sl-text").evaluate(loudness)[1])
            words.append(tab.locator(".sl-verdict").inner_text())
        assert marks == sorted(marks)
        assert marks[0] < marks[2] < marks[3]
        assert len(set(words)) == 4
        if not answerable:
            assert firm == sorted(firm, reverse=True)
            assert firm[0] > firm[-1]


def test_visit_the_closest_words_are_one_click_from_the_answer(tab: Page) -> None:
    ask(tab, f"Who opened the bakery?\n{OWNER}", BAKERY)
    card = tab.locator(".sl-verdict").nth(1)
    expect(card.locator(".sl-text")).to_contain_text("in the text")
    closest = card.locator(".sl-guess").inner_text()
    tab.screenshot(path=SHOTS / "no-answer.png", full_page=True)
    card.get_by_role("button", name="Use as the answer").click()
    expect(card.locator(".sl-text")).to_have_text(closest)
    expect(card.locator(".sl-take")).to_have_count(0)
    first, second = json.loads(copied(tab, "JSON"))["answers"]
    assert first["text"] == "Mara Lindqvist"
    assert second["answerable"] is True
    assert BAKERY[second["start"] : second["end"]] == second["text"] == closest


@pytest.mark.parametrize("kinds", [("answer", "answer"), ("answer", "guess"), ("guess", "guess")])
def test_visit_spans_on_the_same_words_keep_all_numbers(kinds: tuple[str, str]) -> None:
    marks = [Mark(0, 4, kind, number, 0) for number, kind in enumerate(kinds)]  # type: ignore[arg-type]
    marks += [Mark(2, 4, "guess", 2, 0), Mark(0, 4, "other", 3, 1)]
    shown = passage("Mara Lindqvist", marks, several=True)
    badges = re.findall(r'class="sl-number sl-colour-(.)" data-number="(.)"', shown)
    assert badges == [("0", "1"), ("1", "2"), ("2", "3")]


def test_visit_why_can_be_opened_at_any_time(tab: Page) -> None:
    """Also while the next text is read, when there is nothing to explain yet."""
    ask(tab, "Who opened the bakery?", BAKERY)
    long = "The river ran slowly past the mill that winter, and nobody came. " * 4_000
    browsing.fill_text(tab, long)
    tab.get_by_label("Your question").press("Enter")
    expect(tab.get_by_role("progressbar", name=messages.PART_READ)).to_be_visible()
    tab.get_by_role("button", name="Why this answer?").click()
    told = re.compile("There is no answer to explain yet|mattered most")  # it may be read by then
    expect(tab.locator("#sl-because")).to_contain_text(told)
    expect(tab.get_by_test_id("toast-body")).to_have_count(0)


def test_visit_hints_at_what_the_reader_is_not_made_for(tab: Page) -> None:
    notes = tab.locator(".sl-note")
    ask(tab, "Is the bakery open on Sundays?\nWho opened the bakery?", BAKERY)
    expect(notes).to_have_text([re.compile("^This is a yes/no question.")])
    german = "Die Bäckerei am Hafen öffnet um sieben Uhr. Der Besitzer heißt Karl Weber."
    ask(tab, "Wem gehört die Bäckerei?", german)
    expect(notes).to_have_text([re.compile("^Your text does not seem to be in English.")])


def test_visit_suggests_questions_that_the_text_answers(tab: Page) -> None:
    chips = tab.locator("#sl-suggested button")
    expect(chips).to_have_count(0)  # the example shows its own
    tab.get_by_role("button", name="Use another text").click()
    tab.get_by_label("Your text").fill(SCHOOL_TRIP)
    expect(chips.first).to_be_visible()
    assert 1 <= chips.count() <= SHOWN
    no_serious_fault(tab)
    tab.screenshot(path=SHOTS / "suggested.png", full_page=True)
    for number, is_late in (
        ("-1", True),
        (tab.locator("[data-look]").get_attribute("data-look"), False),
    ):
        tab.evaluate(LOOK, number)  # those of a text before this one
        expect(chips.first).to_be_visible(visible=not is_late)
    question = chips.first.inner_text()
    chips.first.click()
    browsing.answered(tab, question)
    expect(tab.get_by_label("Your question")).to_have_value(question)
    expect(tab.locator(".sl-confidence")).to_have_class(re.compile("sl-high|sl-good"))
    expect(chips.first).to_be_hidden()  # the answer is shown
    tab.get_by_role("button", name="Edit the text").click()
    tab.get_by_label("Your text").fill("Nothing to see here.")
    expect(chips.first).to_be_hidden()  # those of another text


# Changes


def test_visit_answers_tell_when_text_or_question_changed(tab: Page) -> None:
    question, text = tab.get_by_label("Your question"), tab.get_by_label("Your text")
    changed = {name: tab.locator(f".sl-changed[data-what={name}]") for name in ("text", "question")}

    def is_changed(*names: str) -> None:
        for name, note in changed.items():
            expect(note).to_be_visible(visible=name in names)

    ask(tab, "Who opened the bakery?\n\n  When did it open? ", BAKERY)
    is_changed()
    browsing.edit(tab)
    text.press_sequentially("!")
    is_changed("text")
    expect(changed["text"]).to_have_text("The text changed: ask again.")
    tab.screenshot(path=SHOTS / "changed.png", full_page=True)
    # What is copied belongs together, whatever the form holds.
    kept = share.from_fragment(copied(tab, "link").partition("#")[2])
    assert kept == ("Who opened the bakery?\nWhen did it open?", BAKERY)
    assert json.loads(copied(tab, "JSON"))["context"] == BAKERY
    text.fill(BAKERY)
    is_changed()
    question.fill("Who opened it?")
    is_changed("question")
    question.press("Enter")
    is_changed()
    expect(tab.locator("#sl-copied")).to_have_text("")  # that was of the answers before
    tab.get_by_role("button", name=re.compile(r"Who opened the bakery\? \(\+ 1\)")).click()
    expect(tab.locator(".sl-verdict")).to_have_count(2)
    is_changed()
    # A file whose characters browsers change on their way into a box.
    strange = "Mara\r\nLindqvist\ropened the\u2028 bakery\u0085 in 2009. \ufeff 🥐"
    drop(tab, "#sl-context textarea", "strange.txt", strange)
    is_changed("text")
    question.press("Enter")
    expect(tab.locator(".sl-passage")).to_contain_text("bakery\u0085 in 2009")
    is_changed()


# What outlives a reload


def test_visit_reload_keeps_text_questions_and_tab(tab: Page, served: Served) -> None:
    text, question = tab.get_by_label("Your text"), tab.get_by_label("Your question")
    ask(tab, "Who opened it?\nWhen?", BAKERY)
    link = copied(tab, "link")
    assert "#s1=" not in tab.url
    for name in ("Batch", "Accuracy", "Review", "Ask", "Batch"):
        tab.get_by_role("tab", name=name).click()
        expect(tab).to_have_url(re.compile(f"#{name.lower()}$"))
    tab.reload()
    expect(tab.get_by_role("tab", name="Batch")).to_have_attribute("aria-selected", "true")
    tab.get_by_role("tab", name="Ask").click()
    expect(text).to_have_value(BAKERY)
    expect(question).to_have_value("Who opened it?\nWhen?")

    # A link is opened once; what it brought may then be edited.
    tab.goto("about:blank")
    tab.goto(link)
    expect(tab.locator(".sl-verdict:not(.sl-waiting)")).to_have_count(2)
    browsing.edit(tab)
    text.fill("Another text.")
    tab.reload()
    expect(text).to_have_value("Another text.")
    expect(question).to_have_value("Who opened it?\nWhen?")
    expect(tab.locator(".sl-empty")).to_be_visible()

    tab.get_by_label("Keep this private").check()
    text.fill("A secret.")
    expect(tab.locator("#sl-private input")).to_be_checked()
    tab.reload()
    expect(text).to_have_value(EXAMPLES[SHOWN_FIRST].context)
    expect(question).to_have_value(EXAMPLES[SHOWN_FIRST].question)
    assert tab.evaluate("JSON.stringify({...sessionStorage, ...localStorage})").count("secret") == 0

    tab.goto(f"{served.url}/#accuracy")
    tab.reload()
    expect(tab.get_by_role("tab", name="Accuracy")).to_have_attribute("aria-selected", "true")
    for name in ("Batch", "Ask"):
        tab.get_by_role("tab", name=name, exact=True).click()
    for name in ("Batch", "Accuracy"):
        tab.go_back()
        selected = tab.get_by_role("tab", name=name, exact=True)
        expect(selected).to_have_attribute("aria-selected", "true")
    tab.go_forward()
    expect(tab.get_by_role("tab", name="Batch")).to_have_attribute("aria-selected", "true")


def test_visit_what_is_typed_at_once_stays(tab: Page, served: Served) -> None:
    """As soon as the page can be seen, which is when it has looked for what it kept."""
    tab.goto(f"{served.url}/#ask")
    tab.reload()
    tab.get_by_role("button", name="Edit the text").click()
    tab.get_by_label("Your text").fill("Typed at once.")
    tab.get_by_label("Your question").fill("When?")
    tab.get_by_label("Your question").press("Enter")
    expect(tab.locator(".sl-passage")).to_have_text("Typed at once.")
    expect(tab.get_by_label("Your text")).to_have_value("Typed at once.")


# Around the form


def test_visit_files_dropped_beside_a_box_are_taken(tab: Page, served: Served) -> None:
    browsing.edit(tab)
    expect(tab.get_by_role("button", name="Open files")).to_be_enabled()
    for selector in ("#sl-header", "#sl-question", "#sl-footer"):
        tab.get_by_label("Your text").fill(f"The text before {selector}.")
        drop(tab, selector, "dropped.txt", BAKERY)
        expect(tab.get_by_label("Your text")).to_have_value(BAKERY)
    tab.get_by_role("tab", name="Batch").click()
    for number, selector in enumerate(("#sl-footer", "#sl-many-preview")):
        rows = f"question,context\nWho?,Ada wrote it {number}.\n"
        drop(tab, selector, f"rows{number}.csv", rows)
        expect(tab.locator("#sl-many-preview")).to_contain_text(f"rows{number}.csv: 1 question")
    assert tab.url.startswith(served.url)
    tab.get_by_role("button", name="Answer all").click()
    expect(tab.locator("#sl-many-progress")).to_contain_text("All 1 answered")
    expect(tab.get_by_role("button", name="Download CSV")).to_be_enabled()
    expect(tab.locator("#sl-many-file a")).to_have_count(0)  # the file is read and gone
    links = tab.locator("a[href*='gradio_api']").evaluate_all("links => links.map(a => a.href)")
    assert [link for link in links if not httpx.get(link).is_success] == []


# Where things stand on the page, wherever it is scrolled to.
PLACES = """shown => [...document.querySelectorAll(shown)].map(one => {
  const place = one.getBoundingClientRect();
  return [place.x + scrollX, place.y + scrollY, place.width, place.height].map(Math.round);
})"""


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_visit_copying_moves_nothing(tab: Page, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    ask(tab, "Who opened the bakery?", BAKERY)
    shown = "#sl-copy button, #sl-why button, #sl-footer"
    expect(tab.locator(shown)).to_have_count(6)
    tab.wait_for_timeout(1_000)  # until the text has taken the place of its box
    before = tab.evaluate(PLACES, shown)
    for name in ("link", "text", "JSON", "SQuAD"):
        copied(tab, name)
        assert tab.evaluate(PLACES, shown) == before


def test_visit_panels_open_by_their_address(tab: Page, served: Served) -> None:
    tab.goto(f"{served.url}/?view=api")
    expect(tab.get_by_text("answer_many").first).to_be_visible()
    tab.goto(f"{served.url}/?view=settings")
    expect(tab.get_by_text("Display Theme").first).to_be_visible()
