"""The local Argilla server: the real one, asked through Argilla's own client."""

import json
import os
import signal
import socket
import stat
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import argilla as rg
import httpx
import psutil
import pytest
from argilla import Query, Similar

from annotation.argilla.errors import ArgillaError
from annotation.argilla.local import environment, server
from annotation.argilla.local.server import LocalArgilla, connection
from tests.support.reviewing import ask, respond

TEXTS = ("The museum opens at nine.", "Tickets cost 5 euros, children go free.", "100 % wool: 20 €")
PLACES = ("north", "south", "south")


@pytest.fixture(scope="module")
def client(argilla: LocalArgilla) -> rg.Argilla:
    return rg.Argilla(**(connection(argilla.folder) or {}))


@pytest.fixture(scope="module")
def annotator(argilla: LocalArgilla) -> rg.Argilla:
    running = argilla.running()
    assert running is not None
    return rg.Argilla(api_url=running.url, api_key=argilla.credentials()["annotator"]["api_key"])


@pytest.fixture(scope="module")
def dataset(client: rg.Argilla, annotator: rg.Argilla) -> rg.Dataset:
    """Three records, with every kind of thing that Argilla's page can filter and sort by."""
    settings = rg.Settings(
        fields=[rg.TextField("context"), rg.TextField("question")],
        questions=[
            rg.LabelQuestion("answerable", labels=["yes", "no"]),
            rg.SpanQuestion("answer", field="context", labels=["answer"], required=False),
            rg.RatingQuestion("clarity", values=[1, 2, 3], required=False),
        ],
        metadata=[
            rg.TermsMetadataProperty("place"),
            rg.FloatMetadataProperty("confidence"),
            rg.IntegerMetadataProperty("words"),
        ],
        vectors=[rg.VectorField("meaning", dimensions=2)],
    )
    made = rg.Dataset("everything", workspace="spanloop", settings=settings, client=client)
    made.create()
    made.records.log(
        [
            rg.Record(
                id=f"r{number}",
                fields={"context": text, "question": f"question {number}?"},
                metadata={"place": place, "confidence": 0.2 + 0.3 * number, "words": number},
                vectors={"meaning": [1.0, float(number)]},
                suggestions=[
                    rg.Suggestion(
                        "answerable",
                        "no" if number == 1 else "yes",
                        score=0.9 - 0.3 * number,
                        agent=f"model-{number % 2}",
                    )
                ],
            )
            for number, (text, place) in enumerate(zip(TEXTS, PLACES, strict=True))
        ]
    )
    record = next(iter(made.records(Query(filter=("id", "==", "r0")))))
    respond(annotator, record._server_id, {"answerable": "no", "clarity": 3})
    return made


def found(dataset: rg.Dataset, query: Query | str) -> list[str]:
    """The records' ids in order; for similar ones, the client gives each with its score."""
    items = dataset.records(query)
    return [str((item[0] if isinstance(item, tuple) else item).id) for item in items]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (("metadata.place", "==", "south"), {"r1", "r2"}),
        (("metadata.place", "in", ["north", "east"]), {"r0"}),
        (("metadata.confidence", ">=", 0.45), {"r1", "r2"}),
        (("metadata.words", "<=", 1), {"r0", "r1"}),
        (("answerable.suggestion", "==", "no"), {"r1"}),
        (("answerable.score", ">=", 0.5), {"r0", "r1"}),
        (("answerable.agent", "==", "model-1"), {"r1"}),
        (("answerable.response", "==", "no"), {"r0"}),
        (("clarity.response", ">=", 2), {"r0"}),
        (("response.status", "==", "submitted"), {"r0"}),
        (("response.status", "in", ["pending"]), {"r1", "r2"}),
        (("status", "==", "completed"), {"r0"}),
        (("status", "==", "pending"), {"r1", "r2"}),
        (("id", "==", "r2"), {"r2"}),
        (("inserted_at", ">=", "2020-01-01T00:00:00"), {"r0", "r1", "r2"}),
        (("inserted_at", "<=", "2020-01-01T00:00:00"), set()),
    ],
)
def test_filters(dataset: rg.Dataset, condition: tuple[str, str, Any], expected: set[str]) -> None:
    assert set(found(dataset, Query(filter=condition))) == expected


