"""Windows and labels, over every tokenizer family and any text."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models

from qa_core.errors import InputError, ModelError
from qa_core.inference.windows import Windower
from qa_core.models.record import WindowSizes
from tests.support.tiny import FAMILIES

QUESTION = "Who opened the harbour?"
CONTEXT = " ".join(f"Boat {n} was moored by Ines Soto at 😀 pier {n}." for n in range(40))


def windower(
    family: str = "wordpiece",
    max_length: int = 24,
    stride: int = 5,
    max_question_length: int = 8,
    padding_side: Literal["left", "right"] = "right",
) -> Windower:
    tokenizer, null, pad = FAMILIES[family]
    return Windower(
        tokenizer(),
        WindowSizes(max_length, stride, max_question_length),
        null_token_id=tokenizer().token_to_id(null),
        pad_token_id=tokenizer().token_to_id(pad) or 0,
        padding_side=padding_side,
    )


texts = st.text(
    st.one_of(
        st.sampled_from(list("the harbour 1904 ,.é😀\r\n\t \ufeff\u0301שا東")),
        st.characters(exclude_categories=["Cs"]),
    ),
    min_size=1,
    max_size=120,
)
families = pytest.mark.parametrize("family", FAMILIES)


@families
@given(text=texts, data=st.data())
@settings(max_examples=150, deadline=None)
def test_labels_cover_exactly_the_answer(family: str, text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    cut = windower(family)
    (windows,) = cut([QUESTION], [text])
    labels = windows.labels(start, end)
    nulls = windows.null_positions
    touched = [
        token for token, (a, b) in enumerate(windows.offsets.tolist()) if a < end and b > start
    ]
    fits = bool(touched) and any(
        begin <= touched[0] and touched[-1] < stop
        for begin, stop in zip(windows.begins, windows.stops, strict=True)
    )
    assert bool((labels[:, 0] != nulls).any()) == fits
    for window, (first, last) in enumerate(labels.tolist()):
        if first == nulls[window]:
            assert last == first
            continue
        shift = windows.begins[window] - windows.context_position
        # The labelled tokens are those that hold a character of the answer, all and no others.
        assert [first + shift, last + shift] == [touched[0], touched[-1]]


@families
def test_every_answer_that_fits_is_labelled_in_some_window(family: str) -> None:
    (windows,) = windower(family)([QUESTION], [CONTEXT])
    assert len(windows) > 5
    for start in [i for i in range(len(CONTEXT)) if CONTEXT.startswith("pier", i)]:
        labels = windows.labels(start, start + 4)
        found = np.flatnonzero(labels[:, 0] != windows.null_positions)
        assert len(found)
        for window in found:
            first, last = labels[window] - windows.context_position + windows.begins[window]
            covered = CONTEXT[windows.offsets[first, 0] : windows.offsets[last, 1]]
            assert covered.strip(" .") == "pier"


@families
def test_windows_overlap_by_the_stride_and_cover_the_context(family: str) -> None:
    (windows,) = windower(family)([QUESTION], [CONTEXT])
    assert windows.begins[0] == 0
    assert windows.stops[-1] == len(windows.context_ids)
    assert (windows.stops[:-1] - windows.begins[1:] == 5).all()
    assert (windows.lengths[:-1] == 24).all()
    assert windows.lengths[-1] <= 24


@families
def test_rows_are_what_the_tokenizer_itself_makes_of_the_pair(family: str) -> None:
    tokenizer = Tokenizer.from_str(FAMILIES[family][0]().to_str())
    tokenizer.enable_truncation(24, stride=5, strategy="only_second")
    whole = tokenizer.encode(QUESTION, CONTEXT)
    (windows,) = windower(family, max_question_length=12)([QUESTION], [CONTEXT])
    expected = [whole, *whole.overflowing]
    assert len(windows) == len(expected)
    for window, encoding in enumerate(expected):
        ids, types = windows.row(window)
        assert ids.tolist() == encoding.ids
        assert types.tolist() == encoding.type_ids
        assert encoding.tokens[windows.null_positions[window]] == FAMILIES[family][1]
        held = [o for o, s in zip(encoding.offsets, encoding.sequence_ids, strict=True) if s == 1]
        begin, stop = windows.begins[window], windows.stops[window]
        assert windows.offsets[begin:stop].tolist() == [list(pair) for pair in held]


@families
@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_keeps_rows_and_says_how_far_it_moved_them(
    family: str, side: Literal["left", "right"]
) -> None:
    cut = windower(family, padding_side=side)
    short, long = cut([QUESTION, QUESTION], ["the harbour", CONTEXT])
    batch, shifts = cut.pad([(short, 0), (long, 1)])
    for number, (windows, window) in enumerate([(short, 0), (long, 1)]):
        ids, types = windows.row(window)
        place = slice(shifts[number], shifts[number] + len(ids))
        assert batch["input_ids"][number, place].tolist() == ids.tolist()
        assert batch["token_type_ids"][number, place].tolist() == types.tolist()
        assert batch["attention_mask"][number].sum() == len(ids)
        assert batch["attention_mask"][number, place].all()
    assert (shifts[0] > 0) == (side == "left")
    assert cut.pad([(short, 0)], 24)[0]["input_ids"].shape == (1, 24)


def test_long_question_is_cut_and_says_so() -> None:
    short, long = windower()([QUESTION, QUESTION * 20], [CONTEXT, CONTEXT])
    assert not short.question_cut
    assert long.question_cut
    assert len(long.question_ids) == 8
    assert (long.lengths <= 24).all()


def test_special_tokens_in_a_text_are_text() -> None:
    (windows,) = windower()(["[SEP]"], ["before [CLS] [SEP] after"])
    ids, _ = windows.row(0)
    tokenizer = FAMILIES["wordpiece"][0]()
    assert (ids == tokenizer.token_to_id("[CLS]")).sum() == 1
    assert (ids == tokenizer.token_to_id("[SEP]")).sum() == 2


def test_context_without_tokens_is_one_window_without_an_answer() -> None:
    (windows,) = windower()([QUESTION], ["\x00\x01"])
    assert len(windows) == 1
    assert (windows.labels(0, 1) == windows.null_positions[:, None]).all()


def test_a_tokenizer_is_not_changed_by_its_windower() -> None:
    tokenizer = wordpiece_with_padding()
    Windower(tokenizer, WindowSizes(24, 5, 8))
    assert tokenizer.truncation == wordpiece_with_padding().truncation
    assert tokenizer.padding == wordpiece_with_padding().padding
    assert not tokenizer.encode_special_tokens


def wordpiece_with_padding() -> Tokenizer:
    tokenizer = Tokenizer.from_str(FAMILIES["wordpiece"][0]().to_str())
    tokenizer.enable_truncation(10)
    tokenizer.enable_padding()
    return tokenizer


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(InputError, match=r"expected a stride of 0 to 12 .*found 13"):
        windower(stride=13)


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(InputError, match="valid Unicode"):
        windower()([QUESTION], ["a \ud83d b"])


def test_a_tokenizer_without_a_null_token_is_refused() -> None:
    with pytest.raises(ModelError, match="no answer"):
        Windower(Tokenizer(models.WordLevel({"a": 0}, "a")))
    tokenizer, _, pad = FAMILIES["wordpiece"]
    with pytest.raises(ModelError, match="no answer"):
        Windower(tokenizer(), null_token_id=tokenizer().token_to_id(pad))
