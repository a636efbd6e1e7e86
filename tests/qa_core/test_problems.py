"""Messages about answers that do not stand where they should."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_core.data.problems import misplaced, show


@pytest.mark.parametrize(
    ("context", "text", "start", "unit", "place"),
    [
        ("😀😀 Ada wrote it.", "Ada", 5, "UTF-16 units", 3),
        ("Élan, é: Ada wrote it.", "Ada", 11, "UTF-8 bytes", 9),
        ("one\r\ntwo\r\nAda wrote it.", "Ada", 8, r"\r\n counted as one", 10),
        ("one\ntwo\nAda wrote it.", "Ada", 10, r"\n counted as two", 8),
        ("a\r\nb\r\nc", "\r\nc", 3, r"\r\n counted as one", 4),
        ("a\nb\nc", "\nc", 4, r"\n counted as two", 3),
        ("  Ada wrote it.", "Ada", 0, None, 2),
        ("  So Ada wrote it.", "Ada", 3, "leading blanks not counted", 5),
        ("\ufeffSo Ada wrote it.", "Ada", 3, "a leading BOM not counted", 4),
        ("So Ada wrote it.", "Ada", 4, "counted from 1", 3),
        ("So Ada wrote it, Ada alone, and Ada again.", "Ada", 19, None, 17),
        ("So Ada wrote it.", "Ada", 400, None, 3),
        ("So Ada wrote it.", "Ada", -1, None, 3),
    ],
)
def test_misplaced_names_the_place_and_the_unit(
    context: str, text: str, start: int, unit: str | None, place: int
) -> None:
    problem = misplaced(text, start, context)
    assert problem.mend == f"set answer_start to {place}"
    assert f"the text at {place}" in problem.found
    assert ("looks like" in problem.found) is (unit is not None)
    assert unit is None or problem.found.endswith(f"looks like {unit}")


@pytest.mark.parametrize(
    ("context", "text", "difference"),
    [
        ("So ADA wrote it.", "Ada", "letter case"),
        ("So Ada\r\nLovelace wrote it.", "Ada\nLovelace", "white space"),
        ("In the cafe\u0301.", "café", "Unicode form"),
        ("So Grace wrote it.", "Ada", None),
    ],
)
def test_misplaced_names_what_differs(context: str, text: str, difference: str | None) -> None:
    problem = misplaced(text, 3, context)
    assert "nowhere in the context" in problem.found
    assert (difference or "nowhere in the context") in problem.found
    assert ("unless" in problem.found) is (difference is not None)
    assert problem.mend == "copy the answer from the context as it stands there"


@settings(deadline=None)
@given(
    before=st.text(st.sampled_from("a é😀\r\n\ufeff\u0301"), max_size=20),
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5),
    after=st.text(max_size=5).filter(lambda after: after.isascii()),
)
def test_misplaced_always_points_at_the_text(before: str, text: str, after: str) -> None:
    context = before + text + after
    in_utf16 = len(before.encode("utf-16-le")) // 2
    in_utf8 = len(before.encode())
    for start in {in_utf16, in_utf8, len(context) + 9, -7} - {len(before)}:
        place = int(misplaced(text, start, context).mend.removeprefix("set answer_start to "))
        assert context.startswith(text, place)
    if not context.startswith(text, in_utf16):
        assert f"text at {len(before)}: the offset looks like UTF-16 units" in (
            misplaced(text, in_utf16, context).found
        )


@settings(deadline=None)
@given(st.text() | st.dictionaries(st.text(), st.integers()) | st.lists(st.text()))
def test_show_is_one_short_printable_line(value: object) -> None:
    shown = show(value)
    assert len(shown.splitlines()) == 1
    assert len(shown) < 2000
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown)