def test_filters_add_up(dataset: rg.Dataset) -> None:
    both = [("metadata.place", "==", "south"), ("answerable.suggestion", "==", "yes")]
    assert found(dataset, Query(filter=both)) == ["r2"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("museum", {"r0"}),
        ("MUSEUM nine", {"r0"}),
        ("museum tickets", set()),
        ("museum | tickets", {"r0", "r1"}),
        ('"children go"', {"r1"}),
        ('"go children"', set()),
        ("question -museum", {"r1", "r2"}),
        ("100 %", {"r2"}),
        ("_", set()),
        ("question 2", {"r2"}),
        ("20 €", {"r2"}),
        ("' OR 1=1 --", set()),
    ],
)
def test_text_search(dataset: rg.Dataset, words: str, expected: set[str]) -> None:
    assert set(found(dataset, words)) == expected


def test_similar_records(dataset: rg.Dataset) -> None:
    near = Query(similar=Similar("meaning", [1.0, 2.1]))
    assert found(dataset, near) == ["r2", "r1", "r0"]
    far = Query(similar=Similar("meaning", [1.0, 2.1], most_similar=False))
    assert found(dataset, far) == ["r0", "r1", "r2"]
    first = next(iter(dataset.records(Query(filter=("id", "==", "r0")))))
    assert found(dataset, Query(similar=Similar("meaning", first))) == ["r1", "r2"]
    south = Query(similar=Similar("meaning", [1.0, 0.0]), filter=("metadata.place", "==", "south"))
    assert found(dataset, south) == ["r1", "r2"]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"entity": "metadata", "metadata_property": "confidence"}, ["r0", "r1", "r2"]),
        ({"entity": "record", "property": "inserted_at"}, ["r0", "r1", "r2"]),
        (
            {"entity": "suggestion", "question": "answerable", "property": "score"},
            ["r2", "r1", "r0"],
        ),
    ],
)
def test_orders(
    client: rg.Argilla, dataset: rg.Dataset, scope: dict[str, str], expected: list[str]
) -> None:
    for order, wanted in (("asc", expected), ("desc", expected[::-1])):
        asked = {"sort": [{"scope": scope, "order": order}]}
        said = ask(client, f"me/datasets/{dataset.id}/records/search", asked)
        assert [item["record"]["external_id"] for item in said["items"]] == wanted
        assert said["total"] == 3


def test_pages_of_a_reviewer_never_repeat(annotator: rg.Argilla, dataset: rg.Dataset) -> None:
    seen = []
    for offset in range(3):
        path = f"me/datasets/{dataset.id}/records/search?offset={offset}&limit=1"
        said = ask(annotator, path, {"query": {}})
        seen += [item["record"]["external_id"] for item in said["items"]]
    assert sorted(seen) == ["r0", "r1", "r2"]


def test_metrics_and_progress(
    client: rg.Argilla, annotator: rg.Argilla, dataset: rg.Dataset
) -> None:
    properties = {
        one["name"]: one["id"]
        for one in ask(client, f"me/datasets/{dataset.id}/metadata-properties")["items"]
    }
    ends = ask(client, f"metadata-properties/{properties['confidence']}/metrics")
    assert (ends["min"], ends["max"]) == pytest.approx((0.2, 0.8))
    ends = ask(client, f"metadata-properties/{properties['words']}/metrics")
    assert (ends["type"], ends["min"], ends["max"]) == ("integer", 0, 2)
    terms = ask(client, f"metadata-properties/{properties['place']}/metrics")
    assert terms["values"] == [{"term": "south", "count": 2}, {"term": "north", "count": 1}]
    assert dataset.progress() == {"total": 3, "completed": 1, "pending": 2}
    mine = ask(annotator, f"me/datasets/{dataset.id}/metrics")
    assert (mine["responses"]["submitted"], mine["responses"]["pending"]) == (1, 2)


