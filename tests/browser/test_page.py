"""The page: what it renders, and how it behaves in Chromium with the bundled model."""

import base64
import html
import json
import re
import subprocess
import sys
import zlib
from email.message import EmailMessage
from pathlib import Path

import psutil
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

from page import asked, messages, share
from page.asked import Asked
from page.examples import EXAMPLES
from page.html import result as render
from page.html.passage import Mark, passage
from page.tabs.ask_parts import STRICTNESS
from qa_core.data.squad import read
from qa_core.errors import InputError
from qa_core.inference.answer import Answer, Span
from qa_core.inference.reader import Reader
from qa_core.text.documents import MAX_CHARACTERS
from tests.support.axe import no_serious_fault
from tests.support.browsing import BAKERY, ROOT, SHOTS, Served, answered, ask, edit
from tests.support.files import docx, pdf

# For each example's questions, what the answer must contain; None where the text does not say.
EXAMPLE_ANSWERS = (
    "Ingrid",
    "1868",
    "1974",
    "weather station",
    None,
    "1,880 euros",
    None,
    "25 °C",
    "18:15",
    None,
)


# What is rendered


def shown(context: str, *answers: Answer) -> str:
    return render.result([Asked("Who?", context, answer) for answer in answers])


def rendered(markup: str) -> tuple[str, list[tuple[str, str]]]:
    """The passage's text and its (kind, text) marks, as a browser shows them."""
    found = re.search(r'<div class="sl-passage"[^>]*>(.*?)</div>', markup, re.S)
    assert found is not None
    marks = re.findall(r'<mark class="sl-(\w+)[^>]*>(.*?)</mark>', found[1], re.S)
    text = html.unescape(re.sub(r"</?(mark|span)[^>]*>", "", found[1]))
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
    text, marks = rendered(shown(context, verdict(context, (c, d), (a, b), answerable=answerable)))
    assert text == context
    if answerable:
        assert marks == [("other", context[a:b]), ("answer", context[c:d])]
    else:
        assert marks == [("guess", context[c:d])]


@given(
    context=st.text(st.characters(exclude_categories=["Cs", "Zl"]), min_size=4),
    data=st.data(),
)
def test_page_marks_overlapping_answers_whole(context: str, data: st.DataObject) -> None:
    places = st.lists(st.integers(0, len(context)), min_size=2, max_size=2, unique=True)
    spans = [sorted(places) for places in data.draw(st.lists(places, min_size=1, max_size=5))]
    marks = [Mark(a, b, "answer", number, 0) for number, (a, b) in enumerate(spans)]
    pages = sorted(data.draw(st.sets(st.integers(0, len(context) - 1), max_size=3)))
    markup = passage(context, marks, pages, several=True)
    assert rendered(markup)[0] == context
    assert markup.count("sl-page-break") == len(pages)
    pieces = re.findall(r'<mark [^>]*data-spans="([^"]*)"[^>]*>(.*?)</mark>', markup, re.S)
    for mark in marks:
        own = [text for names, text in pieces if mark.name in names.split()]
        whole = html.unescape(re.sub("<span[^>]*></span>", "", "".join(own)))
        assert whole == context[mark.start : mark.end]


def test_page_tells_the_page_of_an_answer() -> None:
    one = Asked("Who?", "Ada\n\nBea", verdict("Ada\n\nBea", (5, 8), (0, 3)), pages=(0, 5))
    markup = render.result([one])
    assert '<span class="sl-page">page 2</span>' in markup
    assert "<b>40%</b>, page 1" in markup


def test_page_leaves_out_alternatives_nobody_would_believe() -> None:
    answer = verdict(BAKERY, (0, 14), *((20 + 2 * n, 21 + 2 * n) for n in range(8)))
    assert [span.confidence >= render.WORTH_SHOWING for span in answer.alternatives].count(
        False
    ) == 2
    assert len(rendered(shown(BAKERY, answer))[1]) == 7


def test_page_shows_a_lone_surrogate_as_a_replacement_character() -> None:
    assert (
        rendered(shown("bad \ud83d half", verdict("bad \ud83d half", (0, 3))))[0]
        == "bad \ufffd half"
    )


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(0.0, "under 1%"), (0.0099, "under 1%"), (0.01, "1%"), (0.504, "50%"), (0.995, "over 99%")],
)
def test_page_percent_never_claims_certainty(probability: float, shown: str) -> None:
    assert messages.percent(probability) == shown


def test_page_words_follow_the_confidence() -> None:
    assert [messages.confidence(p)[0] for p in (0.2, 0.5, 0.7, 0.9)] == [
        "low",
        "fair",
        "good",
        "high",
    ]


# What visitors take away


