"""Push and pull against the real Argilla server, through faults and people's changes of mind."""

import html
import json
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import argilla as rg
import httpx
import psutil
import pytest

from annotation.argilla import dataset as argilla_dataset
from annotation.argilla import payload as argilla_records
from annotation.argilla import sync as argilla_sync
from annotation.argilla.client import Connection, Target, connect
from annotation.argilla.dataset import GUIDELINES, OURS, digest
from annotation.argilla.errors import ArgillaError
from annotation.argilla.local.server import LocalArgilla
from annotation.argilla.sync import PullReport, PushReport, pull, push
from annotation.store.store import Store
from tests.support.predictions import CONTEXT, SPAN, answer
from tests.support.reviewing import annotation, ask, respond

ROOT = Path(__file__).parents[2]
NOTHING = PushReport(sent=0, unchanged=0, reviewed=0, set_aside={})
FAST = 0.01
NO: dict[str, Any] = {"answerable": "no"}


@pytest.fixture(scope="module")
def annotator(argilla: LocalArgilla) -> rg.Argilla:
    running = argilla.running()
    assert running is not None
    return rg.Argilla(api_url=running.url, api_key=argilla.credentials()["annotator"]["api_key"])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "reviews.sqlite3")
    for question in ("Who?", "When?", "Why?"):
        store.keep(question, CONTEXT, answer(), reason="doubtful", source="test")
    yield store
    store.close()


@pytest.fixture
def connection(argilla: LocalArgilla, request: pytest.FixtureRequest) -> Connection:
    """The owner's, to a data set of this test's own."""
    return connect(Target(dataset=f"set-{abs(hash(request.node.name)) % 10**9}", patience=20))


def server_records(connection: Connection) -> dict[str, dict[str, Any]]:
    """What the server holds, by the predictions' ids."""
    dataset = connection.client.datasets(connection.target.dataset, connection.workspace)
    assert dataset is not None
    include = "include=responses,suggestions,vectors"
    found = ask(connection.client, f"datasets/{dataset.id}/records?{include}&limit=1000")
    assert len({item["external_id"] for item in found["items"]}) == found["total"]
    return {item["external_id"]: item for item in found["items"]}


def of(store: Store, question: str) -> str:
    return next(kept.id for kept in store.predictions() if kept.question == question)


def mark(words: str, text: str) -> list[dict[str, Any]]:
    """The words as a reviewer marks them in the page, in UTF-16 units."""
    start = len(text[: text.index(words)].encode("utf-16-le")) // 2
    end = start + len(words.encode("utf-16-le")) // 2
    return [{"start": start, "end": end, "label": "answer"}]


def test_pushing_twice_changes_nothing(store: Store, connection: Connection) -> None:
    vector = [0.5] * 384
    embed = lambda questions: [vector] * len(questions)  # noqa: E731
    assert push(store, connection, embed=embed) == replace(NOTHING, sent=3)
    before = server_records(connection)
    assert push(store, connection, embed=embed) == replace(NOTHING, unchanged=3)
    assert server_records(connection) == before
    record = before[of(store, "Who?")]
    assert record["fields"]["question"] == "Who?"
    assert record["metadata"]["reason"] == "doubtful"
    assert record["vectors"]["question_meaning"] == vector
    by_kind = {type(s["value"]): s for s in record["suggestions"]}
    assert by_kind[str]["value"] == "yes"
    assert by_kind[list]["value"] == mark("Ines Soto", CONTEXT)
    assert {kind: (s["agent"], s["score"]) for kind, s in by_kind.items()} == {
        str: ("m:1", 0.4),
        list: ("m:1", [0.4]),
    }


