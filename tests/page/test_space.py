"""A Space deployed to a Hub of our own, and run there as Hugging Face runs one."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from page.space.cli import variables
from page.space.files import Extra, requirements, space_files
from qa_core.errors import InputError
from qa_core.settings import given
from tests.support.browsing import ROOT
from tests.support.environments import ask, free_port, lay_out, make_environment, page
from tests.support.hub import TOKEN, kept, serve

NAME = "ann/harbour"
SECRET = "ann:longpassword"


@pytest.fixture
def hub(root: Path) -> Iterator[str]:
    with serve(root) as address:
        yield address


def spanloop(hub: str, home: Path, *words: str, token: str = TOKEN) -> tuple[int, str, str]:
    """Exit status, output and errors of the program, beside a Hub."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    told = {"HF_ENDPOINT": hub, "HF_HOME": str(home / "hf"), "HF_HUB_DISABLE_XET": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "page.program", *words],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**inherited, **told, "HF_TOKEN": token, "SPANLOOP_REVIEWERS": SECRET},
    )  # fmt: skip
    assert TOKEN not in done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr
    return done.returncode, done.stdout, done.stderr


def test_a_space_is_made_and_brought_up_to_date(hub: str, root: Path, tmp_path: Path) -> None:
    space = root / "spaces" / NAME
    words = ("deploy-space", NAME, "--secret", "SPANLOOP_REVIEWERS", "--variable")
    status, out, errors = spanloop(hub, tmp_path, *words, "SPANLOOP_READER=small")
    assert status == 0, errors
    assert f"{hub}/spaces/{NAME}" in out
    assert "you and your organisation alone" in out
    assert (space / ".private").exists()
    assert (space / ".sdk").read_text() == "gradio"
    assert kept(space, "variables") == {"SPANLOOP_READER": "small"}
    assert kept(space, "secrets") == {"SPANLOOP_REVIEWERS": SECRET}
    weights = "qa_core/models/bundled/model.safetensors"
    assert (space / weights).read_bytes() == (ROOT / weights).read_bytes()

    (space / "qa_core" / "of_an_earlier_release.py").touch()
    status, out, errors = spanloop(
        hub, tmp_path, "deploy-space", NAME, "--public", "--json", "--variable", "SPANLOOP_KEEP=no"
    )
    assert status == 0, errors
    told = json.loads(out)
    assert told["public"] is True
    assert not (space / ".private").exists()
    assert kept(space, "variables") == {"SPANLOOP_READER": "small", "SPANLOOP_KEEP": "no"}
    there = {path.relative_to(space).as_posix() for path in space.rglob("*") if path.is_file()}
    own = {".gitattributes", ".sdk", ".variables", ".secrets"}
    assert there - own == set(told["files"]) == set(space_files())


