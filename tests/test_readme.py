"""What the README tells people to type."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

import annotation.cli.main
import app
import qa_core.cli.main
from annotation.store.store import Store
from tests.support.browsing import ROOT


def blocks_of(language: str) -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def test_readme_asks_the_reader_and_has_what_it_doubts_reviewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    blocks = blocks_of("python")
    (library,) = [block for block in blocks if "Reader.load()" in block]
    (review,) = [block for block in blocks if "Store()" in block]
    names: dict[str, Any] = {}
    exec(library, names)
    answer = names["answer"]
    assert answer.answerable
    assert answer.text == names["context"][answer.start : answer.end] == "Ada Lovelace"
    exec(review, names)
    assert Store().waiting() == []
    (example,) = Store().examples()
    assert [gold.text for gold in example.answers] == ["Ada"]


def programs() -> dict[str, Any]:  # of the click that typer brings along
    page = typer.Typer()
    page.command()(app.main)
    return {
        "qa_core": typer.main.get_command(qa_core.cli.main.app),
        "annotation": typer.main.get_command(annotation.cli.main.app),
        "app.py": typer.main.get_command(page),
    }


def test_readme_commands_can_be_typed() -> None:
    lines = "\n".join(blocks_of("sh")).replace("\\\n", " ").splitlines()
    typed = [words for line in lines if (words := shlex.split(line, comments=True))]
    parsed = 0
    for words in typed:
        name = next((word for word in words if word in programs()), None)
        if name is None:
            continue
        command, left = programs()[name], words[words.index(name) + 1 :]
        while hasattr(command, "commands"):
            assert left[0] in command.commands, words
            command, left = command.commands[left[0]], left[1:]
        command.make_parser(typer.Context(command)).parse_args(list(left))
        parsed += 1
    assert parsed >= 15
