"""The door of the page: what it lets in, and what it tells those who may not.

A request is looked at before Gradio sees it: where it comes from, how large it is, what it asks
for. What goes wrong behind the door is told in one line, and nothing that a visitor typed is
written to a log.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gradio as gr
from fastapi.exceptions import RequestValidationError
from gradio.components.api_component import Api
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse

from page import messages
from page.access import is_loopback
from page.door.files import UPLOADS
from page.door.visitors import asking, visitor
from qa_core.errors import BusyError, SpanLoopError, TooLongError
from qa_core.text import documents

log = logging.getLogger(__name__)

MAX_BODY = 8 * 2**20  # bytes: a text of a million characters, however it is written
MAX_UPLOAD = 5 * documents.MAX_BYTES + 2**16  # bytes: files, and what a form puts around them
UPLOAD = "/gradio_api/upload"
CALLS = ("/gradio_api/run/", "/gradio_api/api/")  # answered in one response
# What Gradio serves beside the page, and SpanLoop does not: figures of the server, reloading and
# editing it, other addresses through it, states and recordings kept on its disk, streams that
# never end.
CLOSED = (
    "/monitoring",
    "/gradio_api/dev",
    "/gradio_api/proxy=",
    "/gradio_api/deep_link",
    "/gradio_api/heartbeat",
    "/gradio_api/process_recording",
    "/gradio_api/profiling",
    "/gradio_api/run-history",
    "/gradio_api/runs",
    "/gradio_api/stream",
    "/gradio_api/undo-vibe-edit",
    "/gradio_api/vibe",
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


class Refusal(gr.Error):
    """Why a call gets no result; status: of the HTTP response."""

    def __init__(self, message: str, status: int = 422) -> None:
        shown = message.encode(errors="replace").decode()  # half characters cannot be sent
        super().__init__(shown, print_exception=False)
        self.status = status

    @classmethod
    def of(cls, error: SpanLoopError) -> Refusal:
        """An error of ours as a refusal."""
        status = {BusyError: 503, TooLongError: 413}.get(type(error), 422)
        return cls(str(error), status)


class Page(gr.Blocks):
    """`gr.Blocks` whose calls fail with a reason, and without a word of theirs in a log."""

    def get_config_file(self) -> Any:
        """As `gr.Blocks.get_config_file`, without a connection that each tab would hold for good.

        Of such a connection a browser has six a host, and a seventh tab would never load. What is
        remembered of a visit has its own time to live instead (`gr.State.time_to_live`).
        """
        return {**super().get_config_file(), "connect_heartbeat": False}

    async def process_api(self, block_fn: Any, inputs: list[Any], *args: Any, **named: Any) -> Any:
        """As `gr.Blocks.process_api`. Raises gr.Error alone."""
        scope = _scope(named.get("request"))
        told: dict[str, int] = scope.get("spanloop", {})
        who = asking.set(scope.get("spanloop_visitor", ""))
        try:
            return await super().process_api(block_fn, inputs, *args, **named)
        except asyncio.CancelledError:
            if "direct" not in told:
                raise
            raise Refusal(messages.NOBODY_WAITS, 499) from None
        except Refusal as error:
            told["status"] = error.status
            raise
        except gr.Error as error:
            refusal = Refusal(error.message)
        except SpanLoopError as error:
            refusal = Refusal.of(error)
        except Exception as error:
            log.error("a call failed: %s", place(error))
            refusal = _failure(block_fn, error)
        finally:
            asking.reset(who)
        told["status"] = refusal.status
        raise refusal

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], *args: Any, **named: Any
    ) -> Any:
        """As `gr.Blocks.preprocess_data`; values that were left out are the default ones."""
        given = _completed(block_fn, inputs)
        try:
            return await super().preprocess_data(block_fn, given, *args, **named)
        except gr.Error:
            raise
        except Exception as error:
            raise Refusal(messages.other_values(type(error).__name__)) from None


def _failure(block_fn: Any, error: Exception) -> Refusal:
    """What a caller is told of an error of no kind of ours."""
    if block_fn.api_visibility != "public" and isinstance(error, _OF_VALUES):
        return Refusal(messages.other_values_of_page(type(error).__name__))
    return Refusal(messages.FAILED, 500)


# What arises where a function of the page is given what the page does not give.
_OF_VALUES = (TypeError, ValueError, LookupError, AttributeError)


def _completed(block_fn: Any, inputs: object) -> list[Any]:
    if not isinstance(inputs, list):
        raise Refusal(messages.NO_LIST)
    wanted = block_fn.inputs
    programs = any(isinstance(one, Api) for one in wanted)
    if len(inputs) == len(wanted) or (len(inputs) > len(wanted) and not programs):
        return inputs  # the page's own scripts may give more
    if not programs:
        raise Refusal(messages.other_number_of_values(len(wanted), len(inputs)))
    names = list(inspect.signature(block_fn.fn).parameters.values())
    needed = [one.name for one in names if one.default is one.empty]
    if not len(needed) <= len(inputs) <= len(names):
        raise Refusal(
            messages.missing_values(len(needed), [one.name for one in names], len(inputs))
        )
    return [*inputs, *(one.default for one in names[len(inputs) :])]


def _scope(request: Any) -> MutableMapping[str, Any]:
    inner = getattr(request, "request", None)
    return getattr(inner, "scope", None) or {}


def place(error: BaseException) -> str:
    """What kind of error arose and where, without its message, which may hold what was typed."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{where}"


