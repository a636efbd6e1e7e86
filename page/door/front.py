"""What a browser needs of Gradio to show the page: told at once, and kept by it for good.

Gradio's page finds its scripts and style sheets one behind the other, some hundred of them. Here,
the page names the scripts in its head, and has the style sheets as one. Their names hold a hash of
what they hold, so a browser need not ask for them again. `page/assets/front.txt` lists them; what a
Gradio of another version does not have is left out, and found as ever.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from page.look import ASSETS, links

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

BUILT = Path(gr.__file__).parent / "templates" / "frontend" / "assets"
FOLDER = "/assets/"
KEPT = "public, max-age=31536000, immutable"
KINDS = {".js": "text/javascript", ".css": "text/css"}


class Front:
    """The middleware."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.names = {path.name for path in BUILT.iterdir() if path.suffix in KINDS}
        listed = (ASSETS / "front.txt").read_text(encoding="utf-8").split()
        scripts = [name for name in listed if name.endswith(".js") and name in self.names]
        sheets = [name for name in listed if name.endswith(".css") and name in self.names]
        self.style = b"\n".join((BUILT / name).read_bytes() for name in sheets)
        self.style_name = f"front-{hashlib.sha256(self.style).hexdigest()[:12]}.css"
        self.head = str(links(FOLDER, self.style_name, sheets, scripts)).encode()
        self._small: dict[str, bytes] = {}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request for one of the files; name them in the page."""
        path = scope.get("path", "")
        name = path.removeprefix(FOLDER)
        if path != name and (name in self.names or name == self.style_name):
            small = "gzip" in Headers(scope=scope).get("accept-encoding", "")
            await self._file(name, small=small)(scope, receive, send)
        elif path == "/":
            await self.app(scope, receive, _Headed(send, self.head))
        else:
            await self.app(scope, receive, send)

    def _file(self, name: str, *, small: bool) -> Response:
        headers = {"cache-control": KEPT, "vary": "accept-encoding"}
        if small:
            headers["content-encoding"] = "gzip"
            self._small[name] = self._small.get(name) or gzip.compress(self._content(name), 9)
        content = self._small[name] if small else self._content(name)
        return Response(content, headers=headers, media_type=KINDS[Path(name).suffix])

    def _content(self, name: str) -> bytes:
        return self.style if name == self.style_name else (BUILT / name).read_bytes()


class _Headed:
    """Sends a page on with links at the end of its head: what stands there comes first."""

    MARK = b"</head>"

    def __init__(self, send: Send, head: bytes) -> None:
        self._send, self._head = send, head
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = self._body.replace(self.MARK, self._head + self.MARK, 1)
        headers = MutableHeaders(raw=self._start.setdefault("headers", []))
        if "content-length" in headers:
            headers["content-length"] = str(len(body))
        await self._send(self._start)
        await self._send({**message, "body": body})
