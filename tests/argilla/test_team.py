"""A team at the real Argilla: who said what, when, how many were asked, and what they disagree on.

All of it on one push; each test has a question of its own.
"""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import argilla as rg
import httpx
import pytest
from typer.testing import CliRunner

from annotation.argilla.client import Connection, Target, connect
from annotation.argilla.local.server import LocalArgilla
from annotation.argilla.payload import link
from annotation.argilla.sync import PullReport, pull, push
from annotation.cli.main import app
from annotation.copies.local import back_up
from annotation.loop.history import history
from annotation.store.store import Store
from qa_core.data.examples import Example, Gold, question_id
from qa_core.models.versions import Versions
from tests.support.predictions import CONTEXT, SPAN, answer
from tests.support.reviewing import ROOT, ask, respond

QUESTIONS = 35
MARKS = {
    "Ines Soto": SPAN,
    "Soto": (SPAN[0] + 5, SPAN[1]),
    "1904": (CONTEXT.index("1904"), CONTEXT.index("1904") + 4),
}


def mark(words: str) -> dict[str, Any]:
    """A "yes" with these words, marked as in the page, in UTF-16 units."""
    start = len(CONTEXT[: CONTEXT.index(words)].encode("utf-16-le")) // 2
    return {
        "answerable": "yes",
        "answer": [{"start": start, "end": start + len(words), "label": "answer"}],
    }


NO: dict[str, Any] = {"answerable": "no"}


@dataclass
class Team:
    """A store, the owner's connection, and people who answer; two are asked each question."""

    argilla: LocalArgilla
    store: Store
    connection: Connection
    numbers: Iterator[int]

    @property
    def owner(self) -> rg.Argilla:
        return self.connection.client

    @property
    def dataset(self) -> str:
        found = self.connection.dataset()
        assert found is not None
        return str(found.id)

    def question(self) -> str:
        """The id of a question that no other test has."""
        asked = f"{next(self.numbers)}?"
        return next(kept.id for kept in self.store.predictions() if kept.question == asked)

    def person(self, name: str, role: str = "annotator") -> rg.Argilla:
        """A new user in the workspace, logged in."""
        given = {"username": name, "first_name": name, "password": "longenough", "role": role}
        user = ask(self.owner, "users", given)
        workspace = self.owner.workspaces(self.connection.workspace)
        ask(self.owner, f"workspaces/{workspace.id}/users", {"user_id": user["id"]})
        return rg.Argilla(api_url=self.connection.url, api_key=user["api_key"])

    def records(self, prediction: str) -> dict[str, dict[str, Any]]:
        """What the server holds of a prediction, by our ids."""
        path = f"datasets/{self.dataset}/records?include=responses,vectors&limit=1000"
        found = {one["external_id"]: one for one in ask(self.owner, path)["items"]}
        return {id_: one for id_, one in found.items() if id_.startswith(prediction)}

    def record_in(self, dataset: str, prediction: str) -> str:
        """The server's id of a prediction's record in a data set, whatever that is called."""
        found = ask(self.owner, f"datasets/{dataset}/records?limit=1000")["items"]
        return next(str(one["id"]) for one in found if one["external_id"] == prediction)

    def record(self, prediction: str, number: int = 1) -> str:
        """The server's id of a prediction's record, of the first by default."""
        return str(list(self.records(prediction).values())[number - 1]["id"])

    def said(self, prediction: str) -> dict[str, tuple[int, int] | None]:
        """The opinions that count, by reviewer."""
        reviews = self.store.reviews_of(prediction)
        return {review.reviewer: review.opinion.span for review in reviews}

    def decided(self, prediction: str) -> bool:
        found = self.store.consensus().get(prediction)
        assert (prediction in {kept.id for kept in self.store.waiting()}) == (
            found is None or not found.decided
        )
        return found is not None and found.decided

    def push(self, **changes: Any) -> Any:
        return push(self.store, self.connection, **changes)

    def pull(self) -> PullReport:
        return pull(self.store, self.connection)

    def waits_for(self, person: rg.Argilla, trouble: str) -> set[str]:
        """What Argilla's page gives a person to answer, filtered by why it is seen again."""
        status = {"type": "terms", "values": ["pending"]}
        review = {"entity": "metadata", "metadata_property": "review"}
        filters = [
            {**status, "scope": {"entity": "response", "property": "status"}},
            {**status, "scope": {"entity": "record", "property": "status"}},
            {"type": "terms", "values": [trouble], "scope": review},
        ]
        body = {"filters": {"and": filters}}
        found = ask(person, f"me/datasets/{self.dataset}/records/search", body)
        return {item["record"]["external_id"] for item in found["items"]}


