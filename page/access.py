"""Who is at the page, and whether they may review."""

from __future__ import annotations

import getpass
import ipaddress
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import gradio as gr

from annotation.review.records import VISITOR
from annotation.review.reviewers import Reviewers, ReviewersError

SESSION_SECONDS = 12 * 3600.0
# What proxies add: whoever comes through one is somewhere else, whatever the address says.
PROXIES = ("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip")


class Access:
    """Decides who may review: whoever logs in, or sits at this machine where nobody has to.

    local: the server listens on a loopback address alone. If any reviewers are named, everybody
    has to log in. Safe to share between threads.
    """

    def __init__(
        self,
        *,
        local: bool = False,
        reviewers: Reviewers | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.local, self.reviewers = local, reviewers or Reviewers()
        self._clock = clock
        self._sessions: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def who(self, request: gr.Request, token: object) -> str | None:
        """The name under which this request may review; None if it may not."""
        try:
            names = self.reviewers.names()
        except ReviewersError:
            return None
        with self._lock:
            session = self._sessions.get(token) if isinstance(token, str) else None
        if session and session[0] in names and self._clock() < session[1]:
            return session[0]
        return owner() if self.local and not names and is_here(request) else None

    def speaker(self, request: gr.Request, token: object) -> str:
        """The name under which this request is heard, reviewer or not."""
        return self.who(request, token) or VISITOR

    def login(self, name: str, password: str, visitor: str = "") -> str:
        """A token that stands for a reviewer's login. Raises ReviewersError.

        visitor: who tries, in any words; wrong passwords are counted for each.
        """
        self.reviewers.check(name, password, visitor)
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            current = {key: value for key, value in self._sessions.items() if value[1] > now}
            self._sessions = {**current, token: (name, now + SESSION_SECONDS)}
        return token

    def logout(self, token: object) -> None:
        """End a login."""
        with self._lock:
            if isinstance(token, str):
                self._sessions.pop(token, None)


def owner() -> str:
    """The name of this machine's user."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "local"


def is_here(request: gr.Request) -> bool:
    """Whether a request was made on this machine, for a page of this machine.

    A page elsewhere that has the browser call here names itself in Host or Origin.
    """
    headers: Mapping[str, Any] = {key.lower(): value for key, value in request.headers.items()}
    if any(name in PROXIES or name.startswith("x-forwarded") for name in headers):
        return False
    origin = headers.get("origin")
    return (
        request.client is not None
        and is_loopback(request.client.host)
        and is_loopback(urlsplit(f"//{headers.get('host', '')}").hostname)
        and (origin is None or is_loopback(urlsplit(origin).hostname))
    )


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine itself, and no name that others could point here."""
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"
