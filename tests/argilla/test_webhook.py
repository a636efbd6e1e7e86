"""Argilla's webhook: what is signed is heeded, at once; the rest is refused."""

import json
import secrets
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import argilla as rg
import pytest
from standardwebhooks.webhooks import Webhook
from starlette.testclient import TestClient

from annotation.argilla.client import Target, connect
from annotation.argilla.errors import ArgillaError
from annotation.argilla.local.server import LocalArgilla
from annotation.argilla.sync import pull, push
from annotation.argilla.webhook import MOST_BYTES, PATH, listening, receiver
from annotation.store.store import Store
from tests.support.predictions import CONTEXT, answer
from tests.support.reviewing import ask, respond

SECRET = b64encode(secrets.token_bytes(32)).decode()


def signed(body: str, secret: str = SECRET, age: timedelta = timedelta()) -> dict[str, str]:
    """The headers with which Argilla sends a body."""
    at = datetime.now(UTC) - age
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body),
    }


@pytest.mark.parametrize(
    ("headers", "kind", "status", "heeded"),
    [
        ({}, "response.created", 204, True),
        ({}, "response.updated", 204, True),
        ({}, "ping", 204, False),
        ({"webhook-signature": "v1,AAAA"}, "response.created", 401, False),
        ({"webhook-signature": "nonsense"}, "response.created", 401, False),
        ({"webhook-timestamp": "soon"}, "response.created", 401, False),
        ({"webhook-id": "msg_2"}, "response.created", 401, False),
    ],
)
def test_only_what_is_signed_is_heeded(
    headers: dict[str, str], kind: str, status: int, heeded: bool
) -> None:
    arrived: list[int] = []
    client = TestClient(receiver(SECRET, lambda: arrived.append(1)))
    body = json.dumps({"type": kind, "data": {}})
    sent = client.post(PATH, content=body, headers=signed(body) | headers)
    assert (sent.status_code, bool(arrived)) == (status, heeded)


def test_what_is_not_ours_is_refused() -> None:
    arrived: list[int] = []
    client = TestClient(receiver(SECRET, lambda: arrived.append(1)))
    body = json.dumps({"type": "response.created"})
    other = b64encode(secrets.token_bytes(32)).decode()
    assert client.post(PATH, content=body).status_code == 401
    assert client.post(PATH, content=body, headers=signed(body, other)).status_code == 401
    old = signed(body, age=timedelta(hours=1))
    assert client.post(PATH, content=body, headers=old).status_code == 401
    assert client.post(PATH, content="{", headers=signed("{")).status_code == 401
    assert client.post(PATH, content=b"x" * (MOST_BYTES + 1)).status_code == 413
    assert client.get(PATH).status_code == 405
    assert not arrived


def test_argilla_calls_and_the_response_is_pulled(argilla: LocalArgilla, tmp_path: Any) -> None:
    running = argilla.running()
    assert running is not None
    keys = {name: user["api_key"] for name, user in argilla.credentials().items()}
    connection = connect(Target(running.url, keys["owner"], dataset="called", patience=5))
    annotator = rg.Argilla(api_url=running.url, api_key=keys["annotator"])
    store = Store(tmp_path / "reviews.sqlite3")
    store.keep("Who opened it?", CONTEXT, answer(), reason="doubtful", source="test")
    push(store, connection)
    dataset = connection.dataset()
    assert dataset is not None
    record = ask(connection.client, f"datasets/{dataset.id}/records")["items"][0]["id"]
    with listening(connection, "127.0.0.1", 8917) as arrived:
        assert len(connection.client.webhooks) == 1
        with (
            pytest.raises(ArgillaError, match="cannot listen"),
            listening(connection, "127.0.0.1", 8917, "http://elsewhere"),
        ):
            pass
        respond(annotator, record, {"answerable": "no"})
        assert arrived.wait(60)
        assert pull(store, connection).taken == 1
    assert len(connection.client.webhooks) == 0