@pytest.fixture(scope="module")
def team(argilla: LocalArgilla, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    store = Store(tmp_path_factory.mktemp("team") / "reviews.sqlite3")
    for number in range(QUESTIONS):
        store.keep(f"{number}?", CONTEXT, answer(), reason="doubtful", source="test")
    connection = connect(Target(dataset="team", min_submitted=2, patience=20))
    found = Team(argilla, store, connection, count())
    report = found.push()
    assert (report.sent, report.min_submitted, report.notice) == (QUESTIONS, 2, "")
    connection.target = replace(connection.target, min_submitted=None)
    yield found
    store.close()


@pytest.fixture(scope="module")
def people(team: Team) -> dict[str, rg.Argilla]:
    return {name: team.person(name) for name in ("ann", "bob", "cem")}


def test_as_many_must_answer_as_the_data_set_asks(
    team: Team, people: dict[str, rg.Argilla]
) -> None:
    id_ = team.question()
    respond(people["ann"], team.record(id_), mark("Ines Soto"))
    assert team.pull().taken == 1
    assert not team.decided(id_)
    assert id_ not in team.store.troubles()
    respond(people["bob"], team.record(id_), mark("Ines Soto"))
    team.pull()
    assert team.decided(id_)


def test_a_tie_between_spans_is_seen_by_a_third(team: Team, people: dict[str, rg.Argilla]) -> None:
    id_ = team.question()
    for name, words in (("ann", "1904"), ("bob", "Ines Soto")):
        respond(people[name], team.record(id_), mark(words))
    team.pull()
    assert not team.decided(id_)
    assert team.records(id_)[id_]["status"] == "completed"  # Argilla shows it to no third
    assert (team.push().again, team.push().again) == (1, 0)
    assert team.waits_for(people["cem"], "split") == {f"{id_}.2"}
    assert team.records(id_)[id_]["metadata"]["review"] == "split"
    respond(people["cem"], team.record(id_, 2), mark("1904"))
    assert team.pull().taken == 1
    assert team.said(id_) == {
        "ann": MARKS["1904"], "bob": MARKS["Ines Soto"], "cem": MARKS["1904"],
    }  # fmt: skip
    assert team.decided(id_)
    assert team.push().again == 0
    assert all("review" not in one["metadata"] for one in team.records(id_).values())


def test_a_tie_between_lists_is_seen_by_a_third(team: Team, people: dict[str, rg.Argilla]) -> None:
    """A draft of a list and a discarded answer are no opinions; the third may mark it otherwise."""
    id_ = team.question()
    both = {**mark("1904"), "answer": [*mark("1904")["answer"], *mark("Ines Soto")["answer"]]}
    respond(people["cem"], team.record(id_), both, "draft")
    respond(people["ann"], team.record(id_), both)
    respond(people["bob"], team.record(id_), mark("Ines Soto"))
    report = team.pull()
    assert (report.taken, report.drafts, report.set_aside) == (2, 1, {})
    assert team.push().again == 1
    told = next(iter(team.records(id_).values()))["metadata"]["said"]
    assert any(said.startswith("ann: Ines Soto (") and ", 1904 (" in said for said in told)
    assert team.waits_for(people["cem"], "split") == {f"{id_}.2"}
    soto = {**both, "answer": [*mark("1904")["answer"], *mark("Soto")["answer"]]}
    respond(people["cem"], team.record(id_, 2), soto)
    team.pull()
    assert team.decided(id_)
    parts = team.store.consensus()[id_].parts
    assert parts in [(MARKS["Ines Soto"], MARKS["1904"]), (MARKS["Soto"], MARKS["1904"])]
    assert team.push().again == 0


def test_only_who_leads_sees_what_the_reviewers_of_a_tie_said(
    team: Team, people: dict[str, rg.Argilla]
) -> None:
    id_ = team.question()
    respond(people["ann"], team.record(id_), mark("1904"))
    respond(people["bob"], team.record(id_), NO)
    team.pull()
    team.push()
    start, end = MARKS["1904"]
    told = [f"ann: 1904 ({start}-{end})", "bob: the text does not say"]
    assert [one["metadata"]["said"] for one in team.records(id_).values()] == [told, told]
    scope = {"entity": "metadata", "metadata_property": "review"}
    body = {"filters": {"and": [{"type": "terms", "values": ["split"], "scope": scope}]}}
    path = f"me/datasets/{team.dataset}/records/search"
    for person, sees in ((people["cem"], False), (team.owner, True)):
        found = [item["record"] for item in ask(person, path, body)["items"]]
        mine = [one["metadata"] for one in found if one["external_id"].startswith(id_)]
        assert [("said" in metadata) for metadata in mine] == [sees, sees]
    respond(people["cem"], team.record(id_, 2), mark("1904"))
    team.pull()
    assert team.decided(id_)
    team.push()
    assert all("said" not in one["metadata"] for one in team.records(id_).values())


def test_what_is_assigned_is_filtered_by_name_and_answered_by_all_who_got_it(
    team: Team, people: dict[str, rg.Argilla]
) -> None:
    """Three got it of a data set that asks two: the third gets a further record."""
    id_ = team.question()
    team.store.assign({id_: ["ann", "bob", "cem"]})
    assert team.push().sent == 1
    assert team.records(id_)[id_]["metadata"]["assigned"] == ["ann", "bob", "cem"]
    for name in ("ann", "bob"):
        respond(people[name], team.record(id_), mark("1904"))
    team.pull()
    assert not team.decided(id_)
    assert team.store.troubles()[id_] == "second"
    assert (team.push().again, team.push().again) == (1, 0)
    assert team.waits_for(people["cem"], "second") == {f"{id_}.2"}
    assert team.records(id_)[f"{id_}.2"]["metadata"]["assigned"] == ["cem"]
    respond(people["cem"], team.record(id_, 2), mark("1904"))
    team.pull()
    assert team.decided(id_)
    assert team.push().again == 0


def test_gold_questions_are_records_like_the_others_and_measure_who_answers(
    team: Team, people: dict[str, rg.Argilla]
) -> None:
    gold = Example("1", "Who was the mayor?", CONTEXT, (Gold("Ines Soto", SPAN[0]),))
    id_ = question_id(*gold.pair)
    before = len(list(team.store.examples()))
    team.store.add_golds([(gold, answer())], source="checked.json", asked_on="test")
    assert team.push().sent == 1
    mine, other = (team.records(one)[one] for one in (id_, team.question()))
    assert mine["metadata"].keys() == other["metadata"].keys()
    for name, values in (("ann", mark("Soto")), ("bob", mark("1904"))):
        respond(people[name], team.record(id_), values)
    assert team.pull().taken == 2
    scores = team.store.gold_scores()
    assert (scores["ann"], scores["bob"]) == ((1, 1), (0, 1))
    assert team.push().again == 0  # they differ, and nobody is asked to settle it
    assert set(team.records(id_)) == {id_}
    assert len(list(team.store.examples())) == before


def test_answers_that_say_nothing_come_back_to_their_authors(
    team: Team, people: dict[str, rg.Argilla]
) -> None:
    """Two "yes" without words, as one click on many gives; repaired in either record."""
    id_ = team.question()
    for name in ("ann", "bob"):
        respond(people[name], team.record(id_), {"answerable": "yes"})
    assert len(team.pull().set_aside) == 2
    assert team.store.troubles()[id_] == "unusable"
    question = team.store.prediction(id_).question
    printed = CliRunner().invoke(app, ["status", "--store", str(team.store.path)]).stdout
    for name in ("ann", "bob"):
        assert f"{question!r}, {name}: expected one marked span beside" in printed
    assert f"({link(team.store.asides()[0].address, question)})" in printed
    assert "1 question at Argilla got answers that cannot be used: push" in printed
    assert team.push().again == 1
    assert team.waits_for(people["ann"], "unusable") == {f"{id_}.2"}
    respond(people["ann"], team.record(id_, 2), mark("1904"))
    assert team.pull().taken == 1
    assert team.store.troubles()[id_] == "unusable"  # bob's still says nothing
    (mine,) = [
        one["id"]
        for one in team.records(id_)[id_]["responses"]
        if one["user_id"] == str(people["bob"].me.id)
    ]
    values = {name: {"value": value} for name, value in mark("1904").items()}
    ask(people["bob"], f"responses/{mine}", {"values": values, "status": "submitted"}, "PUT")
    team.pull()
    assert team.decided(id_)
    assert team.push().again == 0


def test_what_as_many_as_were_asked_discarded_is_told(
    team: Team, people: dict[str, rg.Argilla]
) -> None:
    id_, other = team.question(), team.question()
    for name, discards in (("ann", (id_, other)), ("bob", (id_,))):
        for one in discards:
            respond(people[name], team.record(one), None, "discarded")
    there = team.store.exchanged()["pulled"]
    assert team.pull().discarded == 3
    assert team.store.exchanged()["pulled"] == there
    where = ["--store", str(team.store.path)]
    printed = CliRunner().invoke(app, ["status", *where]).stdout
    question = team.store.prediction(id_).question
    assert f"Discarded by as many as were asked:\n  {id_[:8]} {question} (ann, bob)\n" in printed
    assert "discarded 1 question that nobody decided" in printed
    team.store.review(id_, "page", None, source="page")
    team.store.review(id_, "lead", None, source="page")
    assert team.store.discarded() == {}


def test_answers_to_another_question_are_no_answers_here(
    team: Team, people: dict[str, rg.Argilla]
) -> None:
    """Somebody changed it at Argilla; they are answers once it is as it was."""
    id_, other = team.question(), team.question()
    record, before = team.record(id_), team.records(id_)[id_]["fields"]
    ask(team.owner, f"records/{record}", {"fields": {**before, "question": "Why not?"}}, "PATCH")
    respond(people["ann"], record, NO)
    assert ["question as it was sent" in why for why in team.pull().set_aside.values()] == [True]
    assert team.store.troubles()[id_] == "unusable"
    respond(people["bob"], record, NO)
    assert (len(team.pull().set_aside), team.said(id_)) == (1, {})
    ask(team.owner, f"records/{record}", {"fields": before}, "PATCH")
    respond(people["ann"], team.record(other), NO)
    assert team.pull().taken == 3
    assert team.decided(id_)


def test_a_store_brought_back_learns_of_further_records(
    team: Team, people: dict[str, rg.Argilla], tmp_path: Path
) -> None:
    id_ = team.question()
    for name, words in (("ann", "1904"), ("bob", "Ines Soto")):
        respond(people[name], team.record(id_), mark(words))
    team.pull()
    back_up(team.store.path, tmp_path / "copy.sqlite3")
    assert team.push().again == 1
    with closing(Store(tmp_path / "copy.sqlite3")) as older:
        assert push(older, team.connection).again == 0
        assert set(team.records(id_)) == {id_, f"{id_}.2"}
        assert older.count_records(team.dataset) == len(team.records(""))
        respond(people["cem"], team.record(id_, 2), mark("1904"))
        pull(older, team.connection)
        assert older.is_decided(id_)
    team.pull()
    assert team.decided(id_)


def test_a_further_record_that_nobody_answered_goes_when_it_is_decided(
    team: Team, people: dict[str, rg.Argilla]
) -> None:
    id_ = team.question()
    respond(people["ann"], team.record(id_), NO)
    respond(people["bob"], team.record(id_), mark("1904"))
    team.pull()
    assert team.push().again == 1
    team.store.review(id_, "page", None, source="page")
    team.push()
    assert set(team.records(id_)) == {id_}


def test_a_review_outlives_its_authors_account(team: Team, people: dict[str, rg.Argilla]) -> None:
    """Who comes after under the same name is another person."""
    id_, other = team.question(), team.question()
    dan = team.person("dan")
    respond(dan, team.record(id_), mark("1904"))
    respond(dan, team.record(other), None, "discarded")
    team.pull()
    ask(team.owner, f"users/{dan.me.id}", method="DELETE")
    respond(people["ann"], team.record(other), NO)
    report = team.pull()
    assert (report.taken, report.kept, report.withdrawn) == (1, 1, 0)
    assert team.said(id_) == {"dan": MARKS["1904"]}
    second = team.person("dan")
    respond(second, team.record(id_), NO)
    assert team.pull().taken == 1
    assert team.said(id_) == {"dan": MARKS["1904"], f"dan ({str(second.me.id)[:8]})": None}
    mine = team.records(id_)[id_]["responses"][0]["id"]
    ask(second, f"responses/{mine}", method="DELETE")  # who deletes an answer takes it back
    assert team.pull().withdrawn == 1
    assert team.said(id_) == {"dan": MARKS["1904"]}


def test_an_account_called_as_visitors_are_is_a_reviewer(team: Team) -> None:
    id_, visitor = team.question(), team.person("visitor")
    overlapping = {
        **mark("1904"),
        "answer": [*mark("Ines Soto")["answer"], *mark("Soto")["answer"]],
    }
    with pytest.raises(httpx.HTTPStatusError, match="422"):  # no page makes that
        respond(visitor, team.record(id_), overlapping)
    respond(visitor, team.record(id_), mark("1904"))
    team.pull()
    name = f"visitor ({str(visitor.me.id)[:8]})"
    assert team.said(id_) == {name: MARKS["1904"]}
    assert name in team.store.reviewers()


def test_a_reviewer_who_left_the_workspace_is_the_same_person(team: Team) -> None:
    """Also for an administrator, whom Argilla tells of nobody outside the workspace."""
    first, second, third = team.question(), team.question(), team.question()
    admin = team.person("admin", "admin")
    eve, fay = team.person("eve"), team.person("fay")
    respond(eve, team.record(first), NO)
    team.pull()
    workspace = team.owner.workspaces(team.connection.workspace)
    respond(eve, team.record(second), mark("1904"))
    respond(fay, team.record(third), NO)
    for gone in (eve, fay):
        ask(team.owner, f"workspaces/{workspace.id}/users/{gone.me.id}", method="DELETE")
    theirs = Connection(admin, team.connection.target, team.connection.workspace)
    pull(team.store, theirs)
    assert (team.said(first), team.said(second)) == ({"eve": None}, {"eve": MARKS["1904"]})
    assert team.said(third) == {str(fay.me.id): None}  # whom no pull has seen before
    respond(team.owner, team.record(third), NO)
    team.pull()  # the owner's login may ask who that is
    assert team.said(third) == {"fay": None, "owner": None}
    assert set(team.store.reviewers()) >= {"eve", "fay"}
    assert str(eve.me.id) not in team.store.reviewers()


def test_the_newest_word_of_a_person_counts_wherever_it_was_said(
    team: Team, people: dict[str, rg.Argilla]
) -> None:
    id_ = team.question()
    response = respond(people["ann"], team.record(id_), NO)
    team.store.review(id_, "ann", SPAN, text="Ines Soto", source="page")
    team.pull()  # brings what she said before
    assert team.said(id_) == {"ann": SPAN}
    values = {name: {"value": value} for name, value in mark("1904").items()}
    ask(people["ann"], f"responses/{response}", {"values": values, "status": "submitted"}, "PUT")
    team.pull()
    assert team.said(id_) == {"ann": MARKS["1904"]}
    ask(people["ann"], f"responses/{response}", method="DELETE")
    assert team.pull().withdrawn == 1
    assert team.said(id_) == {"ann": SPAN}  # what she said on the page is not of that response


def test_the_newest_word_counts_though_the_clocks_differ(
    team: Team, people: dict[str, rg.Argilla], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said on the page here is dated an hour later than what is said at Argilla."""
    monkeypatch.setattr(team.store, "_now", lambda: datetime.now(UTC) + timedelta(hours=1))
    id_ = team.question()
    team.store.review(id_, "ann", SPAN, text="Ines Soto", source="page")
    time.sleep(1.1)  # servers tell the time in whole seconds
    response = respond(people["ann"], team.record(id_), NO)
    team.pull()
    assert team.said(id_) == {"ann": None}
    team.store.review(id_, "ann", SPAN, text="Ines Soto", source="page")
    team.pull()
    assert team.said(id_) == {"ann": SPAN}
    time.sleep(1.1)
    values = {name: {"value": value} for name, value in mark("1904").items()}
    ask(people["ann"], f"responses/{response}", {"values": values, "status": "submitted"}, "PUT")
    team.pull()
    assert team.said(id_) == {"ann": MARKS["1904"]}


def test_who_edits_an_answer_ends_a_tie(team: Team, people: dict[str, rg.Argilla]) -> None:
    id_ = team.question()
    respond(people["ann"], team.record(id_), mark("1904"))
    response = respond(people["bob"], team.record(id_), NO)
    team.pull()
    assert team.push().again == 1
    respond(people["ann"], team.record(id_, 2), mark("1904"))  # the same, once more
    values = {name: {"value": value} for name, value in mark("1904").items()}
    ask(people["bob"], f"responses/{response}", {"values": values, "status": "submitted"}, "PUT")
    team.pull()
    assert team.decided(id_)
    assert team.said(id_) == {"ann": MARKS["1904"], "bob": MARKS["1904"]}
    ask(people["bob"], f"responses/{response}", {"values": None, "status": "discarded"}, "PUT")
    team.pull()
    assert team.said(id_) == {"ann": MARKS["1904"]}
    assert not team.decided(id_)


def test_a_pull_that_stays_takes_in_what_comes_until_it_is_stopped(
    team: Team, people: dict[str, rg.Argilla]
) -> None:
    id_ = team.question()
    stays = subprocess.Popen(
        [sys.executable, "-m", "annotation", "pull", "--every", "0.5s", "--dataset", "team",
         "--store", str(team.store.path), "--json"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert stays.stderr is not None
        assert stays.stderr.readline() == "pulling every 0.5 s (Ctrl+C ends it)\n"
        respond(people["cem"], team.record(id_), mark("1904"), "draft")
        wait_until(lambda: "draft" in {one.status for one in team.store.pulled_of(id_)})
        for count, (name, words) in enumerate((("ann", "1904"), ("bob", "Ines Soto")), 1):
            respond(people[name], team.record(id_), mark(words))
            wait_until(lambda count=count: len(team.said(id_)) == count)  # type: ignore[misc]
    finally:
        stays.terminate()
        out, errors = stays.communicate(timeout=60)
    assert (stays.returncode, errors) == (0, "")
    reports = [json.loads(line) for line in out.splitlines()]
    assert sum(report["drafts"] for report in reports) >= 1
    told = history(team.store, Versions(), id_)["events"]
    assert [event["reviewer"] for event in told if event["what"] == "reviewed"] == ["ann", "bob"]
    assert [event["reviewer"] for event in told if event["what"] == "draft"] == ["cem"]


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_who_retires_has_no_account_and_keeps_what_was_said(team: Team) -> None:
    id_, gus = team.question(), team.person("gus")
    respond(gus, team.record(id_), mark("1904"))
    words = ["reviewer", "retire", "gus", "--yes", "--store", str(team.store.path)]
    settings = {"SPANLOOP_ARGILLA_DATASET": "team"}
    done = CliRunner().invoke(app, words, env=settings)
    assert done.stdout == f"1 accounts at {team.connection.url} deleted; 1 reviews stay\n", done
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        ask(gus, "me")
    team.pull()
    assert team.said(id_) == {"gus": MARKS["1904"]}
    owner = str(team.owner.me.username)
    refused = CliRunner().invoke(app, [*words[:2], owner, *words[3:]], env=settings)
    assert "the account of somebody else" in str(refused.exception)


def test_what_is_not_at_argilla_any_more_is_sent_again(
    team: Team, people: dict[str, rg.Argilla]
) -> None:
    """Who answered what is sent anew has answered it, and as many are asked as before."""
    waits, settled, begun = team.question(), team.question(), team.question()
    for name in ("ann", "bob"):
        respond(people[name], team.record(settled), NO)
    respond(people["ann"], team.record(begun), mark("1904"))
    team.pull()
    sent = team.store.exchanged()["pushed"]
    for id_ in (waits, settled, begun):
        ask(team.owner, f"records/{team.record(id_)}", method="DELETE")
    assert team.push().sent == 2
    assert not team.decided(begun)
    assert (set(team.records(waits)), team.records(settled)) == ({waits}, {})
    golds = len(team.store.golds())
    assert team.store.counts().sent + golds == team.store.exchanged()["pushed"] == sent - 1
    assert team.decided(settled)
    assert team.push().sent == 0
    told = CliRunner().invoke(
        app, ["history", settled, "--no-answer", "--store", str(team.store.path)]
    )
    assert "pushed to Argilla, where it was deleted since\n" in told.stdout
    respond(people["bob"], team.record(begun), mark("1904"))
    assert team.pull().withdrawn == 0
    assert team.said(begun) == {"ann": MARKS["1904"], "bob": MARKS["1904"]}
    assert team.decided(begun)


def test_vectors_follow_records_that_were_sent_without(team: Team) -> None:
    vector = [0.25] * 384
    asked: list[str] = []

    def embed(questions: Any) -> list[list[float]]:
        asked.extend(questions)
        return [vector] * len(questions)

    there = team.store.exchanged()["pushed"]
    assert team.push(embed=embed).vectors == there
    assert team.push(embed=embed).vectors == 0
    assert len(asked) == there
    found = team.records("")
    base = [one for id_, one in found.items() if "." not in id_]
    assert all(one["vectors"] == {"question_meaning": vector} for one in base)


def test_what_an_admin_deleted_of_the_settings_is_there_again(team: Team) -> None:
    """With the values of each record, by which people filter, sort and find similar ones.

    So it is where a script replaced the metadata of records, answered or not.
    """
    answered = team.question()
    respond(team.owner, team.record(answered), NO)
    team.pull()
    own = [id_ for id_ in team.records("") if "." not in id_]
    before = {id_: one["metadata"] for id_, one in team.records("").items()}
    path = f"datasets/{team.dataset}"
    for name in ("confidence", "model"):
        listed = ask(team.owner, f"me/{path}/metadata-properties")["items"]
        gone = next(one["id"] for one in listed if one["name"] == name)
        ask(team.owner, f"metadata-properties/{gone}", method="DELETE")
    (vectors,) = ask(team.owner, f"{path}/vectors-settings")["items"]
    ask(team.owner, f"vectors-settings/{vectors['id']}", method="DELETE")
    for id_ in (answered, team.question()):
        emptied: dict[str, Any] = {"metadata": {}}
        ask(team.owner, f"records/{team.record(id_)}", emptied, "PATCH")
    assert team.records(answered)[answered]["metadata"] == {}
    vector = [0.125] * 384
    report = team.push(embed=lambda questions: [vector] * len(questions))
    assert (report.set_aside, team.push().sent) == ({}, 0)
    found = team.records("")
    assert {id_: one["metadata"] for id_, one in found.items()} == before
    assert [id_ for id_ in own if found[id_]["vectors"] != {"question_meaning": vector}] == []


def test_what_is_imported_without_a_suggestion_leads_nobody(
    team: Team, people: dict[str, rg.Argilla]
) -> None:
    row = Example("row 9", "Which mayor?", CONTEXT)
    team.store.take_rows([(row, None)], source="rows.csv")
    id_ = team.store.find("row 9").id
    assert team.push().sent == 1
    path = f"datasets/{team.dataset}/records?include=suggestions&limit=1000"
    found = {one["external_id"]: one for one in ask(team.owner, path)["items"]}
    assert found[id_]["suggestions"] == []
    assert found[id_]["metadata"]["model"] == "none"
    for name in ("ann", "bob"):
        respond(people[name], team.record(id_), mark("Ines Soto"))
    team.pull()
    assert team.decided(id_)


def test_who_takes_the_items_and_who_marks_the_list_whole_agree(
    team: Team, people: dict[str, rg.Argilla]
) -> None:
    text = "😀\r\nAnn, Bob and Eve came."
    given = answer("Ann, Bob and Eve", start=3, end=19, alternatives=())
    id_ = str(team.store.keep("Who came?", text, given, reason="doubtful", source="test"))
    assert team.push().sent == 1
    path = f"datasets/{team.dataset}/records?include=suggestions&limit=1000"
    found = {one["external_id"]: one for one in ask(team.owner, path)["items"]}
    (suggested,) = (s for s in found[id_]["suggestions"] if isinstance(s["value"], list))
    assert [(s["start"], s["end"]) for s in suggested["value"]] == [(4, 7), (9, 12), (17, 20)]
    respond(people["ann"], found[id_]["id"], {"answerable": "yes", "answer": suggested["value"]})
    whole = [{"start": 4, "end": 20, "label": "answer"}]
    respond(people["bob"], found[id_]["id"], {"answerable": "yes", "answer": whole})
    assert team.pull().taken == 2
    merged = team.store.consensus()[id_]
    assert [text[a:b] for a, b in merged.parts] == ["Ann", "Bob", "Eve"]
    assert [text[a:b] for a, b in merged.spans] == ["Ann, Bob and Eve"]
    assert team.push().again == 0


def test_people_find_what_stands_in_the_text(team: Team) -> None:
    text = "AT&T <b>bought</b> it in 1904 for 5 &amp; 6: a < b."
    given = answer("", alternatives=())
    team.store.keep("R&D?", text, given, reason="doubtful", source="test")
    assert team.push().sent == 1
    for words in ("AT&T", "<b>bought</b>", "&amp;", '"a < b"', "R&D"):
        body = {"query": {"text": {"q": words}}}
        found = ask(team.owner, f"datasets/{team.dataset}/records/search", body)
        assert [item["record"]["fields"]["question"] for item in found["items"]] == ["R&D?"], words


def test_a_number_that_is_not_the_settings_is_left_and_told(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = team.push()
    assert report.min_submitted == 2
    assert "2 must answer each question at Argilla" in report.notice
    assert "SPANLOOP_ARGILLA_MIN_SUBMITTED says 1: left" in report.notice
    monkeypatch.setenv("SPANLOOP_ARGILLA_MIN_SUBMITTED", "2")
    assert team.push().notice == ""


def test_a_number_that_is_changed_opens_what_was_decided_and_says_so(
    team: Team, people: dict[str, rg.Argilla]
) -> None:
    id_ = team.question()
    for name in ("ann", "bob"):
        respond(people[name], team.record(id_), NO)
    team.pull()
    decided = len(list(team.store.examples()))
    asked = ["pull", "--dataset", "team", "--store", str(team.store.path)]
    for number, told in (
        (3, "is 3 now; questions decided before and waiting for others now: {}\n"),
        (2, "is 2 now; questions decided by that: {}\n"),
    ):
        changed = {"distribution": {"strategy": "overlap", "min_submitted": number}}
        ask(team.owner, f"datasets/{team.dataset}", changed, "PATCH")
        printed = CliRunner().invoke(app, asked).stdout
        several = int(re.findall(r"; questions .*: (\d+)\n", printed)[0])
        assert 1 <= several <= decided
        assert told.format(several) in printed
        assert team.decided(id_) == (number == 2)
    assert len(list(team.store.examples())) == decided


def test_two_first_pushes_at_once_make_one_data_set(argilla: LocalArgilla, tmp_path: Path) -> None:
    reports: list[Any] = []

    def first(number: int) -> None:
        store = Store(tmp_path / f"{number}.sqlite3")
        store.keep(f"{number}?", CONTEXT, answer(), reason="doubtful", source="test")
        reports.append(push(store, connect(Target(dataset="at-once", patience=20))))
        store.close()

    threads = [threading.Thread(target=first, args=[number]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.sent for report in reports] == [1, 1, 1]
    connection = connect(Target(dataset="at-once"))
    dataset = connection.dataset()
    assert dataset is not None
    assert ask(connection.client, f"datasets/{dataset.id}/records")["total"] == 3


def test_several_machines_push_to_one_data_set(argilla: LocalArgilla, tmp_path: Path) -> None:
    """First at once; then neither takes the other's records for its own, nor reads them again."""
    homes = [tmp_path / name for name in ("one", "other")]
    running = argilla.running()
    assert running is not None
    for number, folder in enumerate(homes):
        with closing(Store(folder / "reviews.sqlite3")) as store:
            for question in range(2 + number):
                store.keep(
                    f"{number} {question}?", CONTEXT, answer(), reason="doubtful", source="test"
                )
    env = {
        **os.environ,
        "ARGILLA_API_URL": running.url,
        "ARGILLA_API_KEY": argilla.credentials()["owner"]["api_key"],
    }
    command = [sys.executable, "-m", "annotation", "push", "--dataset", "machines", "--no-vectors"]
    pushes = [
        subprocess.Popen(
            [*command, "--json"], cwd=ROOT, env={**env, "SPANLOOP_HOME": str(folder)},
            stdout=subprocess.PIPE, text=True,
        )
        for folder in homes
    ]  # fmt: skip
    sent = [json.loads(process.communicate(timeout=240)[0])["sent"] for process in pushes]
    assert sent == [2, 3]
    connection = connect(Target(dataset="machines"))
    with closing(Store(homes[0] / "reviews.sqlite3")) as store:
        for gone in (0, 1):
            push(store, connection)
            dataset = connection.dataset()
            assert dataset is not None
            records = ask(connection.client, f"datasets/{dataset.id}/records")["items"]
            assert len(records) == 5
            assert store.count_records(str(dataset.id)) == 5
            mine = [one for one in records if one["external_id"] in store.pushed()]
            ask(connection.client, f"records/{mine[gone]['id']}", method="DELETE")


def test_a_data_set_that_was_renamed_is_the_same(team: Team, people: dict[str, rg.Argilla]) -> None:
    id_, dataset = team.question(), team.dataset
    ask(team.owner, f"datasets/{dataset}", {"name": "renamed"}, "PATCH")
    try:
        respond(people["ann"], team.record_in(dataset, id_), NO)
        assert team.pull().taken == 1
        assert team.push().sent == 0
        assert "team" not in {one.name for one in team.owner.datasets}
    finally:
        ask(team.owner, f"datasets/{dataset}", {"name": "team"}, "PATCH")


def test_who_has_not_answered_yet_is_listed_and_assigned_to(team: Team) -> None:
    team.person("hal")
    where = ["--store", str(team.store.path)]
    listed = CliRunner().invoke(app, ["reviewer", "list", *where]).stdout.splitlines()
    assert "hal  Argilla  0 reviews" in listed
    assert any(line.startswith("ann  Argilla  ") for line in listed)
    note = "nobody called {} has a login or has reviewed"
    for name, told in (("hal", False), ("hans", True)):
        done = CliRunner().invoke(app, ["assign", name, "--each", "1", "--source", "x", *where])
        assert (note.format(name) in done.output) == told
