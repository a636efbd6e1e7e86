"""What the notebook's labels cost: one model, trained twice on the same windows, judged alike.

    python -m benchmarks.notebook --data train-v2.0.json.gz --judge dev-v2.0.json.gz

Both runs begin from the same weights, a MiniLM encoder with a new head, and see the same windows in
the same order, at the same rate. One learns the labels that the notebook's code makes, the other
those that its words ask for (`benchmarks.labels`). Neither is calibrated: a question is declined
where the null score is above the best span's.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from tokenizers import Tokenizer
from tqdm import tqdm
from transformers import PreTrainedModel, get_linear_schedule_with_warmup

from benchmarks.labels import Labelled, notebooks
from qa_core.cli.options import JsonOption
from qa_core.cli.running import run
from qa_core.data import squad
from qa_core.data.examples import Example
from qa_core.evaluation.judging import evaluate
from qa_core.inference.reader import Reader
from qa_core.training.run import load_base, save_model

app = typer.Typer(pretty_exceptions_enable=False)
SEED = 13
BATCH = 16  # windows, as the notebook's
MAX_LENGTH, STRIDE = 400, 128  # tokens, as the notebook's


def batches(windows: Sequence[Labelled]) -> list[list[int]]:
    """Numbers of windows of similar length, in an order that the seed alone decides."""
    rng = np.random.default_rng(SEED)
    lengths = np.array([len(window.ids) for window in windows])
    by_length = np.lexsort((rng.random(len(windows)), lengths // 16))
    made = [by_length[begin : begin + BATCH].tolist() for begin in range(0, len(windows), BATCH)]
    return [made[number] for number in rng.permutation(len(made))]


def learn(
    network: PreTrainedModel,
    windows: Sequence[Labelled],
    labels: Sequence[tuple[int, int]],
    rate: float,
    said: str,
) -> float:
    """One pass over the windows; the mean loss (nats) of its last tenth."""
    order = batches(windows)
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.01)
    schedule = get_linear_schedule_with_warmup(optimizer, len(order) // 20, len(order))
    network.train()
    losses = []
    for chosen in tqdm(order, desc=said, unit=" batches"):
        width = max(len(windows[number].ids) for number in chosen)
        ids = torch.zeros(len(chosen), width, dtype=torch.long)
        kinds, held = torch.zeros_like(ids), torch.zeros_like(ids)
        for row, number in enumerate(chosen):
            window = windows[number]
            ids[row, : len(window.ids)] = torch.tensor(window.ids)
            kinds[row, window.context : len(window.ids)] = 1
            held[row, : len(window.ids)] = 1
        loss = network(
            input_ids=ids, attention_mask=held, token_type_ids=kinds,
            start_positions=torch.tensor([labels[number][0] for number in chosen]),
            end_positions=torch.tensor([labels[number][1] for number in chosen]),
        ).loss  # fmt: skip
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return float(np.mean(losses[-max(1, len(losses) // 10) :]))


def measure(
    examples: Sequence[Example], judged: Sequence[Example], rate: float
) -> dict[str, dict[str, Any]]:
    """Figures of both labellings, by name; percentages but for the loss (nats) and the AUROC."""
    found = {}
    for name in ("as the words say", "as the code does"):
        torch.manual_seed(SEED)
        network, tokenizer = load_base("all-MiniLM-L6-v2", dropout=0.0)
        plain = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
        plain.no_padding()
        windows = list(notebooks(examples, plain, MAX_LENGTH, STRIDE))
        labels = [one.label if name == "as the code does" else one.meant for one in windows]
        loss = learn(network, windows, labels, rate, name)
        with tempfile.TemporaryDirectory() as folder:
            save_model(network, tokenizer, Path(folder))
            report = evaluate(Reader.load(folder, backend="torch"), judged)
        found[name] = {
            "loss": round(loss, 3),
            "exact": round(report.scores["exact"], 1),
            "f1": round(report.scores["f1"], 1),
            "best_f1": round(report.scores["best_f1"], 1),
            "answered_rightly": round(100 * (report.verdicts.answered or 0.0), 1),
            "declined": round(100 * (report.verdicts.declined or 0.0), 1),
            "auroc": round(report.verdicts.auroc or 0.0, 3),
        }
    return found


@app.command()
def main(
    data: Annotated[str, typer.Option(help="Data to learn from.")],
    judge: Annotated[str, typer.Option(help="Data to judge by.")],
    questions: Annotated[int, typer.Option(min=100, help="Questions to learn from.")] = 8000,
    limit: Annotated[int, typer.Option(min=10, help="Questions to judge by.")] = 1000,
    learning_rate: Annotated[float, typer.Option(help="Peak learning rate.")] = 1.5e-4,
    as_json: JsonOption = False,
) -> None:
    """Train with the notebook's labels and with right ones, and judge both."""

    def drawn(name: str, count: int) -> list[Example]:
        everything = squad.read(name)[0]
        chosen = np.random.default_rng(SEED).permutation(len(everything))[:count]
        return [everything[number] for number in sorted(chosen)]

    found = measure(drawn(data, questions), drawn(judge, limit), learning_rate)
    if as_json:
        typer.echo(json.dumps(found))
        return
    for name, figures in found.items():
        typer.echo(f"{name}: " + ", ".join(f"{key} {value}" for key, value in figures.items()))


if __name__ == "__main__":
    run(app)
