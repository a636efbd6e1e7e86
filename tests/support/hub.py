"""A server that speaks as much of the Hugging Face Hub's API as reading and committing need."""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

SHA = "a" * 40
TOKEN = "hf_of_a_member"


@contextmanager
def serve(root: Path) -> Iterator[str]:
    """The address of a Hub that holds what is under ``root``.

    Models are ``owner/name`` and data sets ``datasets/owner/name``, each of one revision, main.
    Whose folder holds a file ``.private`` is seen with `TOKEN` alone; ``.gated`` is seen, but not
    read without it. With `TOKEN` one can make repositories and commit; a file ``.refuses-commits``
    in ``root`` stops that, and ``.loses-answers`` loses the answer to one commit.
    """

    class Hub(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path.removeprefix("/api").removeprefix("/models")
            parts = path.strip("/").split("/")
            depth = 3 if parts[0] == "datasets" else 2
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
                self.reply(200, {}, json.dumps(entries(repository, rest[1:])).encode())
            else:
                names = [{"rfilename": file.name} for file in files(repository)]
                about: dict[str, object] = {"id": "/".join(parts[:depth]), "sha": SHA}
                about |= {"siblings": names, "private": (repository / ".private").exists()}
                self.reply(200, {}, json.dumps(about).encode())

        do_HEAD = do_GET

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            here = f"http://{self.headers['Host']}"
            parts = urlsplit(self.path).path.removeprefix("/api/").split("/")
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self.reply(401, {})
            elif parts == ["repos", "create"]:
                asked = json.loads(body)
                name = f"{asked['type']}s/{asked.get('organization') or 'me'}/{asked['name']}"
                (root / name).mkdir(parents=True)
                if asked.get("private") or asked.get("visibility") == "private":
                    (root / name / ".private").touch()
                self.reply(200, {}, json.dumps({"url": f"{here}/{name}"}).encode())
            elif parts[3] == "preupload":
                files = [
                    {"path": file["path"], "uploadMode": "regular", "shouldIgnore": False}
                    for file in json.loads(body)["files"]
                ]
                self.reply(200, {}, json.dumps({"files": files}).encode())
            elif (root / ".refuses-commits").exists():
                self.reply(500, {})
            else:
                repository = root.joinpath(*parts[:3])
                for line in map(json.loads, body.splitlines()):
                    if line["key"] == "file":
                        content = base64.b64decode(line["value"]["content"])
                        (repository / line["value"]["path"]).write_bytes(content)
                if (root / ".loses-answers").exists():
                    (root / ".loses-answers").unlink()
                    self.reply(500, {})
                else:
                    done = {
                        "commitUrl": f"{here}/{'/'.join(parts[:3])}/commit/{SHA}",
                        "commitOid": SHA,
                    }
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

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def files(repository: Path) -> list[Path]:
    """What a repository shows."""
    return [path for path in repository.iterdir() if not path.name.startswith(".")]


def entries(repository: Path, folder: list[str]) -> list[dict[str, object]]:
    """A folder of a repository as the Hub lists it."""
    return [
        {
            "type": "file" if path.is_file() else "directory",
            "path": path.relative_to(repository).as_posix(),
            "size": path.stat().st_size,
            "oid": SHA,
        }
        for path in files(repository.joinpath(*folder))
    ]


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
