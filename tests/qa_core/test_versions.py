"""Versions: whole or absent, one of them serving, whenever the power goes."""

import multiprocessing
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from gradio_client import Client

from qa_core.errors import ModelError
from qa_core.inference.answer import Serves
from qa_core.inference.confidence import Calibration
from qa_core.inference.reader import Reader
from qa_core.models.folder import bundled_model
from qa_core.models.versions import BUNDLED, RECORD, Change, Versions, line_of_descent
from qa_core.serving.live import LiveReader, load
from qa_core.serving.shared import SharedReader
from tests.support import networks
from tests.support.browsing import serve

TEXT = "The harbour was opened in 1904 by the mayor, Ines Soto; it holds 240 boats."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two tiny models whose answers differ."""
    folders = []
    for width in (64, 96):
        folder = tmp_path_factory.mktemp("made")
        networks.save_network(folder, intermediate_size=width)
        Calibration(threshold=1e9).save(folder)
        (folder / "training.json").write_text(
            '{"recipe": {"max_length": 96, "stride": 8, "max_question_length": 32}}'
        )
        folders.append(folder)
    return folders


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "models")


def publish(versions: Versions, model: Path) -> str:
    digest = Reader.load(model, backend="torch").model.rpartition("@")[2]
    return versions.publish(model, {"digest": digest, "parent": versions.serving()})


def test_rolling_back_follows_the_line_of_descent() -> None:
    made = [Change(name, how, "") for name, how in (
        ("v1", "promote"), ("v2", "promote"), ("v1", "rollback"), ("v3", "promote"),
        ("v3", "promote"), ("v1", "rollback"), ("bundled", "rollback"),
    )]  # fmt: skip
    lines = [line_of_descent(made[:count]) for count in range(len(made) + 1)]
    assert [line[-1] for line in lines] == [
        "bundled", "v1", "v2", "v1", "v3", "v3", "v1", "bundled",
    ]  # fmt: skip
    assert lines[5] == ["bundled", "v1", "v3"]


def test_the_origin_is_the_oldest_ancestor_that_is_there(
    versions: Versions, made: list[Path]
) -> None:
    bundled = {"parent": BUNDLED, "parent_model": Reader.load(None).model}
    older = {"parent": BUNDLED, "parent_model": "spanloop@01234567"}
    for record in ({}, {"parent": "v1"}, {"parent": "v2"}, bundled, older, {"parent": "v5"}):
        versions.publish(made[0], record)
    assert [versions.origin(f"v{number}") for number in (1, 2, 3, 4)] == ["v1"] * 3 + [BUNDLED]
    assert [versions.origin(f"v{number}") for number in (5, 6)] == ["v5"] * 2
    assert versions.origin(BUNDLED) == BUNDLED
    shutil.rmtree(versions.path("v1"))
    assert versions.origin("v3") == "v2"


def test_a_version_is_kept_as_it_was_published(versions: Versions, made: list[Path]) -> None:
    assert versions.serving() == BUNDLED
    assert versions.path(BUNDLED) == bundled_model()
    assert [publish(versions, model) for model in made] == ["v1", "v2"]
    assert versions.serving() == BUNDLED
    versions.promote("v2")
    versions.promote("v2")
    assert [(v.name, v.state) for v in versions.all()] == [
        ("bundled", "served before"),
        ("v1", "candidate"),
        ("v2", "serving"),
    ]
    assert len(versions.changes()) == 1
    assert versions.record("v2")["parent"] == "bundled"
    assert load(versions, backend="torch").model.startswith("v2@")
    files = {path.name for path in (versions.folder / "v1").iterdir()}
    assert files == {path.name for path in made[0].iterdir() if path.is_file()} | {RECORD}
    assert versions.rollback() == BUNDLED
    with pytest.raises(ModelError, match="found the bundled model"):
        versions.rollback()
    with pytest.raises(ModelError, match="expected a version of bundled, v1, v2, found 'v9'"):
        versions.promote("v9")
    with pytest.raises(ModelError, match=r"found '\.\./x'"):
        versions.promote("../x")


def test_a_version_that_was_changed_is_not_served(versions: Versions, made: list[Path]) -> None:
    versions.promote(publish(versions, made[0]))
    path = versions.folder / "v1" / "calibration.json"
    path.chmod(0o644)
    Calibration(threshold=-1e9).save(versions.folder / "v1")
    with pytest.raises(ModelError, match="it was changed; roll back"):
        load(versions, backend="torch")


def test_a_damaged_pointer_is_named(versions: Versions) -> None:
    versions.folder.mkdir()
    versions.pointer.write_text("{")
    with pytest.raises(ModelError, match="delete it to serve the bundled model"):
        versions.serving()


# A process of one thread that others are forked from: forked from this one, which has many, a child
# may wait for ever for a lock that no thread of it holds.
FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["tests.qa_core.test_versions"])


def publish_and_promote(models: Path, made: Path) -> None:
    versions = Versions(models)
    versions.promote(versions.publish(made, {"digest": "2"}))


def roll_back(models: Path) -> None:
    Versions(models).rollback()


def until_killed(step: int, action: Callable[..., None], *paths: Path) -> None:
    left = [step]

    def count(event: str, _: object) -> None:
        if event in ("open", "os.rename", "os.mkdir", "os.chmod", "shutil.copyfile"):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    action(*paths)
    os._exit(0)


def killed_at(step: int, action: Callable[..., None], *paths: Path) -> bool:
    """Run in a process that is killed at its step-th touch of a file; False if it ended before."""
    child = FORKED.Process(target=until_killed, args=(step, action, *paths))
    child.start()
    child.join(60)
    assert child.exitcode in (0, -signal.SIGKILL)
    return child.exitcode != 0


def test_a_kill_at_any_step_leaves_a_whole_version_serving(
    versions: Versions, tmp_path: Path
) -> None:
    made = [tmp_path / "one", tmp_path / "two"]
    for folder in made:
        folder.mkdir()
        for name in ("model.safetensors", "config.json"):
            (folder / name).write_text(folder.name)
    versions.promote(versions.publish(made[0], {"digest": "1"}))

    step = 1
    while killed_at(step, publish_and_promote, versions.folder, made[1]):
        assert versions.serving() == "v1" or versions.record(versions.serving())["digest"] == "2"
        for version in versions.all()[1:]:  # each that can be seen is whole
            model = made[int(version.record["digest"]) - 1]
            for file in (path for path in model.iterdir() if path.is_file()):
                assert (version.folder / file.name).read_bytes() == file.read_bytes()
        step += 1
    assert step > 15
    newest = versions.serving()
    assert versions.record(newest)["digest"] == "2"
    before = line_of_descent(versions.changes())[-2]  # a run killed late may have promoted, too
    step = 1
    while versions.serving() == newest and killed_at(step, roll_back, versions.folder):
        step += 1
    assert step > 2
    assert versions.serving() == before
    publish_and_promote(versions.folder, made[1])
    assert not list(versions.folder.glob(".publishing-*"))


def test_one_training_at_a_time_and_its_scratch_is_gone(versions: Versions) -> None:
    assert not versions.is_training()
    with versions.training() as scratch:
        assert versions.is_training()
        with pytest.raises(ModelError, match="a training is under way"), versions.training():
            pass
        assert scratch.is_dir()
    assert not scratch.exists()
    (versions.folder / ".training-killed").mkdir()
    with versions.training() as scratch:
        assert [path.name for path in versions.folder.glob(".training-*")] == [scratch.name]


def test_a_live_reader_takes_a_new_version_and_fails_no_request(
    versions: Versions, made: list[Path]
) -> None:
    for model in made:
        publish(versions, model)
    versions.promote("v1")
    reader = LiveReader(versions, backend="torch")
    seen: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            found = reader.answer("Who opened it?", TEXT)
            assert TEXT[found.start : found.end] == found.text
            seen.append(found.model)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for change in (lambda: versions.promote("v2"), versions.rollback):
        change()
        reader.follow(wait=True)
        count, expected = len(seen), f"{versions.serving()}@"
        while len(seen) < count + 10:
            assert any(asker.is_alive() for asker in askers)
        later = sum(model.startswith(expected) for model in seen[count:])
        assert later >= len(seen) - count - len(askers)  # each may have been answering one
    stop.set()
    for asker in askers:
        asker.join()
    assert {model.partition("@")[0] for model in seen} == {"v1", "v2"}
    assert reader.model == seen[-1]
    assert reader.current.calibrated


def test_whatever_stands_before_a_reader_answers_as_it_does(
    versions: Versions, made: list[Path]
) -> None:
    versions.promote(publish(versions, made[0]))
    live = LiveReader(versions, backend="torch")
    pairs = [("Who opened it?", TEXT), ("When was it?", TEXT * 20)]

    def said(by: Serves) -> list[object]:
        steps, answer = by.answer_in_steps(*pairs[1], top_k=2), None
        while answer is None:
            try:
                next(steps)
            except StopIteration as finished:
                answer = finished.value
        batches = (by.answer_batch(pairs, top_k=2), by.answer_batch(pairs, workers=1))
        return [by.model, by.current, *batches, by.answer(*pairs[0]), answer]

    readers: list[Serves] = [live, SharedReader(live), SharedReader(live.current)]
    for reader in readers:
        assert said(reader) == said(live.current)
        assert not hasattr(reader, "load")  # what loads is `Reader`


def test_a_version_that_cannot_be_loaded_leaves_the_old_one(
    versions: Versions, made: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    versions.promote(publish(versions, made[0]))
    reader = LiveReader(versions, backend="torch")
    versions.promote(versions.publish(made[1], {"digest": "another"}))
    reader.follow(wait=True)
    assert reader.answer("Who opened it?", TEXT).model.startswith("v1@")
    assert "it was changed" in caplog.text


def test_a_running_page_takes_a_new_version(made: list[Path], tmp_path: Path) -> None:
    versions = Versions(tmp_path / "models")
    for folder in made:
        publish(versions, folder)
    versions.promote("v1")
    with serve("--backend", "torch", env={**os.environ, "SPANLOOP_HOME": str(tmp_path)}) as served:
        client = Client(served.url, verbose=False)

        def model() -> str:
            found = client.predict("Who opened it?", TEXT, 3, api_name="/answer")
            return str(found["model"]).partition("@")[0]

        assert model() == "v1"
        versions.promote("v2")
        assert any(model() == "v2" for _ in range(10_000))  # none fails meanwhile
        versions.rollback()
        assert any(model() == "v1" for _ in range(10_000))
