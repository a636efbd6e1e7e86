"""Learning from reviews, with a tiny model: trained, judged, gated, killed."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from annotation.learning import replay, watching
from annotation.learning.material import REGRESSED, Material, without
from annotation.learning.replay import distillation_set, sample
from annotation.learning.retrain import HELD_OUT, LEFT, retrain
from annotation.learning.settings import Gate
from annotation.store.store import Store
from qa_core.data import squad
from qa_core.data.splits import split_by_paragraph
from qa_core.errors import DataError, ModelError
from qa_core.inference.answer import Answer, Answers
from qa_core.models import averaging
from qa_core.models.averaging import average
from qa_core.models.versions import Version, Versions
from qa_core.serving.live import LiveReader
from tests.support import tiny
from tests.support.learning import FAST

ROOT = Path(__file__).parents[2]
# The tiny model's weights are random: to keep a share of them would leave it to chance, and to the
# processor's arithmetic, whether it learns.
FLAGS = [
    "--epochs", "8", "--learning-rate", "0.002", "--batch-tokens", "600", "--interpolation", "0",
    "--cpu", "--json",
]  # fmt: skip


def reviewed(count: int = 90, waiting: int = 3) -> Store:
    """A store of reviews that give each question's gold answer, and of some that wait."""
    store = Store()
    none = Answer("", 0, 0, 0.0, 0.4, 1.0, False, (), (), "old@1", 0.4)
    for example in tiny.examples(count + waiting):
        id_ = store.keep(example.question, example.context, none, reason="doubtful", source="test")
        if id_ and int(example.id[1:]) < count:
            gold = next(iter(example.answers), None)
            span = (gold.start, gold.end) if gold else None
            store.review(id_, "ann", span, text=gold.text if gold else "", source="test")
    return store


def annotation(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "annotation", *map(str, arguments)]


