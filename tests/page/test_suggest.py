"""Questions that are made of a text, before a reader is asked."""

import time
from dataclasses import replace
from itertools import pairwise

import pytest

from page.examples import EXAMPLES
from page.suggest import ideas as suggest
from page.suggest.ideas import Idea
from page.tabs.suggested import READ, beginning
from qa_core.inference.answer import Answer

LETTER = (
    "Dear parents,\n\nYear 6 will visit the Maritime Museum on Thursday 23 May. The coach leaves"
    " school at 8:45 and returns at about 15:30. The trip costs £14 per child. Payment is due by"
    " 10 May. Four parents are needed as helpers."
)


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        ("The lease begins on 1 September 2024.", "When does the lease begin?", "1 September 2024"),
        ("In 1904, Ines Soto opened the harbour.", "When did Ines Soto open the harbour?", "1904"),
        ("The rent is 1,150 dollars a month.", "How much is the rent?", "1,150 dollars"),
        ("A late fee of £5 applies after that.", "How much is the late fee?", "£5"),
        ("The estimate comes to 640 euros.", "How much does the estimate come to?", "640 euros"),
        ("The bridge has five arches.", "How many arches does the bridge have?", "five"),
        ("The bridge is 82 metres long.", "How long is the bridge?", "82 metres"),
        ("About 90 people have come to Rye.", "How many people have come to Rye?", "90"),
        (
            "The filter must be cleaned every four weeks.",
            "How often must the filter be cleaned?",
            "every four weeks",
        ),
        ("Visitors can park for two hours.", "How long can visitors park?", "two hours"),
        (
            "Keep the bottle below 30 °C.",
            "At what temperature should you keep the bottle?",
            "30 °C",
        ),
        (
            "The school was destroyed because its roof was thatched.",
            "Why was the school destroyed?",
            "its roof was thatched",
        ),
        (
            "Repairs were paid by the landlord. The landlord repairs the heating.",
            "Who repairs the heating?",
            "The landlord",
        ),
        ("It was drawn by the engineer Josiah Pell.", "Who is Josiah Pell?", "engineer"),
        ("The dog, named Biscuit, is fine.", "What is the dog called?", "Biscuit"),
        ("Your claim number is HC-88213.", "What is the claim number?", "HC-88213"),
        ("Present: Joan Whitlock, Sam Okafor", "Who was present?", "Joan Whitlock, Sam Okafor"),
        ("Tom: train leaves at 9:12", "When does the train leave?", "9:12"),
    ],
)
def test_suggest_asks_after_what_a_text_says(text: str, question: str, answer: str) -> None:
    found = {one.question: text[one.start : one.end] for one in suggest.ideas(text)}
    assert question in found
    assert answer in found[question]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\n ",
        "It was opened in 1904.",
        "They sold it on Monday.",
        "When did it open? In 1904?",
        "The shop was not opened in 1904.",
        "Buy milk, eggs, bread.",
        "Der Laden wurde 1904 eröffnet.",
        "<b>1904</b> \0 \ud83d 🥐 ((((",
    ],
)
def test_suggest_is_silent_where_nothing_is_sure(text: str) -> None:
    assert suggest.ideas(text) == []


def test_suggest_tries_a_few_each_after_something_else() -> None:
    tried = suggest.worth_trying(LETTER)
    assert [one.question for one in tried[:2]] == [
        "How much does the trip cost?",
        "When will Year 6 visit the Maritime Museum?",
    ]
    assert 4 < len(tried) <= suggest.TRIED
    for one in tried:
        assert one.question[0].isupper()
        assert one.question.endswith("?")
        assert len(one.question) <= suggest.LONGEST
    spans = sorted((one.start, one.end) for one in tried)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_suggest_takes_sure_answers_in_their_place() -> None:
    idea = Idea("How much is the rent?", 12, 22, 1.0)
    answer = Answer("940 euros", 12, 21, 9.0, 0.9, 0.0, True, (), (), "m")
    assert suggest.holds(idea, answer)
    assert not suggest.holds(idea, replace(answer, confidence=0.6))
    assert not suggest.holds(idea, replace(answer, start=30, end=39))
    assert not suggest.holds(idea, replace(answer, text="", start=0, end=0, answerable=False))


def test_suggest_reads_the_beginning_of_a_long_text() -> None:
    assert beginning(LETTER) == LETTER
    for text in (LETTER * 40, "word " * 5_000, "x" * 5_000):
        first = beginning(text)
        assert text.startswith(first)
        assert READ // 2 < len(first) <= READ
    assert beginning("word " * 5_000).endswith("word")


def test_suggest_takes_no_time_that_is_felt() -> None:
    """Also of text made to be hard on patterns."""
    hard = [
        "a " * 1_500,
        "The " * 750,
        "12 " * 1_000,
        "at 9 to 10 " * 270,
        "A" * 3_000,
        "Aa Bb, the " * 270,
        "every 1,1,1,1," * 200,
        "x: " * 1_000,
        "\n" * 3_000,
        "of a fee " * 330,
        *(example.context for example in EXAMPLES),
    ]
    for text in hard:
        began = time.process_time()
        suggest.ideas(text[:READ])
        assert time.process_time() - began < 0.5, text[:20]