@given(question=st.text(max_size=200), context=st.text(max_size=2000))
def test_page_link_brings_back_what_it_was_made_of(question: str, context: str) -> None:
    fragment = share.to_fragment(question, context)
    assert re.fullmatch(r"[\w=-]+", fragment, re.ASCII)
    assert share.from_fragment(f"#{fragment}") == (question, context)


def test_page_link_is_refused_when_too_long_or_damaged() -> None:
    noise = "".join(map(chr, range(0x4E00, 0x9000)))
    with pytest.raises(InputError, match="too long for a link"):
        share.to_fragment("Who?", noise)
    fragment = share.to_fragment("Who?", BAKERY)
    bomb = zlib.compress(json.dumps(["", " " * 5 * MAX_CHARACTERS]).encode(), 9)
    bad = [fragment[:-9], fragment + "!", "s1=", "s1=é", share.FORMAT + "A" * 99_999]
    bad += [share.FORMAT + base64.urlsafe_b64encode(bomb).decode()]
    bad += [share.FORMAT + base64.urlsafe_b64encode(zlib.compress(b"[1, 2]")).decode()]
    for one in bad:
        with pytest.raises(InputError, match="This link is damaged"):
            share.from_fragment(one)


def test_page_copies_are_whole(tmp_path: Path) -> None:
    pair = [
        Asked("Who opened it?", BAKERY, verdict(BAKERY, (0, 14))),
        Asked("What is rye?", BAKERY, verdict(BAKERY, (5, 9), answerable=False)),
    ]
    assert asked.as_text(pair) == (
        "Who opened it?\nMara Lindqvist (80%)\n\nWhat is rye?\nProbably not in the text. (80%)"
    )
    found = json.loads(asked.as_json(pair))
    assert found["context"] == BAKERY
    assert [row["text"] for row in found["answers"]] == ["Mara Lindqvist", ""]
    (tmp_path / "copied.json").write_text(asked.as_squad(pair), encoding="utf-8")
    (first, second), _ = read(tmp_path / "copied.json", progress=False)
    assert [gold.text for gold in first.answers] == ["Mara Lindqvist"]
    assert second.answers == ()
    assert first.context == BAKERY


# With the bundled model


def test_page_examples_are_answered_as_they_promise() -> None:
    reader = Reader.load()
    asked = [
        (question, example.context)
        for example in EXAMPLES
        for question in example.question.splitlines()
    ]
    answers = reader.answer_batch(asked)
    for (question, _), answer, wanted in zip(asked, answers, EXAMPLE_ANSWERS, strict=True):
        assert answer.answerable == (wanted is not None), question
        assert (wanted or "") in answer.text, question


