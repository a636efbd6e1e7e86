"""A model folder published to a Hub of our own, and loaded from there."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from qa_core.errors import InputError, ModelError
from qa_core.evaluation.figures import Figures
from qa_core.hub.publishing import published_files
from qa_core.models.folder import bundled_model
from tests.support.hub import TOKEN, run, serve

PUBLISH = """
import sys
from page.program import main
sys.argv = ["spanloop", "publish", "ann/reader", "--json", "--model", *{words!r}]
main()
"""
ASK = """
from qa_core import Reader
answer = Reader.load("ann/reader").answer("Who opened it?", "Ines Soto opened it in 1904.")
print(answer.text)
"""


@pytest.fixture
def settings(root: Path) -> Iterator[dict[str, str]]:
    with serve(root) as address:
        yield {"HF_ENDPOINT": address, "HF_TOKEN": TOKEN, "HF_HUB_DISABLE_XET": "1"}


def test_a_model_is_published_and_answers_from_the_hub(
    root: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(bundled_model("small"), folder, ignore=shutil.ignore_patterns(".cache"))
    (folder / "README.md").unlink()
    (folder / "optimizer.pt").write_bytes(b"of a training")
    (folder / "checkpoint-8").mkdir()
    words = [str(folder), "--license", "cc-by-sa-4.0"]
    told = json.loads(run(PUBLISH.format(words=words), tmp_path, **settings))
    there = root / "ann" / "reader"
    assert told["public"] is False
    assert (there / ".private").exists()
    assert set(told["files"]) == {
        path.name for path in folder.iterdir() if path.suffix in (".json", ".safetensors")
    } | {"README.md"}
    assert "optimizer.pt" not in told["files"]
    assert (there / "model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()
    card = (there / "README.md").read_text(encoding="utf-8")
    head = yaml.safe_load(card.split("---\n")[1])
    figures = Figures.load(folder)
    assert figures
    assert head["license"] == "cc-by-sa-4.0"
    measured = head["model-index"][0]["results"][0]["metrics"][0]["value"]
    assert measured == round(figures.scores["exact"], 1)

    # One that an earlier model left would be read as a part of this one's weights.
    (there / "model-00002-of-00002.safetensors").write_bytes(b"stale")
    (there / "picture.png").write_bytes(b"by hand")
    told = json.loads(run(PUBLISH.format(words=[*words, "--public"]), tmp_path, **settings))
    assert told["public"] is True
    assert not (there / "model-00002-of-00002.safetensors").exists()
    assert (there / "picture.png").exists()
    del settings["HF_TOKEN"]
    assert run(ASK, tmp_path, **settings) == "Ines Soto\n"


def test_what_is_no_model_or_no_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"config\.json"):
        published_files(tmp_path, "ann/reader")
    with pytest.raises(InputError, match="you/spanloop, found 'reader'"):
        published_files(bundled_model("small"), "reader")
