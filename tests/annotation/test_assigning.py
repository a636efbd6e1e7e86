"""Who reviews what: dealt out, seen first, and decided once all who got it have answered."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from annotation.cli.main import app
from annotation.loop.intake import Intake
from annotation.review.policy import deal
from annotation.review.reviewers import Reviewers
from annotation.store.search import Wanted
from annotation.store.store import Store
from page.html import review_card
from page.tabs.desk import Desk, Visit
from qa_core.data.examples import question_id
from tests.support.predictions import CONTEXT, SPAN, in_a_file, keep

YEAR = (CONTEXT.index("1904"), CONTEXT.index("1904") + 4)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))


def assign(store: Store, *words: object) -> Any:
    return CliRunner().invoke(app, ["assign", *map(str, words), "--store", str(store.path)])


def say(store: Store, id_: str, name: str, span: tuple[int, int] | None) -> None:
    text = CONTEXT[slice(*span)] if span else ""
    store.review(id_, name, span, text=text, source="page")


def test_dealing_is_even_and_gives_a_share_to_two() -> None:
    ids = [question_id(f"{n}?", CONTEXT) for n in range(1000)]
    dealt = deal(ids, ["ann", "bob", "cem"], each=None, double=0.2)
    assert list(dealt) == ids
    shares = Counter(name for names in dealt.values() for name in names)
    assert max(shares.values()) - min(shares.values()) <= 1
    assert 160 < sum(len(names) == 2 for names in dealt.values()) < 240
    assert all(len(set(names)) == len(names) for names in dealt.values())
    pairs = {frozenset(names) for names in dealt.values() if len(names) == 2}
    assert len(pairs) == 3  # everybody with everybody
    few = deal(ids, ["ann", "bob"], each=5)
    assert list(few) == ids[:10]
    assert deal(ids[:4], ["ann"], each=None, double=1) == dict.fromkeys(ids[:4], ("ann",))
    assert deal(ids, [], each=None) == {}


def test_reviewers_see_their_own_first_and_never_anothers(store: Store) -> None:
    ids = [keep(store, f"{n}?", confidence=n / 10) for n in range(6)]
    store.assign({ids[0]: ["bob"], ids[5]: ["ann"], ids[4]: ["ann", "bob"]})
    order = []
    while (item := store.next_for("ann")) is not None:
        order.append(ids.index(item.id))
        assert store.progress_of("ann")[1] == 5 - len(order) + 1
        assert store.count_wanted("ann", Wanted()) == 5 - len(order) + 1
        say(store, item.id, "ann", None)
    assert set(order[:2]) == {4, 5}
    assert set(order) == {1, 2, 3, 4, 5}
    assert store.progress_of("ann") == (5, 0, 0)
    assert store.quotas() == {"ann": (2, 2), "bob": (0, 2)}


def test_what_two_get_waits_for_both(store: Store) -> None:
    id_ = keep(store)
    store.assign({id_: ["ann", "bob"]})
    say(store, id_, "ann", SPAN)
    assert not store.is_decided(id_)
    assert store.next_for("cem") is None
    say(store, id_, "bob", SPAN)
    assert store.is_decided(id_)


def test_what_one_got_and_two_are_asked_is_anybodys_then(store: Store) -> None:
    """Also where the second who got it has left."""
    ids = [keep(store, f"{n}?") for n in range(2)]
    store.note_dataset("", asked=2, address="")
    store.assign({ids[0]: ["ann"], ids[1]: ["ann", "bob"]})
    assert (store.next_for("cem"), store.count_free()) == (None, 0)
    for id_ in ids:
        say(store, id_, "ann", SPAN)
    assert (store.progress_of("cem")[1], store.count_free()) == (1, 1)
    store.release("bob")
    assert (store.progress_of("cem")[1], store.count_free()) == (2, 2)
    while (item := store.next_for("cem")) is not None:
        say(store, item.id, "cem", SPAN)
    assert all(map(store.is_decided, ids))


def test_a_tie_is_anybodys_and_shows_both_answers(store: Store) -> None:
    id_, other = keep(store), keep(store, "Other?")
    store.assign({id_: ["ann", "bob"], other: ["ann"]})
    say(store, id_, "ann", SPAN)
    say(store, id_, "bob", YEAR)
    desk, visit = Desk(Intake(store)), Visit(wanted=Wanted(split=True))
    listed = review_card.found(desk.found("cem", visit))
    assert "1 question on which reviewers differ" in listed
    assert "ann: “Ines Soto” | bob: “1904”" in listed
    view = desk.look("cem", visit)
    assert view.item is not None
    assert view.item.id == id_
    shown = review_card.item(view)
    for number, (words, by) in enumerate((("Ines Soto", "ann"), ("1904", "bob")), 1):
        button = f'data-take="{number}"><kbd>{number}</kbd> <span dir="auto">{words}</span>'
        assert f"{button} <small>{by}</small>" in shown
    assert desk.take("cem", visit, view.item, "2")  # that ann said something else
    assert store.is_decided(id_)
    assert desk.look("cem", visit).item is None


@in_a_file
def test_who_leaves_frees_what_was_not_answered(store: Store) -> None:
    ids = [keep(store, f"{n}?") for n in range(3)]
    store.assign({ids[0]: ["ann"], ids[1]: ["ann", "bob"], ids[2]: ["ann", "bob"]})
    say(store, ids[2], "ann", SPAN)
    say(store, ids[1], "bob", SPAN)
    Reviewers().add("ann", "long enough")
    retired = ["reviewer", "retire", "ann", "--no-argilla", "--store", str(store.path)]
    told = CliRunner().invoke(app, retired).stdout
    assert told.startswith("2 questions that were assigned to ann wait for anybody\n")
    assert store.is_decided(ids[1])  # bob's answer is all that is asked now
    assert store.quotas() == {"ann": (1, 1), "bob": (1, 2)}
    store.rename_reviewer("bob", "rob")
    assert store.quotas() == {"ann": (1, 1), "rob": (1, 2)}
    assert store.next_for("rob") is not None


@in_a_file
def test_at_the_command_line(store: Store) -> None:
    for number in range(10):
        keep(store, f"{number}?")
    Reviewers().add("ann", "long enough")
    done = assign(store, "ann", "bob", "--each", 3)
    assert "nobody called bob has a login" in done.output
    assert "ann  0 of 3 done\nbob  0 of 3 done\n4 wait for anybody\n" in done.output
    assert assign(store, "ann", "--each", 3).stdout.startswith("ann  0 of 6 done")
    told = json.loads(assign(store, "bob", "--release", "--json").stdout)
    assert told == {"assigned": {"ann": {"done": 0, "assigned": 6}}, "unassigned": 4}
    assert assign(store, " ann").exit_code == 1
    assert assign(store, "ann", "--source", "nowhere").stdout.startswith("ann  0 of 6")
