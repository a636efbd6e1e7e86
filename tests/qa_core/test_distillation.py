"""Soft targets: a model that learns something new goes on to say what it said."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForQuestionAnswering

from qa_core.inference.reader import Reader
from qa_core.training.distillation import soften, targets
from qa_core.training.plan import Rows
from qa_core.training.recipes import Recipe
from qa_core.training.run import train
from qa_core.training.trainer import forward
from tests.support import networks, tiny

RECIPE = Recipe(
    epochs=25,
    learning_rate=3e-3,
    batch_tokens=600,
    max_length=96,
    stride=8,
    max_question_length=32,
    unanswerable=None,
    misplaced=0,
    swapped=0,
    evaluations=1,
    precision="float32",
    report_to="none",
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return networks.save_network(tmp_path_factory.mktemp("model") / "tiny")


def test_soft_rows_hold_what_the_model_says(model: Path) -> None:
    reader = Reader.load(model, backend="torch", max_length=96, stride=8, max_question_length=32)
    rows = Rows(tiny.examples(9), reader.windower)
    soften(rows, range(3, 9), reader.windower, reader.backend)
    assert [row.soft is None for row in rows.rows] == [True] * 3 + [False] * 6
    for row in rows.rows[3:]:
        inputs, _ = reader.windower.pad([(row.windows, row.window)])
        assert row.soft is not None
        for found, logits in zip(row.soft, reader.backend(inputs), strict=True):
            expected = torch.from_numpy(logits[0]).softmax(0).numpy()
            np.testing.assert_allclose(found, expected, atol=2e-5)
    start, end = targets(rows.rows, [5] * 9, 90)
    np.testing.assert_allclose(start.sum(1), 1, rtol=1e-5)
    assert [int(end[n].argmax()) for n in range(3)] == [row.end + 5 for row in rows.rows[:3]]
    assert not start[:, :5].any()


def test_what_is_distilled_is_kept_while_the_rest_is_learned(model: Path, tmp_path: Path) -> None:
    examples = tiny.examples(60)
    learning, kept, judged = examples[:20], examples[20:40], examples[40:]
    wrong = [replace(e, id=f"k{e.id}", question="What is naïve?", answers=()) for e in kept]
    drift = {}
    network = AutoModelForQuestionAnswering.from_pretrained(model, dtype=torch.float32).eval()
    reader = Reader.load(model, backend="torch", max_length=96, stride=8, max_question_length=32)
    rows = Rows(wrong, reader.windower)
    batches = [reader.windower.pad([(row.windows, row.window)])[0] for row in rows.rows]

    def said() -> list[torch.Tensor]:
        logits = (forward(network, inputs)[0][0] for inputs in batches)
        return [torch.from_numpy(of_one).log_softmax(0) for of_one in logits]

    def divergence(now: list[torch.Tensor]) -> float:
        kl = torch.nn.functional.kl_div
        pairs = zip(now, before, strict=True)
        return sum(float(kl(a, b, log_target=True, reduction="sum")) for a, b in pairs)

    before = said()
    for name, distilled in (("alone", []), ("distilled", wrong)):
        train(
            learning, tmp_path / name, model=str(model), recipe=RECIPE, validation=judged,
            distillation=distilled, cpu=True,
        )  # fmt: skip
        network.load_state_dict(load_file(tmp_path / name / "model.safetensors"))
        drift[name] = divergence(said())
    assert drift["distilled"] < drift["alone"] / 3, drift
