"""What is kept for people, and which part of a long context they see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.policy import Policy, excerpt, reason_to_keep, record_id
from qa_core.errors import InputError

LONG = (
    "Rain fell all day.\nThe mayor, Ines Soto, opened it in 1904! Was it full? 😀 It held 240"
    " boats."
)


def test_one_id_for_a_question_on_a_context() -> None:
    assert record_id("Who?", "Ada.") == record_id("Who?", "Ada.")
    assert len({record_id("a", "bc"), record_id("ab", "c"), record_id("", "abc")}) == 3
    assert len(record_id("Who? \ud83d", "é\u0301😀")) == 32


def test_doubt_and_flags_are_reasons() -> None:
    policy = Policy(threshold=0.6, random_share=0)
    assert reason_to_keep(policy, "q", "c", 0.59) == "doubtful"
    assert reason_to_keep(policy, "q", "c", 0.6) is None
    assert reason_to_keep(policy, "q", "c", 0.99, flagged=True) == "flagged"


def test_about_the_random_share_of_the_sure_ones_is_kept_and_always_the_same_ones() -> None:
    policy = Policy(random_share=0.1)
    kept = [n for n in range(2000) if reason_to_keep(policy, f"q{n}", "c", 0.9)]
    assert 140 < len(kept) < 260  # 200 expected, standard deviation 13
    assert kept == [n for n in range(2000) if reason_to_keep(policy, f"q{n}", "c", 0.8)]
    assert reason_to_keep(Policy(random_share=1), "q", "c", 1.0) == "random"


@pytest.mark.parametrize(
    "setting", [{"threshold": 1.1}, {"random_share": -0.1}, {"daily_budget": -1}, {"excerpt": 0}]
)
def test_policies_that_make_no_sense_are_refused(setting: dict[str, float]) -> None:
    with pytest.raises(InputError, match="expected"):
        Policy(**setting)  # type: ignore[arg-type]


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
