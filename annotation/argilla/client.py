"""A connection to an Argilla server: settings, login, patience, and errors that help."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_exponential_jitter

from annotation.argilla.errors import ArgillaError
from qa_core import settings
from qa_core.errors import one_line

if TYPE_CHECKING:
    import argilla as rg
    from pydantic import SecretStr

WORKSPACE = "spanloop"
TIMEOUT = 60
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Target:
    """Where reviews are made. Empty fields are filled from the settings by `connect`.

    min_submitted: how many people must answer a record; None leaves a data set that is there as it
    is, and makes a new one as the settings say. patience: how long to try again while the server
    does not answer, in seconds. excerpt: characters of a context that are shown, about.
    """

    api_url: str = ""
    api_key: str = field(default="", repr=False)
    workspace: str = ""
    dataset: str = ""
    min_submitted: int | None = None
    patience: float = 60.0
    excerpt: int = 2000


class Connection:
    """A login at an Argilla server, and the workspace and data set that are meant there."""

    def __init__(self, client: rg.Argilla, target: Target, workspace: str) -> None:
        self.client, self.target, self.workspace = client, target, workspace
        self.date: datetime | None = None  # the server's time when it last answered

    @property
    def url(self) -> str:
        return str(self.client.api_url)

    def dataset(self, known: Collection[str] = ()) -> rg.Dataset | None:
        """The data set that is meant, None if it is not there.

        known: the ids of those that were meant before: one of them is, whatever it is called now.
        """
        workspace = self.client.workspaces(self.workspace)
        if workspace is None:
            raise ArgillaError(f"the workspace {self.workspace!r} is no longer at {self.url}")
        there = list(workspace.datasets)
        named = [one for one in there if one.name == self.target.dataset]
        return next(iter([*named, *(one for one in there if str(one.id) in known)]), None)

    def ask(self, method: str, path: str, **arguments: Any) -> Any:
        """The answer to a request of Argilla's REST API, None if it is empty."""

        def once() -> Any:
            answer = self.client.http_client.request(method, f"/api/v1/{path}", **arguments)
            answer.raise_for_status()
            with suppress(KeyError, ValueError):
                self.date = parsedate_to_datetime(answer.headers["date"])
            return answer.json() if answer.content else None

        return self.patiently(once)

    def patiently(self, call: Callable[[], T]) -> T:
        """Call, and call again with growing pauses while the server is away or fails."""
        return _retrying(self.target.patience, _is_passing)(call)


def _retrying(patience: float, passing: Callable[[BaseException], bool]) -> Retrying:
    return Retrying(
        retry=retry_if_exception(passing),
        wait=wait_exponential_jitter(multiplier=0.2, max=3),
        stop=stop_after_delay(patience),
        reraise=True,
    )


def connect(target: Target | None = None) -> Connection:
    """Log in to the target, filled up from the environment, or else from the local server.

    ``HF_TOKEN`` goes along to a Hugging Face Space, and to no other host. Raises ArgillaError.
    """
    from annotation.argilla.local.server import connection

    now, target = settings.read(), target or Target()
    target = replace(target, dataset=target.dataset or now.argilla_dataset)
    url = (target.api_url or now.argilla_api_url or "").strip()
    key = (target.api_key or _secret(now.argilla_api_key)).strip()
    if not url and (local := connection()):
        url, key = local["api_url"], key or local["api_key"]
    if not url or not key:
        missing = " and ".join(
            name
            for name, value in (("ARGILLA_API_URL", url), ("ARGILLA_API_KEY", key))
            if not value
        )
        raise ArgillaError(
            f"expected the address of Argilla and a key, found no {missing}: set it, or start "
            "Argilla here with `spanloop argilla up`"
        )
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        parts = httpx.URL()
    if parts.scheme not in ("http", "https") or not parts.host:
        raise ArgillaError(f"expected ARGILLA_API_URL like https://host, found {url!r}")
    space = parts.scheme == "https" and parts.host.endswith(".hf.space")
    token = _secret(now.hf_token) if space else ""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for name, secret in (("ARGILLA_API_KEY", key), ("HF_TOKEN", token)):
        if not secret.isascii() or not secret.isprintable():
            raise ArgillaError(
                f"expected {name} in plain letters, digits and signs, found other characters in "
                "it: copy it anew"
            )
    with explained(url):
        client = _retrying(target.patience, _is_failing)(_logged_in, url, key, headers)
        workspace = target.workspace or now.argilla_workspace or ""
        names = [one.name for one in client.workspaces]
    if not workspace:
        workspace = WORKSPACE if WORKSPACE in names or len(names) != 1 else names[0]
    if workspace not in names:
        raise ArgillaError(
            f"expected a workspace {workspace!r} at {url}, found {', '.join(names) or 'none'}: "
            "make it there, or name another one in ARGILLA_WORKSPACE"
        )
    return Connection(client, target, workspace)


