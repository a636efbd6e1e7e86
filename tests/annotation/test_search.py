"""Finding what a reviewer asks for among what is kept."""

import pytest

from annotation.review.records import VISITOR, Reason
from annotation.store.search import Wanted
from annotation.store.store import Store
from tests.support.predictions import CONTEXT, SPAN, answer


def fill(store: Store) -> dict[str, str]:
    """Four predictions that differ in everything that can be asked for: ids by question."""
    rows: list[tuple[str, str, float, Reason, str]] = [
        ("Wer ÖFFNETE es?", "Ines Soto", 0.2, "doubtful", "page"),
        ("100% sure_?", "", 0.4, "flagged", "page"),
        ("When?", "1904", 0.6, "random", "api"),
        ("Who?", "", 0.8, "doubtful", "api"),
    ]
    ids = {}
    for question, text, confidence, reason, source in rows:
        given = answer(text, confidence=confidence)
        ids[question] = str(store.keep(question, CONTEXT, given, reason=reason, source=source))
    return ids


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), ["Wer ÖFFNETE es?", "100% sure_?", "When?", "Who?"]),
        (Wanted(words=" öffnete "), ["Wer ÖFFNETE es?"]),
        (Wanted(words="INES soto"), ["Wer ÖFFNETE es?", "100% sure_?", "When?", "Who?"]),
        (Wanted(words="100%"), ["100% sure_?"]),
        (Wanted(words="_"), ["100% sure_?"]),
        (Wanted(words="' OR 1"), []),
        (Wanted(source="api"), ["When?", "Who?"]),
        (Wanted(reason="flagged"), ["100% sure_?"]),
        (Wanted(answerable=False, below=0.5), ["100% sure_?"]),
        (Wanted(answerable=True, source="api"), ["When?"]),
    ],
)
def test_search_finds_what_is_wanted_in_list_and_queue(
    store: Store, wanted: Wanted, found: list[str]
) -> None:
    fill(store)
    assert [kept.question for kept in store.find_waiting("ann", wanted, 9)] == found
    assert store.count_wanted("ann", wanted) == len(found)
    queue: list[str] = []
    skipped: list[str] = []
    while kept := store.next_for("ann", skipped, wanted=wanted):
        assert store.next_for("ann", skipped, kept.id, wanted) == kept
        queue.append(kept.question)
        skipped.append(kept.id)
    assert sorted(queue) == sorted(found)


def test_search_lists_what_a_reviewer_has_judged_the_newest_first(store: Store) -> None:
    ids = fill(store)
    for question in ("When?", "Who?", "100% sure_?"):
        store.review(ids[question], "ann", None, source="page")
    store.review(ids["When?"], "ann", SPAN, text="Ines Soto", source="page")  # changed
    store.review(ids["Who?"], "bob", None, source="page")
    judged = [kept.question for kept in store.find_judged("ann", Wanted(), 9)]
    assert judged == ["When?", "100% sure_?", "Who?"]
    assert [kept.question for kept in store.find_judged("ann", Wanted(words="who"), 9)] == ["Who?"]
    assert len(store.find_judged("ann", Wanted(), 2)) == 2
    assert store.count_wanted("ann", Wanted()) == 1
    assert store.sources() == ["api", "page"]


def test_search_tells_what_is_answered_and_what_a_visitor_called_wrong(store: Store) -> None:
    id_ = fill(store)["When?"]
    assert not store.is_answered(id_)
    assert not store.called_wrong(id_)
    store.withdraw(id_, VISITOR, note="wrong", source="page")
    assert store.called_wrong(id_)
    assert not store.is_answered(id_)
    store.review(id_, VISITOR, None, source="page")
    assert not store.called_wrong(id_)
    assert not store.is_answered(id_)
    store.review(id_, "ann", None, source="page")
    assert store.is_answered(id_)
