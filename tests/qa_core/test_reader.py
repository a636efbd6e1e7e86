"""The reader with the model that comes with the project: right answers, or clear errors."""

import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_core.errors import InputError, ModelError
from qa_core.inference.answer import Answer
from qa_core.inference.reader import Reader

LIGHTHOUSE = (
    "The lighthouse on Skerry Island was built in 1871 by the engineer Agnes Murray. "
    "It stands 42 metres tall, and its lamp can be seen from 30 kilometres away. "
    "Until 1966 a keeper lived there; since then the light has worked by itself."
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def check(answer: Answer, context: str) -> None:
    """What holds for every answer."""
    assert context[answer.start : answer.end] == answer.text
    assert answer.answerable == bool(answer.text)
    assert 0 <= answer.confidence <= 1
    taken = [(answer.start, answer.end)] if answer.answerable else []
    for span in answer.alternatives:
        assert context[span.start : span.end] == span.text
        assert span.text
        assert 0 <= span.confidence <= 1
        assert all(span.end <= a or span.start >= b for a, b in taken)
        taken.append((span.start, span.end))
    scores = [span.score for span in answer.alternatives]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When was the lighthouse built?", "1871"),
        ("Who built the lighthouse?", "Agnes Murray"),
        ("How tall is the lighthouse?", "42 metres"),
    ],
)
def test_it_finds_answers(reader: Reader, question: str, expected: str) -> None:
    answer = reader.answer(question, LIGHTHOUSE)
    check(answer, LIGHTHOUSE)
    assert expected in answer.text
    assert answer.confidence > 0.5
    assert answer.null_odds < reader.calibration.threshold


def test_it_says_when_the_text_does_not(reader: Reader) -> None:
    answer = reader.answer("Who won the chess tournament in Lisbon?", LIGHTHOUSE)
    check(answer, LIGHTHOUSE)
    assert not answer.answerable
    assert (answer.text, answer.start, answer.end) == ("", 0, 0)
    assert answer.alternatives[0].score == answer.score
    assert answer.confidence > 0.5


def test_offsets_survive_anything_around_the_answer(reader: Reader) -> None:
    for prefix in [
        "",
        " \r\n",
        "\ufeff",
        "😀👩‍👩‍👧 ",
        "e\u0301\u0301 ",
        "אבג ",
        "\x00\x07 ",
        "\t\n" * 50,
    ]:
        context = prefix + LIGHTHOUSE
        answer = reader.answer("When was the lighthouse built?", context)
        check(answer, context)
        assert answer.text == "1871"
        assert answer.start == context.index("1871")


def test_every_occurrence_keeps_its_own_place(reader: Reader) -> None:
    context = "Anna scored in the first half. Later Anna scored again."
    answer = reader.answer("Who scored?", context, top_k=5)
    spans = [(answer.start, answer.end), *((s.start, s.end) for s in answer.alternatives)]
    assert {(0, 4), (37, 41)} <= set(spans)


def test_top_k_is_filled_where_there_are_spans(reader: Reader) -> None:
    for k in (1, 4, 9):
        assert len(reader.answer("When was it built?", LIGHTHOUSE, top_k=k).alternatives) == k
    assert len(reader.answer("Who?", "Anna.", top_k=9).alternatives) < 9


def test_a_batch_gives_what_single_questions_give(reader: Reader) -> None:
    long = "Boats come and go. " * 300 + LIGHTHOUSE
    pairs = [
        ("When was the lighthouse built?", long),
        ("Who built it?", LIGHTHOUSE),
        ("Who?", "Anna."),
    ]
    for pair, together in zip(pairs, reader.answer_batch(pairs), strict=True):
        alone = reader.answer(*pair)
        check(together, pair[1])
        assert (together.text, together.start) == (alone.text, alone.start)
        assert together.score == pytest.approx(alone.score, abs=0.05)
    assert reader.answer_batch([]) == []


def test_an_answer_far_down_a_long_text_is_found(reader: Reader) -> None:
    filler = "The market opens at nine and sells fruit, cloth and tin pans. " * 200
    context = filler + LIGHTHOUSE + filler
    answer = reader.answer("Who built the lighthouse on Skerry Island?", context)
    check(answer, context)
    assert "Agnes Murray" in [answer.text, *(s.text for s in answer.alternatives)]


def test_a_long_question_is_cut_with_a_warning(reader: Reader) -> None:
    answer = reader.answer("When was the lighthouse built? " + "Please tell me. " * 200, LIGHTHOUSE)
    check(answer, LIGHTHOUSE)
    assert any("only its beginning was read" in warning for warning in answer.warnings)


@given(
    question=st.text(min_size=1, max_size=40).filter(lambda t: bool(t.strip())),
    context=st.text(min_size=1, max_size=200).filter(lambda t: bool(t.strip())),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_gives_a_valid_answer(reader: Reader, question: str, context: str) -> None:
    check(reader.answer(question, context), context)


@pytest.mark.parametrize(
    ("question", "context", "message"),
    [
        ("", LIGHTHOUSE, "question: expected some text, found none"),
        (" \n\t", LIGHTHOUSE, "question: expected some text, found none"),
        ("Who?", "\u3000", "context: expected some text, found none"),
        ("Who?", "a \ud83d b", r"context: .* lone surrogate U\+D83D at 2"),
        ("Who\udfff?", LIGHTHOUSE, r"question: .* lone surrogate U\+DFFF at 3"),
        ("Who?", None, "context: expected text, found NoneType"),
    ],
)
def test_what_cannot_be_read_is_refused(
    reader: Reader, question: str, context: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        reader.answer(question, context)


def test_a_bad_pair_is_named_and_none_is_answered(reader: Reader) -> None:
    with pytest.raises(InputError, match="context of pair 1"):
        reader.answer_batch([("Who?", LIGHTHOUSE), ("Who?", "")])
    with pytest.raises(InputError, match="top_k"):
        reader.answer("Who?", LIGHTHOUSE, top_k=0)


def test_threads_share_a_reader(reader: Reader) -> None:
    questions = ["When was it built?", "Who built it?", "How tall is it?", "Who kept bees?"]
    expected = [reader.answer(q, LIGHTHOUSE) for q in questions]
    wrong: list[str] = []

    def ask(number: int) -> None:
        for turn in range(6):
            which = (number + turn) % len(questions)
            answer = reader.answer(questions[which], LIGHTHOUSE)
            if answer != expected[which]:
                wrong.append(f"{questions[which]}: {answer}")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_answers_name_the_model_and_its_version(reader: Reader) -> None:
    name, _, version = reader.answer("Who?", LIGHTHOUSE).model.partition("@")
    assert name == "spanloop"
    assert len(version) == 8


def test_the_bundled_model_is_calibrated(reader: Reader) -> None:
    assert reader.calibrated
    assert reader.answer("Who built it?", LIGHTHOUSE).warnings == ()


def test_serving_imports_nothing_heavy() -> None:
    import subprocess

    code = (
        "import sys; from qa_core.inference.reader import Reader; "
        "Reader.load().answer('Who?', 'Anna.'); "
        "heavy = {'torch', 'transformers', 'datasets', 'sklearn', 'setfit', 'argilla', "
        "'matplotlib'}; print(sorted(heavy & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_a_missing_model_is_named() -> None:
    with pytest.raises(ModelError, match="nowhere"):
        Reader.load("./nowhere")
