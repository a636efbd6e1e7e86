"""Many questions by Ray: equal to one process, and each row once whatever is killed."""

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet
import pytest
import ray

import qa_core.bulk
from qa_core.bulk import predict as local
from qa_core.bulk import ray_engine
from qa_core.bulk.shards import BAD, DONE, RUN
from qa_core.cli.asking import predict_by_ray
from qa_core.errors import DataError, InputError
from qa_core.inference.reader import Reader
from tests.support.commands import spanloop

ASKED, ROWS = 320, 64  # rows in all, and of a shard
PATIENCE = 300  # seconds; a busy machine is not a failure
QUESTIONS = ("Who founded the bakery in Elm Street?", "When does it close?", "Who stole the moon?")


def row(number: int) -> dict[str, str]:
    text = (
        f"{number}. The bakery in Elm Street was founded by Rosa Lind in 1932. 😀 It closes at 6."
    )
    return {"id": f"r{number}", "question": QUESTIONS[number % 3], "context": text}


def lines(rows: int) -> str:
    """Questions, and after each 40th a row that is none."""
    return "".join(
        json.dumps(row(n)) + "\n" + ('{"id": "bad\\ud800"}\n' if n % 40 == 39 else "")
        for n in range(rows)
    )


@pytest.fixture(scope="module")
def running() -> Iterator[str]:
    """A small Ray, at its address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_BACKEND_LOG_LEVEL", "fatal")
        patch.setenv("RAY_worker_niceness", "0")  # other tests run beside this one
        ray.init(
            num_cpus=2, object_store_memory=80 * 2**20, include_dashboard=False,
            log_to_driver=False, logging_level="ERROR",
        )  # fmt: skip
        yield ray.get_runtime_context().gcs_address
        ray.shutdown()


def workers(name: str) -> list[psutil.Process]:
    """The processes of this Ray that run what is called so."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if process.cmdline()[:1] and process.cmdline()[0].startswith(f"ray::{name}"):
                found.append(process)
        except psutil.Error:
            continue
    return found


