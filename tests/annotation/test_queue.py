"""The queue: whose turn it is, and that neither turn nor count reads the whole store."""

import random
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from annotation.campaigns.orderings import Open, mixed
from annotation.loop.situation import situation
from annotation.review import policy
from annotation.review.records import VISITOR, Pushed, state_of
from annotation.store.engines.engine import quoted
from annotation.store.standing import refresh
from annotation.store.store import Store
from page.html import review_card
from page.tabs.desk import Desk, Visit
from qa_core.data.examples import Example, question_id
from qa_core.models.versions import Versions
from tests.support.predictions import CONTEXT, SPAN, answer, in_a_file


def fill(store: Store, count: int, *, reason: str = "doubtful", first: int = 0) -> None:
    """Put in that many predictions at once, the later the surer."""
    given = {
        "context": CONTEXT, "start": SPAN[0], "end": SPAN[1], "answerable": 1, "score": 1.0,
        "null_score": 0.0, "alternatives": "[]", "model": "m@1", "reason": reason,
        "source": "test", "at": "2030-05-01T12:00:00+00:00",
    }  # fmt: skip
    rows = [
        (question_id(f"{n}?", CONTEXT), f"{n}?", (n - first) / count, *given.values())
        for n in range(first, first + count)
    ]
    with store._writing() as db:
        db.executemany(
            f"INSERT INTO predictions (id, question, confidence, {', '.join(map(quoted, given))})"
            f" VALUES ({', '.join('?' * (3 + len(given)))})",
            rows,
        )
        refresh(db)


