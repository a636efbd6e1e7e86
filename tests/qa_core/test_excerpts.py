"""Pieces of long contexts: for people to see, and to learn from."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qa_core.data.examples import Example, Gold
from qa_core.text.excerpts import excerpt
from qa_core.training.crops import crop

LONG = (
    "Rain fell all day.\nThe mayor, Ines Soto, opened it in 1904! Was it full? 😀 It held 240"
    " boats."
)


def test_an_excerpt_grows_by_whole_sentences_around_the_answer() -> None:
    start = LONG.index("Ines Soto")
    span = (start, start + len("Ines Soto"))
    assert excerpt(LONG, [span], 10).text == "The mayor, Ines Soto, opened it in 1904! "
    assert (
        excerpt(LONG, [span], 60).text
        == "Rain fell all day.\nThe mayor, Ines Soto, opened it in 1904! "
    )
    cut = excerpt(LONG, [span], 80)
    assert cut.text == LONG[: LONG.index("😀")]
    assert cut.inside(*span) == span
    assert cut.inside(0, len(LONG)) is None
    assert excerpt(LONG, [], 25).text == "Rain fell all day.\n"
    assert excerpt(LONG, [span], len(LONG)).text == LONG


TEXTS = st.text(st.sampled_from("ab .!?\n😀。é\u0301\r\"'"), min_size=1, max_size=80)


@given(TEXTS, st.data())
def test_an_excerpt_holds_the_best_span_word_for_word(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    length = data.draw(st.integers(1, len(text) + 5))
    cut = excerpt(text, [(start, end)], length)
    assert text[cut.start : cut.start + len(cut.text)] == cut.text
    inside = cut.inside(start, end)
    assert inside is not None
    assert cut.text[slice(*inside)] == text[start:end]
    assert cut.outside(*inside) == (start, end)


def test_where_the_best_span_stands_in_a_random_excerpt_varies() -> None:
    text = "".join(f"This is number {n} of them. " for n in range(20))
    start = text.index("10")
    cuts = {
        excerpt(text, [(start, start + 2)], 120, np.random.default_rng(seed)).start
        for seed in range(30)
    }
    assert len(cuts) == 4  # four sentences fit, the span's own can be any of them
    assert all(text[cut:].startswith("This") for cut in cuts)


@given(TEXTS, st.data())
def test_a_cropped_example_keeps_its_answer(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    gold = Gold(text[start : start + 3], start)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    length = data.draw(st.integers(1, len(text) + 5))
    for example in (
        Example("a", "Who?", text, answers=(gold,)),
        Example("b", "Who?", text, plausible=(gold,)),
        Example("c", "Who?", text),
    ):
        cut = crop(example, length, rng)
        assert cut.context in text
        assert [g.text for g in cut.answers] == [g.text for g in example.answers]
        assert [g.text for g in cut.plausible] == [g.text for g in example.plausible]
        assert all(cut.context[g.start : g.end] == g.text for g in cut.answers + cut.plausible)
