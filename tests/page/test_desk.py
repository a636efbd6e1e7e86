"""What a reviewer does on the page, without the page."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from annotation.loop.intake import Intake
from annotation.review.records import VISITOR, Prediction, Pulled
from annotation.store.search import Wanted
from annotation.store.store import Store
from page.html import review_card
from page.selection import as_shown
from page.tabs.desk import Desk, Visit
from qa_core.data.examples import Gold
from qa_core.errors import InputError
from qa_core.text.offsets import to_utf16
from tests.support.predictions import CONTEXT, QUESTION, answer, clock, kept, store

__all__ = ["clock", "store"]


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(Intake(store))


def keep(desk: Desk, question: str = QUESTION, text: str = "Ines Soto") -> str:
    given = answer(text)
    return str(desk.store.keep(question, CONTEXT, given, reason="doubtful", source="page"))


def seen(desk: Desk, name: str, visit: Visit) -> Prediction:
    item = desk.look(name, visit).item
    assert item is not None
    return item


def said(desk: Desk, id_: str) -> dict[str, str | None]:
    """What each reviewer says of it."""
    return {
        review.reviewer: None if review.start is None else CONTEXT[review.start : review.end]
        for review in desk.store.reviews_of(id_)
    }


def test_a_number_takes_what_a_visitor_marked_or_the_next_best(desk: Desk) -> None:
    id_ = keep(desk, text="")
    mayor = (CONTEXT.index("mayor"), CONTEXT.index("mayor") + 5)
    desk.store.review(id_, VISITOR, mayor, text="mayor", source="page")
    visit = Visit()
    item = seen(desk, "ann", visit)
    assert [CONTEXT[start:end] for ((start, end),) in visit.choices] == ["mayor", "1904"]
    for wrong in ("3", "0", "x", "-1", "²"):
        with pytest.raises(InputError, match="no other answer"):
            desk.take("ann", visit, item, wrong)
    desk.take("ann", visit, item, "2")
    assert said(desk, id_) == {VISITOR: "mayor", "ann": "1904"}


def test_another_reviewers_answer_is_not_overruled_unseen(desk: Desk) -> None:
    id_ = keep(desk)
    ann, bob = Visit(), Visit()
    item = seen(desk, "ann", ann)
    seen(desk, "bob", bob)
    assert desk.accept("ann", ann, item, "") == ""
    with pytest.raises(InputError, match="ann answered this question while it was open"):
        desk.none("bob", bob, item, "")
    assert said(desk, id_) == {"ann": "Ines Soto"}
    view = desk.look("bob", bob)
    assert view.item == item
    assert 'ann says: <span dir="auto">“Ines Soto”' in review_card.item(view)
    told = desk.none("bob", bob, item, "")
    assert "ann answered differently" in told
    assert said(desk, id_) == {"ann": "Ines Soto", "bob": None}
    assert not desk.store.is_decided(id_)
    third = desk.look("eve", Visit())
    assert third.item == item  # a third decides, and sees both
    assert review_card.item(third).count("says:") == 2


def test_whoever_reviews_in_two_places_overrules_nothing_unseen(desk: Desk) -> None:
    id_ = keep(desk)
    here, there = Visit(), Visit()
    item = seen(desk, "ann", here)
    seen(desk, "ann", there)
    desk.accept("ann", there, item, "")
    with pytest.raises(InputError, match="You answered this question"):
        desk.none("ann", here, item, "")
    assert said(desk, id_) == {"ann": "Ines Soto"}


def test_others_do_not_see_an_answer_before_all_who_are_asked_gave_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPANLOOP_ARGILLA_MIN_SUBMITTED", "2")
    desk = Desk(Intake(Store(tmp_path / "two.sqlite3")))
    id_, ann, bob = keep(desk), Visit(), Visit()
    item = seen(desk, "ann", ann)
    seen(desk, "bob", bob)
    desk.accept("ann", ann, item, "")
    assert desk.none("bob", bob, item, "").startswith("Saved. ann answered differently")
    assert set(said(desk, id_)) == {"ann", "bob"}
    assert "ann says" not in review_card.item(desk.look("bob", Visit(opened="gone")))


def test_a_review_is_changed_and_the_change_undone(desk: Desk) -> None:
    id_ = keep(desk)
    first = Visit()
    item = seen(desk, "ann", first)
    first.note = "a title"
    desk.accept("ann", first, item, "")
    later = Visit(reviewed=True)  # after a reload
    assert desk.look("ann", later).item is None
    ((kept, mine),) = desk.found("ann", later).rows
    assert (kept.id, mine and mine.note) == (id_, "a title")
    desk.reopen("ann", later, None, id_)
    view = desk.look("ann", later)
    assert view.item == item
    assert "You said:" in review_card.item(view)
    later.note = "not said"
    desk.none("ann", later, item, "")
    assert said(desk, id_) == {"ann": None}
    desk.undo("ann", later, None, "")
    assert said(desk, id_) == {"ann": "Ines Soto"}
    assert [review.note for review in desk.store.reviews_of(id_)] == ["a title"]
    with pytest.raises(InputError, match="nothing to undo"):
        desk.undo("ann", later, None, "")
    with pytest.raises(InputError, match="expected the id"):
        desk.reopen("ann", later, None, "x")


def test_several_spans_are_shown_taken_and_brought_back(desk: Desk) -> None:
    """As marked at Argilla: all of them, in the words and in the text, and never one alone."""
    id_, year = keep(desk), CONTEXT.index("1904")
    several = (Gold("1904", year), Gold("mayor", CONTEXT.index("mayor")))
    start = CONTEXT.index("Ines Soto")
    span = (start, start + len("Ines Soto"))
    given = {"text": "Ines Soto", "further": several, "opinion": True, "source": "argilla"}
    pulled = Pulled("r", "d", id_, "ann", "2030-05-01T11:00:00")
    desk.store.take(pulled, span=span, **given)  # type: ignore[arg-type]
    (before,) = desk.store.reviews_of(id_)
    ann, bob = Visit(opened=id_), Visit(opened=id_)
    item = seen(desk, "ann", ann)
    quoted = "“mayor”, “Ines Soto”, “1904”"
    assert quoted in review_card.item(desk.look("ann", ann))
    desk.none("ann", ann, item, "")
    desk.undo("ann", ann, None, "")
    assert [review.spans for review in desk.store.reviews_of(id_)] == [before.spans]
    view = desk.look("bob", bob)
    shown = review_card.item(view)
    assert f'ann says: <span dir="auto">{quoted}' in shown
    assert '<span dir="auto">mayor, Ines Soto, 1904</span> <small>ann</small>' in shown
    assert re.findall('data-number="(.)">([^<]+)<', shown) == [("1", "mayor"), ("1", "1904")]
    told = desk.accept("bob", bob, item, "")
    assert "ann answered differently" in told
    listed = review_card.found(desk.found("eve", Visit(wanted=Wanted(split=True))))
    assert f"ann: {quoted} | bob: “Ines Soto”" in listed
    eve = Visit(opened=id_)
    item = seen(desk, "eve", eve)
    number = 1 + eve.choices.index(before.spans)
    desk.take("eve", eve, item, str(number))
    assert desk.store.consensus()[id_].parts == before.spans


def test_a_list_that_the_reader_gives_is_offered_item_by_item() -> None:
    given = kept("Ann, Bob and Eve came.", "Ann, Bob and Eve", question="Who came?")
    first, *others = review_card.View(given, [], 0, 1, 0).candidates
    assert (first.spans, others) == (((0, 3), (5, 8), (13, 16)), [])
    assert review_card.View(replace(given, question="When?"), [], 0, 1, 0).candidates == []


def selected(words: str) -> str:
    """What the page sends of words selected in the text as it is shown."""
    shown = as_shown(CONTEXT)[0]
    start = to_utf16(shown, shown.index(words))
    told = {"start": start, "end": start + to_utf16(words, len(words)), "text": words}
    return json.dumps({**told, "length": to_utf16(shown, len(shown))})


def test_a_list_is_made_span_by_span(desk: Desk) -> None:
    id_, visit = keep(desk), Visit()
    item = seen(desk, "ann", visit)
    for words in ("1904", "mayor", "Ines"):
        desk.add("ann", visit, item, selected(words))
    with pytest.raises(InputError, match="in the list already"):
        desk.add("ann", visit, item, selected("Ines Soto"))
    shown = review_card.item(desk.look("ann", visit))
    assert re.findall('data-remove="(.)"[^>]*><span dir="auto">([^<]+)<', shown) == [
        ("1", "mayor"), ("2", "Ines"), ("3", "1904"),
    ]  # fmt: skip
    assert shown.count('<mark class="sl-part">') == 3
    desk.remove("ann", visit, item, "2")
    desk.words("ann", visit, item, "")  # as the list stands
    assert visit.parts == ()
    (review,) = desk.store.reviews_of(id_)
    assert [CONTEXT[a:b] for a, b in review.spans] == ["mayor", "1904"]
    desk.look("ann", visit)
    visit.opened = id_  # what was said is where one goes on, here as of what is said at Argilla
    assert seen(desk, "ann", visit) == item
    assert visit.parts == review.spans
    desk.words("ann", visit, item, selected("opened"))
    (now,) = desk.store.reviews_of(id_)
    assert [CONTEXT[a:b] for a, b in now.spans] == ["mayor", "opened", "1904"]
    desk.look("ann", visit)
    desk.undo("ann", visit, None, "")
    assert desk.store.reviews_of(id_)[0].spans == review.spans
    seen(desk, "ann", visit)
    for number in "11":
        desk.remove("ann", visit, item, number)
    with pytest.raises(InputError, match="Select"):
        desk.words("ann", visit, item, "")


def test_of_a_long_text_the_sentences_around_the_answers_are_shown_first(store: Store) -> None:
    before, after = "The mill stands idle. " * 30, " Boats come and go." * 30
    context = f"{before}The harbour was opened by Ines Soto.{after}"
    given = answer(text="", alternatives=())
    store.keep(QUESTION, context, given, reason="doubtful", source="page")
    desk = Desk(Intake(store))
    shown = review_card.item(desk.look("ann", Visit()))
    assert "sl-brief" not in shown  # no answer to show the sentences around
    start = context.index("Ines Soto")
    span = (start, start + 9)
    desk.store.review(seen(desk, "ann", Visit()).id, VISITOR, span, text="Ines Soto", source="page")
    visit = Visit()
    shown = review_card.item(desk.look("ann", visit))
    assert "sl-brief" in shown
    hidden = shown.split('<span class="sl-aside">')[1:]
    assert [text.split("</span>")[0].count("mill") for text in hidden] == [29, 0]
    assert "Show the whole text" in shown
    passage = shown.split("</header>")[1]
    assert re.sub(r"<[^>]*>", "", passage).startswith(context)
    marked = {"start": start, "end": start + 9, "text": "Ines Soto", "length": len(context)}
    desk.words("ann", visit, visit.item, json.dumps(marked))
    (learned,) = desk.store.examples()
    assert learned.answers[0].start == start
