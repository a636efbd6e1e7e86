"""The container: its Dockerfile is sound, and its steps do what they say, one after the other."""

import fnmatch
import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from page.space.files import requirements, space_files
from tests.support.browsing import ROOT
from tests.support.environments import ask, free_port, lay_out, make_environment, page

DOCKERFILE = ROOT / "Dockerfile"


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with what follows them, in order."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.M)
    lines = text.replace("\\\n", " ").splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines) if word]


def last(steps: list[tuple[str, str]], word: str) -> str:
    return [rest for name, rest in steps if name == word][-1]


def test_dockerfile_has_no_faults() -> None:
    lint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([lint, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_image_is_built_from_the_packages_alone() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert let_in == {
        "annotation", "page", "qa_core", "pyproject.toml", "MANIFEST.in", "README.md",
        "LICENSE", "NOTICE",
    }  # fmt: skip
    kept_out = [line.removeprefix("**/") for line in lines if line.startswith("**/")]
    made = {"__pycache__", ".cache"}
    assert all(any(fnmatch.fnmatch(name, pattern) for pattern in kept_out) for name in made)


def test_page_of_the_container_answers_as_nobody_who_may_write(
    steps: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert last(steps, "USER") == "1000"
    volume = last(steps, "VOLUME")
    told = dict(word.split("=", 1) for word in last(steps, "ENV").split())
    assert told.pop("PATH").startswith("/opt/spanloop/bin:")
    assert last(steps, "EXPOSE") == told["SPANLOOP_PORT"]

    data, code, port = tmp_path / "data", tmp_path / "code", free_port()
    data.mkdir()
    lay_out(code, {name: file for name, file in space_files().items() if "/" in name})
    python = make_environment(tmp_path / "venv", requirements())
    here = {name: value.replace(volume, str(data)) for name, value in told.items()}
    here |= {"SPANLOOP_PORT": str(port), "SPANLOOP_READER": "small", "TMPDIR": str(data)}
    here["SPANLOOP_METRICS"] = "1"

    def healthy() -> bool:
        words = json.loads(last(steps, "HEALTHCHECK").partition("CMD ")[2])
        assert words[0] == "python"
        done = subprocess.run([python, *words[1:]], env=here, capture_output=True, check=False)
        return done.returncode == 0

    assert not healthy()
    program, *words = json.loads(last(steps, "CMD"))
    assert program == "spanloop"
    with page([python, "-m", "page.program", *words], code, port, **here) as address:
        assert healthy()
        assert ask(address) == "Ines Soto"
        counted = httpx.get(f"{address}/metrics").text
        assert 'spanloop_questions_total{verdict="answered"} 1.0' in counted
        assert "Ines" not in counted
    assert (data / "reviews.sqlite3").exists()
