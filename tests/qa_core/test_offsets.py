"""Code points and UTF-16 units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_core.errors import InputError
from qa_core.text.offsets import check_span, from_utf16, stands, to_utf16, trimmed, well_formed

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("😀👩‍🚀é\u0301\r\nאب𝒳"))


@given(TEXTS, st.data())
def test_both_ways_are_what_an_encoder_counts(text: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(text)))
    units = len(text[:position].encode("utf-16-le")) // 2
    assert to_utf16(text, position) == units
    assert from_utf16(text, units) == position


def test_emoji_shift_what_comes_after_them() -> None:
    text = "😀😀 the answer"
    start = text.index("answer")
    assert (start, to_utf16(text, start)) == (7, 9)
    assert from_utf16(text, to_utf16(text, len(text))) == len(text)


@pytest.mark.parametrize("units", [-1, 1, 3, 6])
def test_half_characters_and_places_outside_are_refused(units: int) -> None:
    with pytest.raises(InputError, match="up to 5 UTF-16 units, found"):
        from_utf16("😀😀a", units)


@pytest.mark.parametrize("position", [-1, 4])
def test_code_points_outside_are_refused(position: int) -> None:
    with pytest.raises(InputError, match=f"0 to 3 code points, found {position}"):
        to_utf16("😀😀a", position)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [(0, 3, "ans"), (2, 2, ""), (-6, 8, ""), (2, 99, "answer"), (4, 2, "")],
)
def test_a_span_that_is_not_its_words_is_refused(start: int, end: int, words: str) -> None:
    check_span("😀 answer", 2, 8, "answer")
    with pytest.raises(InputError, match="offsets are counted in another unit"):
        check_span("😀 answer", start, end, words)


@given(TEXTS, st.data())
def test_a_span_is_trimmed_to_what_is_left_of_its_words(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = trimmed(text, start, end)
    assert start <= first <= last <= end
    assert text[first:last] == text[start:end].strip()
    assert stands(text, first, text[start:end].strip())
    assert not stands(text, start, text[start:] + "x")
    assert not stands(text, -1, text[-1:])


def test_a_text_is_made_well_formed() -> None:
    assert well_formed("a \ud83d\ude00 b \ud83d c") == "a 😀 b \ufffd c"
