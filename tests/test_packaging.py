"""The library as pip installs it, away from this repository."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

from tests.support.browsing import ROOT

OPTIONAL = {"haystack-ai==2.*", "ray[data]==2.*"}  # what no part of SpanLoop itself needs
PACKAGES = ("annotation", "page", "qa_core")
CODE = """
import qa_core.inference.reader, annotation.learning.material as learning
from annotation.argilla.local import environment
from qa_core.data import squad
from qa_core.calibration.fit import UNSEEN
reader = qa_core.inference.reader.Reader.load()
answer = reader.answer("Who opened the harbour?", "Ines Soto opened the harbour in 1904.")
print(qa_core.inference.reader.__file__, answer.start, answer.text)
for path in (learning.REPLAY_BUFFER, learning.REGRESSION, UNSEEN):
    assert squad.read(path)[0]
assert environment.PINS.is_file()
"""


def run(*command: str, cwd: Path, **settings: str) -> str:
    env = {**os.environ, **settings}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return done.stdout


def test_library_is_whole_when_installed_elsewhere(tmp_path: Path) -> None:
    source, wheels, site = (tmp_path / name for name in ("source", "wheels", "site"))
    source.mkdir()
    for name in PACKAGES:
        hidden = shutil.ignore_patterns("__pycache__", ".cache")
        shutil.copytree(ROOT / name, source / name, ignore=hidden)
    for name in ("README.md", "pyproject.toml", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source)
    pip = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation")
    run(*pip, "--wheel-dir", str(wheels), str(source), cwd=tmp_path)
    (wheel,) = wheels.iterdir()
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    code = {path.relative_to(source) for name in PACKAGES
            for path in (source / name).rglob("*") if path.is_file()}  # fmt: skip
    assert code <= {path.relative_to(site) for path in site.rglob("*")}
    metadata = next(site.glob("*.dist-info/METADATA")).read_text()
    assert "Requires-Dist: tokenizers" in metadata

    home = {"SPANLOOP_HOME": str(tmp_path / "home"), "PYTHONPATH": str(site)}
    where, answer = run(sys.executable, "-c", CODE, cwd=tmp_path, **home).split(" ", 1)
    assert Path(where).is_relative_to(site)
    assert answer == "0 Ines Soto\n"


def test_extras_and_requirements_name_the_same_versions() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    named = {*project["dependencies"], *(one for extra in extras for one in extra)}
    packaged = {one for one in named if not one.startswith("spanloop[")} - OPTIONAL
    lines = (ROOT / "requirements.txt").read_text().replace('"', "'").splitlines()
    required = {line.partition("  #")[0].strip() for line in lines}
    assert packaged == {line for line in required if line and not line.startswith("#")}
