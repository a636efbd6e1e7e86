"""Kinds of text: told apart on texts never seen, and with a threshold of their own."""

import json
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from annotation.learning.material import REGRESSION, REPLAY_BUFFER
from qa_core.errors import ModelError
from qa_core.inference.answer import Answer
from qa_core.inference.confidence import Calibration, Local
from qa_core.inference.domain import Domain, hashes
from qa_core.inference.reader import Reader
from qa_core.models.folder import CALIBRATION
from tests.support import networks

HARBOUR = (
    "The harbour holds 240 boats and a lighthouse.",
    "A storm drove nine boats onto the pier of the harbour.",
    "Sailors moor at the pier; the lighthouse guides them.",
)
OVEN = (
    "The baker kneads dough before dawn and heats the oven.",
    "Bread leaves the oven at six, with a crust of seeds.",
    "Flour, water and salt make the dough of this bread.",
)


def asked(texts: tuple[str, ...]) -> list[tuple[str, str]]:
    return [("What is it about?", text) for text in texts]


@pytest.fixture(scope="module")
def harbours() -> Domain:
    found = Domain.fit(asked(HARBOUR), asked(OVEN))
    assert found is not None
    return found


def test_kinds_are_told_apart_on_texts_never_seen(harbours: Domain) -> None:
    assert harbours.holds("How many boats lie at the pier?", "Forty boats lie in the harbour.")
    assert harbours.holds("HOW MANY BOATS?", "FORTY BOATS LIE IN THE HARBOUR.")
    assert not harbours.holds("When is it hot?", "At five the oven is hot; the dough has risen.")


def test_texts_of_other_kinds_are_left_alone() -> None:
    """Some of many sorts of reviews are known as reviews, and nothing else is taken for one."""

    def by_title(path: Path) -> dict[str, list[tuple[str, str]]]:
        return {
            article["title"]: [
                (asked["question"], paragraph["context"])
                for paragraph in article["paragraphs"]
                for asked in paragraph["qas"]
            ]
            for article in json.loads(path.read_text())["data"]
        }

    replay_buffer = by_title(REPLAY_BUFFER)
    reviews = [
        pair for title, pairs in replay_buffer.items() if "review" in title for pair in pairs
    ]
    others = [
        pair for title, pairs in replay_buffer.items() if "review" not in title for pair in pairs
    ]
    found = Domain.fit(reviews, others[::6])
    assert found is not None
    for title, pairs in by_title(REGRESSION).items():
        share = sum(found.holds(*pair) for pair in pairs) / len(pairs)
        assert share > 0.2 if title == "reviews" else share < 0.02, title


def test_without_either_kind_there_is_nothing_to_tell() -> None:
    assert Domain.fit([], asked(OVEN)) is None
    assert Domain.fit(asked(HARBOUR), []) is None


def test_a_kind_has_its_own_threshold(harbours: Domain, tmp_path: Path) -> None:
    networks.save_network(tmp_path)
    everywhere = Calibration(threshold=-1e9)
    there = replace(everywhere, threshold=1e9)
    replace(everywhere, local=Local(harbours, there)).save(tmp_path)
    reader = Reader.load(tmp_path, backend="torch", max_length=96, stride=8, max_question_length=32)
    [boats, bread] = reader.answer_batch(
        [("How many boats?", "Forty boats lie at the pier."), ("What is hot?", "The oven is hot.")]
    )
    assert boats.answerable
    assert not bread.answerable
    steps = reader.answer_in_steps("How many boats?", "Forty boats lie at the pier.")
    assert finished(steps) == boats


def finished(steps: Generator[tuple[int, int], None, Answer]) -> Answer:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            answer: Answer = end.value
            return answer


def test_it_survives_a_file_that_holds_no_word_of_the_texts(
    harbours: Domain, tmp_path: Path
) -> None:
    saved = replace(Calibration(1.5), local=Local(harbours, Calibration(8.25)))
    saved.save(tmp_path)
    assert Calibration.load(tmp_path) == saved
    path = tmp_path / CALIBRATION
    written = path.read_text()
    assert not any(word in written for word in ("harbour", "lighthouse", "dough"))
    record = json.loads(written)
    for damaged in ({}, 5, {"weights": 5, "bias": 0}, {"weights": {"x": 1}, "bias": 0}):
        for local in (damaged, record["local"] | {"domain": damaged}):
            path.write_text(json.dumps(record | {"local": local}))
            with pytest.raises(ModelError, match=r"calibration\.json cannot be read"):
                Calibration.load(tmp_path)


def test_a_text_without_words_is_of_no_kind(harbours: Domain) -> None:
    assert hashes("?", "…") == set()
    assert harbours.holds("?", "…") == (harbours.bias > 0)