def test_a_push_whose_receipt_was_lost_doubles_nothing(
    store: Store,
    connection: Connection,
    annotator: rg.Argilla,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor is an answer lost that was given, and pulled in vain, in the meantime."""

    def lost(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Store, "note_pushed", lost)
        with pytest.raises(KeyboardInterrupt):
            push(store, connection)
    records = server_records(connection)
    assert len(records) == 3
    respond(annotator, records[of(store, "Who?")]["id"], {"answerable": "no"})
    assert pull(store, connection) == PullReport(0, 0, 0, 1, {})
    assert push(store, connection) == replace(NOTHING, sent=2, reviewed=1)
    assert len(server_records(connection)) == 3
    assert pull(store, connection) == PullReport(1, 0, 0, 0, {})


def test_newer_suggestions_replace_older_ones_until_somebody_answers(
    store: Store, connection: Connection, annotator: rg.Argilla
) -> None:
    push(store, connection)
    records = server_records(connection)
    respond(annotator, records[of(store, "Why?")]["id"], None, status="discarded")
    newer = {"Who?": answer("1904", model="m@2"), "When?": answer("", model="m@2")}
    for question, its in {**newer, "Why?": newer["Who?"]}.items():
        store.keep(question, CONTEXT, its, reason="doubtful", source="test")
    assert push(store, connection) == replace(NOTHING, sent=2, reviewed=1)
    suggested = {
        question: [
            s["value"] for s in server_records(connection)[of(store, question)]["suggestions"]
        ]
        for question in ("Who?", "When?", "Why?")
    }
    assert suggested["Who?"] == ["yes", mark("1904", CONTEXT)]
    assert suggested["When?"] == ["no"]  # the older model's span is gone
    assert suggested["Why?"] == ["yes", mark("Ines Soto", CONTEXT)]
    assert push(store, connection) == replace(NOTHING, unchanged=3)


def test_what_two_people_say_comes_back(
    store: Store, connection: Connection, annotator: rg.Argilla
) -> None:
    push(store, connection)
    records = server_records(connection)
    who, when, why = (records[of(store, question)]["id"] for question in ("Who?", "When?", "Why?"))
    text = html.unescape(records[of(store, "Who?")]["fields"]["context"])
    yes = {"answerable": "yes", "answer": mark("Ines Soto", text), "note": "sure"}
    response = respond(annotator, who, yes)
    respond(connection.client, who, {"answerable": "no"})
    respond(annotator, when, {"answerable": "yes", "answer": mark("1904", text)})
    respond(annotator, why, {"answerable": "yes", "answer": mark("mayor", text)}, "draft")
    assert pull(store, connection) == PullReport(3, 0, 0, 0, {}, drafts=1)
    assert pull(store, connection) == PullReport(0, 0, 4, 0, {})
    said = store.reviews()[of(store, "Who?")]
    assert {(r.reviewer, r.start, r.end, r.note) for r in said} == {
        ("annotator", *SPAN, "sure"),
        ("owner", None, None, ""),
    }
    assert not store.consensus()[of(store, "Who?")].decided  # a tie: one more is asked
    assert of(store, "Why?") not in store.reviews()
    assert [example.question for example in store.examples()] == ["When?"]

    # One changes an answer, one submits a draft, one discards, one deletes.
    ask(
        annotator,
        f"responses/{response}",
        {"values": {"answerable": {"value": "no"}}, "status": "submitted"},
        "PUT",
    )
    assert pull(store, connection) == PullReport(1, 0, 3, 0, {})
    assert store.consensus()[of(store, "Who?")].decided
    ask(annotator, f"responses/{response}", {"values": None, "status": "discarded"}, "PUT")
    assert pull(store, connection) == PullReport(0, 1, 3, 0, {})
    assert [r.reviewer for r in store.reviews()[of(store, "Who?")]] == ["owner"]
    mine = next(
        r["id"]
        for r in server_records(connection)[of(store, "Who?")]["responses"]
        if r["id"] != response
    )
    ask(connection.client, f"responses/{mine}", method="DELETE")
    assert pull(store, connection).withdrawn == 1
    assert of(store, "Who?") not in store.reviews()
    assert len(store._read("SELECT * FROM reviews", ())) == 6  # every change is on record


def test_reviewers_who_mark_different_words_are_merged(
    store: Store, connection: Connection, annotator: rg.Argilla
) -> None:
    push(store, connection)
    record = server_records(connection)[of(store, "Who?")]
    for client, words in ((annotator, "Ines Soto"), (connection.client, "Soto")):
        respond(client, record["id"], {"answerable": "yes", "answer": mark(words, CONTEXT)})
    assert pull(store, connection).taken == 2
    merged = store.consensus()[of(store, "Who?")]
    assert merged.decided
    assert [CONTEXT[start:end] for start, end in merged.spans] == ["Soto", "Ines Soto"]
    (example,) = store.examples()
    assert len(example.answers) == 2


def test_several_marks_are_one_answer(
    store: Store, connection: Connection, annotator: rg.Argilla
) -> None:
    """The suggested words among them or not; two who mark other items disagree, and see both."""
    push(store, connection)
    id_ = of(store, "Who?")
    record = server_records(connection)[id_]
    both = [*mark("1904", CONTEXT), *mark("Ines Soto", CONTEXT)]
    respond(annotator, record["id"], {"answerable": "yes", "answer": both})
    owner = connection.client
    response = respond(owner, record["id"], {"answerable": "yes", "answer": both[:1]})
    report = pull(store, connection)
    assert (report.taken, report.set_aside) == (2, {})
    by_length = sorted(store.reviews_of(id_), key=lambda review: -len(review.spans))
    assert [[CONTEXT[a:b] for a, b in one.spans] for one in by_length] == [
        ["Ines Soto", "1904"],
        ["1904"],
    ]
    assert push(store, connection).again == 1
    told = server_records(connection)[id_]["metadata"]["said"]
    assert any("Ines Soto (" in said and ", 1904 (" in said for said in told)
    values = {"answerable": {"value": "yes"}, "answer": {"value": both}}
    ask(owner, f"responses/{response}", {"values": values, "status": "submitted"}, "PUT")
    assert pull(store, connection).taken == 1
    assert [CONTEXT[a:b] for a, b in store.consensus()[id_].parts] == ["Ines Soto", "1904"]


def test_responses_that_contradict_themselves_are_set_aside(
    store: Store, connection: Connection, annotator: rg.Argilla
) -> None:
    push(store, connection)
    records = server_records(connection)
    who, when, why = (records[of(store, question)]["id"] for question in ("Who?", "When?", "Why?"))
    text = html.unescape(records[of(store, "Who?")]["fields"]["context"])
    respond(annotator, who, {"answerable": "yes"})
    respond(
        annotator,
        when,
        {"answerable": "yes", "answer": [{"start": 3, "end": 5, "label": "answer"}]},
    )
    respond(annotator, why, {"answerable": "no", "answer": mark("Ines Soto", text)})
    report = pull(store, connection)
    assert report.taken == 1
    assert sorted(problem.split(",")[0] for problem in report.set_aside.values()) == [
        "expected an offset of whole characters",
        'expected one marked span beside "yes"',
    ]
    assert {one.problem != "" for one in store.pulled().values()} == {True, False}
    assert list(store.reviews()) == [of(store, "Why?")]


def test_a_bad_record_is_set_aside_and_the_rest_go_on(
    store: Store, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        store.keep(f"{number}?", CONTEXT, answer(), reason="doubtful", source="test")
    genuine = argilla_records.payload

    def spoiled(kept: Any, shown: Any, assigned: Any) -> dict[str, Any]:
        sent = genuine(kept, shown, assigned)
        if kept.question in ("7?", "8?"):  # an end beyond the text: the server refuses it
            sent["suggestions"][1]["value"][0]["end"] = 10_000
        return sent

    monkeypatch.setattr(argilla_records, "payload", spoiled)
    report = push(store, connection)
    assert (report.sent, set(report.set_aside)) == (21, {of(store, "7?"), of(store, "8?")})
    assert {why.split(":")[0] for why in report.set_aside.values()} == {
        "record does not have valid suggestions"
    }
    assert len(server_records(connection)) == 21
    monkeypatch.undo()
    assert push(store, connection) == replace(NOTHING, sent=2, unchanged=21)


def test_long_contexts_are_cut_and_spans_map_back(
    store: Store, connection: Connection, annotator: rg.Argilla
) -> None:
    before, after = "Filler 🎈 number one. " * 200, " Filler number two." * 200
    context = before + CONTEXT + after
    begin = context.index("Ines Soto")
    long = store.keep(
        "Long?", context, answer(start=begin, end=begin + 9), reason="flagged", source="test"
    )
    assert long is not None
    push(store, connection)
    record = server_records(connection)[long]
    shown = html.unescape(record["fields"]["context"])
    assert len(shown) < 2500
    respond(annotator, record["id"], {"answerable": "yes", "answer": mark("1904", shown)})
    assert pull(store, connection).taken == 1
    (review,) = store.reviews()[long]
    assert review.start is not None
    assert context[review.start : review.end] == "1904"


def test_settings_that_someone_changed(store: Store, connection: Connection) -> None:
    """What may be added is added again; what cannot hold our records is named."""
    push(store, connection)
    dataset = connection.client.datasets(connection.target.dataset, connection.workspace)
    path = f"me/datasets/{dataset.id}/metadata-properties"
    gone = next(p["id"] for p in ask(connection.client, path)["items"] if p["name"] == "reason")
    ask(connection.client, f"metadata-properties/{gone}", method="DELETE")
    ask(connection.client, f"datasets/{dataset.id}", {"guidelines": "Ours."}, "PATCH")
    store.keep("New?", CONTEXT, answer(), reason="doubtful", source="test")
    two = Connection(connection.client, replace(connection.target, min_submitted=2), "spanloop")
    assert push(store, two).sent == 1
    assert "reason" in {p["name"] for p in ask(connection.client, path)["items"]}
    now = ask(connection.client, f"datasets/{dataset.id}")
    assert (now["guidelines"], now["distribution"]["min_submitted"]) == ("Ours.", 2)
    record = server_records(connection)[of(store, "New?")]
    respond(connection.client, record["id"], {"answerable": "no"})
    store.keep("Newer?", CONTEXT, answer(), reason="doubtful", source="test")
    assert push(store, connection).sent == 1  # who names no number leaves it as it is
    assert ask(connection.client, f"datasets/{dataset.id}")["distribution"]["min_submitted"] == 2
    assert server_records(connection)[of(store, "New?")]["status"] == "pending"
    one = Connection(connection.client, replace(connection.target, min_submitted=1), "spanloop")
    older = re.sub(r"- \*\*The answer is a list.*?(?=- \*\*)", "", GUIDELINES, flags=re.S).strip()
    ask(connection.client, f"datasets/{dataset.id}", {"guidelines": older}, "PATCH")
    assert push(store, one).guidelines
    now = ask(connection.client, f"datasets/{dataset.id}")
    assert now["guidelines"] == GUIDELINES
    assert digest(GUIDELINES) == OURS[-1], "add the digest of the new guidelines"
    assert not push(store, one).guidelines
    assert server_records(connection)[of(store, "New?")]["status"] == "completed"

    other = rg.Dataset(
        "not-ours",
        workspace="spanloop",
        client=connection.client,
        settings=rg.Settings(
            fields=[rg.TextField("question"), rg.TextField("context")],
            questions=[rg.LabelQuestion("answerable", labels=["maybe", "perhaps"])],
        ),
    )
    other.create()
    strange = Connection(
        connection.client, replace(connection.target, dataset="not-ours"), "spanloop"
    )
    with pytest.raises(ArgillaError, match=r"span question 'answer'.*found none.*--dataset"):
        push(store, strange)


def test_a_data_set_deleted_on_the_server(
    store: Store, connection: Connection, annotator: rg.Argilla
) -> None:
    """Reviews stay; it is made again at the next push, and as many are asked as by the new one."""
    two = Connection(connection.client, replace(connection.target, min_submitted=2), "spanloop")
    push(store, two)
    record = server_records(connection)[of(store, "Who?")]
    respond(annotator, record["id"], {"answerable": "no"})
    pull(store, connection)
    connection.client.datasets(connection.target.dataset, connection.workspace).delete()
    with pytest.raises(ArgillaError, match="found none: push first"):
        pull(store, connection)
    assert [r.reviewer for r in store.reviews()[of(store, "Who?")]] == ["annotator"]
    assert push(store, connection) == replace(NOTHING, sent=3)
    assert pull(store, connection) == PullReport(0, 0, 0, 0, {})
    assert of(store, "Who?") in store.reviews()
    record = server_records(connection)[of(store, "When?")]
    respond(annotator, record["id"], {"answerable": "no"})
    assert pull(store, connection).taken == 1
    assert {one.question for one in store.examples()} == {"Who?", "When?"}


def test_a_record_deleted_on_the_server_keeps_its_review(
    store: Store, connection: Connection, annotator: rg.Argilla
) -> None:
    push(store, connection)
    record = server_records(connection)[of(store, "Who?")]
    respond(annotator, record["id"], {"answerable": "no"})
    pull(store, connection)
    ask(connection.client, f"records/{record['id']}", method="DELETE")
    respond(annotator, server_records(connection)[of(store, "When?")]["id"], {"answerable": "no"})
    assert pull(store, connection).withdrawn == 0
    assert of(store, "Who?") in store.reviews()


def test_a_half_made_data_set_is_made_again(
    store: Store, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its making was cut short after its first step: it is a draft without questions."""
    monkeypatch.setattr(argilla_dataset, "DRAFT_SECONDS", 0.2)
    workspace = connection.client.workspaces(connection.workspace)
    body = {"name": connection.target.dataset, "workspace_id": str(workspace.id)}
    ask(connection.client, "datasets", body)
    with pytest.raises(ArgillaError, match="push first"):
        pull(store, connection)
    assert push(store, connection).sent == 3


def test_empty_responses_and_strangers_records_do_not_stop_a_pull(
    store: Store, connection: Connection, annotator: rg.Argilla
) -> None:
    push(store, connection)
    records = server_records(connection)
    respond(annotator, records[of(store, "Who?")]["id"], None, status="discarded")
    respond(annotator, records[of(store, "When?")]["id"], {"answerable": "no"})
    dataset = connection.client.datasets(connection.target.dataset, connection.workspace)
    dataset.records.log([{"id": "theirs", "question": "q", "context": "c"}])
    stranger = server_records(connection)["theirs"]["id"]
    respond(annotator, stranger, {"answerable": "no"})
    store.purge([of(store, "When?")])
    assert pull(store, connection) == PullReport(0, 0, 0, 2, {}, discarded=1)


class Killer:
    """Kills the server with SIGKILL at a chosen request, and starts it again a little later."""

    def __init__(self, argilla: LocalArgilla, monkeypatch: pytest.MonkeyPatch) -> None:
        self.argilla, self.left, self.where = argilla, -1, "before"
        self.starter = threading.Thread()
        send = httpx.Client.send

        def counted(client: httpx.Client, request: httpx.Request, **given: Any) -> httpx.Response:
            if "/api/v1/" not in str(request.url) or str(request.url).endswith("/status"):
                return send(client, request, **given)
            self.left -= 1
            if self.left != 0:
                return send(client, request, **given)
            if self.where == "before":
                self.kill()
                return send(client, request, **given)
            send(client, request, **given)  # the server has done it; its answer is lost
            self.kill()
            raise httpx.ReadError("the connection was lost")

        monkeypatch.setattr(httpx.Client, "send", counted)

    def at(self, request: int, where: str) -> None:
        self.left, self.where = request, where

    def kill(self) -> None:
        running = self.argilla.running()
        assert running is not None
        os.kill(running.pid, signal.SIGKILL)
        psutil.Process(running.pid).wait(10)
        self.starter = threading.Thread(target=lambda: self.argilla.up(port=running.port))
        self.starter.start()

    def rest(self) -> None:
        self.left = -1
        if self.starter.ident:
            self.starter.join()


@pytest.mark.parametrize("where", ["before", "after"])
def test_server_killed_during_push_and_pull(
    argilla: LocalArgilla,
    store: Store,
    connection: Connection,
    annotator: rg.Argilla,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    """Patience outlasts the restart; nothing is lost and nothing is there twice."""
    killer = Killer(argilla, monkeypatch)
    push(store, connection)
    for number in range(5):
        store.keep(f"{number}?", CONTEXT, answer(), reason="doubtful", source="test")
    patient = Connection(connection.client, replace(connection.target, patience=120), "spanloop")
    monkeypatch.setattr(argilla_sync, "BATCH", 2)
    killer.at(12, where)
    assert push(store, patient) == replace(NOTHING, sent=5, unchanged=3)
    assert killer.left < 0
    killer.rest()
    records = server_records(connection)
    assert len(records) == 8
    for record in records.values():
        respond(annotator, record["id"], {"answerable": "no"})
    killer.at(6, where)
    assert pull(store, patient).taken == 8
    killer.rest()
    assert len(store._read("SELECT * FROM reviews", ())) == 8


def test_puller_killed_between_two_responses_takes_each_once(
    store: Store, connection: Connection, annotator: rg.Argilla, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(store, connection)
    for record in server_records(connection).values():
        respond(annotator, record["id"], {"answerable": "no"})
    take = Store.take
    calls = 0

    def cut(self: Store, *given: Any, **named: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        take(self, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "take", cut)
        with pytest.raises(KeyboardInterrupt):
            pull(store, connection)
    assert len(store.reviews()) == 1
    assert pull(store, connection) == PullReport(2, 0, 1, 0, {})


def test_a_server_that_stays_away_is_named(
    argilla: LocalArgilla, store: Store, connection: Connection
) -> None:
    away = rg.Argilla(api_url=connection.url, api_key=connection.client.api_key)
    away.http_client.base_url = httpx.URL("http://127.0.0.1:9")
    target = replace(connection.target, patience=FAST)
    with pytest.raises(ArgillaError, match=r"no Argilla answers at"):
        push(store, Connection(away, target, "spanloop"))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"ARGILLA_API_KEY": "wrong"}, "ARGILLA_API_KEY is not the key"),
        ({"ARGILLA_API_KEY": "sch\nlüssel"}, "ARGILLA_API_KEY in plain letters.* found other"),
        ({"ARGILLA_API_URL": "http://127.0.0.1:9"}, "no Argilla answers at http://127.0.0.1:9"),
        ({"ARGILLA_API_URL": "argilla"}, "like https://host, found 'argilla'"),
        ({"ARGILLA_API_URL": "http://argilla:port"}, "like https://host, found 'http://argilla:p"),
        ({"ARGILLA_WORKSPACE": "attic"}, "a workspace 'attic' at .*found spanloop"),
    ],
)
def test_missing_or_wrong_settings_are_named(
    argilla: LocalArgilla,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    expected: str,
) -> None:
    running = argilla.running()
    assert running is not None
    monkeypatch.setenv("ARGILLA_API_URL", running.url)
    monkeypatch.setenv("ARGILLA_API_KEY", argilla.credentials()["owner"]["api_key"])
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ArgillaError, match=expected) as caught:
        connect()
    assert "\n" not in str(caught.value)
    assert argilla.credentials()["owner"]["api_key"] not in str(caught.value)


