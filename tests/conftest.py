"""What every test stands on: no network, no telemetry, and a state folder of its own."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from annotation.argilla.local import environment
from annotation.argilla.local.server import LocalArgilla
from qa_core.data import squad
from qa_core.inference.confidence import Calibration
from qa_core.models.folder import version
from qa_core.models.versions import Versions
from tests.support import networks, tiny
from tests.support.browsing import Served, open_chromium, serve
from tests.support.hub import root
from tests.support.postgres import database, postgres

__all__ = ["database", "postgres", "root"]

# Before any library that reads them is imported; processes started by tests inherit them.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
# Two threads that share the layers of a tiny model wait for each other; on a busy machine they are
# many times as slow as one.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what one process compiled the next one takes
os.environ["COLUMNS"] = "200"  # a path in an error is not broken, however long
for setting in [name for name in os.environ if name.startswith("SPANLOOP_")]:
    del os.environ[setting]

os.environ["SPANLOOP_READER"] = "small"  # but where a test names the other

hypothesis.settings.register_profile("any machine", deadline=None)  # a busy one is not a failure
hypothesis.settings.register_profile("long", deadline=None, max_examples=20_000)
hypothesis.settings.load_profile("any machine")


class ByFile(LoadFileScheduling):
    """Files go whole to one process or another, those of tests/argilla all to one."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "argilla" if "tests/argilla/" in file else file


# Files whose tests need no model, server or browser: `make check` runs them.
QUICK = {
    "test_advice", "test_agreement", "test_architecture", "test_augmentation", "test_batching",
    "test_bounds", "test_excerpts", "test_exports", "test_figures", "test_gate", "test_judging",
    "test_metrics", "test_negatives", "test_offsets", "test_policy", "test_problems",
    "test_selection", "test_sentences", "test_shards", "test_spans", "test_splits", "test_squad",
    "test_store", "test_windows",
}  # fmt: skip


# What takes long begins first, or one process would be left with it at the end.
LONG = {
    "test_cli", "test_guard", "test_packaging", "test_ray", "test_retrain", "test_simulation",
    "test_training", "test_verifier",
}  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests, mark the quick ones, and refuse one that would start a second Argilla."""
    items.sort(
        key=lambda item: (
            not {"argilla", "browser"} & {*item.path.parts},
            item.path.stem not in LONG,
        )
    )
    for item in items:
        if item.path.stem in QUICK and "postgres" not in item.name:
            item.add_marker("quick")
        if "argilla" in getattr(item, "fixturenames", ()) and item.path.parent.name != "argilla":
            raise pytest.UsageError(f"{item.path.name} uses Argilla: move it to tests/argilla")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    return ByFile(config, log)


@pytest.fixture(scope="session", autouse=True)
def spanloop_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """`SPANLOOP_HOME` in a temporary folder: no test reads or changes the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPANLOOP_HOME", str(tmp_path_factory.mktemp("spanloop-home")))
        yield


@pytest.fixture(scope="session")
def argilla() -> Iterator[LocalArgilla]:
    """The real Argilla server, started once; its programs stay beside ours for the next run.

    For the files of tests/argilla, which `ByFile` gives to one process: the port is one.
    """
    local = LocalArgilla()
    programs = Path(sys.prefix) / "argilla"
    environment.install(programs)
    local.folder.mkdir(parents=True)
    local.environment.symlink_to(programs)
    local.up()
    yield local
    local.down()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """The page with the bundled model, as anyone gets it, once for each process of tests."""
    with serve() as served:
        yield served


@pytest.fixture(scope="session")
def visitor(chromium: Browser) -> Iterator[BrowserContext]:
    """Somebody whose browser holds the page's programs already: each new tab opens sooner."""
    with chromium.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.set_default_timeout(60_000)  # a busy machine is not a failure
        yield context


@pytest.fixture
def tab(visitor: BrowserContext, served: Served) -> Iterator[Page]:
    """The page in a tab of its own, which remembers nothing of other tabs."""
    with visitor.new_page() as tab:
        tab.goto(served.url)
        yield tab


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader's folder with random weights, small enough to train in a moment."""
    folder = networks.save_network(tmp_path_factory.mktemp("model") / "tiny")
    sizes = {"max_length": 96, "stride": 8, "max_question_length": 32}
    (folder / "training.json").write_text(json.dumps({"recipe": sizes}))
    Calibration().save(folder)
    return folder


@pytest.fixture
def tiny_home(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder in which the tiny model serves as v1."""
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    Versions().promote(Versions().publish(tiny_model, {"digest": version(tiny_model)}))
    return tmp_path


@pytest.fixture(scope="session")
def tiny_regression(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A regression set for the tiny model."""
    path = tmp_path_factory.mktemp("data") / "regression.json"
    squad.write(tiny.prefixed("Later. ", tiny.examples(30)), path)
    return path
