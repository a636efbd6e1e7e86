from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from typer import Typer
from typer.testing import CliRunner

from benchmarks import labels
from qa_core.data import squad
from qa_core.data.examples import Example, Gold

LONG = "one two three four five six seven eight nine ten"
WORDS = [*LONG.split(), "who", "?", "."]


def _tokenizer() -> Tokenizer:
    """One token a word, laid out as BERT does: [CLS] question [SEP] context [SEP]."""
    vocabulary = {word: number for number, word in enumerate(["[PAD]", "[CLS]", "[SEP]", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
    )
    return tokenizer


TOKENIZER = _tokenizer()


def example(key: str, context: str, answer: str | None) -> Example:
    golds = (Gold(answer, context.index(answer)),) if answer else ()
    return Example(key, "who", context, golds)


EXAMPLES = [
    example("middle", "one two three four .", "two three"),
    example("end", "one two three four", "four"),
    example("inside a token", "one two threefour five", "four"),
    example("none", "one two three .", None),
    example("long", LONG, "six"),
    example("all of the text", LONG, LONG),
]


@pytest.mark.parametrize(
    ("answer", "meant"),
    [((4, 7), (4, 4)), ((4, 13), (4, 5)), ((5, 6), (4, 4)), ((0, 13), (3, 5)), (None, (0, 0))],
)
def test_meant_label_is_the_tokens_that_share_a_character(
    answer: tuple[int, int] | None, meant: tuple[int, int]
) -> None:
    offsets = np.array([[0, 3], [4, 7], [8, 13]])
    assert labels.Labelled(offsets, 3, answer, (0, 0)).meant == meant
    assert labels.Labelled(offsets[:0], 3, answer, (0, 0)).meant == (0, 0)


@pytest.mark.parametrize("answer", [(0, 7), (3, 7), (8, 14)])
def test_meant_label_of_a_window_without_the_whole_answer_is_null(answer: tuple[int, int]) -> None:
    offsets = np.array([[4, 7], [8, 13]])
    assert labels.Labelled(offsets, 3, answer, (0, 0)).meant == (0, 0)


def test_our_labels_are_what_is_meant() -> None:
    windows = list(labels.ours(EXAMPLES, TOKENIZER, max_length=74, stride=2))
    assert [window.label for window in windows] == [(4, 5), (6, 6), (5, 5), (0, 0), (8, 8), (3, 12)]
    assert labels.tally(windows)["mislabelled"] == 0


@settings(deadline=None)
@given(st.integers(0, 199), st.integers(1, 20))
def test_our_labels_are_what_is_meant_in_every_window(first: int, words: int) -> None:
    spoken = [*LONG.split() * 20]
    start, answer = len(" ".join([*spoken[:first], ""])), " ".join(spoken[first : first + words])
    long = Example("long", "who", " ".join(spoken), (Gold(answer, start),))
    windows = list(labels.ours([long], TOKENIZER, max_length=90, stride=21))
    counts = labels.tally(windows)
    assert counts["whole"] >= 1
    assert counts["mislabelled"] == 0


def test_notebook_calls_an_answer_before_the_last_token_no_answer() -> None:
    windows = list(labels.notebooks(EXAMPLES[:4], TOKENIZER, max_length=40, stride=2))
    assert [window.label for window in windows] == [(0, 0), (6, 6), (0, 0), (0, 0)]
    assert labels.tally(windows) == {
        "windows": 4,
        "mislabelled": 2,
        "without": 1,
        "without, mislabelled": 0,
        "whole": 3,
        "whole, mislabelled": 2,
        "whole, no answer": 2,
        "whole, wrong span": 0,
    }


def test_notebook_takes_the_context_of_another_window() -> None:
    # "long" fills windows 0 to 3: the second example looks for its context where window 1 has it,
    # at positions 3 to 6, and finds padding at the end
    questions = [example("long", LONG, None), example("end", "one two", "two")]
    windows = list(labels.notebooks(questions, TOKENIZER, max_length=8, stride=2))
    assert [window.offsets[0, 0] for window in windows] == [0, 8, 19, 28, 0]
    assert (windows[-1].label, windows[-1].meant) == ((0, 0), (4, 4))


def test_both_labellings_cut_the_same_windows() -> None:
    sizes = {"max_length": 74, "stride": 3}
    questions = [*EXAMPLES, example("longer", " ".join([LONG] * 20), None)]
    mine, theirs = (
        labels.ours(questions, TOKENIZER, **sizes),
        labels.notebooks(questions, TOKENIZER, **sizes),
    )
    for own, other in zip(mine, theirs, strict=True):
        np.testing.assert_array_equal(own.offsets, other.offsets)
        assert own.context == other.context


def test_command_prints_both_labellings(tmp_path: Path) -> None:
    data, saved = tmp_path / "dev.json", tmp_path / "tokenizer.json"
    squad.write(EXAMPLES[:4], data)
    TOKENIZER.save(str(saved))
    app = Typer()
    app.command()(labels.main)
    result = CliRunner().invoke(app, ["--data", str(data), "--tokenizer", str(saved)])
    assert result.exit_code == 0, result.output
    rows = {line[:40].strip(): line[40:].split() for line in result.stdout.splitlines()}
    assert rows["windows"] == ["4", "4"]
    assert rows["mislabelled"] == ["0", "0.0%", "2", "66.7%"]
    assert rows['labelled "no answer"'] == ["0", "0.0%", "2", "66.7%"]


def test_command_names_a_file_that_is_missing(tmp_path: Path) -> None:
    app = Typer()
    app.command()(labels.main)
    result = CliRunner().invoke(app, ["--data", str(tmp_path / "none.json")])
    assert result.exit_code == 2
    assert "none.json" in result.output
    assert "Traceback" not in result.output
