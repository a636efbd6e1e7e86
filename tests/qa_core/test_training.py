"""Training: what an epoch holds, and real runs of a tiny model, killed and resumed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from qa_core.cli import running
from qa_core.cli.main import app
from qa_core.data import squad
from qa_core.data.examples import Example, Gold, one_span
from qa_core.errors import DataError, InputError, ModelError
from qa_core.inference.confidence import Calibration
from qa_core.inference.reader import Reader
from qa_core.inference.windows import Windower
from qa_core.models.record import WindowSizes
from qa_core.training.checkpoints import complete_checkpoints
from qa_core.training.crops import crop
from qa_core.training.plan import Rows, pick_validation, plan_batches
from qa_core.training.recipes import RECIPES, Recipe
from qa_core.training.run import precision_for, train
from qa_core.training.trainer import IGNORED, plausible_loss
from tests.support import tiny

ROOT = Path(__file__).parents[2]
FLAGS = {
    "--epochs": "6",
    "--batch-tokens": "400",
    "--learning-rate": "0.001",
    "--max-length": "64",
    "--stride": "8",
    "--max-question-length": "32",
    "--held-out": "0.2",
    "--evaluations": "12",
    "--patience": "99",
    "--report-to": "none",
}
SMALL = Recipe(
    epochs=1,
    batch_tokens=800,
    max_length=96,
    stride=8,
    max_question_length=32,
    held_out=0.2,
    evaluations=2,
    report_to="none",
)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "train.json.gz"
    squad.write(tiny.examples(120), path)
    return path


def rows(count: int = 60) -> tuple[Rows, list[Example]]:
    made = tiny.examples(count)
    windower = Windower(tiny.wordpiece(), WindowSizes(64, 8, 32), null_token_id=2)
    return Rows(made, windower), made


def test_an_epoch_holds_all_unanswerable_and_a_fresh_share_of_the_rest() -> None:
    windows, examples = rows()
    recipe = Recipe(epochs=2, unanswerable=0.5, batch_tokens=300)
    plan = plan_batches(windows, examples, recipe)
    assert max(sum(windows.lengths[i] for i in batch) for batch in plan) <= 300
    owner = {row: e for e, held in enumerate(windows.of_example) for row in held}
    seen = [owner[row] for batch in plan for row in batch]
    no = [e for e, example in enumerate(examples) if not example.answerable]
    assert all(seen.count(e) == 2 * len(windows.of_example[e]) for e in no)
    yes = {e for e in seen if examples[e].answerable}
    assert len(no) < len(yes) <= 2 * len(no)  # the second epoch drew others than the first


def test_answerable_questions_come_first_from_paragraphs_that_have_both_kinds() -> None:
    examples = [
        Example(
            f"{n}", "Who?", f"Ann {n // 2} sailed.", (Gold("Ann", 0),) if n % 2 or n > 9 else ()
        )
        for n in range(60)
    ]
    windower = Windower(tiny.wordpiece(), WindowSizes(64, 8, 32), null_token_id=2)
    plan = plan_batches(Rows(examples, windower), examples, Recipe(epochs=1, unanswerable=0.5))
    assert sorted(i for batch in plan for i in batch) == list(range(10))


def test_a_plausible_answer_is_labelled_where_the_window_holds_it_and_no_answer() -> None:
    text = "Who opened it? " * 20 + "Ines did."
    start = text.index("Ines")
    gold = (Gold("Ines", start),)
    windower = Windower(tiny.wordpiece(), WindowSizes(64, 8, 32), null_token_id=2)
    held = Rows([Example("a", "Who?", text, plausible=gold)], windower).rows
    assert [row.plausible is None for row in held] == [True] * (len(held) - 1) + [False]
    assert {(row.start, row.end) for row in held} == {(0, 0)}
    answered = Rows([Example("b", "Who?", text, answers=gold)], windower).rows
    assert all(row.plausible is None for row in answered)
    assert held[-1].plausible == (answered[-1].start, answered[-1].end)


@pytest.mark.parametrize("cropped", [False, True])
def test_no_window_that_holds_one_of_several_spans_is_taught_no_answer(cropped: bool) -> None:
    """A reader of single spans learns the first of what is scattered, and all of one sentence."""
    filler = "The sea is cold. " * 20
    scattered = f"Ines came. {filler}So did Bob, and Eve."
    listed = f"{filler}Ines, Bob and Eve came. {filler}"
    windower = Windower(tiny.wordpiece(), WindowSizes(64, 8, 32), null_token_id=2)
    for text, words in ((scattered, "Ines"), (listed, "Ines, Bob and Eve")):
        parts = tuple(Gold(name, text.index(name)) for name in ("Ines", "Bob", "Eve"))
        answer = one_span(text, parts)
        assert answer.text == words
        example = Example("a", "Who came?", text, (answer,), parts=parts)
        if cropped:
            example = crop(example, 120, np.random.default_rng(0))
        (gold,) = example.answers
        assert gold.text == words
        found = Rows([example], windower)
        taught = {
            row.window: (row.start, row.end) != tuple(row.windows.labels()[row.window])
            for row in found.rows
        }
        (windows,) = {id(row.windows): row.windows for row in found.rows}.values()
        spans = [(part.start, part.end) for part in example.parts]
        names = np.any([windows.meeting(*span) for span in spans], axis=0)
        assert any(taught.values())
        assert all(taught[window] == names[window] for window in taught)
        assert cropped or text == listed or sum(names) > sum(taught.values())


def test_a_plausible_answer_says_which_span_and_nothing_about_no_answer() -> None:
    starts, ends = torch.randn(2, 2, 5, generator=torch.Generator().manual_seed(0)).unbind()
    starts, ends = starts.requires_grad_(), ends.requires_grad_()
    null, spans = torch.tensor([0, 0]), torch.tensor([[2, 3], [IGNORED, IGNORED]])
    loss = plausible_loss((starts, ends), null, spans)
    expected = -(starts[0, 1:].log_softmax(0)[1] + ends[0, 1:].log_softmax(0)[2]) / 4
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    of_starts, of_ends = torch.autograd.grad(loss, (starts, ends))
    assert (of_starts[:, 0] == 0).all()
    assert (of_ends[1] == 0).all()
    assert of_starts[0, 2] < 0


def test_a_plan_depends_on_the_seed_alone() -> None:
    windows, examples = rows()
    plan = plan_batches(windows, examples, Recipe())
    assert plan == plan_batches(windows, examples, Recipe())
    assert plan != plan_batches(windows, examples, Recipe(seed=1))


def test_part_of_an_epoch_is_that_part_of_its_batches() -> None:
    windows, examples = rows()
    whole, part = (
        plan_batches(windows, examples, Recipe(epochs=epochs, batch_tokens=200))
        for epochs in (1, 0.5)
    )
    assert part == whole[: len(part)]
    assert abs(len(part) - len(whole) / 2) <= 1


def test_processes_get_equal_numbers_of_batches() -> None:
    windows, examples = rows()
    for processes in (2, 3, 7):
        plan = plan_batches(windows, examples, Recipe(batch_tokens=170), processes)
        assert len(plan) % processes == 0


def test_the_notebook_recipe_takes_every_window_at_random() -> None:
    windows, examples = rows()
    plan = plan_batches(windows, examples, RECIPES["notebook"])
    assert sorted(i for batch in plan for i in batch) == sorted(list(range(len(windows))) * 3)
    assert {len(batch) for batch in plan} <= {16, len(windows) % 16}
    notebook = RECIPES["notebook"]
    assert (notebook.epochs, notebook.batch_size, notebook.learning_rate) == (3, 16, 2e-5)
    assert (notebook.weight_decay, notebook.max_length, notebook.stride) == (0.01, 400, 128)
    assert notebook.report_to == "wandb"


def test_validation_has_the_share_of_unanswerable_asked_for() -> None:
    picked = pick_validation(tiny.examples(300), Recipe(validation_questions=100, unanswerable=0.4))
    assert len(picked) == 100
    assert sum(not e.answerable for e in picked) == 40


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unanswerable": 1.5}, "unanswerable: expected 0.01 to 0.99, found 1.5"),
        ({"epochs": 0}, "epochs: expected more than 0"),
    ],
)
def test_a_recipe_refuses_what_makes_no_sense(change: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        replace(Recipe(), **change)  # type: ignore[arg-type]


def test_a_trained_model_is_served(encoder: Path, tmp_path: Path) -> None:
    outcome = train(tiny.examples(60), tmp_path, model=str(encoder), recipe=SMALL, cpu=True)
    assert outcome.figures["validation"]["questions"] > 5
    assert 0 <= outcome.figures["validation"]["f1"] <= 100
    assert load_file(tmp_path / "model.safetensors")["qa_outputs.weight"].dtype == np.float16
    Calibration().save(tmp_path)
    reader = Reader.load(tmp_path, backend="torch")
    assert (reader.windower.sizes.max_length, reader.windower.sizes.stride) == (96, 8)
    assert reader.answer("Who?", "Ines.").model.startswith(tmp_path.name)


def test_validation_shares_no_paragraph_with_training(encoder: Path, tmp_path: Path) -> None:
    made = tiny.examples(30)
    twin = replace(made[0], id="twin")
    with pytest.raises(DataError, match="found 0 and 1"):
        train([made[0]], tmp_path, model=str(encoder), recipe=SMALL, validation=[twin])


def test_a_tracker_that_is_not_installed_is_named(encoder: Path, tmp_path: Path) -> None:
    recipe = replace(SMALL, report_to="a_tracker_nobody_has")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="pip install a_tracker_nobody_has"):
        train(tiny.examples(60), tmp_path, model=str(encoder), recipe=recipe)


def test_a_folder_that_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="model folder or Hub id"):
        train(tiny.examples(60), tmp_path / "out", model=str(tmp_path), recipe=SMALL)


def command(data: Path, encoder: Path, output: Path, *more: str) -> list[str]:
    flags = [part for pair in FLAGS.items() for part in pair]
    return ["-m", "qa_core", "train", "--data", str(data), "--model", str(encoder),
            "--output", str(output), "--cpu", "--json", *flags, *more]  # fmt: skip


def run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture
def run_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[list[str]], subprocess.CompletedProcess[str]]:
    """As `run`, in this process, which has the libraries already."""

    def here(arguments: list[str]) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["qa_core", *arguments[2:]])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            running.run(app)
        assert isinstance(ended.value.code, int)
        return subprocess.CompletedProcess(arguments, ended.value.code, *capsys.readouterr())

    return here


def test_a_killed_run_resumes_to_the_same_weights(
    encoder: Path,
    data: Path,
    tmp_path: Path,
    run_here: Callable[[list[str]], subprocess.CompletedProcess[str]],
) -> None:
    whole = run(command(data, encoder, tmp_path / "whole"))
    assert whole.returncode == 0, whole.stderr

    killed = tmp_path / "killed"
    process = subprocess.Popen(
        [sys.executable, *command(data, encoder, killed)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    writing = killed / "checkpoints" / ".writing"
    while process.poll() is None:
        # Two checkpoints are done and a third one is half written.
        if len(complete_checkpoints(killed / "checkpoints")) >= 2 and writing.exists():
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.0005)
    assert process.wait() == -signal.SIGKILL
    assert not (killed / "model.safetensors").exists()

    refused = run_here(command(data, encoder, killed))
    assert refused.returncode == 1
    assert "add --resume" in refused.stderr
    other = run_here(command(data, encoder, killed, "--resume", "--seed", "5"))
    assert other.returncode == 1
    assert "another data and recipe" in other.stderr  # the seed picks the data too

    older = json.loads((killed / "run.json").read_text())
    older["recipe"]["keep"] = older["recipe"].pop("save_total_limit")
    (killed / "run.json").write_text(json.dumps(older))
    resumed = run(command(data, encoder, killed, "--resume"))
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout)["validation"] == json.loads(whole.stdout)["validation"]
    one, two = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "killed"))
    assert one.keys() == two.keys()
    assert all((one[name] == two[name]).all() for name in one)
    assert not writing.exists()


def test_a_half_written_checkpoint_is_never_picked_up(tmp_path: Path) -> None:
    (tmp_path / ".writing" / "checkpoint-9").mkdir(parents=True)
    for name in ("checkpoint-10", "checkpoint-2"):
        (tmp_path / name).mkdir()
    assert [path.name for path in complete_checkpoints(tmp_path)] == [
        "checkpoint-2",
        "checkpoint-10",
    ]


def test_two_processes_judge_each_question_once(
    encoder: Path,
    data: Path,
    tmp_path: Path,
    run_here: Callable[[list[str]], subprocess.CompletedProcess[str]],
) -> None:
    # On machines without a GPU, too, --multi_gpu is what starts several processes.
    launch = ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes=2",
              "--num_machines=1", "--mixed_precision=no", "--dynamo_backend=no"]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *launch, *command(data, encoder, tmp_path / "two")],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    alone = run_here(command(data, encoder, tmp_path / "one"))
    assert alone.returncode == 0, alone.stderr
    figures, single = json.loads(done.stdout), json.loads(alone.stdout)
    assert figures["validation"]["questions"] == single["validation"]["questions"]
    assert figures["steps"] == -(-single["steps"] // 2)
    assert "2 process(es)" in done.stderr


def test_bfloat16_is_used_where_the_processor_has_it_and_said(
    encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capable = any(torch.cpu.get_capabilities().get(f"{kind}_bf16") for kind in ("avx512", "amx"))
    assert precision_for(SMALL, cpu=True)[0] == capable
    assert precision_for(replace(SMALL, precision="float32"), cpu=True)[0] is False
    train(tiny.examples(30), tmp_path / "a", model=str(encoder), recipe=SMALL, cpu=True)
    expected = "bfloat16 (the device multiplies" if capable else "float32 (the device has no"
    assert f"dtype {expected}" in capsys.readouterr().err
    weights = load_file(tmp_path / "a" / "model.safetensors")
    assert {str(weight.dtype) for weight in weights.values()} == {"float16"}


def test_bfloat16_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    with pytest.raises(InputError, match="expected a device with bfloat16 instructions"):
        precision_for(replace(SMALL, precision="bfloat16"), cpu=True)
    assert precision_for(SMALL, cpu=True) == (False, "the device has no bfloat16 instructions")


def test_freed_memory_is_kept_where_the_library_can() -> None:
    code = (
        "import resource, torch; from qa_core.training.memory import retain_freed_memory;"
        "print(KEEP);"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt;"
        "any(torch.ones(1000 - n, 10_000) is None for n in range(20));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)"
    )
    kept, usual = (
        subprocess.run(
            [sys.executable, "-c", code.replace("KEEP", call)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        ).stdout.split()
        for call in ("retain_freed_memory()", "False")
    )
    if kept[0] == "False":
        pytest.skip("this C library is not glibc")
    assert int(kept[1]) < int(usual[1]) / 4


def test_kept_memory_is_returned() -> None:
    code = (
        "import psutil, torch;"
        "from qa_core.training.memory import retain_freed_memory, return_freed_memory;"
        "print(retain_freed_memory());"
        "held = lambda: print(psutil.Process().memory_info().rss);"
        "held();"
        "any(torch.ones(1000 - n, 100_000) is None for n in range(2)); held();"
        "return_freed_memory(); held();"
        "any(torch.ones(1000 - n, 100_000) is None for n in range(2)); held()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    if run.stdout.startswith("False"):
        pytest.skip("this C library is not glibc")
    before, kept, returned, later = (int(line) for line in run.stdout.split()[1:])
    assert kept > before + 300e6
    assert returned < before + 100e6
    assert later < before + 100e6


def test_a_model_without_a_tokenizer_is_refused(encoder: Path, tmp_path: Path) -> None:
    """transformers makes up one that knows no word, and training would seem to work."""
    bare = tmp_path / "checkpoint-1"
    shutil.copytree(encoder, bare, ignore=shutil.ignore_patterns("*token*", "vocab*", "merges*"))
    with pytest.raises(ModelError, match="expected a tokenizer in"):
        train(tiny.examples(60), tmp_path / "run", model=str(bare), recipe=SMALL)
