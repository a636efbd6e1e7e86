"""What the README tells programmers to write."""

import re
from pathlib import Path
from typing import Any

import pytest

from annotation.store import Store
from tests.browsing import ROOT


def test_readme_asks_the_reader_and_has_what_it_doubts_reviewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
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
