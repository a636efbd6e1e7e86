"""What the page lets in, and what it does with what it does not, over real sockets."""

import contextlib
import json
import os
import socket
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from page.door.files import LIFETIME, Shelf
from page.door.guard import MAX_BODY, MAX_UPLOAD, protection
from page.door.patience import UNHEARD
from page.door.visitors import visitor
from qa_core.text.documents import MAX_CHARACTERS
from tests.support.browsing import Served, serve

TYPED = "Zwetschgenknoedel"  # by visitors; it must not come up in a log
TEXT = f"{TYPED} was opened by Ines Soto in 1904."
QUESTION = "Who opened it?"
LONG = "The harbour of Oslo was opened by Ines Soto in 1904. " * 2_000
HTTP = httpx.Client(timeout=60)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("guard") / "log"


@pytest.fixture(scope="module")
def served(log: Path) -> Iterator[Served]:
    home = {"SPANLOOP_HOME": str(log.parent)}
    with serve(log=log, env={**os.environ, **home}) as served:
        yield served


def call(served: Served, name: str, *data: Any, **body: Any) -> httpx.Response:
    """A plain HTTP call of an endpoint."""
    return post(served, f"run/{name}", {"data": data, "session_hash": "test", **body})


def post(served: Served, path: str, body: object) -> httpx.Response:
    """Anything as JSON, half characters, too."""
    return HTTP.post(
        f"{served.url}/gradio_api/{path}",
        content=json.dumps(body),
        headers={"content-type": "application/json"},
    )


def dependency(served: Served, name: str) -> tuple[int, list[Any]]:
    """The number of a function of the page, and what its inputs hold when the page is opened."""
    config = HTTP.get(f"{served.url}/config").json()
    (found,) = [one for one in config["dependencies"] if one["api_name"] == name]
    holds = {one["id"]: one["props"].get("value") for one in config["components"]}
    return int(found["id"]), [holds[each] for each in found["inputs"]]


def queue(served: Served, session: str, number: int, *data: Any) -> httpx.Response:
    """Put a call into the page's queue, as its buttons do."""
    body = {"data": data, "fn_index": number, "session_hash": session}
    return post(served, "queue/join", body)


def heard(served: Served, session: str) -> dict[str, Any]:
    """The last thing that the queue tells a session, once its calls are over."""
    url = f"{served.url}/gradio_api/queue/data"
    with httpx.stream("GET", url, params={"session_hash": session}, timeout=120) as stream:
        for line in stream.iter_lines():
            told = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
            if told.get("msg") == "process_completed":
                return dict(told)
    raise AssertionError("the queue says nothing")


def still_answers(served: Served) -> None:
    found = call(served, "answer", QUESTION, TEXT, 1, True)
    assert found.json()["data"][0]["text"] == "Ines Soto"


# What is asked


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        (
            "answer",
            [QUESTION],
            "expected 2 to 5 values (question, context, top_k, private, exhaustive)",
        ),
        ("answer", [], "found 0"),
        ("answer", [QUESTION, TEXT, 1, True, False, TYPED], "found 6"),
        ("answer", [TYPED, 1], "context: expected text, found int"),
        ("answer", [{TYPED: 1}, TYPED], "question: expected text, found dict"),
        ("answer", [None, TYPED], "question: expected text, found NoneType"),
        ("answer", [TYPED, "\ud800"], "context: expected valid Unicode"),
        ("answer", [TYPED, TYPED, TYPED], "top_k: expected a whole number from 1 to 100"),
        ("answer", [TYPED, TYPED, 1, TYPED], "private: expected true or false, found str"),
        ("answer", [TYPED, TYPED, 1, None], "private: expected true or false, found NoneType"),
        ("answer_many", [TYPED], "rows: expected a list, found str"),
        ("answer_many", [{TYPED: TYPED}], "rows: expected a list, found dict"),
        ("answer_many", [[], "3"], "top_k: expected a whole number"),
        ("review_threshold", [TYPED], "threshold: expected a number, found str"),
        ("review_threshold", [True], "threshold: expected a number, found bool"),
    ],
)
def test_guard_tells_what_was_expected(
    served: Served, log: Path, name: str, data: list[Any], reason: str
) -> None:
    told = call(served, name, *data)
    assert told.status_code == 422
    assert reason in told.json()["error"]
    assert TYPED not in log.read_text()


def test_guard_a_call_may_leave_out_what_has_a_default(served: Served) -> None:
    assert call(served, "answer", QUESTION, TEXT).json()["data"][0]["text"] == "Ines Soto"
    (found,) = call(served, "answer_many", [{"question": QUESTION, "context": TEXT}]).json()["data"]
    assert found[0]["text"] == "Ines Soto"


JUNK = [TYPED, {TYPED: TYPED}, [TYPED], None, 1.5, -1, True, "\ud800", {"path": "/etc/passwd"}]


