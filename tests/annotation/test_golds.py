"""Gold questions: hidden among the others, they measure reviewers and teach nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from annotation.argilla.payload import choose_excerpt, payload
from annotation.cli.main import app
from annotation.loop.intake import Intake
from annotation.loop.situation import situation
from annotation.review.advice import recommend
from annotation.store.store import Store
from page.tabs.desk import Desk, Visit
from qa_core.data.examples import Example, Gold, question_id
from qa_core.models.versions import Versions
from tests.support.predictions import CONTEXT, SPAN, answer, in_a_file, keep

YEAR = (CONTEXT.index("1904"), CONTEXT.index("1904") + 4)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))


def hide(store: Store, count: int = 1) -> list[str]:
    """So many questions of which "Ines Soto" is known to be the answer; the model says so, too."""
    gold = (Gold("Ines Soto", SPAN[0]),)
    rows = [(Example(str(n), f"Gold {n}?", CONTEXT, gold), answer()) for n in range(count)]
    assert store.add_golds(rows, source="checked.json", asked_on="page") == (count, [])
    return [question_id(*example.pair) for example, _ in rows]


def test_a_gold_answer_may_be_several_spans(store: Store) -> None:
    parts = (Gold("Ines Soto", SPAN[0]), Gold("1904", YEAR[0]))
    example = Example("1", "Gold?", CONTEXT, parts[:1], parts=parts)
    store.add_golds([(example, None)], source="checked.json", asked_on="page")
    (gold,) = store.golds()
    assert (gold.spans, gold.together) == ((SPAN, YEAR), True)
    id_ = gold.prediction.id
    given: dict[str, Any] = {"text": "Ines Soto", "source": "page"}
    store.review(id_, "ann", SPAN, **given, further=parts[1:])
    store.review(id_, "bob", SPAN, **given)
    assert store.gold_scores() == {"ann": (1, 1), "bob": (0, 1)}


def say(store: Store, id_: str, name: str, span: tuple[int, int] | None) -> None:
    text = CONTEXT[slice(*span)] if span else ""
    store.review(id_, name, span, text=text, source="page")


def cli(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_nothing_tells_a_gold_question_from_the_others(store: Store) -> None:
    store.keep("Who?", CONTEXT, answer(), reason="doubtful", source="page")
    hide(store)
    one, other = store.waiting()
    sent = [payload(kept, choose_excerpt(kept, 2000)) for kept in (one, other)]
    for of in sent:
        of.pop("id"), of["fields"].pop("question")
    assert sent[0] == sent[1]
    assert store.progress_of("ann") == (0, 2, 0)
    desk, visit = Desk(Intake(store)), Visit()
    seen = [desk.look("ann", visit) for _ in range(1)]
    for _ in range(2):
        item = desk.look("ann", visit).item
        assert item is not None
        assert desk.none("ann", visit, item, "") == ""
        seen.append(desk.look("ann", visit))
    assert [view.ahead for view in seen] == [2, 1, 0]
    assert {kept.question for kept, _ in desk.found("ann", Visit(reviewed=True)).rows} == {
        "Who?", "Gold 0?",
    }  # fmt: skip


def test_it_waits_for_everybody_and_is_never_decided(store: Store) -> None:
    (id_,) = hide(store)
    for name, span in (("ann", SPAN), ("bob", None), ("cem", YEAR), ("dan", (START, SPAN[1]))):
        assert store.next_for(name) is not None
        say(store, id_, name, span)
        assert store.next_for(name) is None
    assert not store.is_answered(id_)  # nobody is shown what the others said
    (one,) = store.golds()
    assert (one.spans, one.right, one.wrong) == ((SPAN,), ("ann", "dan"), ("bob", "cem"))
    assert store.gold_scores() == {"ann": (1, 1), "bob": (0, 1), "cem": (0, 1), "dan": (1, 1)}
    say(store, id_, "bob", SPAN)
    assert store.gold_scores()["bob"] == (1, 1)


START = SPAN[0] + 5  # of "Soto", which is the same answer


def test_nothing_is_learned_from_it_and_no_count_has_it(store: Store) -> None:
    before = store.counts()
    (id_,) = hide(store)
    assert store.counts() == before
    for name, span in (("ann", SPAN), ("bob", None)):
        say(store, id_, name, span)
    assert store.counts() == before
    found = (store.examples(), store.disagreements(), store.opinions_of_several())
    assert not any(map(list, found))
    assert not any((store.consensus(), store.troubles(), store.judged_since(0)))
    assert (store.reviewed_since(0), store.accepted_and_refused()) == (0, (0, 0))
    assert store.open_models() == set()
    assert store.unestimated() == []
    store.estimate({id_: 0.99}, [id_])
    assert [kept.id for kept in store.waiting()] == [id_]
    more = {"reason": "doubtful", "source": "page", "budget": 1}
    assert store.keep("Who?", CONTEXT, answer(), **more) is not None  # type: ignore[arg-type]


def test_on_the_page_one_in_eight_is_gold(store: Store) -> None:
    golds = set(hide(store, 30))
    for number in range(120):
        keep(store, f"{number}?")
    turns = []
    for _ in range(80):
        item = store.next_for("ann")
        assert item is not None
        turns.append(item.id in golds)
        say(store, item.id, "ann", None)
    assert 5 <= sum(turns) <= 16
    assert len({turns.index(True, at) - at for at in range(40)}) > 3  # at no regular distance


def test_what_reviewers_have_judged_is_left_and_release_undoes(store: Store) -> None:
    judged = keep(store, "Gold 0?")
    say(store, judged, "ann", None)
    gold = (Gold("1904", YEAR[0]),)
    rows = [(Example(str(n), f"Gold {n}?", CONTEXT, gold), None) for n in range(2)]
    assert store.add_golds(rows, source="f", asked_on="page") == (1, [judged])
    assert store.is_decided(judged)
    id_ = rows[1][0].pair and question_id(*rows[1][0].pair)
    say(store, id_, "ann", YEAR)
    assert store.release_golds([id_]) == 1
    assert store.is_decided(id_)
    assert store.gold_scores() == {}


def test_a_copy_keeps_golds_and_assignments(store: Store, tmp_path: Path) -> None:
    (id_,) = hide(store)
    store.assign({keep(store): ["ann"]})
    say(store, id_, "ann", SPAN)
    copy = Store(tmp_path / "copy.sqlite3")
    copy.load(store.dump())
    assert copy.dump() == store.dump()
    assert (copy.gold_scores(), copy.quotas()) == ({"ann": (1, 1)}, {"ann": (0, 1)})


@in_a_file
def test_at_the_command_line(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "checked.json"
    row = {"question": "Who opened it?", "context": CONTEXT, "id": "a"}
    good = {**row, "answers": {"text": ["Ines Soto"], "answer_start": [SPAN[0]]}}
    file.write_text(json.dumps([good]))
    where = ("--store", store.path)
    done = cli("gold", "add", file, *where)
    assert done.stdout == "1 gold questions added, 0 were there\n", done
    assert cli("gold", "add", file, *where).stdout == "0 gold questions added, 1 were there\n"
    (kept,) = store.waiting()
    assert (kept.source, kept.suggested) == ("page", True)
    say(store, kept.id, "ann", None)
    listed = cli("gold", "list", *where).stdout
    assert listed == f"{kept.id[:8]} Who opened it? ('Ines Soto')  right: nobody; wrong: ann\n"
    people = cli("reviewer", "list", *where).stdout
    assert people == "ann  no login  1 reviews, 0 of 1 gold questions right\n"
    assert "  ann: 1 reviews, 0 of 1 gold questions right\n" in cli("status", *where).stdout
    told = cli("history", kept.id, "--no-answer", *where).stdout
    assert told.splitlines()[-1] == f"A gold question; right is 'Ines Soto' ({SPAN[0]}-{SPAN[1]})"
    assert cli("gold", "release", kept.id[:6], *where).exit_code == 0
    assert cli("gold", "list", *where).stdout == ""


def test_who_is_right_too_seldom_is_named(store: Store) -> None:
    for number, id_ in enumerate(hide(store, 12)):
        say(store, id_, "ann", SPAN)
        say(store, id_, "bob", SPAN if number % 2 else None)
    keep(store)
    said = recommend(situation(store, Versions()))
    assert [one for one in said if "gold" in one] == [
        "bob answered 6 of 12 gold questions rightly: go through the others together "
        "(spanloop gold list)."
    ]


def test_weights_settle_ties_where_the_setting_says_so(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ann is always right, bob in one of two: where they differ, she is believed, 9 to 1."""
    id_ = keep(store)
    say(store, id_, "ann", SPAN)
    say(store, id_, "bob", None)
    for number, gold in enumerate(hide(store, 20)):
        say(store, gold, "ann", SPAN)
        say(store, gold, "bob", SPAN if number % 2 else None)
    assert not store.is_decided(id_)
    monkeypatch.setenv("SPANLOOP_GOLD_WEIGHTS", "true")
    weighing = Store(store.where)
    assert weighing.is_decided(id_)
    (example,) = weighing.examples()
    assert [gold.text for gold in example.answers] == ["Ines Soto"]
    for gold in [one.prediction.id for one in weighing.golds()][:6]:
        say(weighing, gold, "ann", None)  # she was not so good, after all
    assert not weighing.is_decided(id_)
    monkeypatch.setenv("SPANLOOP_GOLD_WEIGHTS", "false")
    say(weighing, weighing.golds()[0].prediction.id, "cem", SPAN)
    assert not Store(store.where).is_decided(id_)
