"""Firefox, by the WebDriver BiDi that it speaks itself: just what a visit to the page takes."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
READY = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


class Firefox:
    """A tab of a Firefox. Raises AssertionError with Firefox's words where a command fails."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._numbers, self._tab = socket, count(1), ""

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while (answer := await self._socket.receive_json()).get("id") != number:
            pass
        assert answer["type"] == "success", f"{method}: {answer.get('message')}"
        return dict(answer["result"])

    async def begin(self) -> None:
        await self.call("session.new", capabilities={})
        tree = await self.call("browsingContext.getTree")
        self._tab = tree["contexts"][0]["context"]
        await self.call(
            "browsingContext.setViewport",
            context=self._tab,
            viewport={"width": 1280, "height": 900},
        )

    async def goto(self, url: str) -> None:
        await self.call("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    async def reload(self) -> None:
        await self.call("browsingContext.reload", context=self._tab, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression: text, a number, true, false or None."""
        answer = await self.call(
            "script.evaluate",
            expression=expression,
            target={"context": self._tab},
            awaitPromise=True,
        )
        assert answer["type"] == "success", f"{expression}: {answer.get('exceptionDetails')}"
        return answer["result"].get("value")

    async def until(self, expression: str, seconds: float = 60) -> Any:
        """The value of an expression, once it is truthy."""
        for _ in range(round(seconds / 0.1)):
            if value := await self.evaluate(expression):
                return value
            await asyncio.sleep(0.1)
        raise AssertionError(f"in {seconds} s, never true in Firefox: {expression}")

    async def click(self, selector: str) -> None:
        await self.until(f"{element(selector)}?.checkVisibility()")
        where = await self.evaluate(
            f"(() => {{ const one = {element(selector)}; one.scrollIntoView({{block: 'center'}});"
            " const {x, y, width, height} = one.getBoundingClientRect();"
            " return `${Math.round(x + width / 2)} ${Math.round(y + height / 2)}`; })()"
        )
        x, y = map(int, where.split())
        moves = [{"type": "pointerMove", "x": x, "y": y}]
        moves += [{"type": f"pointer{move}", "button": 0} for move in ("Down", "Up")]
        mouse = {"type": "pointer", "id": "mouse", "actions": moves}
        await self.call("input.performActions", context=self._tab, actions=[mouse])

    async def paste(self, selector: str, text: str) -> None:
        """Put a text into a box at once, as pasting does."""
        await self.click(selector)
        await self.evaluate(
            f"{element(selector)}.select(),"
            f" document.execCommand('insertText', false, {json.dumps(text)})"
        )

    async def press(self, key: str) -> None:
        keys = [{"type": f"key{move}", "value": key} for move in ("Down", "Up")]
        board = {"type": "key", "id": "keyboard", "actions": keys}
        await self.call("input.performActions", context=self._tab, actions=[board])


def element(selector: str) -> str:
    """JavaScript that finds an element by CSS."""
    return f"document.querySelector({json.dumps(selector)})"


@asynccontextmanager
async def open_firefox(profile: Path) -> AsyncIterator[Firefox]:
    """A Firefox without a window, with a profile of its own."""
    assert FIREFOX is not None
    process = await asyncio.create_subprocess_exec(
        FIREFOX, "--headless", "--no-remote", "--profile", str(profile),
        "--remote-debugging-port", "0", "about:blank",
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        address = None
        while address is None and (line := await process.stderr.readline()):
            address = READY.search(line.decode(errors="replace"))
        assert address is not None, "Firefox ended before it listened"
        draining = asyncio.create_task(process.stderr.read())
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(f"{address[1]}/session", max_msg_size=0) as socket,
        ):
            firefox = Firefox(socket)
            await firefox.begin()
            yield firefox
        draining.cancel()
    finally:
        process.terminate()
        await process.wait()
