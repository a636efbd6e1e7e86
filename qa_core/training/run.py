"""Fine-tuning an encoder to extract answers, on transformers' ``Trainer``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import (
    AutoConfig,
    AutoTokenizer,
    EarlyStoppingCallback,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PrinterCallback,
    ProgressCallback,
    TrainingArguments,
    set_seed,
)
from transformers.utils import logging

from qa_core.data.augmentation import augment
from qa_core.data.examples import Example
from qa_core.data.splits import split_by_paragraph
from qa_core.errors import DataError, InputError, ModelError
from qa_core.inference.spans import MAX_ANSWER_TOKENS
from qa_core.inference.windows import Windower
from qa_core.models.backends import torch_network
from qa_core.training.checkpoints import claim, complete_checkpoints, fingerprint
from qa_core.training.crops import crop
from qa_core.training.distillation import soften
from qa_core.training.negatives import misplace, swap
from qa_core.training.plan import Rows, pick_validation, plan_batches
from qa_core.training.recipes import RECIPES, Recipe, base_model
from qa_core.training.trainer import Bar, SpanTrainer, Speedometer, forward

# transformers makes a tokenizer of the special tokens alone where a folder has none.
FEWEST_TOKENS = 16
# As the configurations of the usual families call it.
HIDDEN_DROPOUTS = ("hidden_dropout_prob", "dropout")
ATTENTION_DROPOUTS = ("attention_probs_dropout_prob", "attention_dropout")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to: the folder of the model, and figures on the validation split.

    primary: whether this process is the one, of several, that speaks for the run.
    """

    model: Path
    figures: dict[str, Any]
    primary: bool


