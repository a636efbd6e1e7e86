"""transformers' ``Trainer``, made to follow a plan of batches and to judge by EM and F1."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader
from tqdm.auto import tqdm
from transformers import (
    PreTrainedModel,
    ProgressCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from transformers.trainer import TRAINER_STATE_NAME

from qa_core.data.examples import Example
from qa_core.evaluation import metrics
from qa_core.inference.inference import read_pairs
from qa_core.inference.windows import Windower
from qa_core.training.checkpoints import complete_checkpoints, publish
from qa_core.training.distillation import targets
from qa_core.training.memory import retain_freed_memory, trim
from qa_core.training.plan import LabelledWindow

SOFT = ("start_probabilities", "end_probabilities")
IGNORED = -100  # a label that counts for nothing, as torch has it


class SpanTrainer(Trainer):
    """A ``Trainer`` that follows a plan of batches and judges by EM and F1."""

    def __init__(
        self,
        *,
        plan: list[list[int]],
        windower: Windower,
        validation: Sequence[Example],
        pad_length: int | None,
        plausible: float,
        epochs: float,
        **options: Any,
    ) -> None:
        super().__init__(eval_dataset=validation, **options)
        self.plan, self.windower, self.validation = plan, windower, validation
        self.pad_length, self.plausible, self.epochs = pad_length, plausible, epochs
        if self.args.use_cpu:
            retain_freed_memory()

    def get_train_dataloader(self) -> DataLoader[LabelledWindow]:
        mine = self.plan[self.args.process_index :: self.args.world_size]
        return DataLoader(self.train_dataset, batch_sampler=mine, collate_fn=self.collate)

    def collate(self, rows: Sequence[LabelledWindow]) -> dict[str, torch.Tensor]:
        batch, shifts = self.windower.pad([(r.windows, r.window) for r in rows], self.pad_length)
        labels = np.array([(r.start, r.end) for r in rows]) + shifts[:, None]
        hints = np.array(
            [
                (p[0] + s, p[1] + s) if (p := r.plausible) else (IGNORED, IGNORED)
                for r, s in zip(rows, shifts, strict=True)
            ]
        )
        inputs = {name: torch.from_numpy(array) for name, array in batch.items()}
        labelled = {
            "start_positions": torch.from_numpy(labels[:, 0]),
            "end_positions": torch.from_numpy(labels[:, 1]),
            "plausible": torch.from_numpy(hints),
        }
        if any(row.soft is not None for row in rows):
            soft = targets(rows, shifts.tolist(), batch["input_ids"].shape[1])
            labelled |= dict(zip(SOFT, map(torch.from_numpy, soft), strict=True))
        return accepted(self.accelerator.unwrap_model(self.model), inputs) | labelled

    def compute_loss(
        self, model: Any, inputs: dict[str, torch.Tensor], *arguments: Any, **options: Any
    ) -> Any:
        """The usual loss, against probabilities where a batch has them, and that of the
        plausible spans where "no answer" is right."""
        inputs = dict(inputs)
        hints, null = inputs.pop("plausible"), inputs["start_positions"]
        if SOFT[0] in inputs:
            soft = [inputs.pop(name) for name in SOFT]
            del inputs["start_positions"], inputs["end_positions"]
            output = model(**inputs)
            loss = sum(
                cross_entropy(logits.float(), probabilities) / 2
                for logits, probabilities in zip(
                    (output.start_logits, output.end_logits), soft, strict=True
                )
            )
        else:
            options["return_outputs"] = True
            loss, output = super().compute_loss(model, inputs, *arguments, **options)
        if self.plausible:
            logits = output.start_logits, output.end_logits
            loss = loss + self.plausible * plausible_loss(logits, null, hints)
        return loss

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """EM and F1 on the validation examples, each at its best null threshold.

        With several processes each reads its share and all see the result of the whole.
        """
        from accelerate.utils import gather_object

        model = self.accelerator.unwrap_model(self.model)
        training = model.training
        model.eval()
        mine = self.validation[self.args.process_index :: self.args.world_size]
        pairs = [example.pair for example in mine]
        readings = read_pairs(pairs, self.windower, lambda inputs: forward(model, inputs))
        model.train(training)
        verdicts = [
            (e.id, e.context[r.spans[0].start : r.spans[0].end] if r.spans else "", r.null_odds)
            for e, (_, r) in zip(mine, readings, strict=True)
        ]
        everyone = gather_object(verdicts)
        scores = metrics.squad_scores(
            {id_: text for id_, text, _ in everyone},
            {e.id: [gold.text for gold in e.answers] for e in self.validation},
            {id_: min(odds, 1e9) for id_, _, odds in everyone},
        )
        report = {
            "eval_exact": scores["best_exact"],
            "eval_f1": scores["best_f1"],
            "eval_threshold": scores["best_f1_thresh"],
            "eval_questions": float(len(self.validation)),
        }
        if "HasAns_f1" in scores:
            report["eval_answerable_f1"] = scores["HasAns_f1"]
        self.log(report)
        self.control: TrainerControl = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, report
        )
        return report

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        super().log(logs, start_time)
        self.state.log_history[-1]["epoch"] = round((self.state.epoch or 0) * self.epochs, 3)
        if self.args.use_cpu:
            trim()

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """Write elsewhere, flush to disk, then rename: a checkpoint is whole or absent."""
        final_root = Path(self.args.output_dir)
        name = f"checkpoint-{self.state.global_step}"
        staging = final_root / ".writing"
        limit = self.args.save_total_limit
        try:
            self.args.output_dir, self.args.save_total_limit = str(staging), None
            super()._save_checkpoint(model, trial)
        finally:
            self.args.output_dir, self.args.save_total_limit = str(final_root), limit
        self.accelerator.wait_for_everyone()
        if self.args.should_save:
            self._name_best(final_root, name)
            self.state.save_to_json(str(staging / name / TRAINER_STATE_NAME))
            publish(staging / name, final_root / name)
            shutil.rmtree(staging, ignore_errors=True)
            self._rotate(final_root)
        self.accelerator.wait_for_everyone()
        self._name_best(final_root, name)

    def _name_best(self, root: Path, newest: str) -> None:
        """Note where the best checkpoint will stand, not where it was staged."""
        best = f"checkpoint-{self.state.best_global_step}"
        if self.state.best_global_step and (best == newest or (root / best).is_dir()):
            self.state.best_model_checkpoint = str(root / best)

    def _rotate(self, root: Path) -> None:
        best = f"checkpoint-{self.state.best_global_step}"
        checkpoints = complete_checkpoints(root)
        for old in checkpoints[: max(0, len(checkpoints) - (self.args.save_total_limit or 2))]:
            if old.name != best:
                shutil.rmtree(old, ignore_errors=True)


def plausible_loss(
    logits: tuple[torch.Tensor, torch.Tensor], null: torch.Tensor, spans: torch.Tensor
) -> torch.Tensor:
    """Cross entropy of plausible spans among all positions but that of the null token.

    logits: of starts and of ends, each ``[n, L]``. null: int64 ``[n]``. spans: int64 ``[n, 2]``,
    positions of start and end, IGNORED where there is none. A mean over all ``n`` rows.
    """
    total = torch.zeros((), device=spans.device)
    for side, one in enumerate(logits):
        others = one.float().scatter(1, null[:, None], float("-inf"))
        total = total + cross_entropy(others, spans[:, side], ignore_index=IGNORED, reduction="sum")
    return total / (2 * len(spans))


def accepted(model: PreTrainedModel, inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The inputs the model's ``forward`` takes; DistilBERT, for one, has no token types."""
    if getattr(model.config, "type_vocab_size", 0) > 1:
        return inputs
    return {name: value for name, value in inputs.items() if name != "token_type_ids"}


