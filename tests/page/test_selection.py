"""What a browser says was selected, as the very words of the context."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from page import selection
from qa_core.errors import InputError


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def sent(shown: str, first: int, last: int) -> str:
    """What the page's script sends for characters first to last of the text it shows."""
    start, end = units(shown[:first]), units(shown[:last])
    return json.dumps(
        {"start": start, "end": end, "text": shown[first:last], "length": units(shown)}
    )


PIECES = ["\r\n", "\r", "\n", "\0", " ", "a", "e\u0301", "😀", "\u200f", "שלום", "aa"]


@given(
    context=st.lists(st.sampled_from(PIECES), min_size=1).map("".join),
    data=st.data(),
    kept_returns=st.booleans(),
)
def test_words_come_back_exactly(context: str, data: st.DataObject, kept_returns: bool) -> None:
    shown, places = selection.as_shown(context)
    assert [context[place].replace("\r", "\n") for place in places[:-1]] == list(shown)
    text = context if kept_returns else shown
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, len(text)))
    words = text[first:last]
    if not words.strip():
        with pytest.raises(InputError):
            selection.read(sent(text, first, last), context)
        return
    start, end = selection.read(sent(text, first, last), context)
    found = context[start:end]
    if not kept_returns:
        found = selection.as_shown(found)[0]
    assert found == words.strip()


@pytest.mark.parametrize(
    "payload",
    [
        "", None, "[]", "{}", '{"start": 0, "end": 1, "text": "b", "length": 3}',
        '{"start": 1, "end": 2, "text": "?", "length": 4}',
        '{"start": -1, "end": 2, "text": "a", "length": 4}',
        '{"start": 0, "end": 99, "text": "a", "length": 4}',
        '{"start": null, "end": 1, "text": "a", "length": 4}',
        '{"start": 1e999, "end": 1, "text": "a", "length": 4}',
    ],
)  # fmt: skip
def test_what_does_not_stand_there_is_refused(payload: object) -> None:
    with pytest.raises(InputError):
        selection.read(payload, "a😀b")
