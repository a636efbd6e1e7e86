"""A server that speaks as much of the Hugging Face Hub's API as reading and committing need."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml

SHA = "a" * 40
TOKEN = "hf_of_a_member"
LARGE = 10 * 2**20  # bytes: more is no part of a commit, and goes to the store of large files first
OWN = {
    ".private",
    ".gated",
    ".sdk",
    ".variables",
    ".secrets",
}  # what this server keeps of a repository


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty folder, for `serve`."""
    root = tmp_path / "hub"
    root.mkdir()
    return root


@contextmanager
def serve(root: Path) -> Iterator[str]:
    """The address of a Hub that holds what is under ``root``.

    Models are ``owner/name``, data sets ``datasets/owner/name`` and Spaces ``spaces/owner/name``,
    each of one revision, main. Whose folder holds a file ``.private`` is seen with `TOKEN` alone;
    ``.gated`` is seen, but not read without it. With `TOKEN` one can make repositories, set who
    sees them, set a Space's ``.variables`` and ``.secrets``, and commit; a file
    ``.refuses-commits`` in ``root`` stops that, ``.loses-answers`` loses the answer to one commit,
    and ``.repeats`` has every request to change something refused with all that it said.
    """

    class Hub(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path.removeprefix("/api").removeprefix("/models")
            parts = unquote(path).strip("/").split("/")
            depth = 3 if parts[0] in ("datasets", "spaces") else 2
            repository, verb, rest = root.joinpath(*parts[:depth]), *split(parts[depth:])
            member = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            if not repository.is_dir() or ((repository / ".private").exists() and not member):
                self.reply(404 if member else 401, {"X-Error-Code": "RepoNotFound"})
            elif rest and rest[0] not in ("main", SHA):
                self.reply(404, {"X-Error-Code": "RevisionNotFound"})
            elif verb == "resolve":
                file = repository.joinpath(*rest[1:])
                if (repository / ".gated").exists() and not member:
                    self.reply(403, {"X-Error-Code": "GatedRepo"})
                elif file.is_file():
                    tag = f'"{file.stat().st_size}-{file.name}"'
                    self.reply(200, {"ETag": tag}, file.read_bytes())
                else:
                    self.reply(404, {"X-Error-Code": "EntryNotFound"})
            elif verb == "tree":
                deep = "recursive" in parse_qs(urlsplit(self.path).query)
                self.reply(200, {}, json.dumps(entries(repository, rest[1:], deep)).encode())
            elif verb == "variables":
                told = {name: {"value": value} for name, value in kept(repository, verb).items()}
                self.reply(200, {}, json.dumps(told).encode())
            else:
                names = [{"rfilename": file.name} for file in files(repository)]
                about: dict[str, object] = {"id": "/".join(parts[:depth]), "sha": SHA}
                about |= {"siblings": names, "private": (repository / ".private").exists()}
                self.reply(200, {}, json.dumps(about).encode())

        do_HEAD = do_GET

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            parts = unquote(urlsplit(self.path).path).strip("/").removeprefix("api/").split("/")
            if self.headers.get("Authorization") != f"Bearer {TOKEN}" and parts[0] != "large":
                self.reply(401, {})
            elif (root / ".repeats").exists():
                said = f"cannot take {body.decode()} of {self.headers['Authorization']}"
                self.reply(400, {}, json.dumps({"error": said}).encode())
            elif parts == ["repos", "create"]:
                self.create(json.loads(body))
            elif parts == ["validate-yaml"]:
                self.validate(**json.loads(body))
            elif parts[0] == "large":
                if self.command == "PUT":
                    (root / ".large").mkdir(exist_ok=True)
                    (root / ".large" / hashlib.sha256(body).hexdigest()).write_bytes(body)
                self.reply(200, {}, b"{}")
            elif parts[-3:] == ["lfs", "objects", "batch"]:
                self.offer(json.loads(body)["objects"])
            else:
                parts, depth = (parts[1:], 2) if parts[0] == "models" else (parts, 3)
                self.change(root.joinpath(*parts[:depth]), parts[depth], body)

        do_PUT = do_POST

        def create(self, asked: dict[str, str]) -> None:
            kind = f"{asked['type']}s/" if asked.get("type", "model") != "model" else ""
            name = f"{kind}{asked.get('organization') or 'me'}/{asked['name']}"
            url = {"url": f"http://{self.headers['Host']}/{name}"}
            if (root / name).exists():
                self.reply(409, {}, json.dumps(url).encode())
                return
            (root / name).mkdir(parents=True)
            if kind == "spaces/":
                (root / name / ".sdk").write_text(asked["sdk"])
                (root / name / "README.md").write_text("new")
                (root / name / ".gitattributes").write_text("*.bin filter=lfs")
            show(root / name, asked)
            self.reply(200, {}, json.dumps(url).encode())

        def validate(self, content: str, repoType: str) -> None:
            """Refuse the head of a README that is none, as the Hub does."""
            head = yaml.safe_load(content.split("---\n")[1]) if content.startswith("---\n") else {}
            needed = {"sdk", "app_file"} if repoType == "space" else set()
            errors = [{"message": f'"{name}" is required'} for name in needed - head.keys()]
            told = {"errors": errors, "warnings": []}
            self.reply(400 if errors else 200, {}, json.dumps(told).encode())

        def offer(self, objects: list[dict[str, object]]) -> None:
            """Say where large files that are not there yet go."""
            here = f"http://{self.headers['Host']}/large"
            told = []
            for one in objects:
                actions = {"upload": {"href": f"{here}/{one['oid']}"}, "verify": {"href": here}}
                has = (root / ".large" / str(one["oid"])).exists()
                told.append(one if has else {**one, "actions": actions})
            body = json.dumps({"transfer": "basic", "objects": told}).encode()
            self.reply(200, {"Content-Type": "application/vnd.git-lfs+json"}, body)

        def change(self, repository: Path, verb: str, body: bytes) -> None:
            if verb in ("variables", "secrets"):
                asked = json.loads(body)
                now = {**kept(repository, verb), asked["key"]: asked["value"]}
                (repository / f".{verb}").write_text(json.dumps(now))
                self.reply(200, {}, b"{}")
            elif verb == "settings":
                show(repository, json.loads(body))
                self.reply(200, {}, b"{}")
            elif verb == "preupload":
                files = [
                    {
                        "path": file["path"],
                        "uploadMode": "lfs" if file["size"] > LARGE else "regular",
                        "shouldIgnore": False,
                    }
                    for file in json.loads(body)["files"]
                ]
                self.reply(200, {}, json.dumps({"files": files}).encode())
            elif (root / ".refuses-commits").exists():
                self.reply(500, {})
            else:
                for line in map(json.loads, body.splitlines()):
                    take(repository, line["key"], line["value"])
                if (root / ".loses-answers").exists():
                    (root / ".loses-answers").unlink()
                    self.reply(500, {})
                else:
                    name = repository.relative_to(root)
                    url = f"http://{self.headers['Host']}/{name}/commit/{SHA}"
                    done = {"commitUrl": url, "commitOid": SHA}
                    self.reply(200, {}, json.dumps(done).encode())

        def reply(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
            self.send_response(status)
            for header in {**headers, "X-Repo-Commit": SHA}.items():
                self.send_header(*header)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    def split(parts: list[str]) -> tuple[str, list[str]]:
        return (parts[0], parts[1:]) if parts else ("", [])

    def take(repository: Path, key: str, value: dict[str, str]) -> None:
        """Do one line of a commit."""
        path = repository / value.get("path", "")
        if key == "deletedFile":
            path.unlink()
        elif key in ("file", "lfsFile"):
            large = key == "lfsFile"
            content = (
                (root / ".large" / value["oid"]).read_bytes()
                if large
                else base64.b64decode(value["content"])
            )
            if (len(content) > LARGE) != large:
                raise ValueError(f"{path} has {len(content)} bytes")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def show(repository: Path, asked: dict[str, str]) -> None:
    """Let the members alone see a repository, or everybody."""
    private = asked.get("private") or asked.get("visibility") == "private"
    (repository / ".private").touch()
    if not private:
        (repository / ".private").unlink()


def kept(space: Path, what: str) -> dict[str, str]:
    """The variables or secrets of a Space."""
    path = space / f".{what}"
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


def files(repository: Path) -> list[Path]:
    """What a repository shows."""
    return [path for path in sorted(repository.iterdir()) if path.name not in OWN]


def entries(repository: Path, folder: list[str], deep: bool) -> list[dict[str, object]]:
    """A folder of a repository as the Hub lists it; deep: with those in it."""
    found: list[dict[str, object]] = []
    for path in files(repository.joinpath(*folder)):
        name = path.relative_to(repository).as_posix()
        kind = "file" if path.is_file() else "directory"
        found.append({"type": kind, "path": name, "size": path.stat().st_size, "oid": SHA})
        if deep and path.is_dir():
            found += entries(repository, name.split("/"), deep)
    return found


def run(code: str, folder: Path, **settings: str) -> str:
    """What ``code`` prints in a fresh interpreter, in ``folder`` and with a Hub cache there.

    The Hub's libraries read their settings, ``HF_ENDPOINT`` first, when they are imported.
    """
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HF_")},
        "HF_HOME": str(folder / "cache"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        **settings,
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout
