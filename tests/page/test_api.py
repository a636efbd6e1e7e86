"""What programs ask of the page: over HTTP by name, and as tools of an MCP server."""

import asyncio
import json
import re
import shlex
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from page.api import MANY
from qa_core.evaluation.figures import Figures
from qa_core.inference.reader import Reader
from qa_core.models.folder import bundled_model
from tests.support.browsing import ROOT, Served

HARBOUR = {
    "question": "Who opened the harbour of Oslo?",
    "context": "The harbour of Oslo was opened by Ines Soto in 1904.",
}


@pytest.fixture(scope="module")
def client(served: Served) -> Client:
    return Client(served.url, verbose=False)


T = TypeVar("T")


def test_programs_run_what_the_readme_says(served: Served) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (snippet,) = [
        block for block in re.findall(r"```python\n(.*?)```", text, re.S) if "Client(" in block
    ]
    names: dict[str, Any] = {}
    exec(snippet.replace("http://127.0.0.1:7860", served.url), names)
    found = names["client"].predict(**HARBOUR, api_name="/answer")
    assert HARBOUR["context"][found["start"] : found["end"]] == found["text"] == "Ines Soto"


def test_programs_call_over_plain_http_as_the_readme_says(served: Served) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"```bash\n(curl .*?)```", text, re.S)
    typed = shlex.split(command.replace("http://127.0.0.1:7860", served.url))
    url, headers, body = typed[1], typed[3], typed[5]
    assert typed[::2] == ["curl", "-H", "-d"]
    told = httpx.post(url, content=body, headers=dict([headers.split(": ")]))
    assert told.status_code == 200
    assert told.json()["data"][0]["text"] == "Ines Soto"


def test_programs_endpoints_are_named_typed_and_documented(client: Client) -> None:
    api = client.view_api(print_info=False, return_format="dict")
    assert api is not None
    assert {"/answer", "/answer_many", "/review_threshold"} <= api["named_endpoints"].keys()
    assert api["unnamed_endpoints"] == {}
    for name, endpoint in api["named_endpoints"].items():
        assert endpoint["description"], name
        for parameter in endpoint["parameters"]:
            assert parameter["type"].get("type"), (name, parameter["parameter_name"])


def test_programs_ask_many_at_once_and_a_bad_row_harms_no_other(client: Client) -> None:
    rows = [HARBOUR, {"question": " ", "context": "Text."}, {"question": "Who?"}, HARBOUR]
    found = client.predict(rows=rows, api_name="/answer_many")
    assert [row.get("text") for row in found] == ["Ines Soto", None, None, "Ines Soto"]
    assert (found[0]["items"], found[3]["items"]) == ([], [])
    assert found[1]["error"] == "question: expected some text, found none"
    assert "expected an object with question and context" in found[2]["error"]


def test_programs_review_threshold_is_what_was_measured(client: Client) -> None:
    figures = Figures.load(bundled_model())
    assert figures is not None
    found = client.predict(threshold=0.7, api_name="/review_threshold")
    assert (found["share"], found["right"]) == (
        figures.review(0.7).share,
        figures.review(0.7).right,
    )


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("answer", {**HARBOUR, "question": "\n"}, "question: expected some text, found none"),
        (
            "answer",
            {**HARBOUR, "top_k": 0},
            "top_k: expected a whole number from 1 to 100, found 0",
        ),
        ("answer_many", {"rows": [HARBOUR] * (MANY + 1)}, f"at most {MANY} rows, found {MANY + 1}"),
        ("review_threshold", {"threshold": 7}, "threshold: expected 0 to 1, found 7"),
    ],
)
def test_programs_are_told_what_is_wrong(
    client: Client, name: str, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(AppError, match=message) as caught:
        client.predict(**arguments, api_name=f"/{name}")
    assert "Traceback" not in str(caught.value)


def call(served: Served, name: str, *data: Any) -> httpx.Response:
    """A plain HTTP call of an endpoint."""
    url = f"{served.url}/gradio_api/run/{name}"
    return httpx.post(url, json={"data": data, "session_hash": "test"}, timeout=30)


def test_programs_no_top_k_stops_the_reader(served: Served) -> None:
    for top_k in (1.5, 1.5, 1.5, -1, 1e9, 2**62, "3", None, True, [3]):
        for name, *data in (("answer", *HARBOUR.values()), ("answer_many", [HARBOUR])):
            told = call(served, name, *data, top_k, True)
            assert "top_k: expected a whole number from 1 to 100" in told.text
        assert call(served, "answer", *HARBOUR.values(), 1, True).json()["data"][0]["text"]


def apart(talk: Coroutine[Any, Any, T]) -> T:
    """Its result, from a thread of its own: the browser's event loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, talk).result()


def test_programs_none_of_64_at_once_fails(served: Served) -> None:
    contexts = [f"The harbour of Oslo was opened by Rosa Lind in {1900 + n}." for n in range(64)]
    question = "Who opened the harbour of Oslo?"
    alone = Reader.load().answer_batch([(question, context) for context in contexts])

    async def ask_all() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=64)
        async with httpx.AsyncClient(base_url=served.url, timeout=120, limits=limits) as http:
            asked = [
                http.post("/gradio_api/run/answer", json={"data": [question, text, 1, True]})
                for text in contexts
            ]
            return await asyncio.gather(*asked)

    responses = apart(ask_all())
    assert [response.status_code for response in responses] == [200] * 64
    found = [response.json()["data"][0]["text"] for response in responses]
    assert found == [answer.text for answer in alone]
    assert set(found) == {"Rosa Lind"}


def test_programs_are_served_as_mcp_tools(served: Served) -> None:
    async def talk() -> tuple[dict[str, Any], Any, Any, Any]:
        async with (
            streamable_http_client(f"{served.url}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            answer = await session.call_tool("answer", HARBOUR)
            refused = await session.call_tool("answer", {**HARBOUR, "question": " "})
            many = await session.call_tool("answer_many", {"rows": [HARBOUR, HARBOUR]})
            return tools, answer, refused, many

    tools, found, refused, many = apart(talk())
    assert {"answer", "answer_many", "review_threshold"} <= tools.keys()
    tool = tools["answer"]
    assert tool.description.startswith("Answer a question with words of the context")
    properties = tool.inputSchema["properties"]
    assert properties["question"] == {
        "type": "string",
        "description": "what to ask, in plain words",
    }
    assert properties["top_k"]["default"] == 3
    assert tool.inputSchema["required"] == ["question", "context"]
    assert found.structuredContent["text"] == "Ines Soto"
    assert json.loads(found.content[0].text) == found.structuredContent
    assert [row["text"] for row in many.structuredContent["result"]] == ["Ines Soto"] * 2
    assert json.loads(many.content[0].text) == many.structuredContent["result"]
    assert refused.isError
    assert "question: expected some text" in refused.content[0].text
