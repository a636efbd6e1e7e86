"""A release: what is built, installed where nothing else is, and used as anyone would."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import httpx
import pytest

from page.space.files import requirements, space_files
from tests.support.browsing import ROOT
from tests.support.environments import ask, free_port, make_environment, page

# What no part of SpanLoop itself needs.
OPTIONAL = {"haystack-ai==2.*", "psycopg[binary]==3.*", "ray[data]==2.*"}
PACKAGES = ("annotation", "page", "qa_core")
FILES = ("README.md", "pyproject.toml", "LICENSE", "NOTICE", "MANIFEST.in", "app.py")
BESIDE = ("tests", "benchmarks", "texts", "docs")  # what is no part of a release
WEIGHTS = "qa_core/models/bundled-base/model.safetensors"  # packing them takes a while
CODE = """
import json
import qa_core, annotation.learning.material as learning
from annotation.argilla.local import environment
from qa_core.data import squad
from qa_core.calibration.fit import UNSEEN
for path in (learning.REPLAY_BUFFER, learning.REGRESSION, UNSEEN):
    assert squad.read(path)[0]
assert environment.PINS.is_file()
pipe = qa_core.pipeline("question-answering", model="small")
asked = {"question": "Who opened the harbour?", "context": "Ines Soto opened the harbour in 1904."}
print(json.dumps([qa_core.__file__, qa_core.__version__, pipe(**asked)]))
"""


def run(*command: str | Path, cwd: Path, **settings: str) -> str:
    inherited = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        command, cwd=cwd, env={**inherited, **settings}, capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("release")
    source = folder / "source"
    source.mkdir()
    made = shutil.ignore_patterns("__pycache__", ".cache", "*.png")
    for name in (*PACKAGES, *BESIDE):
        shutil.copytree(ROOT / name, source / name, ignore=made)
    for name in FILES:
        shutil.copy(ROOT / name, source)
    (source / WEIGHTS).write_bytes(b"weights")
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder))
    run(*build, str(source), cwd=folder)
    return folder


@pytest.fixture(scope="module")
def installed(release: Path) -> Path:
    """The programs of an environment with the wheel, the libraries of the page, and no others."""
    python = make_environment(release / "venv", requirements())
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet")
    (wheel,) = release.glob("*.whl")
    run(*pip, "--no-deps", "--no-index", "--disable-pip-version-check", wheel, cwd=release)
    return python.parent


def test_release_holds_the_packages_whole_and_nothing_else(release: Path) -> None:
    (wheel,) = release.glob("*.whl")
    (source,) = release.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        about = next(name for name in names if name.endswith("/METADATA"))
        assert "Requires-Dist: tokenizers" in packed.read(about).decode()
    info = about.rpartition("/")[0]
    code = {name for name in space_files() if "/" in name}
    assert {name for name in names if not name.startswith(info)} == code
    assert {
        WEIGHTS, "qa_core/models/bundled/model.safetensors", "page/assets/style.css",
        "annotation/argilla/guidelines.md", "qa_core/py.typed",
    } <= code  # fmt: skip
    assert {f"{info}/licenses/LICENSE", f"{info}/licenses/NOTICE"} <= names
    with tarfile.open(source) as packed_source:
        inner = {name.partition("/")[2] for name in packed_source.getnames()}
    assert code < inner
    assert {name.partition("/")[0] for name in inner} - {""} <= {
        *PACKAGES, *FILES, "PKG-INFO", "setup.cfg", "spanloop.egg-info",
    } - {"app.py"}  # fmt: skip


def test_release_answers_where_nothing_else_is_installed(installed: Path, tmp_path: Path) -> None:
    told = {"SPANLOOP_HOME": str(tmp_path / "home"), "SPANLOOP_READER": "small"}
    (tmp_path / "harbour.txt").write_text("Ines Soto opened the harbour in 1904.")
    words = ("--question", "Who opened the harbour?", "--context", "harbour.txt")
    found = json.loads(run(installed / "spanloop", "ask", *words, "--json", cwd=tmp_path, **told))
    assert (found["text"], found["start"], found["end"]) == ("Ines Soto", 0, 9)
    where, version, piped = json.loads(run(installed / "python", "-c", CODE, cwd=tmp_path, **told))
    assert Path(where).is_relative_to(installed.parent)
    assert version == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert (piped["answer"], piped["start"], piped["end"]) == ("Ines Soto", 0, 9)
    listed = json.loads(
        run(installed / "spanloop", "deploy-space", "a/b", "--dry-run", "--json", cwd=tmp_path)
    )["files"]
    assert set(listed) == set(space_files())
    assert listed["requirements.txt"] == len(space_files()["requirements.txt"])  # type: ignore[arg-type]


def test_what_needs_another_extra_says_so_in_a_line(installed: Path, tmp_path: Path) -> None:
    data = next(installed.parent.rglob("qa_core/calibration/unseen.json"))
    words = (installed / "spanloop", "train", "--data", data, "--output", tmp_path / "mine")
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    needs = "error: this needs torch, which is not installed: pip install 'spanloop[all]'\n"
    assert (done.returncode, done.stderr) == (1, needs)


def test_page_of_a_release_answers_over_http(installed: Path, tmp_path: Path) -> None:
    port = free_port()
    told = {"SPANLOOP_HOME": str(tmp_path), "SPANLOOP_READER": "small", "SPANLOOP_PORT": str(port)}
    with page([installed / "spanloop", "app", "--no-browser"], tmp_path, port, **told) as address:
        assert "--sl-ink" in httpx.get(address).text, "the page's own styles are missing"
        assert ask(address) == "Ines Soto"


def test_extras_and_requirements_name_the_same_versions() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    named = {*project["dependencies"], *(one for extra in extras for one in extra)}
    packaged = {one for one in named if not one.startswith("spanloop[")} - OPTIONAL
    lines = (ROOT / "requirements.txt").read_text().replace('"', "'").splitlines()
    required = {line.partition("  #")[0].strip() for line in lines}
    assert packaged == {line for line in required if line and not line.startswith("#")}
