"""Where sentences end, and where a stop ends none."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_core.text.excerpts import excerpt
from qa_core.text.sentences import LONGEST, sentences

CASES = [
    "He paid 3.5 million. |Nobody knew.",
    "J. R. R. Tolkien wrote it. |It sold well.",
    "Dr. Ines Soto opened it. |She spoke.",
    "The U.S. Senate met. |It voted.",
    "It costs $4.99 in 2.5-litre bottles. |Buy two.",
    "“Stop!” he said. |She did.",
    '"Is it far?" asked Ann. |"No."',
    "He left at 5 p.m. on Monday. |She stayed.",
    "Acme Inc. bought it. |Prices rose.",
    "Visit www.example.com/a.b?c=d now. |Thanks!",
    "Wait... what? |Yes!",
    "Hmm … maybe. |Or not.",
    "1. Rent is due monthly. |2. Pets are not allowed.",
    "Line one\n|Line two has no stop\n|Line three.",
    "First paragraph.\n\n|Second paragraph.",
    "彼は来た。|彼女は帰った。",
    "你好！|你是谁？|我是李。",
    "هل هو بعيد؟ |لا.",
    "यह पहला वाक्य है। |यह दूसरा है।",
    "Он приехал в 1904 г. из Москвы. |Потом уехал.",
    "Das kostet z.B. 3,5 Mio. Euro. |Es ist teuer.",
    "St. Mary's is old. |Mt. Fuji is high.",
    "😀 It opened! |😀 It closed.",
    "She has a Ph.D. in physics. |He has none.",
    "No. 5 is alive. |It won.",
    "He (see above.) left. |She stayed.",
    "Cafe\u0301 no. 7 opened. |Then rain.",
]


@pytest.mark.parametrize("marked", CASES)
def test_sentences_end_where_people_end_them(marked: str) -> None:
    text = marked.replace("|", "")
    assert [text[a:b] for a, b in sentences(text)] == marked.split("|")


@given(st.text("ab Ab3.!?…।\n\r\t😀。é\u0301\"'”)(-\0\u200b\u00a0", max_size=120))
def test_the_pieces_join_to_the_text(text: str) -> None:
    found = sentences(text)
    assert "".join(text[a:b] for a, b in found) == text
    assert all(a < b for a, b in found)
    if text.strip():
        assert all(text[a:b].strip() for a, b in found)


def test_an_answer_is_not_cut_off_at_a_decimal() -> None:
    text = "It rained. He paid 3.5 million euros to Mr. J. R. Oakes. Nobody knew of it then."
    at = text.index("He paid")
    assert excerpt(text, [(at, at + 2)], 1).text == text[at : text.index("Nobody")]


@pytest.mark.parametrize(
    "piece", [".", "a. ", "A. b ", "x.", "x." * 9000 + " y\n", '"', "(a. ", " \t", "'s ", "! "]
)
def test_no_text_takes_long(piece: str) -> None:
    begun = time.process_time()
    for count in (LONGEST // len(piece), 300_000 // len(piece)):
        text = piece * count
        assert "".join(text[a:b] for a, b in sentences(text)) == text
    assert time.process_time() - begun < 10