def test_dry_run_lists_all_and_asks_nobody(tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:9"
    status, out, errors = spanloop(
        nobody, tmp_path, "deploy-space", NAME, "--dry-run", "--secret", "SPANLOOP_REVIEWERS",
        "--variable", "SPANLOOP_READER=small",
    )  # fmt: skip
    assert (status, errors) == (0, "")
    assert "variable SPANLOOP_READER=small\nsecret SPANLOOP_REVIEWERS=***\n" in out
    assert {line.split()[0] for line in out.splitlines()} >= set(space_files())


def test_what_the_hub_refuses_is_said_in_a_line_without_a_secret(
    hub: str, root: Path, tmp_path: Path
) -> None:
    words = ("deploy-space", NAME, "--secret", "SPANLOOP_REVIEWERS")
    status, _, errors = spanloop(hub, tmp_path, *words, token="hf_of_nobody")
    assert (status, errors.count("\n")) == (1, 1), errors
    assert "is the name right, and HF_TOKEN a token that may write there?" in errors

    (root / ".repeats").touch()
    status, _, errors = spanloop(hub, tmp_path, *words)
    assert (status, errors.count("\n")) == (1, 1), errors
    assert "Bearer ***" in errors
    (root / ".repeats").unlink()

    other = root / "spaces" / NAME
    other.mkdir(parents=True)
    (other / "of_somebody.py").write_text("theirs")
    (other / ".private").touch()
    status, _, errors = spanloop(hub, tmp_path, *words, "--public")
    assert status == 1
    assert "found of_somebody.py" in errors
    assert {path.name for path in other.iterdir()} == {"of_somebody.py", ".private"}

    status, _, errors = spanloop("http://127.0.0.1:9", tmp_path, *words)
    assert (status, errors.count("\n")) == (1, 1), errors

    argilla = "ARGILLA_API_URL=https://ann-argilla.hf.space"
    status, _, errors = spanloop("http://127.0.0.1:9", tmp_path, *words, "--variable", argilla)
    assert (status, errors.count("\n")) == (1, 1), errors
    assert "expected --extra argilla" in errors


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("SPANLOOP_REVIEWERS=a:b", "use --secret SPANLOOP_REVIEWERS"),
        ("SPANLOOP_KEPT=no", "found 'SPANLOOP_KEPT'"),
        ("SPANLOOP_READER=large", "SPANLOOP_READER: expected 'base' or 'small', found 'large'"),
        ("SPANLOOP_REVIEW_THRESHOLD=7", "SPANLOOP_REVIEW_THRESHOLD: expected less than"),
        ("SPANLOOP_READER", "NAME=VALUE"),
    ],
)
def test_variables_that_a_space_cannot_have_are_refused(variable: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        variables([variable])
    assert said in str(refused.value)


def test_a_secret_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPANLOOP_REVIEWERS", SECRET)
    assert given("SPANLOOP_REVIEWERS") == SECRET
    with pytest.raises(InputError, match="ARGILLA_API_KEY: expected a value"):
        given("ARGILLA_API_KEY")
    assert variables(["SPANLOOP_HUB_DATASET=ann/reviews"]) == {
        "SPANLOOP_HUB_DATASET": "ann/reviews"
    }


def test_a_space_is_what_the_page_needs_and_nothing_else() -> None:
    files = space_files()
    tops = {name.partition("/")[0] for name in files}
    assert tops == {
        "README.md", "app.py", "requirements.txt", "LICENSE", "NOTICE",
        "annotation", "page", "qa_core",
    }  # fmt: skip
    assert not [name for name in files if "__pycache__" in name or "/." in name]


def test_requirements_of_a_space_are_those_of_the_page() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    small = {*project["dependencies"], *extras["page"], *extras["review"]} - {"spanloop[review]"}
    assert names(requirements()) == names(small)
    all_of_it = names(requirements([Extra.TRAIN, Extra.ARGILLA]))
    assert names(extras["train"]) < all_of_it
    assert {"argilla", "setfit"} < all_of_it
    assert "psycopg[binary]" in names(requirements([Extra.POSTGRES])) - names(requirements())


def names(lines: list[str] | set[str]) -> set[str]:
    return {line.split("=")[0].split("<")[0].split(">")[0] for line in lines} - {"spanloop[review"}


def test_the_readmes_tell_a_space_the_same() -> None:
    heads = [
        yaml.safe_load(path.read_text(encoding="utf-8").split("---\n")[1])
        for path in (ROOT / "README.md", ROOT / "page" / "space" / "README.md")
    ]
    assert heads[0] == heads[1]


def test_a_space_answers_from_what_was_deployed_and_writes_to_its_home_alone(
    tmp_path: Path,
) -> None:
    home, code = tmp_path / "home", tmp_path / "app"
    home.mkdir()
    lay_out(code, space_files())
    python = make_environment(tmp_path / "venv", requirements())
    port = free_port()
    told = {  # by the image that runs a Gradio Space
        "HOME": str(home), "TMPDIR": str(home),
        "SYSTEM": "spaces", "SPACE_ID": NAME, "SPACE_HOST": "ann-harbour.hf.space",
        "GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_SERVER_PORT": str(port),
        "GRADIO_NUM_PORTS": "1", "GRADIO_SSR_MODE": "true",
    }  # fmt: skip
    with page([python, "app.py"], code, port, **told, SPANLOOP_READER="small") as address:
        assert httpx.get(address).is_success
        assert ask(address) == "Ines Soto"
        assert "spanloop_questions" not in httpx.get(f"{address}/metrics").text
    assert (home / ".local" / "share" / "spanloop").is_dir()
    assert not list(python.parents[1].rglob("torch"))
