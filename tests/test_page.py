"""The page: what it renders, and how it behaves in Chromium with the bundled model."""

import html
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

from page import render
from page.examples import EXAMPLES
from qa_core.reader import Answer, Reader, Span
from tests.browsing import ROOT, SHOTS, Served

BAKERY = (
    "Mara Lindqvist opened the bakery on Quay Street in March 2009. 🥐👩‍🍳\n\n"
    "  Its cinnamon buns sell out by nine o'clock, and on Sundays it stays closed."
)
# For each example, what its answer must contain; None where the text does not say.
EXAMPLE_ANSWERS = ("Ingrid", "1,880 euros", None, "25 °C", "18:15", None)


# What is rendered


def rendered(context: str, answer: Answer) -> tuple[str, list[tuple[str, str]]]:
    """The passage's text and its (kind, text) marks, as a browser shows them."""
    found = re.search(
        r'<div class="sl-passage"[^>]*>(.*)</div>', render.result(context, answer), re.S
    )
    assert found is not None
    marks = re.findall(r'<mark class="sl-(\w+)"[^>]*>(.*?)</mark>', found[1], re.S)
    text = html.unescape(re.sub(r"</?mark[^>]*>", "", found[1]))
    return text, [(kind, html.unescape(marked)) for kind, marked in marks]


def verdict(
    context: str, *spans: tuple[int, int], answerable: bool = True, **changes: object
) -> Answer:
    """An answer whose spans, best first, stand at the given places."""
    found = [
        Span(text=context[a:b], start=a, end=b, score=5.0 - rank, confidence=0.8 / 2**rank)
        for rank, (a, b) in enumerate(spans)
    ]
    fields = {
        "text": found[0].text if answerable else "",
        "start": found[0].start if answerable else 0,
        "end": found[0].end if answerable else 0,
        "score": found[0].score,
        "confidence": 0.8,
        "null_score": 0.0,
        "answerable": answerable,
        "alternatives": tuple(found[1:] if answerable else found),
        "warnings": (),
        "model": "test",
        "plain_confidence": 0.8,
    }
    return Answer(**{**fields, **changes})  # type: ignore[arg-type]


@given(
    context=st.text(st.characters(exclude_categories=["Cs"]), min_size=4),
    data=st.data(),
    answerable=st.booleans(),
)
def test_page_passage_is_the_context_unchanged(
    context: str, data: st.DataObject, answerable: bool
) -> None:
    places = st.lists(st.integers(0, len(context)), min_size=4, max_size=4, unique=True)
    a, b, c, d = sorted(data.draw(places))
    text, marks = rendered(context, verdict(context, (c, d), (a, b), answerable=answerable))
    assert text == context
    if answerable:
        assert marks == [("other", context[a:b]), ("answer", context[c:d])]
    else:
        assert marks == [("guess", context[c:d])]


def test_page_leaves_out_alternatives_nobody_would_believe() -> None:
    answer = verdict(BAKERY, (0, 14), *((20 + 2 * n, 21 + 2 * n) for n in range(8)))
    assert [span.confidence >= render.WORTH_SHOWING for span in answer.alternatives].count(
        False
    ) == 2
    assert len(rendered(BAKERY, answer)[1]) == 7


def test_page_escapes_everything_it_is_given() -> None:
    context = "<script>a()</script><b>&amp;</b>"
    shown = render.result(context, verdict(context, (0, 20), (20, 23), warnings=("<i>cut</i>",)))
    assert "<script" not in shown
    assert "<b>&" not in shown
    assert "<i>cut" not in shown
    assert rendered(context, verdict(context, (0, 20)))[0] == context


def test_page_shows_a_lone_surrogate_as_a_replacement_character() -> None:
    assert rendered("bad \ud83d half", verdict("bad \ud83d half", (0, 3)))[0] == "bad \ufffd half"


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(0.0, "under 1%"), (0.0099, "under 1%"), (0.01, "1%"), (0.504, "50%"), (0.995, "over 99%")],
)
def test_page_percent_never_claims_certainty(probability: float, shown: str) -> None:
    assert render.percent(probability) == shown


def test_page_words_follow_the_confidence() -> None:
    assert [render.in_words(p)[0] for p in (0.2, 0.5, 0.7, 0.9)] == ["low", "fair", "good", "high"]


# With the bundled model


def test_page_examples_are_answered_as_they_promise() -> None:
    reader = Reader.load()
    for example, wanted in zip(EXAMPLES, EXAMPLE_ANSWERS, strict=True):
        answer = reader.answer(example.question, example.context)
        assert answer.answerable == (wanted is not None), example.label
        assert (wanted or "") in answer.text, example.label


def test_page_serves_without_the_heavy_libraries() -> None:
    code = (
        "import sys, app; from qa_core.reader import Reader;"
        "reader = Reader.load(); app.build(reader); reader.answer('Who?', 'Ada wrote it.');"
        "print({'torch', 'transformers', 'datasets', 'setfit', 'argilla'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ran.stdout.strip() == "set()", ran.stderr


def test_page_without_its_model_ends_with_one_line(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "app.py", "--no-browser", "--model", str(tmp_path / "none")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith("Error: ")
    assert len(ran.stderr.splitlines()) == 1


# In the browser


@pytest.fixture
def tab(chromium: Browser, served: Served) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1280, "height": 900}) as context:
        tab = context.new_page()
        tab.goto(served.url)
        yield tab