def train(
    examples: Sequence[Example],
    output: Path,
    *,
    model: str = "all-MiniLM-L6-v2",
    recipe: Recipe | None = None,
    resume: bool = False,
    validation: Sequence[Example] | None = None,
    distillation: Sequence[Example] = (),
    cpu: bool = False,
) -> Outcome:
    """Fine-tune ``model`` on ``examples`` and leave the best checkpoint by F1 in ``output``.

    Without ``validation`` a share of the paragraphs is held out (`Recipe.held_out`); no
    paragraph is ever on both sides. Checkpoints go to ``output/checkpoints``; with ``resume`` a
    run that was killed goes on from the last one as if nothing had happened, and refuses other
    data or another recipe. ``distillation``: questions, whatever their answers, on which the model
    shall go on to say what it says before training. Runs as it is under ``accelerate launch``.
    Raises DataError, InputError or ModelError.
    """
    recipe = recipe or RECIPES["default"]
    if recipe.report_to != "none" and find_spec(recipe.report_to) is None:
        raise InputError(
            f"report_to: expected an installed package, found no {recipe.report_to}; "
            f"run `pip install {recipe.report_to}`, or report to tensorboard or none"
        )
    if validation is None:
        learning, held_out = split_by_paragraph(examples, recipe.held_out)
    else:
        reserved = {example.context for example in validation}
        learning = [example for example in examples if example.context not in reserved]
        held_out = list(validation)
    judged = pick_validation(held_out, recipe)
    if not learning or not judged:
        raise DataError(
            f"expected examples to learn from and to validate on, found {len(learning)} and "
            f"{len(judged)}; give more paragraphs or another held_out than {recipe.held_out}"
        )
    answerable = sum(example.answerable for example in learning)
    learning = [
        *learning,
        *misplace(learning, round(recipe.misplaced * answerable), seed=recipe.seed),
        *swap(learning, round(recipe.swapped * answerable), seed=recipe.seed),
    ]
    if recipe.messy:
        learning = augment(learning, recipe.messy, seed=recipe.seed)
    whole = learning
    if recipe.crop is not None:
        rng = np.random.default_rng(recipe.seed)
        learning = [crop(example, recipe.crop, rng) for example in whole]

    checkpoints = output / "checkpoints"
    known = fingerprint([*learning, *distillation], judged, model, recipe)
    claim(output, checkpoints, known, resume)
    set_seed(recipe.seed)
    network, tokenizer = load_base(model, recipe.dropout, recipe.layers)
    if recipe.frozen is not None:
        freeze(network, recipe.frozen)
    windower = windower_for(tokenizer, recipe)
    rows = Rows([*learning, *distillation], windower)
    arguments = training_arguments(recipe, checkpoints, cpu)
    unlabelled = [replace(example, answers=()) for example in distillation]
    plan = plan_batches(rows, [*whole, *unlabelled], recipe, arguments.world_size)
    if distillation:
        network.eval().to(arguments.device)
        held = (row for owned in rows.of_example[len(learning) :] for row in owned)
        soften(rows, held, windower, lambda inputs: forward(network, inputs))
    set_schedule(arguments, len(plan) // arguments.world_size, recipe)
    pad_length = recipe.max_length if recipe.batch_size else None
    trainer = SpanTrainer(
        plan=plan,
        windower=windower,
        validation=judged,
        pad_length=pad_length,
        plausible=recipe.plausible,
        epochs=recipe.epochs,
        model=network,
        args=arguments,
        train_dataset=rows,
        callbacks=[
            EarlyStoppingCallback(recipe.patience),
            Speedometer([sum(rows.lengths[i] for i in batch) for batch in plan]),
        ],
    )
    trainer.remove_callback(PrinterCallback)
    if trainer.pop_callback(ProgressCallback):
        trainer.add_callback(Bar)
    if arguments.should_log:
        print(
            announce(arguments, cpu, recipe, network, learning, judged, plan, rows), file=sys.stderr
        )
    last = complete_checkpoints(checkpoints)[-1:] if resume else []
    trainer.train(resume_from_checkpoint=str(last[0]) if last else None)
    figures = {
        "validation": {
            "exact": next(
                (
                    entry["eval_exact"]
                    for entry in trainer.state.log_history
                    if entry.get("step") == trainer.state.best_global_step and "eval_exact" in entry
                ),
                None,
            ),
            "f1": trainer.state.best_metric,
            "questions": len(judged),
        },
        "steps": trainer.state.global_step,
        "best_step": trainer.state.best_global_step,
    }
    if arguments.should_save:
        save_model(network, tokenizer, output)
        base = Path(model).name if Path(model).is_dir() else model
        record = {"recipe": asdict(recipe), "base_model": base, "figures": figures}
        (output / "training.json").write_text(json.dumps(record, indent=2) + "\n")
    return Outcome(output, figures, arguments.should_save)


def load_base(
    model: str, dropout: float | None = None, layers: int | None = None
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A network with a question-answering head, in float32, and its fast tokenizer.

    ``dropout`` and ``layers`` as in `Recipe`. Raises InputError or ModelError.
    """
    name = base_model(model)
    logging.set_verbosity_error()  # a new head's weights are missing, as they should be
    attention = "sdpa" if torch.cuda.is_available() else "eager"  # eager is faster on CPU
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
        config = AutoConfig.from_pretrained(name, trust_remote_code=False)
        if dropout is not None:
            chosen = dict.fromkeys(HIDDEN_DROPOUTS, dropout) | dict.fromkeys(
                ATTENTION_DROPOUTS, 0.0
            )
            for field_name, probability in chosen.items():
                if hasattr(config, field_name):
                    setattr(config, field_name, probability)
        if layers is not None:
            if layers > config.num_hidden_layers:
                raise InputError(
                    f"layers: expected at most {config.num_hidden_layers}, as {model} has, "
                    f"found {layers}"
                )
            config.num_hidden_layers = layers
        network, _ = torch_network(name, config, dtype=torch.float32, attn_implementation=attention)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(
            f"expected a model folder or Hub id for transformers, found {model!r}: {reason}"
        ) from error
    if len(tokenizer) < FEWEST_TOKENS:
        raise ModelError(
            f"expected a tokenizer in {model!r}, found none: copy tokenizer.json and "
            "tokenizer_config.json beside the weights; a run's checkpoints have none"
        )
    if not tokenizer.is_fast:
        raise ModelError(
            f"expected a fast tokenizer, found a slow one in {model!r}; convert it first"
        )
    return network, tokenizer


def freeze(network: PreTrainedModel, layers: int) -> None:
    """Keep the embeddings and the lowest ``layers`` as they are. Raises InputError."""
    count = network.config.num_hidden_layers
    stack = next(
        (
            module
            for module in network.modules()
            if isinstance(module, torch.nn.ModuleList) and len(module) == count
        ),
        None,
    )
    if stack is None or layers > count:
        raise InputError(
            f"frozen: expected at most {count}, the layers of {network.config.model_type}, "
            f"found {layers}"
        )
    for module in (network.base_model.embeddings, *list(stack)[:layers]):
        module.requires_grad_(False)


def windower_for(tokenizer: PreTrainedTokenizerBase, recipe: Recipe) -> Windower:
    """The windows of a transformers tokenizer, sized by the recipe."""
    return Windower(
        tokenizer.backend_tokenizer,
        recipe.windows,
        null_token_id=tokenizer.cls_token_id,
        pad_token_id=tokenizer.pad_token_id or 0,
        padding_side="left" if tokenizer.padding_side == "left" else "right",
    )


def accelerator_is_available() -> bool:
    """Whether torch can train on something faster than the CPU."""
    return torch.cuda.is_available() or torch.backends.mps.is_available()


def precision_for(recipe: Recipe, cpu: bool) -> tuple[bool, str]:
    """Whether matrix products run in bfloat16, and why.

    Raises InputError where the recipe asks for it and the device has none.
    """
    if cpu:
        can = any(torch.cpu.get_capabilities().get(f"{kind}_bf16") for kind in ("avx512", "amx"))
    else:
        can = torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    if recipe.precision == "bfloat16" and not can:
        raise InputError(
            "precision: expected a device with bfloat16 instructions, found none; "
            "choose auto or float32"
        )
    if recipe.precision == "float32":
        return False, "the recipe says so"
    if can:
        return True, "the device multiplies it fastest; weights and sums stay float32"
    return False, "the device has no bfloat16 instructions"


def training_arguments(recipe: Recipe, checkpoints: Path, cpu: bool) -> TrainingArguments:
    """The recipe in the Trainer's terms, but for what depends on the number of steps."""
    cpu = cpu or not accelerator_is_available()
    return TrainingArguments(
        output_dir=str(checkpoints),
        num_train_epochs=1,  # the plan holds every batch of every epoch
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        warmup_steps=recipe.warmup,
        lr_scheduler_type="linear",
        optim="adamw_torch_fused",
        save_total_limit=recipe.save_total_limit,
        load_best_model_at_end=True,
        metric_for_best_model="f1",
        greater_is_better=True,
        eval_strategy="steps",
        save_strategy="steps",
        logging_strategy="steps",
        remove_unused_columns=False,
        restore_callback_states_from_checkpoint=True,  # the patience already used up
        report_to=[] if recipe.report_to == "none" else [recipe.report_to],
        disable_tqdm=not sys.stderr.isatty(),
        ddp_find_unused_parameters=False,
        use_cpu=cpu,
        bf16=precision_for(recipe, cpu)[0],
        seed=recipe.seed,
    )


def set_schedule(arguments: TrainingArguments, steps: int, recipe: Recipe) -> None:
    """Spread the recipe's evaluations, each with a checkpoint, over ``steps``."""
    every = max(1, -(-steps // recipe.evaluations))
    arguments.max_steps = steps
    arguments.eval_steps = arguments.save_steps = every
    arguments.logging_steps = min(50, every)


def announce(
    arguments: TrainingArguments,
    cpu: bool,
    recipe: Recipe,
    network: PreTrainedModel,
    learning: Sequence[Example],
    judged: Sequence[Example],
    plan: Sequence[Sequence[int]],
    rows: Rows,
) -> str:
    """What is about to be trained, where and in which precision, and why."""
    device = arguments.device
    why = {
        "cuda": "a CUDA device is there",
        "mps": "an Apple GPU is there",
        "cpu": "--cpu was given" if cpu else "no GPU was found",
    }.get(device.type, "transformers chose it")
    bfloat16, why_dtype = precision_for(recipe, arguments.use_cpu)
    tokens = sum(rows.lengths[i] for batch in plan for i in batch)
    unanswerable = sum(not example.answerable for example in learning)
    return (
        f"device {device} ({why}), {arguments.world_size} process(es), "
        f"{torch.get_num_threads()} threads; "
        f"dtype {'bfloat16' if bfloat16 else 'float32'} ({why_dtype})\n"
        f"{network.config.model_type}, {network.num_parameters() / 1e6:.1f} M parameters; "
        f"{len(learning):,} examples ({unanswerable:,} unanswerable), {len(rows):,} windows; "
        f"{len(plan):,} batches, {tokens:,} tokens; {len(judged):,} validation questions"
        + warnings_of(rows)
    )


def warnings_of(rows: Rows) -> str:
    """What of the answers cannot be learned or will never be given, a line each; "" if nothing."""
    said = ""
    if rows.torn:
        said += (
            f"\nwarning: {rows.torn:,} windows are left out: they hold a part of an answer that no "
            "window holds whole; raise max_length or stride"
        )
    if rows.long:
        said += (
            f"\nwarning: {rows.long:,} answers are longer than {MAX_ANSWER_TOKENS} tokens, the "
            "longest that a reader gives; load it with a higher max_answer_tokens"
        )
    return said


def save_model(network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, output: Path) -> None:
    """Write weights as float16 safetensors, configuration and tokenizer, for `Reader.load`."""
    network.to(torch.float16).save_pretrained(output)
    tokenizer.save_pretrained(output)
