"""An answer's bounds are those that a careful person would mark."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_core.inference.bounds import tidy


@pytest.mark.parametrize(
    ("context", "marked", "wanted"),
    [
        ("within ninety (90) days of it", "ninety (90", "ninety (90) days"),
        ("within ninety (90) days of it", "ninety (90)", "ninety (90) days"),
        ("within twenty-one (21) days of it", "twenty-one", "twenty-one (21) days"),
        ("no pets but one (1) cat", "one", "one (1)"),
        ("all but one (see below) came", "one", "one"),
        ("They paid $5.2 million for it.", "5.2", "$5.2 million"),
        ("They paid $5.2 million for it.", "$5.2 million", "$5.2 million"),
        ("Bake at 150 °C fan for an hour.", "150", "150 °C"),
        ("Up by 12% since May.", "12", "12%"),
        ("It opens at 9 am on weekdays.", "9", "9 am"),
        ("It was 1904. In May it rained.", "1904", "1904"),
        ("2. The bins go out at **7 am**.\n3. Keep the gate shut.", "7 am**.\n3.", "7 am"),
        ("1. Heat it to gas 4.\n2. Beat it.", "gas 4.\n2", "gas 4"),
        ("It rained in\n1904.", "rained in\n1904", "rained in\n1904"),
        ("- call *Ines Soto*\n- pay the rent", "*Ines Soto*\n- ", "Ines Soto"),
        ("| Timber | 4.5 |", "4.5 |", "4.5"),
        ("the mayor (Ines Soto) said", "(Ines Soto", "(Ines Soto)"),
        ("the mayor (Ines Soto of the long harbour) said", "(Ines Soto", "Ines Soto"),
        ("the mayor Ines Soto) said", "Ines Soto)", "Ines Soto"),
        ("see Ines Soto (who was mayor of the town) there", "Ines Soto (who", "Ines Soto"),
        ("Ines Soto, the mayor", "Ines Soto, ", "Ines Soto"),
        ("f(x) = 2 is given", "f(x)", "f(x)"),
        ("it costs 5 m of rope", "5", "5 m"),
        ("it has 5 men", "5", "5"),
        ("the flat has 3 bedrooms", "3", "3"),
        ("unbelievable", "believ", "unbelievable"),
    ],
)
def test_bounds(context: str, marked: str, wanted: str) -> None:
    start = context.index(marked)
    found = tidy(context, start, start + len(marked))
    assert context[slice(*found)] == wanted


@given(st.text(alphabet="a1 (.)[*\n$%é😀-", max_size=30), st.data())
def test_bounds_stay_in_the_text_and_settle(context: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(0, len(context) - 1)))
    end = data.draw(st.integers(min(start + 1, len(context)), len(context)))
    if start < end:
        first, last = tidy(context, start, end)
        assert 0 <= first < last <= len(context)


@pytest.mark.parametrize(
    "between", ["\n", " \n", "\t", "*", "_", ".", "(", "a", "1", "1.\n", "- \n"]
)
def test_bounds_of_words_far_apart_are_found_at_once(between: str) -> None:
    """A search that goes back and forth in what stands between would never end."""
    context = f"Ann{between * 100_000}Bob"
    for end in (len(context), len(context) - 3):
        first, last = tidy(context, 0, end)
        assert context[first:last].startswith("Ann")