def test_page_serves_without_the_heavy_libraries() -> None:
    code = (
        "import sys, app; from annotation.loop.intake import Intake;"
        "from annotation.store.store import Store; from qa_core.inference.reader import Reader;"
        "from qa_core.serving.shared import SharedReader;"
        "reader = SharedReader(Reader.load()); app.build(reader, intake=Intake(Store()));"
        "reader.answer('Who?', 'Ada wrote it.');"
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
    assert ran.stderr.startswith("error: ")
    assert len(ran.stderr.splitlines()) == 1


# In the browser


def test_page_marks_the_answer_in_the_text(tab: Page, served: Served) -> None:
    ask(tab, "Who opened the bakery?", BAKERY)
    expect(tab.locator(".sl-verdict mark").first).to_have_text("Mara Lindqvist")
    expect(tab.locator(".sl-passage mark.sl-answer")).to_have_text("Mara Lindqvist")
    assert tab.locator(".sl-passage").text_content() == BAKERY
    assert tab.locator(".sl-passage").inner_text() == BAKERY
    percent = tab.get_by_role("meter", name="Confidence").get_attribute("aria-valuenow")
    assert 50 <= int(percent or 0) <= 100
    assert psutil.Process(served.pid).memory_info().rss < 1e9
    tab.screenshot(path=SHOTS / "answer.png", full_page=True)


def test_page_says_when_the_text_does_not(tab: Page) -> None:
    ask(tab, "Who owns the bakery today?", BAKERY)
    expect(tab.locator(".sl-verdict")).to_contain_text(re.compile("ot in the text."))
    expect(tab.locator(".sl-legend")).to_contain_text("Closest")
    expect(tab.locator(".sl-passage mark")).to_have_class(re.compile("sl-guess"))
    tab.screenshot(path=SHOTS / "no-answer.png", full_page=True)


def test_page_shows_markup_as_text_and_runs_nothing(tab: Page) -> None:
    attack = (
        "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'>{{constructor}} "
        "${window.ran = 3} </div><b>Olga Ruiz</b> won the race &amp; the <i>cup</i> in 1987."
    )
    ask(tab, "Who won the race?", attack)
    expect(tab.locator(".sl-verdict mark").first).to_contain_text("Olga Ruiz")
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
    example = next(one for one in EXAMPLES if "deposit" in one.question)
    tab.get_by_role("button", name=example.label).click()
    expect(tab.locator(".sl-verdict mark").first).to_contain_text("1,880 euros")
    expect(tab.get_by_label("Your question")).to_have_value(example.question)
    expect(tab.get_by_label("Your text")).to_have_value(example.context)


RENTAL = next(example.context for example in EXAMPLES if "deposit" in example.question)
SEVERAL = "How much is the deposit?\nWho pays for electricity?\nWho repairs the heating?"


def test_page_answers_several_questions_in_colours(tab: Page) -> None:
    ask(tab, SEVERAL, RENTAL)
    cards = tab.locator(".sl-verdict:not(.sl-waiting)")
    expect(cards).to_have_count(3)
    expect(cards.nth(0).locator(".sl-text")).to_contain_text("1,880 euros")
    expect(cards.nth(1)).to_contain_text("Unclear whether the text says.")
    colours = {
        card.locator(".sl-badge").evaluate("e => getComputedStyle(e).backgroundColor")
        for card in cards.all()
    }
    assert len(colours) == 3
    assert tab.locator(".sl-passage").text_content() == RENTAL
    tab.screenshot(path=SHOTS / "several.png", full_page=True)
    tab.get_by_role("button", name="Why this answer?").click()
    because = tab.locator("#sl-because")
    expect(because).to_contain_text("“deposit” mattered most for this answer.")
    expect(because.locator(".sl-weight").last).to_have_text("deposit")
    expect(tab.locator(".sl-token").first).to_be_hidden()
    tab.get_by_text("Details for experts").click()
    expect(tab.locator(".sl-token").first).to_be_visible()
    expect(tab.locator("#sl-experts")).to_contain_text("Leave one out")
    tab.get_by_label("2. Who pays for electricity?").check()
    expect(because).to_contain_text("mattered most for finding no answer.")
    tab.locator("#sl-why").screenshot(path=SHOTS / "why.png")
    no_serious_fault(tab)
    ask(tab, "How much is the rent?", RENTAL)
    expect(cards).to_have_count(1)
    tab.get_by_role("button", name=re.compile(r"How much is the deposit\? \(\+ 2\)")).click()
    expect(cards).to_have_count(3)
    expect(tab.get_by_label("Your question")).to_have_value(SEVERAL)


def test_page_answers_more_or_is_stricter_without_reading_again(tab: Page) -> None:
    """The verdicts are those that a reader gives that expects as many answers."""
    question = "Who pays for electricity?"
    reader = Reader.load(bundled=True)
    wanted = {
        name: (reader.expecting(share) if share else reader).answer(question, RENTAL)
        for name, share in STRICTNESS.items()
    }
    assert wanted["Answer more"].answerable
    assert not wanted["Be stricter"].answerable
    ask(tab, question, RENTAL)
    expect(tab.locator(".sl-confidence")).to_be_visible()
    for name in ("Be stricter", "Answer more", "Balanced"):
        tab.get_by_label(name).check()
        verdict = tab.locator(".sl-verdict").first
        expect(verdict).to_contain_text(Asked("", "", wanted[name]).verdict)


def email_with_attachment(text: str) -> bytes:
    message = EmailMessage()
    message.set_content(text)
    message.add_attachment(b"PK", maintype="application", subtype="zip", filename="plan.xlsx")
    return message.as_bytes()


def test_page_opens_files_of_every_kind(tab: Page, tmp_path: Path) -> None:
    sentence = "Mara Lindqvist opened the bakery in 2009."
    files = {
        "a.txt": sentence.encode("utf-16"),
        "b.md": f"# Bakery\n\n{sentence}".encode(),
        "c.html": f"<h1>Bakery</h1><p>{sentence}<script>no()</script>".encode(),
        "d.docx": docx("Bakery", sentence),
        "e.eml": email_with_attachment(sentence),
        "f.pdf": pdf("The first page is about a mill.", sentence),
    }
    edit(tab)
    expect(tab.get_by_role("button", name="Open files")).to_be_enabled()
    picker, told = tab.locator("#sl-file input[type=file]"), tab.locator("#sl-opened p").last
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        # Or it would be asked beside the one before.
        tab.get_by_label("Your text").fill("")
        picker.set_input_files(tmp_path / name)
        expect(told).to_contain_text(name)
        left_out = (
            "The attachment plan.xlsx was left out" if name.endswith(".eml") else " characters."
        )
        expect(told).to_contain_text(left_out)
        expect(tab.get_by_label("Your text")).to_have_value(re.compile(re.escape(sentence)))
    expect(told).to_contain_text("2 pages")
    tab.get_by_label("Your question").fill("Who opened the bakery?")
    tab.get_by_label("Your question").press("Enter")
    expect(tab.locator(".sl-verdict .sl-page").first).to_have_text("page 2")
    expect(tab.locator(".sl-page-break")).to_have_count(2)
    tab.screenshot(path=SHOTS / "pdf.png", full_page=True)
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    picker.set_input_files(tmp_path / "broken.pdf")
    expect(tab.get_by_test_id("toast-text")).to_contain_text("found a damaged one")
    expect(tab.get_by_label("Your text")).to_have_value(re.compile(re.escape(sentence)))


def test_page_takes_a_file_dropped_on_the_text(tab: Page) -> None:
    edit(tab)
    expect(tab.get_by_role("button", name="Open files")).to_be_enabled()
    tab.evaluate(
        """text => {
          const held = new DataTransfer();
          held.items.add(new File([text], 'dropped.txt'));
          document.querySelector('#sl-context textarea').dispatchEvent(
            new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: held}));
        }""",
        BAKERY,
    )
    expect(tab.get_by_label("Your text")).to_have_value(BAKERY)


def test_page_link_opens_in_a_new_window(tab: Page, chromium: Browser) -> None:
    ask(tab, "Who opened the bakery?", BAKERY)
    answered(tab, "Who opened the bakery?")
    tab.get_by_role("button", name="link").click()
    expect(tab.locator("#sl-copied")).to_contain_text("Link copied.")
    link = tab.evaluate("navigator.clipboard.readText()")
    tab.get_by_role("button", name="JSON").click()
    expect(tab.locator("#sl-copied")).to_contain_text("Copied as JSON.")
    copied = json.loads(tab.evaluate("navigator.clipboard.readText()"))
    assert copied["answers"][0]["text"] == "Mara Lindqvist"
    with chromium.new_context() as context:
        other = context.new_page()
        other.goto(link)
        expect(other.locator(".sl-verdict mark").first).to_have_text("Mara Lindqvist")
        expect(other.get_by_label("Your text")).to_have_value(BAKERY)
        broken = context.new_page()
        broken.goto(link[:-9])
        expect(broken.get_by_test_id("toast-text")).to_contain_text("This link is damaged")


def test_page_needs_no_mouse(tab: Page) -> None:
    def tab_to(name: str) -> None:
        for _ in range(40):
            tab.keyboard.press("Tab")
            label = tab.evaluate(
                "(document.activeElement.labels?.[0] ?? document.activeElement).innerText"
            )
            if label.strip().startswith(name):
                return
        pytest.fail(f"no {name!r} to tab to")

    expect(tab.locator(".sl-passage")).to_be_visible()
    tab_to("Edit the text")
    tab.keyboard.press("Enter")
    expect(tab.get_by_label("Your text")).to_be_focused()
    tab.keyboard.press("Control+a")
    tab.keyboard.insert_text(f"{RENTAL}\n\n{RENTAL}")
    tab_to("Your question")
    tab.keyboard.press("Control+a")
    tab.keyboard.type("How much is the deposit?")
    tab.keyboard.press("Shift+Enter")
    tab.keyboard.type("Who repairs the heating?")
    tab.keyboard.press("Enter")
    expect(tab.locator(".sl-verdict:not(.sl-waiting)")).to_have_count(2)
    tab_to("1,880 euros")
    tab.keyboard.press("Enter")
    expect(tab.locator(".sl-passage .sl-shown").first).to_be_in_viewport()
    expect(tab.locator(".sl-passage .sl-shown").first).to_contain_text("1,880")
    tab_to("Why this answer?")
    tab.keyboard.press("Enter")
    expect(tab.locator(".sl-because")).to_be_visible()


def test_page_fits_a_phone_in_the_dark(chromium: Browser, served: Served) -> None:
    with chromium.new_context(
        viewport={"width": 390, "height": 844}, color_scheme="dark", reduced_motion="reduce"
    ) as context:
        tab = context.new_page()
        tab.goto(served.url)
        ask(tab, "When did the bakery open?\nWho opened it?", BAKERY)
        expect(tab.locator(".sl-verdict:not(.sl-waiting)")).to_have_count(2)
        expect(tab.locator(".sl-verdict mark").first).to_be_in_viewport()
        assert tab.evaluate("document.documentElement.scrollWidth") == 390
        tab.screenshot(path=SHOTS / "phone.png", full_page=True)
        no_serious_fault(tab)


def test_page_asks_nothing_of_any_other_host_and_holds_no_connection(
    chromium: Browser, served: Served
) -> None:
    with chromium.new_context() as context:
        tab = context.new_page()
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(served.url)
        ask(tab, "Who opened the bakery?", BAKERY)
        expect(tab.locator(".sl-verdict mark").first).to_be_visible()
        # A browser has six connections a host: pages that hold one keep a seventh from loading.
        tab.wait_for_load_state("networkidle")
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