def test_guard_no_call_fails_or_stops_the_service(served: Served, log: Path) -> None:
    config = HTTP.get(f"{served.url}/config").json()
    for one in config["dependencies"]:
        for junk in (JUNK[one["id"] % len(JUNK)], JUNK[one["id"] // 2 % len(JUNK)], "\ud800"):
            told = call(served, "predict", *[junk] * len(one["inputs"]), fn_index=one["id"])
            assert told.status_code in {200, 404, 422}, (one["api_name"], junk, told.text)
    for body in (b"{", b"[]", b"\xff", b'{"data": 1}', b"null"):
        for path in ("run/answer", "api/answer", "call/answer", "call/v2/answer", "queue/join"):
            told = HTTP.post(
                f"{served.url}/gradio_api/{path}",
                content=body,
                headers={"content-type": "application/json"},
            )
            assert 400 <= told.status_code < 500, (path, body, told.text)
    assert call(served, TYPED).status_code == 404
    assert call(served, "predict", fn_index=10**6).status_code == 404
    still_answers(served)
    assert TYPED not in log.read_text()
    assert "Traceback" not in log.read_text()


def test_guard_nothing_typed_is_logged_by_the_queue(served: Served, log: Path) -> None:
    number, inputs = dependency(served, "ask")
    for junk in JUNK:
        told = queue(served, "junk", number, *[junk] * len(inputs))
        if told.is_success:
            heard(served, "junk")
    assert TYPED not in log.read_text()
    still_answers(served)


# How much


def test_guard_refuses_bodies_that_are_too_large(served: Served) -> None:
    where = urlsplit(served.url)
    assert where.hostname
    for path in ("run/answer", "queue/join", "upload", "mcp/"):
        with socket.create_connection((where.hostname, where.port or 0), 30) as line:
            head = f"POST /gradio_api/{path} HTTP/1.1\r\nHost: {where.netloc}\r\n"
            line.sendall(f"{head}Content-Length: {200 * 2**20}\r\n\r\n".encode())
            assert line.recv(100).startswith(b"HTTP/1.1 413 ")  # before anything is sent

    def endless() -> Iterator[bytes]:
        for _ in range(MAX_BODY // 2**16 + 2):
            yield b" " * 2**16

    told = HTTP.post(f"{served.url}/gradio_api/run/answer", content=endless())
    assert told.status_code == 413
    assert told.json()["error"].startswith("expected at most 8 MB in a request, found more")


def test_guard_takes_texts_as_long_as_the_page_does(served: Served) -> None:
    long = "x" * (MAX_CHARACTERS + 1)
    told = call(served, "answer", QUESTION, long)
    assert told.status_code == 413
    assert "context: expected at most 1,000,000 characters, found 1,000,001" in told.text
    told = call(served, "answer", long, TEXT)
    assert told.status_code == 413
    assert "question: expected at most 10,000 characters" in told.text
    (found,) = call(served, "answer_many", [{"question": QUESTION, "context": long}]).json()["data"]
    assert "at most 1,000,000 characters" in found[0]["error"]
    told = call(served, "answer_many", [{}] * 501)
    assert told.status_code == 413


def test_guard_stops_reading_for_a_client_that_is_gone(served: Served) -> None:
    body = {"data": [QUESTION, LONG * 8, 1, True], "session_hash": "gone"}
    with ThreadPoolExecutor(4) as pool, httpx.Client(base_url=served.url, timeout=2) as client:
        given_up = [pool.submit(client.post, "/gradio_api/run/answer", json=body) for _ in range(4)]
        assert all(isinstance(one.exception(), httpx.ReadTimeout) for one in given_up)
    begun = time.monotonic()
    while (told := call(served, "answer", QUESTION, LONG[:12_000], 1, True)).status_code == 503:
        assert time.monotonic() - begun < 60  # the four take minutes
        time.sleep(0.2)
    assert told.is_success
    assert time.monotonic() - begun < 60


def test_guard_64_long_texts_leave_the_page_to_the_others(served: Served) -> None:
    ask, (_, _, *others) = dependency(served, "ask")
    for number in range(64):
        assert queue(served, f"long-{number % 4}", ask, QUESTION, LONG, *others).is_success
    begun = time.monotonic()
    assert queue(served, "short", ask, QUESTION, TEXT, *others).is_success
    told = heard(served, "short")
    assert told["success"]
    assert "Ines Soto" in json.dumps(told["output"])
    still_answers(served)
    assert time.monotonic() - begun < 60


# Files


def upload(served: Served, name: str, data: bytes) -> httpx.Response:
    return HTTP.post(f"{served.url}/gradio_api/upload", files={"files": (name, data)})


def take(served: Served, session: str, told: httpx.Response) -> str:
    """What the batch tab says of a file that came."""
    (path,) = told.json()
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    assert queue(served, session, dependency(served, "take")[0], file, None).is_success
    return json.dumps(heard(served, session)["output"])


def test_guard_silent_connections_keep_nobody_out(served: Served) -> None:
    host = (urlsplit(served.url).hostname, urlsplit(served.url).port)
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(socket.create_connection(host)) for _ in range(UNHEARD + 100)]
        for connection in silent:
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"GET / HTTP/1.1\r\n")
        assert call(served, "answer", QUESTION, TEXT).json()["data"][0]["text"] == "Ines Soto"
        assert silent[0].recv(100).startswith(b"HTTP/1.1 408")


def test_guard_two_visitors_may_bring_the_same_file(served: Served) -> None:
    data = b"question,context\nWho?,Ada wrote it.\n"
    first, second = (upload(served, "same.csv", data) for _ in range(2))
    (path,) = first.json()
    assert stat.S_IMODE(Path(path).parents[1].stat().st_mode) == 0o700
    assert "1 question on 1 text" in take(served, "first", first)
    assert Path(path).exists()
    assert "1 question on 1 text" in take(served, "second", second)
    assert not Path(path).exists()


def test_guard_bounds_the_files_that_wait(served: Served) -> None:
    told = [upload(served, f"{number}.csv", b"%d" % number) for number in range(11)]
    assert [one.status_code for one in told] == [200] * 10 + [503]
    assert told[-1].json()["error"].startswith("busy: 10 files of yours")
    for one in told[:10]:
        take(served, "files", one)
    too_large = upload(served, "large.csv", b"x" * (MAX_UPLOAD + 1))
    assert too_large.status_code == 413
    one_file = upload(served, "a.csv", b"question,context\nWho?,Ada.\n")
    assert one_file.is_success
    take(served, "files", one_file)


class Clock:
    time = 0.0

    def __call__(self) -> float:
        return self.time


def test_guard_results_are_each_visitors_own_for_a_while_and_bounded() -> None:
    clock, gone = Clock(), [""] * 0
    shelf: Shelf[str] = Shelf(2, 100, gone=gone.append, clock=clock)
    a, b, c = (shelf.put(name, "ann", 10) for name in "abc")
    assert [shelf.get(key) for key in (a, b, c)] == [None, "b", "c"]
    assert shelf.get("b") is shelf.get("") is shelf.get(None) is None
    d = shelf.put("d", "bob", 95)
    assert [shelf.get(key) for key in (b, c, d)] == [None, None, "d"]
    clock.time = LIFETIME + 1
    assert shelf.get(d) is None
    assert gone == ["a", "b", "c", "d"]
    large = shelf.put("large", "cid", 1000)  # one is always kept
    assert shelf.get(large) == "large"
    shelf.drop(large)
    assert shelf.get(large) is None


# From where


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:7860"},
        {"Host": "[::1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
def test_guard_the_local_page_is_for_this_machine(served: Served, headers: dict[str, str]) -> None:
    for method, path in (
        ("GET", "/"),
        ("POST", "/gradio_api/run/answer"),
        ("POST", "/gradio_api/upload"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/mcp/"),
    ):
        told = HTTP.request(method, served.url + path, headers=headers, json={})
        assert told.status_code == 403, path
        assert "expected" in told.json()["error"]


def test_guard_takes_this_machine_by_its_names(served: Served) -> None:
    port = urlsplit(served.url).port
    for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"):
        headers = {"Host": host, "Origin": f"http://{host}"}
        assert HTTP.get(served.url, headers=headers).is_success


@pytest.mark.parametrize(
    "path",
    ["/monitoring", "/monitoring/summary", "/monitoring/x", "/gradio_api/dev/reload",
     "/gradio_api/vibe-code/", "/gradio_api/proxy=http://127.0.0.1", "/gradio_api/deep_link"],
)  # fmt: skip
def test_guard_closes_what_is_not_the_pages(served: Served, path: str) -> None:
    told = HTTP.get(served.url + path, timeout=10)
    assert told.status_code == 404
    assert told.json() == {"error": "there is nothing here"}


def test_guard_no_frame_of_others_and_no_guessed_types(served: Served) -> None:
    for path in ("/", "/gradio_api/info", "/theme.css", "/none", "/monitoring"):
        headers = HTTP.get(served.url + path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert headers["content-security-policy"] == "frame-ancestors 'self'"
    assert "frame-ancestors 'self' https://huggingface.co" in str(protection(space=True))
    assert "x-frame-options" not in protection(space=True)


@pytest.mark.parametrize(
    ("host", "forwarded", "proxied", "found"),
    [
        ("192.0.2.7", "", False, "192.0.2.7"),
        ("192.0.2.7", "8.8.8.8", False, "192.0.2.7"),
        ("10.0.0.1", "1.1.1.1, 8.8.8.8, 10.1.1.1", True, "8.8.8.8"),
        ("10.0.0.1", "made up, <script>", True, "10.0.0.1"),
        ("2001:db8::1", "", False, "2001:db8::/64"),
        ("10.0.0.1", "2606:4700::1111", True, "2606:4700::/64"),
        (None, "", True, ""),
    ],
)
def test_guard_a_visitor_is_a_network(
    host: str | None, forwarded: str, proxied: bool, found: str
) -> None:
    assert visitor(host, {"x-forwarded-for": forwarded}, proxied=proxied) == found
