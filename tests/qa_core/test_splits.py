"""Splits by paragraph."""

from qa_core.data.examples import Example
from qa_core.data.splits import paragraph_fraction, split_by_paragraph


def test_no_paragraph_is_on_both_sides_and_the_share_is_kept() -> None:
    examples = [
        Example(f"{number}-{copy}", "Who?", f"Paragraph {number}.")
        for number in range(2000)
        for copy in range(2)
    ]
    learning, held_out = split_by_paragraph(examples, 0.1)
    assert len(learning) + len(held_out) == 4000
    assert not {e.context for e in learning} & {e.context for e in held_out}
    assert 340 < len(held_out) < 460


def test_a_lower_cased_retokenized_copy_falls_on_the_same_side() -> None:
    assert paragraph_fraction("The Mayor's boat, built in 1904.") == paragraph_fraction(
        "the mayor ' s boat , built in 1904 ."
    )


def test_other_data_does_not_move_a_paragraph() -> None:
    one = Example("1", "Who?", "Some paragraph.")
    alone = split_by_paragraph([one], 0.5)
    together = split_by_paragraph([one, Example("2", "Who?", "Another.")], 0.5)
    assert (one in alone[1]) == (one in together[1])