def _logged_in(url: str, key: str, headers: Mapping[str, str]) -> rg.Argilla:
    """Raises ArgillaError where there is another program, or an Argilla of before 2.0."""
    import argilla as rg

    try:
        client = rg.Argilla(api_url=url, api_key=key, timeout=TIMEOUT, retries=0, headers=headers)
        answer = client.http_client.get("/api/v1/version").raise_for_status()
        version = str(answer.json()["version"])
    except (ValueError, TypeError, KeyError) as error:
        raise _no_argilla(url) from error
    if version.startswith(("0.", "1.")):
        raise ArgillaError(f"expected Argilla 2 at {url}, found {version}: update the server")
    return client


def _no_argilla(url: str) -> ArgillaError:
    return ArgillaError(
        f"expected Argilla at {url}, found a server that answers otherwise: is the address right, "
        "and does nothing that asks for a login stand before it?"
    )


def _secret(value: SecretStr | None) -> str:
    return "" if value is None else value.get_secret_value()


@contextmanager
def explained(url: str) -> Iterator[None]:
    """The errors of Argilla and of the way there in one line that says what to do."""
    from argilla._exceptions import ArgillaError as SDKError

    try:
        yield
    except JSONDecodeError as error:
        raise _no_argilla(url) from error
    except httpx.TransportError as error:
        raise ArgillaError(
            f"no Argilla answers at {url} ({one_line(error)}): is it up, and is the address right?"
        ) from error
    except (httpx.HTTPStatusError, SDKError) as error:
        status = _status(error)
        mend = {
            401: "ARGILLA_API_KEY is not the key of a user there",
            403: "the key's user may not do this; use an owner's or an admin's key",
            404: "this is not there; was it deleted meanwhile, or is it no Argilla?",
            **dict.fromkeys((301, 302, 303, 307, 308), "the address leads to another: use that"),
        }.get(status or 0, "look into Argilla's log, and try again")
        raise ArgillaError(
            f"Argilla at {url} refused ({status or one_line(error)}): {mend}"
        ) from error


def unprocessable() -> type[Exception]:
    """What the client raises where the server will not take what a request holds (status 422)."""
    from argilla._exceptions import UnprocessableEntityError

    return UnprocessableEntityError


def already_there() -> type[Exception]:
    """What the client raises where something of this name is there already (status 409)."""
    from argilla._exceptions import ConflictError

    return ConflictError


def _status(error: BaseException) -> int | None:
    """The HTTP status of an error; the client gives some of its own a wrong one, or none."""
    named = {"ArgillaCredentialsError": 401, "UnauthorizedError": 401, "ForbiddenError": 403}
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code
    return named.get(type(error).__name__) or getattr(error, "status_code", None)


def _is_failing(error: BaseException) -> bool:
    """`_is_passing`, but where nothing listens: there the address may be wrong."""
    return _is_passing(error) and not isinstance(error, httpx.ConnectError)


def _is_passing(error: BaseException) -> bool:
    """Whether waiting may help: no connection, or a fault or an overload of the server."""
    status = _status(error)
    return isinstance(error, httpx.TransportError) or (
        status is not None and (status >= 500 or status == 429)
    )
