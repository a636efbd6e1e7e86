"""A real PostgreSQL server, started once."""

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.environments import free_port

USER = "nobody"  # as whom it runs where the tests run as root, which it refuses
PASSWORD = "a secret: 50%/@"  # what an address must not hold as it is
WRITTEN = "a%20secret%3A%2050%25%2F%40"


class Server:
    """A server of this machine, on a socket without a password and on a port with one."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder, self.port = programs, folder, free_port()
        self._numbers = itertools.count(1)

    def run(self, program: str, *words: str, told: str = "") -> str:
        user = USER if os.getuid() == 0 else None
        done = subprocess.run(
            [self.programs / program, *words],
            cwd=self.folder, input=told, capture_output=True, text=True, check=False, user=user,
        )  # fmt: skip
        assert not done.returncode, done.stdout + done.stderr
        return done.stdout

    def make(self) -> None:
        (self.folder / "password").write_text(PASSWORD)
        self.run(
            "initdb", "--pgdata", "data", "--username", "ann", "--pwfile", "password", "--no-sync",
            "--encoding", "UTF8", "--locale", "C", "--auth-local", "trust", "--auth-host",
            "scram-sha-256",
        )  # fmt: skip

    def start(self) -> None:
        # no fsync: a killed server is not what is tested
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self.run("pg_ctl", "start", "-w", "-D", "data", "-l", "log", "-o", options)

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "-w", "-D", "data", "-m", "immediate")

    def address(self, name: str = "postgres", rest: str = "") -> str:
        return f"postgresql://ann@/{name}?host={self.folder}&port={self.port}{rest}"

    def sql(self, query: str) -> str:
        return self.run("psql", "-qAtX", "-d", self.address(), "-c", query).strip()

    def empty(self) -> str:
        """The address of what is empty, and alone: a schema is as good as a database."""
        name = f"test{next(self._numbers)}"
        self.sql(f"CREATE SCHEMA {name}")
        return self.address(rest=f"&options=-csearch_path%3D{name}")


def programs() -> Path | None:
    """Where PostgreSQL's are: in the search path, or where Debian puts the newest."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@pytest.fixture
def database(postgres: "Server", monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty database, where the settings say that the store is."""
    address = postgres.empty()
    monkeypatch.setenv("SPANLOOP_DATABASE", address)
    return address


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    found = programs()
    if found is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        if os.getuid() == 0:
            shutil.chown(folder, USER)
        server = Server(found, Path(folder))
        server.make()
        server.start()
        yield server
        server.stop()
