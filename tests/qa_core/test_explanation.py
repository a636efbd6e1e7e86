"""Explanations: probabilities that add up, gradients that are gradients, and what is left out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_core.errors import InputError
from qa_core.inference import explanation
from qa_core.inference.explanation import heat, leave_one_out, saliency, tokens_of
from qa_core.inference.reader import Reader
from qa_core.text.sentences import sentences
from tests.support.networks import save_network

CONTEXT = (
    "Naïve café owners sell crème brûlée — 12 € each. 😀 The harbour was opened in 1904 by the"
    " mayor, Ines Soto. It holds 240 boats."
)
QUESTION = "Who opened the harbour?"
PLACE = (CONTEXT.index("Ines"), CONTEXT.index("Ines") + len("Ines Soto"))


@pytest.fixture(scope="module")
def bundled() -> Reader:
    return Reader.load(backend="onnx")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    folder = save_network(tmp_path_factory.mktemp("tiny"))
    return Reader.load(folder, backend="torch", max_length=100, stride=8, max_question_length=16)


def test_explanation_heat_sums_to_one_and_peaks_at_the_answer(bundled: Reader) -> None:
    found = heat(bundled, QUESTION, CONTEXT, PLACE)
    for values, null in zip((found.start, found.end), found.null, strict=True):
        assert np.isclose(values.sum() + null, 1)
    assert found.whole
    first, last = found.start.argmax(), found.end.argmax()
    answer = bundled.answer(QUESTION, CONTEXT)
    best = answer if answer.answerable else answer.alternatives[0]
    assert (found.offsets[first, 0], found.offsets[last, 1]) == (best.start, best.end)


def test_explanation_shows_the_window_that_holds_the_answer(tiny: Reader) -> None:
    context = "The boats came and went. " * 40 + CONTEXT + " The boats came and went." * 40
    place = (context.index("Ines"), context.index("Ines") + 9)
    found = heat(tiny, QUESTION, context, place)
    assert not found.whole
    assert len(found.offsets) < 100
    assert found.offsets[0, 0] < place[0] - 20
    assert place[1] + 20 < found.offsets[-1, 1]


@pytest.mark.parametrize("answered", [True, False])
def test_explanation_gradients_are_the_slope_of_the_score(tiny: Reader, answered: bool) -> None:
    """Scaling a token's embedding by 1 + step moves the score by step times gradient x input."""
    import torch

    found = saliency(tiny, QUESTION, CONTEXT, PLACE, answered=answered)
    assert found.method == "gradient"
    weights = np.array([w.value for w in (*found.question, *found.context)])
    assert np.isclose(weights.sum(), 1)
    assert all(QUESTION[w.start : w.end].strip() for w in found.question)
    window = tiny.windower([QUESTION], [CONTEXT])[0]
    places = [len(window.template.ids[0]) + i for i in range(len(found.question))]
    places += [window.context_position + i for i in range(len(found.context))]
    first, last = (window.context_position + t for t in tokens_of(window.offsets, *PLACE))
    begin, end = (first, last) if answered else (0, 0)
    inputs, _ = tiny.windower.pad([(window, 0)])
    network = tiny.backend.network.double()  # type: ignore[attr-defined]

    def score(place: int, step: float) -> float:
        def scaled(_: object, __: object, output: torch.Tensor) -> torch.Tensor:
            output = output.clone()
            output[0, place] *= 1 + step
            return output

        handle = network.get_input_embeddings().register_forward_hook(scaled)
        try:
            start_logits, end_logits = tiny.backend(inputs)
        finally:
            handle.remove()
        return float(start_logits[0, begin] + end_logits[0, end])

    step = 0.05
    slopes = np.array([abs(score(p, step) - score(p, -step)) / (2 * step) for p in places])
    network.float()
    assert np.allclose(slopes / slopes.sum(), weights, atol=0.01)


def test_explanation_leaves_out_one_sentence_or_word(bundled: Reader) -> None:
    found = saliency(bundled, QUESTION, CONTEXT, PLACE)
    assert found.method == "leave-one-out"
    assert [QUESTION[w.start : w.end] for w in found.question] == [
        "Who",
        "opened",
        "the",
        "harbour",
    ]
    left = [CONTEXT[w.start : w.end].strip() for w in found.context]
    assert left[-1] == "It holds 240 boats."
    assert not any("Ines" in sentence for sentence in left)
    last = found.context[-1]
    window = bundled.windower([QUESTION], [CONTEXT])[0]
    without = CONTEXT[: last.start] + CONTEXT[last.end :]
    scores = explanation._scores(bundled, [(QUESTION, CONTEXT, PLACE), (QUESTION, without, PLACE)])
    assert last.value == pytest.approx(scores[0] - scores[1], abs=1e-4)
    nothing = leave_one_out(bundled, QUESTION, CONTEXT, window, None)
    assert {w.start for w in nothing.context} > {w.start for w in found.context}


@given(st.text(alphabet='ab 1.,!?…。\n"”)', max_size=60))
def test_explanation_sentences_cover_the_text_in_order(text: str) -> None:
    found = sentences(text)
    assert "".join(text[a:b] for a, b in found).split() == text.split()
    assert all(a < b for a, b in found)


def test_explanation_sentences_keep_numbers_together() -> None:
    text = "5. Rent. It is 3.50 euros (“sure?”) Yes... In 1843. 東京だ。はい。\n- a point\nlast"
    assert [text[a:b].strip() for a, b in sentences(text)] == [
        "5. Rent.",
        "It is 3.50 euros (“sure?”) Yes...",
        "In 1843.",
        "東京だ。",
        "はい。",
        "- a point",
        "last",
    ]


def test_explanation_refuses_a_span_outside_the_context(bundled: Reader) -> None:
    with pytest.raises(InputError, match="expected a span within"):
        heat(bundled, QUESTION, "short", (2, 99))


def test_explanation_copes_with_a_lone_word(bundled: Reader, tiny: Reader) -> None:
    for reader in (bundled, tiny):
        for place in (None, (0, 3)):
            found = saliency(reader, "?", "Ada", place, answered=place is not None)
            assert len(found.context) <= 3
