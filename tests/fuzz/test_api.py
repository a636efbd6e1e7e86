"""Whatever a program sends to the page, it is told why, and the page goes on answering."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.browsing import Served

HARBOUR = {"question": "Who opened the harbour?", "context": "Ines Soto opened the harbour."}
TEXTS = st.one_of(st.text(max_size=200), st.sampled_from([*HARBOUR.values(), "", "\0", "😀\r\n"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)
ROWS = st.lists(st.fixed_dictionaries({"question": TEXTS, "context": TEXTS}) | VALUES, max_size=4)
TOLD = {200, 400, 404, 405, 413, 415, 422, 503}
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")


@pytest.fixture(scope="module")
def http(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=60) as client:
        before = client.post("/gradio_api/run/answer", json={"data": [*HARBOUR.values()]})
        yield client
        after = client.post("/gradio_api/run/answer", json={"data": [*HARBOUR.values()]})
        assert after.json()["data"] == before.json()["data"]


def check(response: httpx.Response) -> None:
    assert response.status_code in TOLD, response.text
    if response.status_code not in (200, 404, 405):
        reason = json.dumps(response.json())
        assert "expected" in reason or "busy" in reason, reason
    assert "Traceback" not in response.text


@given(data=st.lists(TEXTS, min_size=2, max_size=2).flatmap(
    lambda two: st.tuples(*map(st.just, two), VALUES, VALUES)
) | VALUES)  # fmt: skip
@example(data=("Who?", "Ines.", 1.5, False))
@example(data=("Who?", "Ines.", 2**70, False))
@example(data=("Who\ud800?", "Ines.", 1, False))
@example(data=[{"__type__": "update", "value": 1}, "Ines.", 1, False])
@example(data=[{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, "Ines."])
def test_fuzz_answer(http: httpx.Client, data: Any) -> None:
    body = json.dumps({"data": data}).encode("utf-8", "surrogatepass")
    headers = {"content-type": "application/json"}
    check(http.post("/gradio_api/run/answer", content=body, headers=headers))


@given(rows=ROWS | VALUES, threshold=VALUES)
def test_fuzz_answer_many_and_thresholds(http: httpx.Client, rows: Any, threshold: Any) -> None:
    for name, given_ in (("answer_many", rows), ("review_threshold", threshold)):
        check(http.post(f"/gradio_api/run/{name}", content=json.dumps({"data": [given_]})))


@given(
    method=st.sampled_from(METHODS),
    prefix=st.sampled_from(
        ["", "run/", "call/", "file=", "upload", "queue/join", "queue/data", "mcp"]
    ),
    rest=st.text(max_size=40),
    body=st.binary(max_size=200),
    kind=st.sampled_from(["application/json", "text/plain", "multipart/form-data; boundary=x", ""]),
)
def test_fuzz_paths(
    http: httpx.Client, method: str, prefix: str, rest: str, body: bytes, kind: str
) -> None:
    path = f"/gradio_api/{prefix}" + "".join(f"%{byte:02x}" for byte in rest.encode())
    headers = {"content-type": kind, "accept": "application/json"}
    with http.stream(method, path, content=body, headers=headers) as response:
        status = response.status_code
        assert status < 500 or status == 503, (path, response.read())
