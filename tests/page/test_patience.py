"""Connections that bring their requests late or not at all, over real sockets."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn

from page.door import patience
from page.door.patience import Patient

LONG = 2**25  # bytes: more than the system holds for a client
START = b"POST / HTTP/1.1\r\nhost: here\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Tells how many bytes came, after a while if the path says so."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    if scope["path"] == "/slow":
        await asyncio.sleep(1)
    if scope["path"] == "/long":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(LONG // 2**16):
            await send({"type": "http.response.body", "body": bytes(2**16), "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patience, "SECONDS", 0.4)
        patch.setattr(patience, "STALL", 0.8)
        patch.setattr(patience, "UNHEARD", 20)
        config = uvicorn.Config(app, port=0, http=Patient, lifespan="off", log_level="error")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
        server.should_exit = True
        thread.join(30)


@contextlib.contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        yield connection


def rest(connection: socket.socket) -> bytes:
    """All that still comes until the other side closes."""
    came = b""
    with contextlib.suppress(ConnectionError):
        while more := connection.recv(4096):
            came += more
    return came


@pytest.mark.parametrize("said", [b"", b"POST", START, START + b"content-length: 9\r\n\r\nhalf"])
def test_who_stays_silent_is_told_so_and_sent_away(port: int, said: bytes) -> None:
    with connected(port) as connection:
        connection.sendall(said)
        assert rest(connection).startswith(b"HTTP/1.1 408")


def test_a_head_is_not_given_more_time_for_each_byte(port: int) -> None:
    with connected(port) as connection, contextlib.suppress(ConnectionError):
        for _ in range(30):
            connection.sendall(b"P" if _ == 0 else b"O")
            time.sleep(0.1)
        pytest.fail("a head may come byte by byte for ever")


def test_a_body_that_keeps_coming_has_its_time(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(START + b"content-length: 5000\r\n\r\n")
        for _ in range(10):
            connection.sendall(b"x" * 500)
            time.sleep(0.1)
        assert connection.recv(4096).endswith(b"5000\r\n0\r\n\r\n")
        connection.sendall(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")  # and the next is heard
        assert b"\r\n\r\n1\r\n0\r\n" in connection.recv(4096)


def test_a_head_without_an_end_is_refused(port: int) -> None:
    with connected(port) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(START)
        for number in range(10_000):
            connection.sendall(b"x-%d: %s\r\n" % (number, b"y" * 1000))
        pytest.fail("a head may be as long as it likes")


def test_an_answer_may_take_longer_than_a_question(port: int) -> None:
    assert httpx.get(f"http://127.0.0.1:{port}/slow").text == "0"
    with connected(port) as connection:  # half of another question behind it changes nothing
        connection.sendall(b"GET /slow HTTP/1.1\r\nhost: here\r\n\r\nGET /")
        time.sleep(1)
        for _ in range(30):  # and its head has no longer than any other
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"x")
            time.sleep(0.02)
        assert rest(connection).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(("pause", "whole"), [(2.0, False), (0.002, True)])
def test_an_answer_is_kept_for_who_fetches_it(port: int, pause: float, whole: bool) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET /long HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n")
        came = 0
        with contextlib.suppress(ConnectionError):
            time.sleep(pause)
            while more := connection.recv(2**18):
                came += len(more)
                time.sleep(0.002)
        assert (came > LONG) == whole


def test_of_many_silent_ones_the_first_goes_first(port: int) -> None:
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(connected(port)) for _ in range(60)]
        began = time.monotonic()
        assert httpx.get(f"http://127.0.0.1:{port}/").text == "0"
        assert rest(silent[0]).startswith(b"HTTP/1.1 408")
        assert time.monotonic() - began < 0.4 or rest(silent[-1])