def ask(tab: Page, question: str, context: str) -> None:
    """Fill in both boxes and press Enter in the question."""
    tab.get_by_label("Your text").fill(context)
    tab.get_by_label("Your question").fill(question)
    tab.get_by_label("Your question").press("Enter")


def test_page_marks_the_answer_in_the_text(tab: Page, served: Served) -> None:
    ask(tab, "Who opened the bakery?", BAKERY)
    expect(tab.locator(".sl-verdict mark")).to_have_text("Mara Lindqvist")
    expect(tab.locator(".sl-passage mark.sl-answer")).to_have_text("Mara Lindqvist")
    assert tab.locator(".sl-passage").text_content() == BAKERY
    assert tab.locator(".sl-passage").inner_text() == BAKERY
    percent = tab.get_by_role("meter", name="Confidence").get_attribute("aria-valuenow")
    assert 50 <= int(percent or 0) <= 100
    assert psutil.Process(served.pid).memory_info().rss < 1e9
    tab.screenshot(path=SHOTS / "answer.png", full_page=True)


def test_page_says_when_the_text_does_not(tab: Page) -> None:
    ask(tab, "How much does a loaf of rye bread cost?", BAKERY)
    expect(tab.locator(".sl-verdict")).to_contain_text("The text does not say.")
    expect(tab.locator(".sl-legend")).to_contain_text("Nearest guess")
    expect(tab.locator(".sl-passage mark")).to_have_class("sl-guess")
    tab.screenshot(path=SHOTS / "no-answer.png", full_page=True)


def test_page_shows_markup_as_text_and_runs_nothing(tab: Page) -> None:
    attack = (
        "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'>{{constructor}} "
        "${window.ran = 3} </div><b>Olga Ruiz</b> won the race &amp; the <i>cup</i> in 1987."
    )
    ask(tab, "Who won the race?", attack)
    expect(tab.locator(".sl-verdict mark")).to_contain_text("Olga Ruiz")
    assert tab.locator(".sl-passage").text_content() == attack
    assert tab.locator(".sl-passage :not(mark)").count() == 0
    assert tab.evaluate("window.ran") is None


@pytest.mark.parametrize(
    ("question", "context", "hint"),
    [
        ("", BAKERY, "Type a question first."),
        ("Who opened the bakery?", " \n ", "Paste a text first"),
    ],
)
def test_page_keeps_what_was_typed_when_it_cannot_answer(
    tab: Page, question: str, context: str, hint: str
) -> None:
    ask(tab, question, context)
    expect(tab.get_by_test_id("toast-text")).to_contain_text(hint)
    expect(tab.get_by_label("Your text")).to_have_value(context)
    expect(tab.get_by_label("Your question")).to_have_value(question)
    expect(tab.locator(".sl-empty")).to_be_visible()


def test_page_scrolls_a_long_text_to_its_answer(tab: Page) -> None:
    filler = "The river ran slowly past the mill that winter 🧊, and nobody came. " * 60
    ask(tab, "Who opened the bakery?", f"{filler}\n\n{BAKERY}\n\n{filler}")
    mark = tab.locator(".sl-passage mark.sl-answer")
    expect(mark).to_have_text("Mara Lindqvist")
    expect(mark).to_be_in_viewport()


def test_page_examples_fill_the_form_and_answer(tab: Page) -> None:
    example = EXAMPLES[1]
    tab.get_by_role("button", name=example.label).click()
    expect(tab.locator(".sl-verdict mark")).to_contain_text("1,880 euros")
    expect(tab.get_by_label("Your question")).to_have_value(example.question)
    expect(tab.get_by_label("Your text")).to_have_value(example.context)


def test_page_fits_a_phone_in_the_dark(chromium: Browser, served: Served) -> None:
    with chromium.new_context(
        viewport={"width": 390, "height": 844}, color_scheme="dark", reduced_motion="reduce"
    ) as context:
        tab = context.new_page()
        tab.goto(served.url)
        ask(tab, "When did the bakery open?", BAKERY)
        expect(tab.locator(".sl-verdict mark")).to_be_in_viewport()
        assert tab.evaluate("document.documentElement.scrollWidth") == 390
        tab.screenshot(path=SHOTS / "phone.png", full_page=True)


def test_page_asks_nothing_of_any_other_host(chromium: Browser, served: Served) -> None:
    with chromium.new_context() as context:
        tab = context.new_page()
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(served.url)
        ask(tab, "Who opened the bakery?", BAKERY)
        expect(tab.locator(".sl-verdict mark")).to_be_visible()
    assert asked
    assert [url for url in asked if not url.startswith((served.url, "data:", "blob:"))] == []


def test_page_answers_programs_too(served: Served) -> None:
    client = Client(served.url, verbose=False)
    found = client.predict(question="Who opened the bakery?", context=BAKERY, api_name="/answer")
    assert BAKERY[found["start"] : found["end"]] == found["text"] == "Mara Lindqvist"
    assert found["answerable"] is True
    assert 0 <= found["confidence"] <= 1
    with pytest.raises(AppError, match="question"):
        client.predict(question=" ", context=BAKERY, api_name="/answer")