def wait_for(what: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come to that")


class Stalling(BaseHTTPRequestHandler):
    """Serves one file; who asks for it first gets no more than its beginning."""

    data = b""
    began, asked = threading.Event(), 0

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.data)))
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        type(self).asked += 1
        if self.asked > 1:
            self.wfile.write(self.data)
            return
        self.wfile.write(self.data[:100])
        self.wfile.flush()
        self.began.set()
        self.rfile.read(1)  # until the other end is gone

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def killed(running: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Questions, and the folder of a run of which a reading worker and an actor were killed."""
    folder = tmp_path_factory.mktemp("killed")
    source, target = folder / "asked.jsonl", folder / "out.jsonl"
    source.write_text(lines(ASKED), encoding="utf-8")
    Stalling.data = source.read_bytes()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stalling)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ended: list[str] = []

    def kill(name: str) -> None:
        process = wait_for(lambda: workers(name))[0]
        ended.append(process.cmdline()[0].partition("(")[0])
        process.send_signal(signal.SIGKILL)

    def hunt() -> None:
        if Stalling.began.wait(PATIENCE):
            kill("Read")
            wait_for(lambda: list((target / DONE).glob("*")))
            kill("MapWorker")

    hunter = threading.Thread(target=hunt)
    hunter.start()
    done = ray_engine.predict(
        f"http://127.0.0.1:{server.server_port}/asked.jsonl", str(target), rows=ROWS,
        on_bad="skip", actors=1, progress=False,
    )  # fmt: skip
    hunter.join()
    server.shutdown()
    server.server_close()
    assert [name.removeprefix("ray::")[:4] for name in ended] == ["Read", "MapW"]
    assert (done.written + done.kept, done.bad, done.scores) == (ASKED, ASKED // 40, None)
    return source, target


def test_whatever_is_killed_every_row_is_there_once_and_as_one_process_answers_it(
    killed: tuple[Path, Path], tmp_path: Path
) -> None:
    source, target = killed
    alone = local.predict(
        Reader.load(), source, tmp_path / "out.jsonl", on_bad="skip", progress=False
    )
    shards = [path.read_text(encoding="utf-8") for path in sorted(target.glob("part-*"))]
    assert len(shards) == -(-ASKED // ROWS)
    assert "".join(shards) == (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    bad = [
        json.loads(line)
        for path in sorted((target / BAD).iterdir())
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    wanted = [asdict(row) | {"source": bad[0]["source"]} for row in alone.bad]
    assert bad == wanted
    assert bad[0]["source"].startswith("http://")


def test_only_what_is_missing_is_answered_again_and_only_by_the_same_reader(
    killed: tuple[Path, Path], running: str
) -> None:
    _, target = killed
    before = {path.name: path.stat().st_mtime_ns for path in target.glob("part-*")}
    (target / DONE / "part-00000-000001.json").unlink()
    lost = target / "part-00000-000001.jsonl"
    whole = lost.read_bytes()
    lost.write_bytes(whole[:50])  # as a kill leaves nothing, but a disk might
    run = json.loads((target / RUN).read_text())
    url = run["files"][0][0]
    server = ThreadingHTTPServer(("127.0.0.1", int(url.split(":")[2].split("/")[0])), Stalling)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    more: dict[str, Any] = {"rows": ROWS, "on_bad": "skip", "actors": 1, "progress": False}
    with pytest.raises(DataError, match="add --resume to go on with it"):
        ray_engine.predict(url, str(target), **more)
    with pytest.raises(DataError, match="expected the top_k that it was begun with"):
        ray_engine.predict(url, str(target), resume=True, top_k=1, **more)
    done = ray_engine.predict(url, str(target), resume=True, **more)
    server.shutdown()
    server.server_close()
    assert (done.written, done.kept, done.bad) == (ROWS, ASKED - ROWS, ASKED // 40)
    assert lost.read_bytes() == whole
    after = {path.name: path.stat().st_mtime_ns for path in target.glob("part-*")}
    assert {name for name in after if after[name] != before[name]} == {lost.name}


def test_the_command_reads_a_folder_by_a_running_ray(running: str, tmp_path: Path) -> None:
    folder = tmp_path / "asked"
    folder.mkdir()
    (folder / "b.csv").write_text(
        "question;context;answer\nWho came?;Ann came.;Ann\nWho left?;Ann came.;\n"
    )
    row = {"question": ["Who came?"], "context": ["Bob came to the party."], "answer": [""]}
    pyarrow.parquet.write_table(pyarrow.table(row), folder / "a.parquet")
    command = (
        "predict", "--engine", "ray", "--ray-address", running, "--actors", "1",
        "--input", folder, "--output", tmp_path / "out.parquet", "--json",
    )  # fmt: skip
    done = spanloop(*command)
    assert not done.returncode, done.stderr
    said = json.loads(done.stdout)
    assert (said["written"], said["bad"], said["scores"]["total"]) == (3, 0, 2)
    rows = pyarrow.parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert [one["id"] for one in rows] == ["a.parquet:1", "b.csv:2", "b.csv:3"]
    assert [one["text"] for one in rows[:2]] == ["Bob", "Ann"]
    assert [one["expected"] for one in rows] == [None, ["Ann"], []]


def test_a_bad_row_stops_the_run_with_one_line(running: str, tmp_path: Path) -> None:
    source = tmp_path / "asked.jsonl"
    source.write_text(lines(40))
    with pytest.raises(DataError) as stopped:
        ray_engine.predict(str(source), str(tmp_path / "out.jsonl"), actors=1, progress=False)
    assert str(stopped.value).startswith(f"{source}, row 41, id 'bad")
    assert "\n" not in str(stopped.value)


def test_without_ray_one_line_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = tmp_path / "asked.jsonl"
    asked.write_text('{"question": "Who?", "context": "Ines Soto."}\n')
    monkeypatch.delitem(sys.modules, "qa_core.bulk.ray_engine", raising=False)
    monkeypatch.delattr(qa_core.bulk, "ray_engine", raising=False)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"found no ray; pip install 'spanloop\[ray\]'"):
        predict_by_ray(str(asked), str(tmp_path / "out.jsonl"), False)