def _is_unknown_name(error: Exception) -> bool:
    """Whether Gradio found no function of the name or the number that a call gives."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].name == "get_fn"


class Guard:
    """The middleware. local: the page is for this machine alone. space: it is a Space's."""

    def __init__(self, app: App, *, local: bool, space: bool = False) -> None:
        self.app, self.local, self.space = app, local, space
        self.headers = protection(space=space)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        upload = scope["path"].rstrip("/") == UPLOAD
        client = scope.get("client")
        who = visitor(client[0] if client else None, headers, proxied=self.space)
        exchange = _Exchange(receive, send, self.headers, who if upload else None)
        direct = scope["method"] == "POST" and scope["path"].startswith(CALLS)
        if direct:
            exchange.told["direct"] = 1
        scope["spanloop"], scope["spanloop_visitor"] = exchange.told, who
        try:
            self._check(scope["path"], headers, exchange.limit)
            if upload:
                UPLOADS.admit(who)
            await exchange.read()
            if direct:
                await _while_wanted(self.app(scope, exchange.receive, exchange.send), receive)
            else:
                await self.app(scope, exchange.receive, exchange.send)
        except Refusal as refusal:
            await exchange.answer(scope, refusal.status, refusal.message)
        except SpanLoopError as error:
            refused = Refusal.of(error)
            await exchange.answer(scope, refused.status, refused.message)
        except Exception as error:
            if _is_unknown_name(error):
                await exchange.answer(scope, 404, messages.NO_ENDPOINT)
            elif scope["path"].startswith("/gradio_api/call/") and isinstance(error, _OF_VALUES):
                await exchange.answer(scope, 422, messages.NOT_OF_AN_ENDPOINT)
            else:
                log.error("a request failed: %s", place(error))
                await exchange.answer(scope, 500, messages.FAILED)

    def _check(self, path: str, headers: Headers, limit: int) -> None:
        """Raise Refusal if a request may not come in."""
        if self.local:
            host, origin = headers.get("host", ""), headers.get("origin")
            if not is_loopback(_name(f"//{host}")):
                raise Refusal(messages.OTHER_HOST, 403)
            if origin is not None and not is_loopback(_name(origin)):
                raise Refusal(messages.OTHER_ORIGIN, 403)
        if any(path.startswith(closed) for closed in CLOSED):
            raise Refusal(messages.NOTHING_HERE, 404)
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > limit:
            raise _too_large(limit)


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


class _Exchange:
    """One request and its response, with a bound and the headers that all responses have."""

    def __init__(
        self, receive: Receive, send: Send, headers: dict[str, str], brings: str | None
    ) -> None:
        """brings: the visitor, where the request brings files."""
        upload = brings is not None
        self._headers, self._brings = headers, brings
        self.told: dict[str, int] = {}
        self.limit = MAX_UPLOAD if upload else MAX_BODY
        self._receive, self._send, self._upload = receive, send, upload
        self._size, self._began = 0, False
        self._read: list[Message] = []
        self._told = b""

    async def read(self) -> None:
        """Read the body, unless it is a file's. Raises Refusal if it is too large."""
        while not self._upload:
            message = await self._next()
            self._read.append(message)
            if not message.get("more_body"):
                return

    async def receive(self) -> Message:
        """What was read, then what comes."""
        return self._read.pop(0) if self._read else await self._next()

    async def _next(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > self.limit:
            self.told["status"] = 413
            raise _too_large(self.limit)
        return message

    async def send(self, message: Message) -> None:
        """Pass a response on, with the status and the headers it should have."""
        if message["type"] == "http.response.start":
            self._began = True
            if message["status"] >= 400:
                message["status"] = self.told.get("status", message["status"])
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            for name, value in self._headers.items():
                headers[name] = value
            message["headers"] = headers.raw
        elif self._brings is not None:
            self._told += message.get("body", b"")
            for path in [] if message.get("more_body") else self._files():
                UPLOADS.came(path, self._brings)
        await self._send(message)

    def _files(self) -> list[str]:
        """The paths of the files that this request brought, as the response has them."""
        try:
            told = json.loads(self._told)
        except ValueError:
            return []
        return [path for path in told if isinstance(path, str)] if isinstance(told, list) else []

    async def answer(self, scope: MutableMapping[str, Any], status: int, reason: str) -> None:
        """Answer here, if there is no answer yet."""
        if not self._began:
            self.told.clear()
            await JSONResponse({"error": reason}, status)(scope, self._receive, self.send)


async def misfit(request: Request, error: Exception) -> JSONResponse:
    """What a request is told whose body is not as an endpoint takes it (RequestValidationError)."""
    del request
    first = error.errors()[0] if isinstance(error, RequestValidationError) else {}
    where = ".".join(str(part) for part in first.get("loc", ())[1:]) or "body"
    expected = str(first.get("msg", "")).removeprefix("Input should be ")
    found = type(first.get("input")).__name__
    return JSONResponse({"error": messages.misfit(where, expected, found)}, 422)


def protection(*, space: bool) -> dict[str, str]:
    """The headers of every response: no guessing of types, no frame of others around the page."""
    others = " https://huggingface.co https://*.hf.space" if space else ""
    return {
        "x-content-type-options": "nosniff",
        "content-security-policy": f"frame-ancestors 'self'{others}",
        "referrer-policy": "same-origin",
    } | ({} if others else {"x-frame-options": "SAMEORIGIN"})


def _too_large(limit: int) -> Refusal:
    return Refusal(messages.too_large(limit), 413)


async def _while_wanted(work: Awaitable[None], receive: Receive) -> None:
    """Do the work until it is done or the client is gone."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_disconnected(receive))
    await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    try:
        await task
    except asyncio.CancelledError:
        if (current := asyncio.current_task()) and current.cancelling():
            raise


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