def test_jobs_run_in_the_server(client: rg.Argilla) -> None:
    """A webhook: queued by Argilla, delivered by our queue, tried again after a failure."""
    calls: list[dict[str, Any]] = []
    arrived = threading.Event()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            calls.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500 if len(calls) == 1 else 200)
            self.end_headers()
            if len(calls) > 1:
                arrived.set()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        hook = {
            "url": f"http://127.0.0.1:{listener.server_port}",
            "events": ["dataset.created"],
        }
        made = ask(client, "webhooks", hook)
        try:
            ask(
                client,
                "datasets",
                {"name": "hooked", "workspace_id": str(client.workspaces("spanloop").id)},
            )
            assert arrived.wait(60)
        finally:
            client.http_client.delete(f"/api/v1/webhooks/{made['id']}")
            listener.shutdown()
    assert {call["type"] for call in calls} == {"dataset.created"}
    assert calls[-1]["data"]["name"] == "hooked"


def test_credentials_are_random_and_for_their_user_alone(argilla: LocalArgilla) -> None:
    users = argilla.credentials()
    assert {user["role"] for user in users.values()} == {"owner", "annotator"}
    secrets = [user[kind] for user in users.values() for kind in ("password", "api_key")]
    assert len(set(secrets)) == 4
    assert all(len(secret) >= 16 for secret in secrets)
    assert stat.S_IMODE(argilla.credentials_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(argilla.data.stat().st_mode) == 0o700
    log = argilla.log.read_text(encoding="utf-8")
    assert not any(secret in log for secret in secrets)


def test_a_second_up_finds_the_first(argilla: LocalArgilla) -> None:
    first = argilla.running()
    assert first is not None
    assert argilla.up() == first
    with pytest.raises(ArgillaError, match=r"is up at .* stop it with .* down"):
        argilla.up("0.0.0.0")


def test_killed_server_comes_back_with_all_it_was_told(
    argilla: LocalArgilla, client: rg.Argilla, dataset: rg.Dataset
) -> None:
    before = argilla.running()
    assert before is not None
    dataset.records.log([rg.Record(id="last", fields={"context": "Saved.", "question": "?"})])
    process = psutil.Process(before.pid)
    os.kill(before.pid, signal.SIGKILL)
    process.wait(10)
    assert argilla.running() is None
    assert not argilla.healthy()
    after = argilla.up(port=before.port)
    assert (after.url, after.pid != before.pid) == (before.url, True)
    assert found(dataset, Query(filter=("id", "==", "last"))) == ["last"]
    record = next(iter(dataset.records(Query(filter=("id", "==", "last")))))
    dataset.records.delete([record])
    assert len(found(dataset, Query())) == 3


def test_well_known_credentials_stay_on_loopback(
    argilla: LocalArgilla, client: rg.Argilla, tmp_path: Path
) -> None:
    """The user "argilla" with its key from the guides: fine here, refused on every address."""
    other = LocalArgilla(tmp_path)
    other.environment.symlink_to(argilla.environment)
    other.data.mkdir(mode=0o700)
    users = [
        {
            "username": "argilla",
            "role": "owner",
            "password": "a long one of my own",
            "api_key": "argilla.apikey",
            "workspaces": ["spanloop"],
        }
    ]
    other.credentials_file.write_text(json.dumps({"secret": "s" * 32, "users": users}))
    with pytest.raises(ArgillaError, match=r"no default passwords or keys .*found argilla"):
        other.up("0.0.0.0")
    assert other.running() is None


def test_a_taken_port_and_a_lost_file_are_explained(argilla: LocalArgilla, tmp_path: Path) -> None:
    other = LocalArgilla(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ArgillaError, match=rf"cannot listen .*{port}.*--port"):
            other.up(port=port)
    with pytest.raises(ArgillaError, match="argilla up"):
        other.credentials()
    other.environment.symlink_to(argilla.environment)
    other.data.mkdir()
    other.database.touch()
    with pytest.raises(ArgillaError, match=r"credentials\.json.*found none.*reset"):
        other.up()


def test_a_server_that_ends_says_why(argilla: LocalArgilla, tmp_path: Path) -> None:
    other = LocalArgilla(tmp_path)
    other.environment.symlink_to(argilla.environment)
    with pytest.raises(ArgillaError, match=r"ended while starting \(.*see .*server\.log"):
        other.up(tell=_break(other))
    assert other.running() is None


def _break(other: LocalArgilla) -> Any:
    """Spoil the database between its making and the server's start."""

    def tell(what: str) -> None:
        if what == "Starting Argilla":
            other.database.unlink()
            other.database.mkdir()

    return tell


def test_stale_state_is_not_a_server(tmp_path: Path) -> None:
    """A process number that another program has now is not taken, and not killed, for ours."""
    local = LocalArgilla(tmp_path)
    state = {"pid": os.getpid(), "started": 1.0, "host": "127.0.0.1", "port": 1}
    (tmp_path / "server.json").write_text(json.dumps(state))
    assert local.running() is None
    assert local.down() is False
    (tmp_path / "server.json").write_text("{half")
    assert local.running() is None
    assert connection(tmp_path) is None


def test_another_server_on_the_port_is_not_taken_for_ours(
    argilla: LocalArgilla, tmp_path: Path
) -> None:
    """As where two were started at once and chose the same free port."""
    there = argilla.running()
    assert there is not None
    assert argilla.healthy()
    started = psutil.Process().create_time()
    late = {"pid": os.getpid(), "started": started, "host": there.host, "port": there.port}
    (tmp_path / "server.json").write_text(json.dumps(late))
    assert not LocalArgilla(tmp_path).healthy()


def test_reset_deletes_data_and_keeps_programs(argilla: LocalArgilla, tmp_path: Path) -> None:
    other = LocalArgilla(tmp_path)
    other.environment.symlink_to(argilla.environment)
    first = other.up()
    other_keys = other.credentials()
    assert httpx.get(f"{first.url}/api/v1/status", trust_env=False).is_success
    other.reset()
    assert not other.data.exists()
    assert environment.is_installed(other.environment)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{first.url}/api/v1/status", trust_env=False)
    assert other_keys.keys() == {"owner", "annotator"}


def test_a_half_made_environment_is_made_again(tmp_path: Path) -> None:
    pins = tmp_path / "pins.txt"
    pins.write_text("six==1.17.0\n")
    made = tmp_path / "environment"
    made.mkdir()
    (made / "left over").touch()
    python = environment.install(made, pins)
    assert environment.is_installed(made, pins)
    assert not (made / "left over").exists()
    (made / "kept").touch()
    assert environment.install(made, pins) == python
    assert (made / "kept").exists()
    pins.write_text("six==1.17.0\nno-such-package-of-ours==1\n")
    assert not environment.is_installed(made, pins)
    with pytest.raises(ArgillaError, match=r"cannot install Argilla: ERROR.*no-such-package"):
        environment.install(made, pins)
    assert not environment.is_installed(made, pins)


def test_python_that_argilla_cannot_run_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\necho 3 9\n")
    old.chmod(0o755)
    monkeypatch.setenv("SPANLOOP_ARGILLA_PYTHON", str(old))
    with pytest.raises(ArgillaError, match=r"Python 3\.11 to 3\.13, found 3\.9"):
        environment.install(tmp_path / "environment")
    monkeypatch.setenv("SPANLOOP_ARGILLA_PYTHON", str(tmp_path / "none"))
    with pytest.raises(ArgillaError, match="cannot run"):
        environment.install(tmp_path / "environment")


@pytest.fixture
def command(argilla: LocalArgilla, monkeypatch: pytest.MonkeyPatch) -> Any:
    from typer.testing import CliRunner

    from annotation.cli.main import app

    monkeypatch.setenv("SPANLOOP_HOME", str(argilla.folder.parent))
    runner = CliRunner()
    return lambda *words: runner.invoke(app, ["argilla", *words])


def test_command_line(argilla: LocalArgilla, command: Any) -> None:
    up = command("up", "--no-browser")
    assert up.exit_code == 0, up.output
    running = argilla.running()
    assert running is not None
    assert f"Argilla is up at {running.url}" in up.output
    assert not any(user["password"] in up.output for user in argilla.credentials().values())
    said = json.loads(command("up", "--json").stdout)
    assert (said["url"], said["workspace"]) == (running.url, server.WORKSPACE)
    status = json.loads(command("status", "--json").stdout)
    assert status == {"up": True, "healthy": True, "url": running.url}
    assert "startup complete" in command("logs", "-n", "500").stdout
    assert command("reset").exit_code == 1  # asked, and nobody said yes
    assert argilla.healthy()


def test_command_line_of_a_server_that_is_down(
    command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    status = command("status")
    assert (status.exit_code, "argilla up" in status.output) == (1, True)
    assert "was not up" in command("down").output
    assert command("logs").output == ""
    assert command("up", "--port", "99999").exit_code == 2