def test_the_least_sure_take_turns_with_any_others() -> None:
    doubt, draw = "abcdefgh", "hbafgced"
    assert list(policy.mixed(doubt, draw)) == ["a", "h", "b", "f", "c", "g", "d", "e"]
    for count in range(9):
        half = set(doubt[: -(-count // 2)])
        others = [one for one in draw if one not in half][: count - len(half)]
        assert set(islice(policy.mixed(doubt, draw), count)) == half | set(others)
    assert next(policy.mixed(doubt, draw, turn=7)) == "h"
    assert next(policy.mixed("", draw)) == "h"


def test_the_queue_is_the_campaigns_mixed_order(store: Store) -> None:
    """Of the first 200 half are the least sure and half are drawn, of one function."""
    fill(store, 2000)
    fill(store, 16, reason="random", first=2000)
    first = store.waiting()[:200]
    least_sure = {f"{n}?" for n in range(100)}
    assert least_sure < {kept.question for kept in first}
    assert sum(kept.reason == "random" for kept in first) == 16
    drawn = [kept.answer.confidence for kept in first if kept.question not in least_sure]
    assert len(drawn) == 100
    assert 0.4 < np.mean(drawn) < 0.6
    open_ = [
        Open(Example(f"{n}", f"{n}?", CONTEXT), answer(confidence=n / 2000)) for n in range(2000)
    ]
    chosen = mixed(open_, [], 200, np.random.default_rng(7))
    draw = [n for n in np.random.default_rng(7).permutation(2000).tolist() if n >= 100]
    assert sorted(chosen) == sorted([*range(100), *draw[:100]])


def test_one_after_the_other_comes_in_the_order_of_what_waits(store: Store) -> None:
    fill(store, 12)
    fill(store, 3, reason="random", first=12)
    fill(store, 2, reason="flagged", first=15)
    store.estimate({question_id("3?", CONTEXT): 0.001})
    order, shown = [kept.question for kept in store.waiting()], []
    skipped: list[str] = []
    while kept := store.next_for("ann", skipped):
        shown.append(kept.question)
        assert store.next_for("ann", skipped, kept.id) == kept
        if len(shown) % 3:
            store.review(kept.id, "ann", None, source="page")
        else:
            skipped.append(kept.id)
    assert sorted(shown) == sorted(order)
    assert shown[:3] == order[:3]
    assert store.progress_of("ann", skipped) == (12, 0, 5)
    assert store.progress_of("bob") == (0, 5, 0)
    other = store.next_for("ann", skipped[1:])
    assert other is not None
    assert other.id == skipped[0]


def naive(store: Store) -> dict[str, Any]:
    """What `counts` says, by reading everything."""
    kept, consensus, pushed = store.predictions(), store.consensus(), store.pushed()
    decided = {id_ for id_, merged in consensus.items() if merged.decided}
    waiting = store.waiting()
    return {
        "kept": len(kept),
        "reasons": dict(Counter(one.reason for one in kept)),
        "waiting": len([one for one in waiting if one.id not in decided]),
        "drawn": sum(one.reason == "random" for one in waiting),
        "unsent": sum(one.id not in pushed for one in waiting),
        "reviewed": len(consensus),
        "decided": len(decided),
        "turns": sum(one.id in consensus and one.reason != "flagged" for one in kept),
        "sent": len(pushed),
        "split": sum(id_ in consensus and id_ not in decided for id_ in (w.id for w in waiting)),
    }


def test_counts_hold_whatever_is_done(store: Store, tmp_path: Path) -> None:
    from annotation.review.records import Pushed

    draw = random.Random(5)
    for step in range(300):
        question = f"{draw.randrange(20)}?"
        id_, who = question_id(question, CONTEXT), draw.choice(["ann", "bob", "cem", VISITOR])
        known = {kept.id for kept in store.predictions("WHERE id = ?", [id_])}
        match draw.randrange(8):
            case 0 | 1:
                given = answer(draw.choice(["Ines Soto", ""]), model=draw.choice(["m@1", "m@2"]))
                reason = draw.choice(["doubtful", "random", "flagged"])
                store.keep(question, CONTEXT, given, reason=reason, source="test")  # type: ignore[arg-type]
            case 2 | 3 if known:
                span = draw.choice([None, SPAN])
                store.review(id_, who, span, text="Ines Soto" if span else "", source="page")
            case 4 if known:
                store.withdraw(id_, who, source="page")
            case 5:
                settled = [id_] if draw.random() < 0.5 else []
                store.estimate({id_: draw.random()}, settled, add=draw.random() < 0.8)
            case 6:
                store.note_pushed([Pushed(draw.choice("xy"), id_, "d", 0, 1)])
            case 7 if known and step % 5 == 0:
                store.purge([id_])
        counts = store.counts()
        assert {name: getattr(counts, name) for name in counts.__dataclass_fields__} == naive(store)
    assert counts.decided > 2
    assert counts.sent > 2
    again = Store(tmp_path / "copy.sqlite3")
    again.load(store.dump())
    store.estimate({})  # estimates are not backed up
    assert again.counts() == store.counts()
    assert [kept.id for kept in again.waiting()] == [kept.id for kept in store.waiting()]


class Intake:
    """As much of one as a desk asks for."""

    sender = None

    def __init__(self, store: Store) -> None:
        self.store = store

    def confirm(self) -> None:
        pass


def steps_of_a_click(store: Store) -> int:
    """How many thousand steps of SQLite's machine it takes to accept, and to see what is next."""
    desk, visit = Desk(Intake(store)), Visit()  # type: ignore[arg-type]
    desk.look("ann", visit)
    steps = 0

    def stepped() -> None:
        nonlocal steps
        steps += 1

    store._db.set_progress_handler(stepped, 10)
    desk.accept("ann", visit, visit.item, "")
    view = desk.look("ann", visit)
    review_card.progress(view, "ann")
    review_card.argilla(Intake(store))  # type: ignore[arg-type]
    store._db.set_progress_handler(None, 0)
    assert visit.item is not None
    return steps


@in_a_file
def test_a_click_costs_the_same_in_a_store_a_hundred_times_as_large(store: Store) -> None:
    fill(store, 1000)
    small = steps_of_a_click(store)
    fill(store, 99_000, first=1000)
    large = steps_of_a_click(store)
    assert store.counts().kept == 100_000
    assert large < 5 * small
    steps = 0

    def stepped() -> None:
        nonlocal steps
        steps += 1

    store._db.set_progress_handler(stepped, 1000)
    situation(store, Versions())
    store._db.set_progress_handler(None, 0)
    assert steps < 5_000  # thousand: some fifty for each prediction


def test_a_push_reads_only_what_changed_since(store: Store) -> None:
    fill(store, 5)
    ids = [kept.id for kept in store.waiting()]
    assert [kept.id for kept in store.to_push("d")[0]] == ids

    def changed() -> set[str]:
        """What is to be pushed, and after that was."""
        found, waiting = store.to_push("d")
        assert waiting == 5
        names = store.assigned()
        store.note_pushed(
            Pushed("d", kept.id, "x", 0, 9, state=state_of(kept, names.get(kept.id, ())))
            for kept in found
        )
        return {kept.id for kept in found}

    assert (changed(), changed()) == (set(ids), set())
    store.assign({ids[0]: ["bob, jr.", "\u00e4nne", "ann"]})
    assert (changed(), changed()) == ({ids[0]}, set())
    store.release("ann")
    assert (changed(), changed()) == ({ids[0]}, set())
    given = store.prediction(ids[1])
    other = {"reason": "flagged", "source": "test"}
    store.keep(given.question, CONTEXT, given.answer, **other)  # type: ignore[arg-type]
    assert (changed(), changed()) == ({ids[1]}, set())
    newer = answer(model="m@2")
    store.keep(given.question, CONTEXT, newer, reason="doubtful", source="test")
    assert (changed(), changed()) == ({ids[1]}, set())
    store.note_gone("d", ids[1:], store.pushed("d").values())
    assert (changed(), changed()) == ({ids[0]}, set())
    store.note_state("d", {ids[2]: ""})
    assert store.to_push("other")[1] == 5
    assert changed() == {ids[2]}
