"""The items of answers that are lists, and of no others."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_core.inference.lists import items


@pytest.mark.parametrize(
    ("question", "answer", "wanted"),
    [
        ("Who came?", "Ann, Bob and Eve", ["Ann", "Bob", "Eve"]),
        ("Who came?", "Ann, Bob, and Eve", ["Ann", "Bob", "Eve"]),
        ("who wrote it", "Ann M. Lee & 😀 Bob", ["Ann M. Lee", "😀 Bob"]),
        ("Which tribes joined?", "Mohawk , Oneida , and Seneca", ["Mohawk", "Oneida", "Seneca"]),
        ("what papers do I need?", "NIF; IBAN or passport", ["NIF", "IBAN", "passport"]),
        ("which things need none", "fruit, juice, sorbet", ["fruit", "juice", "sorbet"]),
        ("which greens were treated", "1, 4 & 9", ["1", "4", "9"]),
        ("What did it cost?", "3,100 and 4,200 francs", []),  # asks for one thing
        ("Which costs rose?", "3,100 francs", []),
        ("where was it filmed", "Austin, Texas, USA", []),
        ("Which days was it shut?", "September 8, 2017", []),
        ("what months do they apply", "between March and May", []),
        ("Who may apply?", "children of clerks and in the district", []),
        ("who must agree", "coach and me both sign", []),
        ("what happens then?", "10 more and everything slips", []),
        ("Who leads?", "", []),
    ],
)
def test_items_are_those_that_were_asked_for(question: str, answer: str, wanted: list[str]) -> None:
    assert [answer[start:end] for start, end in items(question, answer)] == wanted


@given(st.text(), st.text(alphabet=" ,;&.(\n\u00a0aand😀1orAB"))
def test_items_are_words_of_the_answer_apart_from_each_other(more: str, answer: str) -> None:
    found = items(f"Who {more}", answer)
    assert len(found) != 1
    assert all(answer[start:end].strip() for start, end in found)
    assert sorted(found) == found
    assert all(end < after for (_, end), (after, _) in pairwise(found))
    assert not found or (found[0][0], found[-1][1]) == (0, len(answer))
