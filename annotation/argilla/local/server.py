"""Start, find and stop the local Argilla server. All it has is in one folder."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from filelock import FileLock, Timeout

from annotation.argilla.errors import ArgillaError
from annotation.argilla.local.environment import PINS, install
from qa_core.files import write_whole
from qa_core.home import home

PORT = 6900
HERE = Path(__file__).parent
WORKSPACE = "spanloop"
START_SECONDS = 120.0
STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that is up: its process and where it listens."""

    pid: int
    started: float
    host: str
    port: int

    @property
    def url(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{host}:{self.port}"


class LocalArgilla:
    """The Argilla server of a folder, by default ``argilla`` in ``SPANLOOP_HOME``.

    Its database and credentials live in the folder's ``data``, its programs in ``environment``.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or home() / "argilla"
        self.data = self.folder / "data"
        self.database = self.data / "argilla.db"
        self.environment = self.folder / "environment"
        self.credentials_file = self.data / "credentials.json"
        self.log = self.folder / "server.log"
        self._state = self.folder / "server.json"
        self._prepared = self.data / "prepared"

    def running(self) -> Running | None:
        """The server if its process is alive, healthy or not."""
        try:
            found = Running(**json.loads(self._state.read_text(encoding="utf-8")))
            process = psutil.Process(found.pid)
            alive = process.create_time() == found.started
            return found if alive and process.status() != psutil.STATUS_ZOMBIE else None
        except (OSError, ValueError, TypeError, psutil.Error):
            return None

    def healthy(self) -> bool:
        """Whether the server answers and reaches its database."""
        found = self.running()
        if found is None or not _listens(found):
            return False
        try:
            return httpx.get(f"{found.url}/api/v1/status", timeout=5, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def credentials(self) -> dict[str, dict[str, str]]:
        """``username``, ``password`` and ``api_key`` of each user made here, by name.

        Raises ArgillaError if there are none.
        """
        try:
            users = json.loads(self.credentials_file.read_text(encoding="utf-8"))["users"]
            return {user["username"]: user for user in users}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArgillaError(
                f"expected the users of Argilla in {self.credentials_file}, found none that can "
                "be read: start it with `spanloop argilla up`"
            ) from error

    def up(
        self,
        host: str = "127.0.0.1",
        port: int | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> Running:
        """Install the server on first use, start it and wait until it is healthy.

        One that is up already is returned as it is. port: by default 6900, or the next free one.
        tell: is called with what is being done. Raises ArgillaError.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            if (found := self.running()) is not None:
                if host != found.host or port not in (None, found.port):
                    raise ArgillaError(
                        f"Argilla is up at {found.url}: to let it listen elsewhere, stop it with "
                        "`spanloop argilla down` first"
                    )
                self._wait(found.pid, found.url)
                return found
            chosen = _free_port(host, port)
            tell("Preparing Argilla")
            python = install(self.environment)
            self._write_credentials()
            if not (_is_loopback(host) and self._is_prepared()):
                self._prepare(python, host)
            tell("Starting Argilla")
            return self._start(python, host, chosen)

    def down(self) -> bool:
        """Stop the server; False if it was not up. Raises ArgillaError if it won't stop."""
        if not self.folder.is_dir():
            return False
        with self._alone():
            found = self.running()
            if found is not None:
                process = psutil.Process(found.pid)
                process.terminate()
                try:
                    process.wait(STOP_SECONDS)
                except psutil.TimeoutExpired:
                    process.kill()
                    process.wait(STOP_SECONDS)
            self._state.unlink(missing_ok=True)
            return found is not None

    def reset(self) -> None:
        """Stop the server and delete its data sets, users and log; its programs stay."""
        self.down()
        if self.folder.is_dir():
            with self._alone():
                self.log.unlink(missing_ok=True)
                if self.data.exists():
                    shutil.rmtree(self.data)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Held by one process at a time: two that start a server would start two."""
        try:
            with FileLock(self.folder / "lock", timeout=START_SECONDS):
                yield
        except Timeout:
            raise ArgillaError(
                f"another process holds {self.folder / 'lock'}: wait for it to end"
            ) from None

    def _settings(self, database: Path) -> dict[str, str]:
        """The server's environment variables, and none of ours that it would take for its own."""
        ours = {key: value for key, value in os.environ.items() if not key.startswith("ARGILLA_")}
        ours.pop("PYTHONPATH", None)
        saved = json.loads(self.credentials_file.read_text(encoding="utf-8"))
        return {
            **ours,
            "ARGILLA_HOME_PATH": str(self.data),
            "ARGILLA_DATABASE_URL": f"sqlite+aiosqlite:///{database}?check_same_thread=False",
            "ARGILLA_SEARCH_ENGINE": "database",
            "ARGILLA_AUTH_SECRET_KEY": saved["secret"],
            "ARGILLA_CORS_ORIGINS": "[]",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def _write_credentials(self) -> None:
        """Make users with random passwords and keys, once; only this user can read the file."""
        if self.credentials_file.exists():
            self.credentials()
            return
        if self.database.exists():
            raise ArgillaError(
                f"expected {self.credentials_file} beside Argilla's database, found none: bring it "
                "back, or begin anew with `spanloop argilla reset`"
            )
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        users = [
            {
                "username": name,
                "role": role,
                "password": secrets.token_urlsafe(12),
                "api_key": secrets.token_urlsafe(48),
                "workspaces": [WORKSPACE],
            }
            for name, role in (("owner", "owner"), ("annotator", "annotator"))
        ]
        saved = {"secret": secrets.token_urlsafe(32), "users": users}
        write_whole(self.credentials_file, json.dumps(saved, indent=2), private=True)

    def _prepare(self, python: Path, host: str) -> None:
        """Make or migrate the database and its users; a new one is there whole or not at all."""
        draft = self.data / "draft.db"
        draft.unlink(missing_ok=True)
        database = self.database if self.database.exists() else draft
        wide = () if _is_loopback(host) else ("--refuse-default-credentials",)
        done = subprocess.run(
            [str(python), "-m", "inside.prepare", str(self.credentials_file), *wide],
            cwd=HERE,
            env=self._settings(database),
            capture_output=True,
            text=True,
            check=False,
        )
        with self.log.open("a", encoding="utf-8") as log:
            log.write(done.stderr)
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["no reason given"]
            raise ArgillaError(f"cannot prepare Argilla's database: {said[-1]} (see {self.log})")
        database.replace(self.database)
        write_whole(self._prepared, self._state_of_database())

    def _is_prepared(self) -> bool:
        """Whether the database was prepared by these programs for these users, and is that one."""
        try:
            return self._prepared.read_text(encoding="ascii") == self._state_of_database()
        except (OSError, ValueError, sqlite3.Error):
            return False

    def _state_of_database(self) -> str:
        """What `_prepare` depends on, hashed. Raises OSError or sqlite3.Error."""
        files = (PINS, HERE / "inside" / "prepare.py", self.credentials_file)
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)) as database:
            made = database.execute(
                "SELECT version_num, (SELECT count(*) FROM users) FROM alembic_version"
            ).fetchall()
        return hashlib.sha256(
            b"".join(file.read_bytes() for file in files) + repr(made).encode()
        ).hexdigest()

    def _start(self, python: Path, host: str, port: int) -> Running:
        command = [str(python), "-m", "uvicorn", "inside.app:app", "--host", host]
        with self.log.open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                [*command, "--port", str(port), "--no-server-header", "--no-access-log"],
                cwd=HERE,
                env=self._settings(self.database),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # stopping what started it does not stop it
            )
        found = Running(process.pid, psutil.Process(process.pid).create_time(), host, port)
        state = {name: getattr(found, name) for name in found.__slots__}
        write_whole(self._state, json.dumps(state))
        try:
            self._wait(process.pid, found.url)
        except BaseException:
            process.kill()
            process.wait()
            self._state.unlink(missing_ok=True)
            raise
        return found

    def _wait(self, pid: int, url: str) -> None:
        """Wait until the server is healthy. Raises ArgillaError if it ends or takes too long."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.healthy():
                return
            if self.running() is None:
                lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
                raise ArgillaError(
                    f"Argilla ended while starting ({lines[-1] if lines else 'it said nothing'}): "
                    f"see {self.log}"
                )
            time.sleep(0.2)
        raise ArgillaError(
            f"Argilla (process {pid}) does not answer at {url}: see {self.log}, or stop it with "
            "`spanloop argilla down`"
        )


def connection(folder: Path | None = None) -> dict[str, Any] | None:
    """``api_url`` and ``api_key`` (the owner's) of the local server if it is up, else None."""
    local = LocalArgilla(folder)
    found = local.running()
    if found is None:
        return None
    return {"api_url": found.url, "api_key": local.credentials()["owner"]["api_key"]}


def _listens(server: Running) -> bool:
    """Whether it is this very process that listens there; another one may have been quicker."""
    try:
        open_ = psutil.Process(server.pid).net_connections("tcp")
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True  # as far as can be seen
    return any(one.status == psutil.CONN_LISTEN and one.laddr.port == server.port for one in open_)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _free_port(host: str, port: int | None) -> int:
    """The port if it is free, or the first free one from 6900. Raises ArgillaError."""
    for number in range(PORT, PORT + 100) if port is None else [port]:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, number))
            except OSError as error:
                reason = error
                continue
            return number
    raise ArgillaError(
        f"cannot listen at {host}, port {port or f'{PORT} to {PORT + 99}'} ({reason}): choose "
        "another with --host or --port"
    )