def test_blanks_around_settings_say_nothing(
    argilla: LocalArgilla, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a secret is read from a file."""
    running = argilla.running()
    assert running is not None
    monkeypatch.setenv("ARGILLA_API_URL", f" {running.url}\n")
    monkeypatch.setenv("ARGILLA_API_KEY", f"{argilla.credentials()['owner']['api_key']}\n")
    assert connect().workspace == "spanloop"


ME = {"id": "b692f0e5-d62a-41c3-905c-4a98cb291d8c", "username": "o", "role": "owner"}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, "<html>Log in</html>", "expected Argilla at .*found a server that answers otherwise"),
        (200, "{}", "expected Argilla at .*found a server that answers otherwise"),
        (302, "", r"refused \(302\): the address leads to another"),
        (200, json.dumps({**ME, "version": "1.29.0"}), "expected Argilla 2 at .*found 1.29.0"),
    ],
)
def test_another_server_is_named(status: int, body: str, expected: str) -> None:
    """Once it answers, which it does not at first."""
    answers = iter([503])

    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(next(answers, status))
            self.send_header("Location", "http://127.0.0.1:9/login")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(ArgillaError, match=expected) as caught:
            connect(Target(f"http://127.0.0.1:{server.server_port}", "key"))
        server.shutdown()
    assert "\n" not in str(caught.value)


def test_without_settings_or_a_local_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    with pytest.raises(ArgillaError, match=r"no ARGILLA_API_URL and ARGILLA_API_KEY.*argilla up"):
        connect()
    monkeypatch.setenv("ARGILLA_API_URL", "http://127.0.0.1:9")
    with pytest.raises(ArgillaError, match=r"found no ARGILLA_API_KEY: set it"):
        connect()


def test_an_annotators_key_may_not_push(
    argilla: LocalArgilla, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = argilla.running()
    assert running is not None
    target = Target(running.url, argilla.credentials()["annotator"]["api_key"], dataset="theirs")
    with pytest.raises(ArgillaError, match=r"refused \(403\).*an owner's or an admin's key"):
        push(store, connect(target))


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://team-argilla.hf.space", True),
        ("http://team-argilla.hf.space", False),
        ("https://hf.space.example.org", False),
    ],
)
def test_the_hub_token_goes_to_spaces_only(
    monkeypatch: pytest.MonkeyPatch, url: str, sent: bool
) -> None:
    seen: dict[str, Any] = {}

    def client(**given: Any) -> None:
        seen.update(given)
        raise httpx.ConnectError("unplugged")

    monkeypatch.setattr(rg, "Argilla", client)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with pytest.raises(ArgillaError) as caught:
        connect(Target(url, "key"))
    assert seen["headers"] == ({"Authorization": "Bearer hf_secret"} if sent else {})
    assert "hf_secret" not in str(caught.value)


def test_command_line(
    argilla: LocalArgilla, store: Store, annotator: rg.Argilla, connection: Connection
) -> None:
    """With real vectors: "find similar" finds the question that means the same."""
    store.keep("What person?", CONTEXT, answer(), reason="doubtful", source="test")
    where = ("--store", store.path, "--dataset", connection.target.dataset)
    pushed = annotation("push", *where, "--json")
    assert pushed.returncode == 0, pushed.stderr
    assert json.loads(pushed.stdout)["sent"] == 4
    records = server_records(connection)
    dataset = connection.client.datasets(connection.target.dataset, connection.workspace)
    near = rg.Similar("question_meaning", records[of(store, "Who?")]["vectors"]["question_meaning"])
    found = [record.id for record, _ in dataset.records(rg.Query(similar=near))]
    assert found[:2] == [of(store, "Who?"), of(store, "What person?")]
    respond(annotator, records[of(store, "Who?")]["id"], {"answerable": "no"})
    respond(annotator, records[of(store, "Why?")]["id"], {"answerable": "yes"})
    pulled = annotation("pull", *where)
    assert pulled.stdout == "1 responses taken in, 0 withdrawn, 0 unchanged\n"
    assert "one marked span" in pulled.stderr
    status = annotation("status", "--store", store.path)
    assert "At Argilla: 4 records, 1 responses" in status.stdout
    assert annotation("push", *where, "--patience", "-1").returncode == 2
    missing = annotation("pull", "--store", store.path, "--dataset", "nowhere")
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
    assert missing.stderr.startswith("error: expected a data set 'nowhere'")


def test_progress_is_told(store: Store, connection: Connection) -> None:
    told: list[tuple[int, int]] = []
    advance: Callable[[int, int], None] = lambda done, of: told.append((done, of))  # noqa: E731
    push(store, connection, advance=advance)
    respond(connection.client, server_records(connection)[of(store, "Who?")]["id"], NO)
    pull(store, connection, advance=advance)
    assert told == [(3, 3), (1, 1)]  # what nobody has answered is not read