def forward(
    model: PreTrainedModel, inputs: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """One batch through a live model, for `read_pairs`."""
    tensors = {name: torch.from_numpy(array).to(model.device) for name, array in inputs.items()}
    with torch.inference_mode():
        output = model(**accepted(model, tensors))
    return output.start_logits.float().cpu().numpy(), output.end_logits.float().cpu().numpy()


class Bar(ProgressCallback):
    """The progress bar alone: `Speedometer` prints what is logged."""

    def on_log(self, *_: Any, **__: Any) -> None:
        pass


class Speedometer(TrainerCallback):
    """Adds tokens/s and the time left to every log line, and prints it."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self.done = np.concatenate([[0], np.cumsum(tokens)])
        self.began, self.first = 0.0, 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        self.began, self.first = time.monotonic(), state.global_step

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        if not state.is_world_process_zero or logs is None:
            return
        now = min(state.global_step * args.world_size, len(self.done) - 1)
        seconds = time.monotonic() - self.began
        rate = float(self.done[now] - self.done[min(self.first * args.world_size, now)]) / seconds
        left = float(self.done[-1] - self.done[now]) / rate if rate else float("nan")
        shown = "  ".join(
            f"{name.removeprefix('eval_')} {value:.4g}"
            for name, value in logs.items()
            if isinstance(value, (int, float)) and name not in ("epoch", "total_flos")
        )
        tqdm.write(
            f"step {state.global_step}/{state.max_steps}  {shown}  "
            f"{rate:,.0f} tokens/s  {left / 60:.0f} min left",
            file=sys.stderr,
        )
