"""What the README and the documents tell people to type."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer

import page.app
import page.program
from annotation.store.store import Store
from qa_core import settings
from qa_core.text.documents import SUFFIXES
from tests.support.browsing import ROOT

README = ROOT / "README.md"
DOCUMENTS = [README, *sorted((ROOT / "docs").rglob("*.md"))]
NAMES = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]


def blocks_of(language: str, path: Path = README) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.S | re.M)


def run_python(path: Path) -> dict[str, Any]:
    """The names after the Python blocks of a document, but for those that need a running page."""
    names: dict[str, Any] = {}
    for block in blocks_of("python", path):
        if "Client(" not in block:  # tests/page/test_api.py runs it beside a page
            exec(compile(block, path.name, "exec"), names)
    return names


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    monkeypatch.setenv("HAYSTACK_TELEMETRY_ENABLED", "False")
    monkeypatch.chdir(ROOT)


def test_readme_asks_the_reader() -> None:
    names = run_python(README)
    answer = names["answer"]
    assert answer.answerable
    assert answer.text == names["context"][answer.start : answer.end] == "Ada Lovelace"


def test_guide_lists_every_kind_of_file_that_is_read() -> None:
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    assert {one for one in SUFFIXES if f"`{one}`" not in guide} == set()


def test_guide_asks_measures_and_has_an_uncertain_answer_reviewed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = run_python(ROOT / "docs" / "guide.md")
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Ines Soto 0 9 ")
    assert second.startswith("no answer ")
    assert names["report"].scores["total"] == 20
    assert names["found"]["answers"][0].data == "Ines Soto"
    assert Store().waiting() == []
    (example,) = Store().examples()
    assert [gold.text for gold in example.answers] == ["Ada"]


def test_moving_over_finds_the_same_answer_each_way() -> None:
    names = run_python(ROOT / "docs" / "moving.md")
    found = names["found"]
    assert found["answer"] == names["answers"][0].data == "Ines Soto"
    assert names["context"][found["start"] : found["end"]] == "Ines Soto"


def test_no_other_document_has_python_that_nobody_runs() -> None:
    run = {"README.md", "docs/guide.md", "docs/moving.md"}
    having = {
        name
        for name, path in zip(NAMES, DOCUMENTS, strict=True)
        if blocks_of("python", path) or blocks_of("pycon", path)
    }
    assert having == run


@cache
def program() -> Any:  # a command of the click that typer brings along
    whole = typer.main.get_command(page.program.app)
    opened = typer.Typer()
    opened.command()(page.app.main)
    whole.commands["app"] = typer.main.get_command(opened)  # type: ignore[attr-defined]
    return whole


def verbs(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every verb that the program's help shows, with the words that lead to it."""
    for name, inner in getattr(command, "commands", {}).items():
        if not inner.hidden:
            yield from verbs(inner, (*words, name))
    if not hasattr(command, "commands"):
        yield words


def parse(words: list[str]) -> tuple[str, ...]:
    """Parse what follows `spanloop`; return the verb. Raises what the program would print."""
    command, used = program(), 0
    while hasattr(command, "commands"):
        assert len(words) > used, f"a verb is missing: {words}"
        assert words[used] in command.commands, words
        command, used = command.commands[words[used]], used + 1
    command.make_context(words[used - 1], words[used:])
    return tuple(words[:used])


def typed(path: Path) -> Iterator[list[str]]:
    """What a document's shell blocks type after `spanloop`."""
    for line in "\n".join(blocks_of("sh", path)).replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words and words[0] == "spanloop":
            yield words[1:]


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_commands_can_be_typed(path: Path) -> None:
    for words in typed(path):
        parse(words)


def test_every_verb_is_documented_with_a_command() -> None:
    shown = {parse(words) for path in DOCUMENTS for words in typed(path)}
    assert len(shown) >= 25
    assert [" ".join(verb) for verb in verbs(program()) if verb not in shown] == []


def test_readme_lists_every_verb() -> None:
    text = README.read_text(encoding="utf-8")
    table = text.split("## The program")[1].split("## ")[0]
    listed = re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.M)))
    commands = program().commands
    assert sorted(listed) == sorted(name for name in commands if not commands[name].hidden)


@pytest.mark.parametrize(
    "wrong",
    [["aks"], ["argilla"], ["purge", "--older", "90"], ["purge", "--older-than", "old"],
     ["evaluate"], ["versions", "v3"]],
    ids=" ".join,
)  # fmt: skip
def test_a_command_that_cannot_be_typed_is_noticed(wrong: list[str]) -> None:
    usage_error = typer.BadParameter.__mro__[1]
    with pytest.raises((AssertionError, usage_error)):
        parse(wrong)


def test_readme_has_the_settings_as_the_program_prints_them() -> None:
    text = README.read_text(encoding="utf-8")
    assert settings.table() in text
    assert text.count("| variable |") == 1


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.S | re.M)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = unquote(target).partition("#")
        leads = (path.parent / file).resolve() if file else path
        assert leads.exists(), f"{path.name}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", leads.read_text(encoding="utf-8"), re.M)
            slugs = {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
            assert anchor in slugs, f"{path.name}: {target}"
