"""Texts to overlapping token windows, and answers to token labels.

A window is ``[CLS] question [SEP] part of the context [SEP]`` in whatever layout the tokenizer's
post-processor prescribes. Only the context is cut. Context and question are tokenized once each;
windows are slices, so a token keeps one index over all windows of its context, and scores of
different windows can be compared position by position.

Needs numpy and a ``tokenizers.Tokenizer``; knows nothing of torch or transformers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from qa_core.errors import InputError, ModelError
from qa_core.models.record import WindowSizes

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer


IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Template:
    """The special tokens around a question-context pair, as the post-processor lays them out.

    ``ids`` and ``type_ids`` hold three runs each: before the question, between question and
    context, after the context. ``pair_type_ids`` are the type ids of question and context.
    ``null_run`` and ``null_offset`` tell in which run, and where in it, the null token stands.
    """

    ids: tuple[IntArray, IntArray, IntArray]
    type_ids: tuple[IntArray, IntArray, IntArray]
    pair_type_ids: tuple[int, int]
    null_run: int
    null_offset: int

    @property
    def length(self) -> int:
        """Number of special tokens in a window."""
        return sum(len(run) for run in self.ids)

    @classmethod
    def of(cls, tokenizer: Tokenizer, null_token_id: int | None) -> Template:
        """Read the layout off the tokenizer by encoding a pair.

        ``null_token_id`` is the token whose position means "no answer" (``[CLS]``, ``<s>``);
        None takes the first special token of the layout. Raises ModelError if the tokenizer
        adds no special tokens to a pair, or not that one.
        """
        encoding = tokenizer.encode("a", "a")
        sequence = encoding.sequence_ids
        if 0 not in sequence or 1 not in sequence:
            raise ModelError(
                "expected a tokenizer that encodes pairs of texts, found one that drops one"
            )
        ids, types = np.array(encoding.ids, np.int64), np.array(encoding.type_ids, np.int64)
        question = [i for i, s in enumerate(sequence) if s == 0]
        context = [i for i, s in enumerate(sequence) if s == 1]
        if question[0] > context[0]:
            raise ModelError(
                "expected the question before the context, found a tokenizer that swaps them"
            )
        cuts = [
            slice(0, question[0]),
            slice(question[-1] + 1, context[0]),
            slice(context[-1] + 1, len(ids)),
        ]
        runs = [ids[cut] for cut in cuts]
        for number, run in enumerate(runs):
            hits = (
                np.flatnonzero(run == null_token_id)
                if null_token_id is not None
                else range(len(run))
            )
            if len(hits):
                return cls(
                    ids=(runs[0], runs[1], runs[2]),
                    type_ids=(types[cuts[0]], types[cuts[1]], types[cuts[2]]),
                    pair_type_ids=(int(types[question[0]]), int(types[context[0]])),
                    null_run=number,
                    null_offset=int(hits[0]),
                )
        raise ModelError(
            "expected a tokenizer that adds a [CLS]-like token to mean 'no answer', found none; "
            "use an encoder made for question answering (BERT, RoBERTa, DeBERTa, ModernBERT ...)"
        )


@dataclass(frozen=True, slots=True)
class Windows:
    """All windows of one question and context.

    question_ids: int64 ``[Q]``, cut to the limit. context_ids: int64 ``[T]``, the whole context.
    offsets: int64 ``[T, 2]``, code points of each context token, end exclusive.
    begins, stops: int64 ``[n]``, the context tokens ``begins[w]:stops[w]`` that window w holds.
    question_cut: whether the question was longer than the limit.
    """

    template: Template
    question_ids: IntArray
    context_ids: IntArray
    offsets: IntArray
    begins: IntArray
    stops: IntArray
    question_cut: bool

    def __len__(self) -> int:
        return len(self.begins)

    @property
    def context_position(self) -> int:
        """Position of the first context token in every window."""
        return len(self.template.ids[0]) + len(self.question_ids) + len(self.template.ids[1])

    @property
    def lengths(self) -> IntArray:
        """int64 ``[n]``: tokens in each window, special tokens included."""
        return self.stops - self.begins + len(self.question_ids) + self.template.length

    @property
    def null_positions(self) -> IntArray:
        """int64 ``[n]``: position of the null token in each window."""
        held = self.stops - self.begins
        before = [
            0,
            len(self.template.ids[0]) + len(self.question_ids),
            self.context_position + held,
        ]
        return np.zeros_like(held) + before[self.template.null_run] + self.template.null_offset

    def token_span(self, start: int, end: int) -> tuple[int, int] | None:
        """First and last context token (inclusive) that share a character with ``[start, end)``.

        None if no token does, as when the tokenizer drops those characters.
        """
        first = int(np.searchsorted(self.offsets[:, 1], start, side="right"))
        last = int(np.searchsorted(self.offsets[:, 0], end, side="left")) - 1
        return (first, last) if first <= last else None

    def labels(self, start: int | None = None, end: int | None = None) -> IntArray:
        """int64 ``[n, 2]``: start and end position of the answer ``[start, end)`` in each window.

        The answer's first and last token where the window holds the whole answer, the null
        position otherwise, and everywhere when there is no answer.
        """
        null = np.stack([self.null_positions] * 2, axis=1)
        span = None if start is None or end is None else self.token_span(start, end)
        if span is None:
            return null
        first, last = span
        holds = (self.begins <= first) & (last < self.stops)
        found = np.stack([first - self.begins, last - self.begins], axis=1) + self.context_position
        return np.where(holds[:, None], found, null)

    def torn(self, start: int, end: int) -> NDArray[np.bool_]:
        """bool ``[n]``: windows that hold a part of ``[start, end)`` where none holds all of it.

        Neither the answer nor "no answer" is right of them. All windows where no token stands for
        the answer.
        """
        span = self.token_span(start, end)
        if span is None:
            return np.ones(len(self), bool)
        first, last = span
        if ((self.begins <= first) & (last < self.stops)).any():
            return np.zeros(len(self), bool)
        return self.meeting(start, end)

    def meeting(self, start: int, end: int) -> NDArray[np.bool_]:
        """bool ``[n]``: windows that hold a part of ``[start, end)``; none if no token stands."""
        first, last = self.token_span(start, end) or (0, -1)
        return (self.begins <= last) & (first < self.stops)

    def row(self, window: int) -> tuple[IntArray, IntArray]:
        """Input ids and type ids of one window, each int64 ``[lengths[window]]``."""
        before, between, after = self.template.ids
        held = self.context_ids[self.begins[window] : self.stops[window]]
        ids = np.concatenate([before, self.question_ids, between, held, after])
        types_before, types_between, types_after = self.template.type_ids
        question_type, context_type = self.template.pair_type_ids
        types = np.concatenate(
            [
                types_before,
                np.full(len(self.question_ids), question_type),
                types_between,
                np.full(len(held), context_type),
                types_after,
            ]
        )
        return ids, types


def window_begins(tokens: int, room: int, stride: int) -> IntArray:
    """int64 ``[n]``: the token at which each window of ``room`` tokens of a context begins.

    Neighbours share ``stride`` tokens; the last window is the first that reaches the end.
    """
    step = room - stride
    return np.arange(1 + -(-max(0, tokens - room) // step), dtype=np.int64) * step


class Windower:
    """Cuts questions and contexts into windows. Safe to share between threads.

    tokenizer: any ``tokenizers.Tokenizer``; it is copied, so its settings are not touched.
    Raises InputError where sizes leave no room for a context.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        sizes: WindowSizes | None = None,
        *,
        null_token_id: int | None = None,
        pad_token_id: int = 0,
        padding_side: Literal["left", "right"] = "right",
    ) -> None:
        self.tokenizer = type(tokenizer).from_str(tokenizer.to_str())
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.tokenizer.encode_special_tokens = True  # "[SEP]" in a text is text
        self.template = Template.of(self.tokenizer, null_token_id)
        self.null_token_id, self.pad_token_id = null_token_id, pad_token_id
        self.padding_side = padding_side
        self.sizes = sizes = sizes or WindowSizes()
        room = sizes.max_length - sizes.max_question_length - self.template.length
        if not 0 <= sizes.stride < room:
            raise InputError(
                f"expected a stride of 0 to {room - 1} (max_length {sizes.max_length} less "
                f"{sizes.max_question_length} for the question and {self.template.length} special "
                f"tokens), found {sizes.stride}; lower stride or max_question_length, or raise "
                "max_length"
            )

    def resized(self, sizes: WindowSizes) -> Windower:
        """The windower with these sizes; itself if they are its own. Raises InputError."""
        if sizes == self.sizes:
            return self
        return Windower(
            self.tokenizer,
            sizes,
            null_token_id=self.null_token_id,
            pad_token_id=self.pad_token_id,
            padding_side=self.padding_side,
        )

    def __call__(self, questions: Sequence[str], contexts: Sequence[str]) -> list[Windows]:
        """The windows of each question-context pair; equal contexts are tokenized once.

        Raises InputError where a text is not valid Unicode.
        """
        encoded_questions, encoded_contexts = self._encode(questions), self._encode(contexts)
        cache: dict[str, tuple[IntArray, IntArray]] = {}
        for text, encoding in encoded_contexts.items():
            offsets = np.array(encoding.offsets, np.int64).reshape(-1, 2)
            cache[text] = np.array(encoding.ids, np.int64), offsets
        windows = []
        for question, context in zip(questions, contexts, strict=True):
            question_ids = np.array(encoded_questions[question].ids, np.int64)
            windows.append(self._cut(question_ids, *cache[context]))
        return windows

    def _encode(self, texts: Sequence[str]) -> dict[str, Encoding]:
        distinct = list(dict.fromkeys(texts))
        try:
            encodings = self.tokenizer.encode_batch(distinct, add_special_tokens=False)
        except (TypeError, UnicodeEncodeError) as error:
            raise InputError(
                "expected text that is valid Unicode, found a lone surrogate or no text at all; "
                "decode the text with errors='replace' first"
            ) from error
        return dict(zip(distinct, encodings, strict=True))

    def _cut(self, question_ids: IntArray, context_ids: IntArray, offsets: IntArray) -> Windows:
        read = question_ids[: self.sizes.max_question_length]
        room = self.sizes.max_length - len(read) - self.template.length
        begins = window_begins(len(context_ids), room, self.sizes.stride)
        return Windows(
            template=self.template,
            question_ids=read,
            context_ids=context_ids,
            offsets=offsets,
            begins=begins,
            stops=np.minimum(begins + room, len(context_ids)),
            question_cut=len(read) < len(question_ids),
        )

    def pad(
        self, rows: Sequence[tuple[Windows, int]], length: int | None = None
    ) -> tuple[dict[str, IntArray], IntArray]:
        """Stack single windows, given as (windows, index), into one batch.

        Returns ``input_ids``, ``attention_mask`` and ``token_type_ids``, int64 ``[n, L]``, and
        the number of padding tokens put before each row, int64 ``[n]``: 0 unless padding goes
        on the left. L is ``length``, or by default the longest row.
        """
        parts = [windows.row(window) for windows, window in rows]
        width = length or max(len(ids) for ids, _ in parts)
        batch = {
            "input_ids": np.full((len(parts), width), self.pad_token_id, np.int64),
            "attention_mask": np.zeros((len(parts), width), np.int64),
            "token_type_ids": np.zeros((len(parts), width), np.int64),
        }
        shifts = np.zeros(len(parts), np.int64)
        for number, (ids, types) in enumerate(parts):
            if self.padding_side == "left":
                shifts[number] = width - len(ids)
            place = slice(shifts[number], shifts[number] + len(ids))
            batch["input_ids"][number, place] = ids
            batch["attention_mask"][number, place] = 1
            batch["token_type_ids"][number, place] = types
        return batch, shifts
