"""Training speed: our recipe against the notebook's, on the same data in the same run.

    python -m benchmarks.training --data train-v2.0.json.gz

The notebook trains DistilBERT on batches of 16 windows padded to 400 tokens; ours trains a model
of MiniLM-L6's size on batches by token budget. Both start from random weights, which take the
same time as trained ones. Rounds alternate, so that a busy machine slows both alike.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from transformers import (
    AutoConfig,
    AutoModelForQuestionAnswering,
    AutoTokenizer,
    DistilBertConfig,
    PreTrainedConfig,
    PrinterCallback,
)

from qa_core.data import squad
from qa_core.training.plan import Rows, plan_batches
from qa_core.training.recipes import RECIPES, Recipe, base_model
from qa_core.training.run import set_schedule, training_arguments, windower_for
from qa_core.training.trainer import SpanTrainer


def seconds(
    recipe: Recipe, config: PreTrainedConfig, rows: Rows, batches: list[list[int]], cpu: bool
) -> float:
    """Time a run over ``batches``, without setting up and without judging."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = training_arguments(replace(recipe, report_to="none"), Path(folder), cpu)
        set_schedule(arguments, len(batches), recipe)
        arguments.eval_strategy = arguments.save_strategy = "no"
        arguments.load_best_model_at_end = False
        trainer = SpanTrainer(
            plan=batches,
            windower=rows.windower,
            validation=[],
            pad_length=recipe.max_length if recipe.batch_size else None,
            plausible=recipe.plausible,
            epochs=1,
            model=AutoModelForQuestionAnswering.from_config(config, attn_implementation="eager"),
            args=arguments,
            train_dataset=rows,
        )
        trainer.remove_callback(PrinterCallback)
        began = time.perf_counter()
        trainer.train()
        return time.perf_counter() - began


def main(
    data: Annotated[Path, typer.Option(help="SQuAD file to train on.")],
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    steps: Annotated[int, typer.Option(min=1, help="Steps a round, of the notebook's.")] = 3,
    cpu: Annotated[bool, typer.Option("--cpu")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print windows per second of both, and their ratio."""
    examples = squad.read(data)[0]
    examples = [examples[i] for i in np.random.default_rng(0).permutation(len(examples))[:4000]]
    tokenizer = AutoTokenizer.from_pretrained(base_model("all-MiniLM-L6-v2"))
    configs = {
        "notebook": DistilBertConfig(vocab_size=tokenizer.vocab_size),
        "default": AutoConfig.from_pretrained(base_model("all-MiniLM-L6-v2")),
    }
    rates: dict[str, list[float]] = {name: [] for name in configs}
    plans = {}
    for name in configs:
        recipe = replace(RECIPES[name], epochs=1, unanswerable=None)
        rows = Rows(examples, windower_for(tokenizer, recipe))
        plans[name] = (recipe, rows, plan_batches(rows, examples, recipe))
    for turn in range(rounds):
        for name, (recipe, rows, plan) in plans.items():
            count = steps * (1 if name == "notebook" else 3)
            batches = plan[turn * count : (turn + 1) * count]
            config = configs[name]
            if recipe.dropout is not None:
                config.attention_probs_dropout_prob = config.hidden_dropout_prob = recipe.dropout
            taken = seconds(recipe, config, rows, batches, cpu)
            rates[name].append(sum(map(len, batches)) / taken)
            print(f"round {turn + 1} {name}: {rates[name][-1]:.2f} windows/s", file=sys.stderr)
    medians = {name: statistics.median(values) for name, values in rates.items()}
    ratio = medians["default"] / medians["notebook"]
    if as_json:
        print(json.dumps({"windows_per_second": medians, "ratio": ratio}))
    else:
        print(f"ours {medians['default']:.2f}, notebook {medians['notebook']:.2f} windows/s")
        print(f"ratio {ratio:.1f}")


if __name__ == "__main__":
    typer.run(main)
