"""Argilla's webhook: told at once that someone has answered, so that nobody has to ask.

What is received is only a signal, after which responses are pulled as ever: an event that is lost
or comes twice changes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from annotation.argilla.client import Connection, explained
from annotation.argilla.errors import ArgillaError

if TYPE_CHECKING:
    from starlette.applications import Starlette

# A draft is created and then, when it is submitted, updated.
EVENTS = ("response.created", "response.updated", "response.deleted")
PATH = "/responses"
MOST_BYTES = 32 * 1024**2


def receiver(secret: str, arrived: Callable[[], None]) -> Starlette:
    """The web application that Argilla calls; it answers at once, and calls ``arrived``.

    Only what is signed with the webhook's secret, and not older than five minutes, is heeded
    (standardwebhooks.com); the rest is refused with 401.
    """
    from standardwebhooks.webhooks import Webhook, WebhookVerificationError
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    signed = Webhook(secret)

    async def receive(request: Request) -> Response:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                return JSONResponse({"error": "too long"}, 413)
        try:
            event = signed.verify(bytes(body), dict(request.headers))
        except (WebhookVerificationError, ValueError):  # ValueError: no base64, no JSON
            return JSONResponse({"error": "expected a signature of this webhook's secret"}, 401)
        if isinstance(event, dict) and event.get("type") in EVENTS:
            arrived()
        return Response(status_code=204)

    return Starlette(routes=[Route(PATH, receive, methods=["POST"])])


@contextmanager
def listening(
    connection: Connection, host: str, port: int, url: str = ""
) -> Iterator[threading.Event]:
    """An event that is set whenever Argilla says that someone answered, while this lasts.

    url: how Argilla reaches ``host`` and ``port``, if not by just those. Raises ArgillaError.
    """
    import argilla as rg
    import uvicorn

    address = (url or f"http://{host}:{port}").rstrip("/") + PATH
    arrived = threading.Event()
    with explained(connection.url):
        for old in connection.client.webhooks:  # of a process that was killed
            if old.url == address:
                old.delete()
        webhook = rg.Webhook(
            address, list(EVENTS), "SpanLoop: responses", _client=connection.client
        )
        webhook.create()
    server = uvicorn.Server(
        uvicorn.Config(
            receiver(webhook.secret, arrived.set), host=host, port=port, log_level="error"
        )
    )
    thread = threading.Thread(target=_serve, args=[server], name="webhook", daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            thread.join(0.01)
        if not server.started:
            raise ArgillaError(f"cannot listen at {host}, port {port}: choose another --listen")
        yield arrived
    finally:
        server.should_exit = True
        thread.join()
        with suppress(Exception):  # Argilla may be gone, and the next start tidies up
            webhook.delete()


def _serve(server: object) -> None:
    with suppress(SystemExit):  # how uvicorn says that it cannot listen
        server.run()  # type: ignore[attr-defined]
