"""Argilla's real page in Chromium: exactly the suggested words are marked, and the selected kept.

The text holds what makes offsets differ between Python, the server and a browser.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import argilla as rg
import pytest
from playwright.sync_api import Browser, Page, expect

from annotation.argilla.client import Connection, Target, connect
from annotation.argilla.local.server import LocalArgilla
from annotation.argilla.payload import as_html
from annotation.argilla.sync import pull, push
from annotation.store.store import Store
from tests.support.browsing import SHOTS, serve
from tests.support.predictions import CONTEXT, answer
from tests.support.reviewing import ask, respond

TEXT = (
    "😀😀\r\nInes Soto\r cafe\u0301 👨‍👩‍👧 in 1904.\r\nשלום עולם 😀\n"
    "<img src=x onerror='window.ran = 1'><b>Olga &amp; Ruiz</b> & \0 AT&T: a < b the end 🥐"
)
WORDS = ("cafe\u0301", "1904", "שלום עולם", "Olga &amp; Ruiz", "AT&T: a < b", "the end 🥐")
# Where the mouse must go to select some words: the edges of their first and last characters.
PLACES = """([field, words]) => {
  const node = field.firstChild, at = node.data.indexOf(words), edge = (from, to, last) => {
    const range = document.createRange();
    range.setStart(node, from); range.setEnd(node, to);
    const box = range.getBoundingClientRect(), left = /[\\u0590-\\u05ff]/.test(words) === last;
    return [left ? box.left + 0.5 : box.right - 0.5, box.top + box.height / 2];
  };
  const units = [...words], first = units[0].length, last = units.at(-1).length;
  return [edge(at, at + first, false), edge(at + words.length - last, at + words.length, true)]
    .map(([x, y]) => [x, y]);
}"""
MARKED = "() => [...CSS.highlights.get('hl-answer-2danswer') ?? []].map(String)"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One question with a suggested answer, the least sure, and one for each of the words."""
    store = Store(tmp_path / "reviews.sqlite3")
    start = TEXT.index("Ines Soto")
    given = answer("Ines Soto", start=start, end=start + 9, confidence=0.1, alternatives=())
    store.keep(
        "Who? <img src=x onerror='window.ran = 2'>", TEXT, given, reason="doubtful", source="t"
    )
    for number, words in enumerate(WORDS):
        none = answer("", confidence=0.2 + number / 10, alternatives=())
        store.keep(f"Where is {words}?", TEXT, none, reason="doubtful", source="test")
    yield store
    store.close()


def enter(tab: Page, argilla: LocalArgilla, connection: Connection) -> None:
    """Log in as the annotator, and open the data set."""
    user, dataset = argilla.credentials()["annotator"], connection.dataset()
    assert dataset is not None
    tab.goto(f"{connection.url}/sign-in")
    tab.locator("input[name=Username]").fill(user["username"])
    tab.locator("input[name=Password]").fill(user["password"])
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"{connection.url}/")
    tab.goto(f"{connection.url}/dataset/{dataset.id}/annotation-mode")


def test_exactly_the_words_in_argillas_page(
    chromium: Browser, argilla: LocalArgilla, store: Store
) -> None:
    connection = connect(Target(dataset="in-the-page", patience=20))
    assert push(store, connection).set_aside == {}
    with chromium.new_context(viewport={"width": 1400, "height": 900}) as context:
        tab = context.new_page()
        enter(tab, argilla, connection)
        field = tab.locator(".span-annotation__field")
        for number in range(1 + len(WORDS)):
            expect(tab.get_by_text(f"{number + 1} of {1 + len(WORDS)}")).to_be_visible()
            asked = tab.locator(".content-area > div").first.inner_text()
            assert field.evaluate("field => field.textContent").rstrip(" ") == TEXT.replace(
                "\0", "\ufffd"
            )
            if asked.startswith("Who?"):
                tab.wait_for_function(f"({MARKED})().length")
                assert tab.evaluate(MARKED) == ["Ines Soto"]
                tab.screenshot(path=SHOTS / "argilla.png")
            else:
                words = asked.removeprefix("Where is ").removesuffix("?")
                assert words in WORDS
                tab.get_by_text("The text answers it").click()
                tab.get_by_text("Answer", exact=True).first.click()
                start, end = tab.evaluate(PLACES, [field.element_handle(), words])
                tab.mouse.move(*start)
                tab.mouse.down()
                tab.mouse.move(*end, steps=4)
                tab.mouse.up()
                tab.wait_for_function(f"({MARKED})().length")
                assert tab.evaluate(MARKED) == [words]
            tab.get_by_role("button", name="Submit").click()
        expect(tab.get_by_text("Submitted").first).to_be_visible()
        assert tab.evaluate("window.ran") is None
    report = pull(store, connection)
    assert (report.taken, report.set_aside) == (1 + len(WORDS), {})
    for id_, (review,) in store.reviews().items():
        kept = store.prediction(id_)
        expected = "Ines Soto" if kept.question.startswith("Who?") else kept.question[9:-1]
        assert TEXT[review.start : review.end] == expected
        assert review.reviewer == "annotator"


def test_browsers_show_what_is_stored_as_the_text(chromium: Browser) -> None:
    draw = random.Random(7)
    parts = [
        *"&<>;#/!?-= '\"x\r\n",
        "amp",
        "lt",
        "copy",
        "not",
        "#65",
        "#x41",
        "script",
        "b>",
        "😀",
    ]
    texts = ["".join(draw.choices(parts, k=12)) for _ in range(3000)]
    with chromium.new_page() as tab:
        said = tab.evaluate(
            """texts => texts.map(text => {
              const place = document.createElement('div');
              place.innerHTML = text;
              return [place.textContent, place.childNodes.length];
            })""",
            [as_html(text) for text in texts],
        )
    assert said == [[text, 1] for text in texts]


def test_the_review_tab_sends_and_fetches(
    argilla: LocalArgilla, chromium: Browser, tmp_path: Path
) -> None:
    running = argilla.running()
    assert running is not None
    users = argilla.credentials()
    store = Store(tmp_path / "reviews.sqlite3")
    store.keep("Who?", CONTEXT, answer(), reason="doubtful", source="test")
    env = {
        **os.environ,
        "SPANLOOP_HOME": str(tmp_path),
        "SPANLOOP_ARGILLA_DATASET": "from-the-page",
        "ARGILLA_API_URL": running.url,
        "ARGILLA_API_KEY": users["owner"]["api_key"],
    }
    with serve(env=env) as served, chromium.new_page() as tab:
        tab.goto(served.url)
        tab.get_by_role("tab", name="Review").click()
        tab.get_by_role("button", name="Send to Argilla").click()
        panel = tab.locator("#sl-argilla")
        expect(panel).to_contain_text("has 1 of these questions; 0 more")
        owner, annotator = (
            rg.Argilla(api_url=running.url, api_key=users[name]["api_key"])
            for name in ("owner", "annotator")
        )
        dataset = owner.datasets("from-the-page", "spanloop")
        (record,) = ask(owner, f"datasets/{dataset.id}/records")["items"]
        respond(annotator, record["id"], {"answerable": "no"})
        tab.get_by_role("button", name="Fetch reviews").click()
        expect(panel).to_contain_text("1 review fetched, 0 withdrawn.")
    ((review,),) = store.reviews().values()
    assert (review.reviewer, review.start, review.source) == ("annotator", None, "argilla")
    store.close()
