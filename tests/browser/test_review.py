"""Judging answers and reviewing them in the page, in Chromium."""

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from annotation.review.records import NO_SUGGESTION, VISITOR, Review
from annotation.store.store import Store
from page.access import owner
from qa_core.inference.answer import Span
from tests.support import browsing
from tests.support.axe import no_serious_fault
from tests.support.browsing import SHOTS, Served, serve
from tests.support.environments import ask as ask_over_http
from tests.support.predictions import answer

BAKERY = (
    "🥐👩‍🍳 Mara Lindqvist opened the bakery on Quay Street in March 2009.\n\n"
    "  Its cinnamon buns sell out by nine o'clock, and on Sundays it stays closed."
)
# Emoji, CRLF, lone CR, combining marks and right-to-left text before and in the words.
MANY = "😀😀\r\nInes Soto\r cafe\u0301 שלום עולם 👨‍👩‍👧 in 1904.\r\n<b>Olga &amp; Ruiz</b>?"
SELECT = """([selector, words]) => {
  const passage = document.querySelector(selector), range = document.createRange();
  const walker = document.createTreeWalker(passage, NodeFilter.SHOW_TEXT);
  const nodes = []; while (walker.nextNode()) nodes.push(walker.currentNode);
  const at = nodes.map(node => node.data).join('').indexOf(words);
  let before = 0;
  for (const node of nodes) {
    const inside = place => place >= before && place <= before + node.data.length;
    if (inside(at)) range.setStart(node, at - before);
    if (inside(at + words.length)) { range.setEnd(node, at + words.length - before); break; }
    before += node.data.length;
  }
  getSelection().removeAllRanges(); getSelection().addRange(range);
}"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reviewing")


@pytest.fixture(scope="module")
def page_url(home: Path) -> Iterator[str]:
    """The page that keeps every answer, with an Argilla that is away."""
    settings = {
        "SPANLOOP_HOME": str(home),
        "SPANLOOP_REVIEW_THRESHOLD": "1",
        "ARGILLA_API_URL": "http://127.0.0.1:9",
        "ARGILLA_API_KEY": "key",
    }
    with serve(env={**os.environ, **settings}) as served:
        yield served.url


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    store = Store(home / "reviews.sqlite3")
    yield store
    store.purge([kept.id for kept in store.predictions()])
    store.close()


@pytest.fixture
def tab(visitor: BrowserContext, page_url: str) -> Iterator[Page]:
    with visitor.new_page() as tab:
        tab.goto(page_url)
        yield tab


def ask(tab: Page, question: str, context: str = BAKERY) -> None:
    browsing.ask(tab, question, context)
    expect(tab.locator("#sl-result .sl-judge")).to_have_count(len(question.splitlines()))
    expect(tab.locator("#sl-under")).to_be_visible()


def say(tab: Page, what: str, number: int = 0) -> None:
    card = tab.locator(".sl-judge").nth(number)
    card.get_by_role("button", name=what, exact=True).click()


def only(store: Store) -> list[Review]:
    (said,) = store.reviews().values()
    return said


def words(store: Store, review: Review) -> str:
    return store.prediction(review.prediction).context[review.start : review.end]


def test_selected_words_are_kept_with_a_receipt(tab: Page, store: Store) -> None:
    ask(tab, "Who opened the bakery?")
    expect(tab.locator("#sl-receipt")).to_contain_text(
        "This question is kept and will be sent to the reviewers."
    )
    said = tab.locator(".sl-judge p")
    say(tab, "Select the right words")
    expect(tab.get_by_test_id("toast-text")).to_contain_text("Select the right words")
    tab.evaluate(SELECT, ["#sl-result .sl-passage", "Quay Street in March 2009"])
    expect(tab.locator(".sl-selection mark")).to_have_text("Quay Street in March 2009")
    tab.screenshot(path=SHOTS / "selected.png", full_page=True)
    tab.get_by_role("button", name="These are the right words").click()
    expect(said).to_contain_text("Thank you. The right words: Quay Street in March 2009")
    (review,) = only(store)
    assert words(store, review) == "Quay Street in March 2009"
    assert review.reviewer == owner()
    expect(said).to_contain_text(f"Receipt {review.number}:")
    expect(tab.locator(".sl-selection")).to_be_hidden()
    for marked in ("Mara Lindqvist", "March", "2009"):
        tab.evaluate(SELECT, ["#sl-result .sl-passage", marked])
        tab.get_by_role("button", name=re.compile("Add to (a|the) list")).click()
        expect(tab.locator(".sl-passage mark.sl-part", has_text=marked)).to_be_visible()
    expect(tab.locator(".sl-selection")).to_be_visible()
    expect(tab.get_by_role("button", name="Add to the list")).to_be_hidden()
    tab.screenshot(path=SHOTS / "listing.png", full_page=True)
    no_serious_fault(tab)
    tab.locator(".sl-selection").get_by_role("button", name="March").click()
    expect(tab.locator(".sl-passage mark.sl-part")).to_have_text(["Mara Lindqvist", "2009"])
    tab.locator(".sl-selection").get_by_role("button", name="Send the list").click()
    expect(said).to_contain_text("The right words: Mara Lindqvist, 2009")
    expect(tab.locator(".sl-selection")).to_be_hidden()
    (review,) = only(store)
    context = store.prediction(review.prediction).context
    assert [context[a:b] for a, b in review.spans] == ["Mara Lindqvist", "2009"]
    say(tab, "Not in the text")
    expect(said).to_contain_text("Not in the text.")
    assert [r.start for r in only(store)] == [None]
    say(tab, "Correct")
    expect(said).to_contain_text("Correct.")
    assert words(store, only(store)[0]) == "Mara Lindqvist"
    say(tab, "Wrong")
    expect(said).to_contain_text("Wrong.")
    pressed = tab.locator(".sl-judge [aria-pressed=true]")
    expect(pressed).to_have_text(["Wrong"])
    assert store.reviews() == {}
    assert [kept.reason for kept in store.waiting()] == ["flagged"]
    tab.screenshot(path=SHOTS / "feedback.png", full_page=True)
    tab.get_by_label("Answer more").check()  # shown anew, the choice stays
    expect(pressed).to_have_text(["Wrong"])
    tab.get_by_role("button", name="Undo").first.click()
    expect(pressed).to_have_count(0)
    expect(said).to_be_empty()
    assert [kept.reason for kept in store.waiting()] == ["doubtful"]  # as before


def test_each_answer_is_judged_on_its_card(tab: Page, store: Store) -> None:
    ask(tab, "Who opened the bakery?\nWhen did it open?\nWho is the king?")
    expect(tab.locator(".sl-judge")).to_have_count(3)
    say(tab, "Correct", 1)
    expect(tab.locator(".sl-judge p").nth(1)).to_contain_text("Correct.")
    say(tab, "Wrong", 0)
    expect(tab.locator(".sl-judge p").first).to_contain_text("Wrong.")
    tab.evaluate(SELECT, ["#sl-result .sl-passage", "Quay Street"])
    tab.get_by_role("button", name="Right for question 3").click()
    expect(tab.locator(".sl-judge [aria-pressed=true]")).to_have_text(
        ["Wrong", "Correct", "Select the right words"]
    )
    said = {store.prediction(id_).question: one for id_, (one,) in store.reviews().items()}
    assert words(store, said["Who is the king?"]) == "Quay Street"
    assert "2009" in words(store, said["When did it open?"])
    no_serious_fault(tab)
    # Asked again, and taken from the history, the answer shows what was said of it.
    ask(tab, "When did it open?")
    expect(tab.locator(".sl-judge [aria-pressed=true]")).to_have_text(["Correct"])
    tab.get_by_role("button", name="Who opened the bakery? (+ 2)").click()
    expect(tab.locator(".sl-judge [aria-pressed=true]")).to_have_count(3)


def test_answers_judged_soon_after_each_other_are_all_kept(tab: Page, store: Store) -> None:
    ask(tab, "Who opened the bakery?\nWhen did it open?\nWhere is it?")
    expect(tab.locator(".sl-judge")).to_have_count(3)
    tab.evaluate("document.querySelectorAll('[data-say=correct]').forEach((one) => one.click())")
    expect(tab.locator(".sl-judge [aria-pressed=true]")).to_have_count(3)
    assert len(store.reviews()) == 3


def test_nothing_stays_of_what_is_deleted(tab: Page, store: Store, home: Path) -> None:
    secret = "Mara Quokka opened the bakery in 2009. " + BAKERY
    ask(tab, "Who opened the bakery?\nWhen did the quokka open?")
    tab.reload()
    ask(tab, "Who opened the quokka bakery?\nWhen did the quokka open?", secret)
    say(tab, "Wrong", 0)
    expect(tab.locator(".sl-judge p").first).to_contain_text("Wrong.")
    sent = tab.locator("#sl-sent")
    sent.get_by_text("What was sent during this visit (2)").click()
    tab.screenshot(path=SHOTS / "sent.png", full_page=True)
    for left in (1, 0):
        sent.get_by_role("button", name="Delete").first.click()
        expect(sent.get_by_role("button", name="Delete")).to_have_count(left)
    expect(tab.locator(".sl-judge [aria-pressed=true]")).to_have_count(0)
    expect(tab.locator("#sl-receipt")).to_be_empty()
    assert {kept.context for kept in store.predictions()} == {BAKERY}
    files = [path for path in home.rglob("*") if path.is_file()]
    assert not any(b"Quokka" in path.read_bytes() for path in files)


def test_what_is_private_is_never_stored(tab: Page, store: Store, home: Path) -> None:
    tab.get_by_label("Keep this private").check()
    ask(tab, "Who is the zebrafish?")
    say(tab, "Wrong")
    expect(tab.get_by_test_id("toast-text")).to_contain_text("This question is private")
    expect(tab.locator(".sl-judge p")).to_be_empty()
    assert store.predictions() == []
    files = [path for path in home.rglob("*") if path.is_file()]
    assert not any(b"zebrafish" in path.read_bytes() for path in files)
    tab.reload()
    ask(tab, "Who is the walrus?")
    expect(tab.locator("#sl-receipt")).to_contain_text("This question is kept")
    assert [kept.question for kept in store.predictions()] == ["Who is the walrus?"]


def fill(store: Store) -> None:
    """Five doubtful answers on a text full of traps, the first the least sure.

    Their ids are such that also those that are drawn come in the order of their numbers.
    """
    start = MANY.index("Ines Soto")
    for number in range(5):
        given = answer(
            "Ines Soto", start=start, end=start + 9, confidence=number / 10, alternatives=()
        )
        store.keep(f"Question {number}?", MANY, given, reason="doubtful", source="test")


def test_the_review_tab_by_keyboard(tab: Page, store: Store) -> None:
    fill(store)
    tab.get_by_role("tab", name="Review").click()
    asked = tab.locator("#sl-review-item .sl-asked")
    expect(asked).to_have_text("Question 0?")
    assert tab.locator("#sl-review-item .sl-passage mark").inner_text() == "Ines Soto"
    assert tab.locator("#sl-review-item .sl-passage b").count() == 0
    tab.screenshot(path=SHOTS / "review.png", full_page=True)
    tab.keyboard.press("a")
    expect(asked).to_have_text("Question 1?")
    for number, marked in ((1, "cafe\u0301 שלום עולם 👨‍👩‍👧 in"), (2, "<b>Olga &amp; Ruiz</b>")):
        tab.evaluate(SELECT, ["#sl-review-item .sl-passage", marked])
        expect(tab.locator("#sl-review-marked mark")).to_have_text(marked)
        tab.keyboard.press("w")
        expect(asked).to_have_text(f"Question {number + 1}?")
    tab.keyboard.press("n")
    expect(asked).to_have_text("Question 4?")
    tab.keyboard.press("s")
    expect(tab.locator("#sl-review-item .sl-empty")).to_contain_text(
        "Only skipped questions are left"
    )
    said = {store.prediction(id_).question: r for id_, (r,) in store.reviews().items()}
    assert [words(store, said[f"Question {n}?"]) for n in range(3)] == [
        "Ines Soto", "cafe\u0301 שלום עולם 👨‍👩‍👧 in", "<b>Olga &amp; Ruiz</b>",
    ]  # fmt: skip
    assert said["Question 3?"].start is None
    assert {review.reviewer for review in said.values()} == {owner()}
    tab.keyboard.press("u")  # the skip
    expect(asked).to_have_text("Question 4?")
    tab.keyboard.press("u")  # "not in the text"
    expect(asked).to_have_text("Question 3?")
    expect(tab.locator("#sl-review-progress")).to_contain_text("3 reviewed")
    assert len(store.reviews()) == 3
    expect(tab.locator("#sl-argilla")).to_contain_text("2 more will be sent")
    expect(tab.get_by_role("link", name="Open Argilla")).to_be_visible()
    tab.keyboard.press("s")
    expect(asked).to_have_text("Question 4?")
    tab.keyboard.press("s")
    expect(tab.locator("#sl-review-item .sl-empty")).to_be_visible()
    tab.get_by_role("button", name="Show skipped questions again").click()
    expect(asked).to_have_text("Question 3?")


def test_two_at_once_undo_their_own(
    chromium: Browser, page_url: str, tab: Page, store: Store
) -> None:
    fill(store)
    with chromium.new_context() as other_context:
        other = other_context.new_page()
        other.goto(page_url)
        for one in (tab, other):
            one.get_by_role("tab", name="Review").click()
            expect(one.locator("#sl-review-item .sl-asked")).to_have_text("Question 0?")
        tab.get_by_role("button", name="Accept").click()
        expect(tab.locator("#sl-review-item .sl-asked")).to_have_text("Question 1?")
        other.get_by_role("button", name="Skip").click()
        expect(other.locator("#sl-review-item .sl-asked")).to_have_text("Question 1?")
        other.get_by_role("button", name="Undo").click()  # the skip, and nothing of the other tab
        expect(other.get_by_role("button", name="Undo")).to_be_disabled()
        assert len(store.reviews()) == 1


def keep_long(store: Store) -> str:
    """A flagged question on a text of many sentences that seems to have no answer; its id."""
    text = (
        "The mill stands idle. " * 40 + "Ines Soto opened the harbour in 1904." + " It rains." * 40
    )
    spans = [(words, text.index(words)) for words in ("Ines Soto", "1904")]
    given = answer("", alternatives=[Span(w, at, at + len(w), 1.0, 0.2) for w, at in spans])
    return str(store.keep("Who opened it?", text, given, reason="flagged", source="test"))


def test_one_answer_is_taken_by_number_noted_found_and_changed(tab: Page, store: Store) -> None:
    fill(store)
    id_ = keep_long(store)
    store.withdraw(id_, VISITOR, note="wrong", source="page")
    tab.get_by_role("tab", name="Review").click()
    item, note = tab.locator("#sl-review-item"), tab.get_by_label("Note")
    asked, found = item.locator(".sl-asked"), tab.locator("#sl-review-found")
    expect(asked).to_have_text("Who opened it?")
    expect(item).to_contain_text("A visitor says that this is wrong.")
    expect(tab.locator("#sl-review-progress")).to_contain_text("0 reviewed")
    expect(item.locator(".sl-aside").first).to_be_hidden()
    tab.keyboard.press("f")
    expect(item.locator(".sl-aside").first).to_be_visible()
    note.fill("by the mayor")
    asked.click()
    tab.keyboard.press("1")
    expect(asked).to_have_text("Question 0?")
    expect(note).to_have_value("")
    ((taken,),) = store.reviews().values()
    assert (words(store, taken), taken.note) == ("Ines Soto", "by the mayor")

    tab.reload()
    tab.get_by_role("tab", name="Review").click()
    tab.get_by_role("button", name="Find a question").click()
    expect(found).to_contain_text("to review")
    tab.get_by_role("textbox", name="Search").press_sequentially("QUESTION 3", delay=50)
    expect(found).to_contain_text("1 question to review")
    expect(asked).to_have_text("Question 3?")
    tab.get_by_label("Reviewed by you").check()
    expect(found).to_contain_text("No question matches.")
    tab.get_by_role("button", name="Clear filters").click()
    tab.screenshot(path=SHOTS / "review-find.png", full_page=True)
    found.get_by_role("button", name="Who opened it?").click()
    expect(item).to_contain_text("You said: “Ines Soto”")
    expect(note).to_have_value("by the mayor")
    tab.locator("#sl-review-none").click()
    expect(found).to_contain_text("not in the text")
    ((changed,),) = store.reviews().values()
    assert (changed.start, changed.note) == (None, "by the mayor")
    tab.get_by_role("button", name="Undo").click()
    expect(found).to_contain_text("“Ines Soto”")
    ((back,),) = store.reviews().values()
    assert words(store, back) == "Ines Soto"


def test_nothing_is_accepted_where_nothing_is_suggested(tab: Page, store: Store) -> None:
    store.keep("Who owns it?", BAKERY, NO_SUGGESTION, reason="imported", source="test")
    tab.get_by_role("tab", name="Review").click()
    expect(tab.locator("#sl-review-item")).to_contain_text("Nothing is suggested")
    expect(tab.get_by_role("button", name="Not in the text")).to_be_visible()
    expect(tab.get_by_role("button", name="Accept")).to_be_hidden()
    tab.keyboard.press("n")
    expect(tab.locator("#sl-review-item")).to_contain_text("There is nothing to review")
    ((review,),) = store.reviews().values()
    assert review.start is None


def test_a_tie_is_settled_by_one_of_both_answers(tab: Page, store: Store) -> None:
    fill(store)
    id_ = keep_long(store)
    for name, said in (("ann", "Ines Soto"), ("bob", "1904")):
        start = store.prediction(id_).context.index(said)
        store.review(id_, name, (start, start + len(said)), text=said, source="page")
    tab.get_by_role("tab", name="Review").click()
    tab.get_by_role("button", name="Find a question").click()
    tab.get_by_label("Reviewers differ").check()
    found = tab.locator("#sl-review-found")
    expect(found).to_contain_text("1 question on which reviewers differ")
    expect(found).to_contain_text("ann: “Ines Soto” | bob: “1904”")
    expect(tab.locator("#sl-review-item .sl-asked")).to_have_text("Who opened it?")
    expect(tab.locator("[data-take='2']")).to_contain_text("1904 bob")
    for number, marked in enumerate(("Ines Soto", "1904"), 1):
        tab.evaluate(SELECT, ["#sl-review-item .sl-passage", marked])
        tab.get_by_role("button", name="Add the selected words to a list").click()
        expect(tab.locator("[data-remove]")).to_have_count(number)
        expect(tab.locator("#sl-review-marked mark")).to_have_text("")
    expect(tab.get_by_role("button", name="Use the list")).to_be_visible()
    tab.screenshot(path=SHOTS / "review-tie.png", full_page=True)
    tab.get_by_role("button", name="Remove from the list: Ines Soto").click()
    expect(tab.locator("mark.sl-part")).to_have_text(["1904"])
    tab.locator("[data-take='2']").click()
    expect(found).to_contain_text("No question matches.")
    assert store.is_decided(id_)


def test_an_answer_given_meanwhile_is_shown_before_another_is_taken(
    tab: Page, store: Store
) -> None:
    id_ = keep_long(store)
    tab.get_by_role("tab", name="Review").click()
    item = tab.locator("#sl-review-item")
    expect(item.locator(".sl-asked")).to_have_text("Who opened it?")
    start = store.prediction(id_).context.index("1904")
    store.review(id_, "ann", (start, start + 4), text="1904", source="page")
    tab.get_by_role("button", name="Accept").click()
    expect(tab.get_by_test_id("toast-text")).to_contain_text("ann answered this question while")
    expect(item).to_contain_text("ann says: “1904”")
    assert [review.reviewer for review in only(store)] == ["ann"]
    tab.get_by_role("button", name="Accept").click()
    expect(tab.get_by_test_id("toast-text").last).to_contain_text("ann answered differently")
    assert [(review.reviewer, review.start) for review in only(store)] == [
        ("ann", start), (owner(), None),
    ]  # fmt: skip


def call_everything(url: str, **headers: str) -> str:
    """What every event handler of a page says to a program that calls it with what it likes."""
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        config = client.get("/config").json()
        heard = json.dumps(config)
        for event in config["dependencies"]:
            body = {
                "fn_index": event["id"],
                "data": ["x"] * len(event["inputs"]),
                "session_hash": f"s{event['id']}",
                "trigger_id": None,
            }
            client.post("/gradio_api/queue/join", json=body)
            with client.stream(
                "GET", "/gradio_api/queue/data", params={"session_hash": body["session_hash"]}
            ) as lines:
                for line in lines.iter_lines():
                    heard += line
                    if "process_completed" in line or "close_stream" in line:
                        break
    return heard


def test_nobody_reviews_through_a_proxy(page_url: str, store: Store) -> None:
    fill(store)
    assert "Question 0?" in call_everything(page_url)  # this machine's user
    assert "Question 0?" not in call_everything(page_url, **{"X-Forwarded-For": "127.0.0.1"})
    refused = httpx.get(f"{page_url}/config", headers={"Host": "evil.example"})
    assert (refused.status_code, "Question 0?" in refused.text) == (403, False)
    assert store.reviews() == {}


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    """The page as others reach it, with one reviewer."""
    home = tmp_path_factory.mktemp("public")
    fill(Store(home / "reviews.sqlite3"))
    settings = {"SPANLOOP_HOME": str(home), "SPANLOOP_REVIEWERS": "ann:ann's password"}
    with serve("--host", "0.0.0.0", env={**os.environ, **settings}) as served:
        yield served, home


def test_a_public_page_asks_who_reviews(chromium: Browser, public: tuple[Served, Path]) -> None:
    served, home = public
    assert "Question 0?" not in call_everything(served.url)
    store = Store(home / "reviews.sqlite3")
    with chromium.new_context(
        viewport={"width": 390, "height": 844}, color_scheme="dark", reduced_motion="reduce"
    ) as context:
        tab = context.new_page()
        tab.goto(served.url)
        ask(tab, "Who opened the bakery?")
        say(tab, "Correct")
        expect(tab.locator(".sl-judge p")).to_contain_text("kept for review")
        assert [r.reviewer for r in only(store)] == [VISITOR]
        tab.get_by_role("tab", name="Review").click()
        for password in ("wrong password", "ann's password"):
            expect(tab.locator("#sl-review")).to_be_hidden()
            tab.get_by_label("Name").fill("ann")
            tab.get_by_label("Password").fill(password)
            tab.get_by_role("button", name="Log in").click()
            if password == "wrong password":
                expect(tab.get_by_test_id("toast-text")).to_contain_text("do not belong together")
                tab.screenshot(path=SHOTS / "login.png", full_page=True)
        item = tab.locator("#sl-review-item")
        expect(item).to_contain_text("A visitor says: “Mara Lindqvist”")
        tab.screenshot(path=SHOTS / "review-phone.png", full_page=True)
        assert tab.evaluate("document.documentElement.scrollWidth") == 390
        tab.get_by_role("button", name="Accept").click()
        expect(item).to_contain_text("Question 0?")
        assert [r.reviewer for r in only(store)] == [VISITOR, "ann"]
        tab.reload()  # still logged in
        tab.get_by_role("tab", name="Review").click()
        expect(item).to_contain_text("Question 0?")
        tab.get_by_role("button", name="Log out").click()
        expect(tab.locator("#sl-login")).to_be_visible()
        expect(item).to_be_hidden()
    with sqlite3.connect(home / "reviews.sqlite3") as db:
        assert b"ann's password" not in "".join(db.iterdump()).encode()


def test_a_page_on_postgresql_keeps_and_has_reviewed(
    chromium: Browser, database: str, tmp_path: Path
) -> None:
    own = {"SPANLOOP_HOME": str(tmp_path / "home"), "SPANLOOP_REVIEW_THRESHOLD": "1"}
    settings = {**os.environ, **own, "SPANLOOP_DATABASE": database}
    with serve(env=settings, log=tmp_path / "log") as served, chromium.new_context() as context:
        assert ask_over_http(served.url) == "Ines Soto"
        tab = context.new_page()
        tab.goto(served.url)
        tab.get_by_role("tab", name="Review").click()
        item = tab.locator("#sl-review-item")
        expect(item).to_contain_text("Who opened the harbour?")
        tab.get_by_role("button", name="Accept").click()
        expect(item).not_to_contain_text("Who opened the harbour?")
    review = only(Store())[0]
    assert (review.reviewer, review.start) == (owner(), 0)
    assert not (tmp_path / "home" / "reviews.sqlite3").exists()
    assert (tmp_path / "log").read_text() == ""
