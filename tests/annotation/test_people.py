"""One list of reviewers, on the page and at Argilla, and what is left when they leave."""

import json
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from typer.testing import CliRunner

from annotation.cli.loop import seconds
from annotation.cli.main import app
from annotation.loop.polling import repeat
from annotation.review import reviewers as module
from annotation.review.records import Pulled
from annotation.review.reviewers import Reviewers, ReviewersError
from annotation.store.store import Store
from page.access import Access
from qa_core.errors import SpanLoopError
from tests.support.predictions import SPAN, keep, option

PASSWORD = "long enough"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    monkeypatch.setattr(module, "COST", {**module.COST, "n": 16})


def reviewer(store: Store, *words: str) -> Any:
    return CliRunner().invoke(app, ["reviewer", *words, *option(store)])


def fill(store: Store) -> tuple[str, str]:
    """Ann on the page and, as ann.smith, at Argilla; and a visitor."""
    first, second = keep(store, "1?"), keep(store, "2?")
    Reviewers().add("ann", PASSWORD)
    store.review(first, "ann", None, source="page")
    store.review(first, "visitor", None, source="page")
    name = store.name_of("u1", ["ann.smith"], server="http://argilla")
    for id_, response in ((first, "r1"), (second, "r2")):
        pulled = Pulled(response, "d", id_, name, "2031-01-01", person="u1", status="submitted")
        store.take(pulled, span=SPAN, text="Ines Soto", opinion=True, source="argilla")
    return first, second


def test_two_names_become_one_person(store: Store) -> None:
    first, second = fill(store)
    assert reviewer(store, "list").stdout.splitlines() == [
        "ann  page  1 reviews",
        "ann.smith  Argilla  2 reviews",
    ]
    assert reviewer(store, "rename", "ann.smith", "ann").exit_code == 1  # nobody said yes
    done = reviewer(store, "rename", "ann.smith", "ann", "--yes")
    assert done.stdout == "ann.smith is called ann now, in 2 reviews\n"
    assert [(r.reviewer, r.opinion.span) for r in store.reviews_of(first) if r.start] == [
        ("ann", SPAN)
    ]
    assert store.name_of("u1", ["ann.smith"], server="http://argilla") == "ann"  # for good
    (listed,) = json.loads(reviewer(store, "list", "--json").stdout)
    assert listed == {
        "name": "ann", "page": True, "argilla": ["http://argilla"], "retired": False, "reviews": 2,
        "gold": [0, 0], "assigned": [0, 0],
    }  # fmt: skip
    assert store.is_decided(second)
    wrong = reviewer(store, "rename", "nobody", "ann", "--yes")
    assert "expected a reviewer, ann, found 'nobody'" in str(wrong.exception)


def test_who_retires_is_let_in_no_more_and_keeps_the_reviews(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = fill(store)
    monkeypatch.setenv("SPANLOOP_REVIEWERS", f"ann:{PASSWORD}")
    access = Access()
    token = access.login("ann", PASSWORD)
    far = gr.Request(client={"host": "192.0.2.7", "port": 1}, headers={"host": "x"})
    assert access.who(far, token) == "ann"
    done = reviewer(store, "retire", "ann", "--no-argilla")
    assert done.stdout == "ann may no longer log in on the page; 1 reviews stay\n"
    assert access.who(far, token) is None
    for listed in (access, Access()):
        with pytest.raises(ReviewersError, match="do not belong together"):
            listed.login("ann", PASSWORD)
    assert reviewer(store, "list").stdout.startswith("ann  retired  1 reviews\n")
    assert "ann" in {review.reviewer for review in store.reviews_of(first)}
    assert isinstance(reviewer(store, "retire", "nobody").exception, ReviewersError)
    Reviewers().add("ann", "another one")  # she is back
    assert access.login("ann", PASSWORD)


def test_polling_goes_on_through_failures_with_growing_pauses() -> None:
    outcomes, pauses, told = [True, False, False, True, False], list[float](), list[float]()

    def work() -> None:
        if not outcomes.pop(0):
            raise SpanLoopError("away")

    def sleep(pause: float) -> None:
        pauses.append(pause)
        if not outcomes:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        repeat(work, 300, lambda error, pause: told.append(pause), sleep=sleep)
    assert (pauses, told) == ([300, 600, 1200, 300, 600], [600, 1200, 600])


def test_times_are_read_as_people_write_them() -> None:
    assert [seconds(one) for one in ("90", "30s", "5m", "1.5h")] == [90, 30, 300, 5400]
    for wrong in ("0m", "soon", "5 days"):
        done = CliRunner().invoke(app, ["pull", "--every", wrong])
        assert (done.exit_code, "30s, 5m or 2h" in done.output) == (2, True)