def test_reviews_make_a_better_model_that_serves(
    tiny_home: Path, tiny_regression: Path, tmp_path: Path
) -> None:
    store, unseen = reviewed(), tmp_path / "unseen.jsonl"
    replay_buffer = tmp_path / "replay_buffer.jsonl"
    squad.write(tiny.prefixed("Unseen. ", tiny.examples(40)), unseen)
    squad.write(tiny.prefixed("Buffer. ", tiny.examples(20)), replay_buffer)
    done = subprocess.run(
        annotation(
            "retrain", "--regression", tiny_regression, "--unseen", unseen,
            "--replay-buffer", replay_buffer, *FLAGS,
        ),
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["version"], said["parent"], said["promoted"]) == ("v2", "v1", True), said
    versions = Versions()
    assert versions.serving() == "v2"
    record = versions.record("v2")
    assert record["figures"][HELD_OUT]["f1"]["gain"] > 5
    assert record["figures"][REGRESSED]["f1"]["questions"] == 30
    assert record["local"]["questions"] >= 10  # the buffer is of another kind than the reviews
    data = record["data"]
    assert data["reviews"]["questions"] == 90
    assert data["learned"] + data["held_out"] == 90
    assert data["last_review"] == 90
    assert data["unseen"]["questions"] == 40
    assert data["replay_buffer"]["questions"] == 20
    assert "retrain --regression" in record["command"]
    assert {kept.answer.model for kept in store.waiting()} == {said["model"]}  # answered anew
    assert not list((tiny_home / "models").glob(".training-*"))
    status = subprocess.run(
        annotation("status", "--json"), cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(status.stdout)["version"] == "v2"
    assert any("3 predictions wait" in said for said in json.loads(status.stdout)["next"])


def test_a_model_that_is_not_better_stays_a_candidate(
    tiny_home: Path, tiny_regression: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    averaged: list[dict[str, np.ndarray]] = []

    def watched(models: list[Path], shares: list[float], output: Path) -> Path:
        averaged.extend(load_file(model / "model.safetensors") for model in models)
        assert shares == [0.6, 0.4]
        return average(models, shares, output)

    monkeypatch.setattr(averaging, "average", watched)
    examples = tiny.examples(90)
    material = Material(
        reviews=examples,
        regression=squad.read(tiny_regression)[0],
        replay_buffer=tiny.prefixed("Buffer. ", examples),
        met=[e.pair for e in examples],
    )
    told: list[str] = []
    settings = replace(FAST, epochs=0.2, interpolation=0.4, gate=Gate(min_gain=99))
    result = retrain(material, Versions(), settings, cpu=True, tell=told.append)
    assert not result.promoted
    assert "expected a gain of more than 99 F1" in result.objections[0]
    versions = Versions()
    assert versions.serving() == "v1"
    assert [(v.name, v.state) for v in versions.all()][1:] == [
        ("v1", "serving"),
        ("v2", "candidate"),
    ]
    assert versions.record("v2")["objections"] == list(result.objections)
    data = versions.record("v2")["data"]
    assert data["replay_buffer"]["questions"] == data["learned"] // 2
    assert data["replay"]["questions"] <= data["learned"] - data["learned"] // 2
    assert told[-1] == "publishing the candidate"
    weights = [load_file(versions.folder / v / "model.safetensors") for v in ("v1", "v2")]
    assert any((weights[0][name] != weights[1][name]).any() for name in weights[0])
    tuned, parent = averaged
    assert any((tuned[name] != parent[name]).any() for name in tuned)
    for name, weight in weights[1].items():
        assert (parent[name] == weights[0][name]).all()
        mean = 0.6 * tuned[name].astype(np.float32) + 0.4 * parent[name].astype(np.float32)
        assert np.allclose(weight, mean, atol=1e-3)


def test_weights_are_interpolated_with_those_before_any_re_training(
    tiny_home: Path, tiny_regression: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origins: list[Path] = []

    def watched(models: list[Path], shares: list[float], output: Path) -> Path:
        origins.append(models[1])
        return average(models, shares, output)

    monkeypatch.setattr(averaging, "average", watched)
    material = Material(reviews=tiny.examples(90), regression=squad.read(tiny_regression)[0])
    versions, settings = Versions(), replace(FAST, epochs=0.2, replay_ratio=0, interpolation=0.7)
    for parent in ("v1", "v2"):
        result = retrain(material, versions, settings, cpu=True)
        assert result.parent == parent
        versions.promote(result.version)
    assert origins == [versions.path("v1")] * 2


def test_what_is_replayed_is_also_judged_on_texts_that_are_not(
    tiny_home: Path, tiny_regression: Path
) -> None:
    replay = tiny.prefixed("Replay. ", tiny.examples(90))
    material = Material(
        reviews=tiny.examples(90), regression=squad.read(tiny_regression)[0], replay=replay
    )
    result = retrain(material, Versions(), replace(FAST, epochs=0.2), cpu=True)
    data = Versions().record(result.version)["data"]
    assert (data["replayed_as"], data["replay_buffer"]["questions"]) == ("labelled", 0)
    shown = result.figures[LEFT]["f1"].questions
    assert 0 < shown <= len(replay) - data["replay"]["questions"]


def test_too_few_reviews_are_refused_before_anything_is_trained(
    tiny_home: Path, tiny_regression: Path
) -> None:
    few = Material(reviews=tiny.examples(5), regression=squad.read(tiny_regression)[0])
    with pytest.raises(DataError, match="at least 5 of either, found"):
        retrain(few, Versions(), FAST)
    with Versions().training(), pytest.raises(ModelError, match="under way"):
        retrain(replace(few, reviews=tiny.examples(90)), Versions(), FAST)


KILLED = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from annotation.learning.settings import Gate
from annotation.learning.material import Material
from annotation.learning.retrain import retrain
from qa_core.models.versions import Versions
from qa_core.data import squad
from tests.support import tiny
from tests.support.learning import FAST

def tell(what):
    if what.startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

material = Material(tiny.examples(90), squad.read(Path(sys.argv[1]))[0])
lenient = replace(FAST, gate=Gate(min_gain=-100, certainty=0, max_loss=100), epochs=1)
retrain(material, Versions(), lenient, cpu=True, tell=tell)
"""


@pytest.mark.parametrize("stage", ["learning from", "publishing", "promoting"])
def test_a_kill_leaves_the_old_model_serving(
    tiny_home: Path, tiny_regression: Path, stage: str
) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tiny_regression), stage],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    versions = Versions()
    assert versions.serving() == "v1"
    assert [v.name for v in versions.all()] == ["bundled", "v1", *["v2"] * (stage == "promoting")]
    assert not versions.is_training()
    assert LiveReader(versions, backend="torch").answer("Who?", "Ines.").model.startswith("v1@")


def test_replay_stands_on_no_paragraph_to_judge_by() -> None:
    examples = tiny.examples(30)
    judged = [replace(examples[0], id="x", context=examples[0].context.upper())]
    assert without(examples, judged, examples[3:5]) == [examples[1], examples[2], *examples[5:]]
    chosen = sample(examples, 12, seed=1)
    assert len(chosen) == 12
    assert sum(not e.answerable for e in chosen) == 6
    assert len(sample(examples, 99, seed=1)) == 30


def test_replay_prefers_texts_that_answer_some_questions_and_not_others() -> None:
    examples = tiny.examples(60)  # a text each
    contested = [replace(e, id=f"{e.id}-too", answers=()) for e in examples[30:45] if e.answers]
    texts = {one.context for one in contested}
    chosen = sample([*examples, *contested], 20, seed=1)
    assert {e.context for e in chosen} <= texts
    assert sum(e.answerable for e in chosen) == 10


def test_only_what_the_reader_is_sure_of_is_distilled() -> None:
    class Sure(Answers):
        model = "m"

        def answer_batch(self, pairs: Any, **_: Any) -> list[Answer]:
            confidences = [0.9 if question in context else 0.2 for question, context in pairs]
            return [
                Answer("", 0, 0, 0.0, confidence, 0.0, False, (), (), "m", 0.0)
                for confidence in confidences
            ]

    pairs = [(f"{n}", f"text {n} and {n + 1}") for n in range(10, 40)]
    found = distillation_set(Sure(), pairs, set(pairs[:15]), 20, seed=0)
    assert not {e.pair for e in found} & set(pairs[:15])
    assert any(e.pair in pairs for e in found)
    assert all(e.question in e.context for e in found)
    assert any(e.pair not in pairs for e in found)
    assert len({e.id for e in found}) == len(found) <= 20
    assert distillation_set(Sure(), [], (), 20, seed=0) == []
    assert replay.SURE > 0.5


def test_the_hold_out_is_the_same_when_reviews_are_added() -> None:
    early = {e.id for e in split_by_paragraph(tiny.examples(50), 0.2)[1]}
    late = {e.id for e in split_by_paragraph(tiny.examples(90), 0.2)[1]}
    assert early < late


def test_a_watch_trains_after_as_many_new_reviews(tiny_home: Path) -> None:
    store, versions = reviewed(4, waiting=6), Versions()
    waiting = iter(store.waiting())
    trained: list[int] = []

    def wait() -> None:
        kept = next(waiting, None)
        if kept is None:
            raise KeyboardInterrupt
        store.review(kept.id, "bob", None, source="test")

    with pytest.raises(KeyboardInterrupt):
        watching.watch(store, versions, 3, lambda: trained.append(len(store.reviews())), wait)
    assert trained == [4, 7, 10]


def test_what_was_learned_is_not_new() -> None:
    records = [{"data": {"last_review": 7}}, {}, {"data": {"last_review": 5}}]
    versions = [Version("v", Path(), "candidate", record) for record in records]
    assert watching.last_learned(versions) == 7
    assert watching.last_learned([]) == 0
