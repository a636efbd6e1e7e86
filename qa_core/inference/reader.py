"""The reader: a question and a context in, an `Answer` out."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from pathlib import Path

from qa_core.errors import InputError
from qa_core.inference import confidence
from qa_core.inference.answer import Answer, Pairs, Question, Span, questions
from qa_core.inference.confidence import Calibration, reconsidered
from qa_core.inference.inference import read_cut, read_in_steps, read_pairs, to_the_end
from qa_core.inference.spans import MAX_ANSWER_TOKENS, Reading
from qa_core.inference.windows import Windower, Windows
from qa_core.models.backends import Backend, load_backend
from qa_core.models.folder import (
    SIZES,
    bundled_model,
    load_tokenizer,
    read_config,
    resolve_model,
    version,
)
from qa_core.models.record import window_sizes
from qa_core.models.versions import BUNDLED, Versions
from qa_core.text.checks import check_whole

NAME = "spanloop"  # of the bundled model
MAX_TOP_K = 100  # alternatives to an answer, at most
NOT_CALIBRATED = "This model is not calibrated: its confidence is a plain softmax."


class Reader:
    """Answers questions from contexts. Safe to share between threads."""

    def __init__(
        self,
        backend: Backend,
        windower: Windower,
        calibration: Calibration | None,
        model: str,
        max_answer_tokens: int = MAX_ANSWER_TOKENS,
    ) -> None:
        self.backend, self.windower, self.model = backend, windower, model
        self.max_answer_tokens = max_answer_tokens
        self.calibrated = calibration is not None
        self.calibration = calibration or Calibration()

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        *,
        bundled: bool = False,
        backend: str = "auto",
        max_length: int | None = None,
        stride: int | None = None,
        max_question_length: int | None = None,
        max_answer_tokens: int = MAX_ANSWER_TOKENS,
        answerable_share: float | None = None,
        threads: int | None = None,
    ) -> Reader:
        """Load a reader, a model folder or Hub id; by default the version that serves.

        That is what the page answers with: the bundled reader, of the size that `SPANLOOP_READER`
        names, until a version is promoted; bundled: take that one whatever serves. model:
        ``"small"`` or ``"base"`` for one of the bundled readers. backend: ``auto``, ``torch``,
        ``onnx`` (8 bits) or ``onnx-fp32``; see `load_backend`. max_length, stride,
        max_question_length: window sizes in tokens, by default those the model was trained with,
        else of `WindowSizes`. max_answer_tokens: of an answer. answerable_share: how many of the
        questions to expect an answer for (0 to 1), if another share than the model was calibrated
        for: the more, the more it answers. Raises ModelError or InputError.
        """
        if bundled and model not in (None, BUNDLED):
            raise InputError(f"expected a model or bundled=True, found both ({model}): leave one")
        if bundled or model == BUNDLED:
            name, folder = NAME, bundled_model()
        elif model is None:
            name, folder = Versions().intact()
            name = NAME if name == BUNDLED else name
        else:
            folder = resolve_model(model)
            name = NAME if model in SIZES else str(model).rstrip("/").rpartition("/")[2]
        tokenizer = load_tokenizer(folder)
        sizes = window_sizes(folder).resized(max_length, stride, max_question_length)
        limit = read_config(folder).get("max_position_embeddings") or sizes.max_length
        windower = Windower(
            tokenizer.tokenizer,
            sizes.resized(min(sizes.max_length, limit)),
            null_token_id=tokenizer.cls_token_id,
            pad_token_id=tokenizer.pad_token_id,
            padding_side="left" if tokenizer.padding_side == "left" else "right",
        )
        running = load_backend(folder, backend, threads=threads)
        if max_answer_tokens < 1:
            raise InputError(f"max_answer_tokens: expected at least 1, found {max_answer_tokens}")
        calibration = Calibration.load(folder)
        if answerable_share is not None:
            calibration = (calibration or Calibration()).at_share(answerable_share)
        return cls(running, windower, calibration, f"{name}@{version(folder)}", max_answer_tokens)

    def expecting(self, answerable_share: float) -> Reader:
        """This reader, expecting another share (0 to 1) of answerable questions.

        It shares everything else with this one. Raises InputError.
        """
        calibration = self.calibration.at_share(answerable_share)
        other = Reader(self.backend, self.windower, calibration, self.model, self.max_answer_tokens)
        other.calibrated = self.calibrated
        return other

    def reconsider(
        self, answer: Answer, question: str, context: str, answerable_share: float
    ) -> Answer:
        """The verdict that this reader gives on the same logits if it expects another share.

        answer: this reader's, on this question and context. answerable_share: from 0 to 1; a
        higher one answers more, a lower one is stricter. Raises InputError.
        """
        calibration = self.calibration.at(question, context)
        return reconsidered(answer, calibration, calibration.at_share(answerable_share))

    @property
    def cut_warning(self) -> str:
        """What a question gets to hear that is too long."""
        most = self.windower.sizes.max_question_length
        return f"The question was longer than {most} tokens; only its beginning was read."

    @property
    def current(self) -> Reader:
        """This reader, which is always the one that answers."""
        return self

    def answer(self, question: str, context: str, *, top_k: int = 3) -> Answer:
        """Answer one question. Raises InputError if question or context can't be read."""
        return self.answer_batch([(question, context)], top_k=top_k)[0]

    def answer_batch(
        self,
        pairs: Pairs,
        *,
        top_k: int = 3,
        workers: int | None = None,
        progress: bool = False,
    ) -> list[Answer]:
        """Answer (question, context) pairs, in order, with up to ``top_k`` alternatives each.

        workers: batches that run side by side, by default as many as suit the backend. Refuses all
        pairs, with an InputError that names the pair, if one can't be read.
        """
        check_top_k(top_k)
        asked = questions(pairs)
        readings = self.read(asked, top_k=top_k + 1, workers=workers, progress=progress)
        return [
            self._verdict(question, context, reading, windows.question_cut, top_k)
            for (question, context), (windows, reading) in zip(asked, readings, strict=True)
        ]

    def with_windows(
        self,
        max_length: int | None = None,
        stride: int | None = None,
        max_question_length: int | None = None,
        max_answer_tokens: int | None = None,
    ) -> Reader:
        """This reader with other sizes in tokens, None for its own; it shares all else with it.

        Raises InputError.
        """
        now = self.windower
        windower = now.resized(now.sizes.resized(max_length, stride, max_question_length))
        most = max_answer_tokens or self.max_answer_tokens
        if windower is now and most == self.max_answer_tokens:
            return self
        calibration = self.calibration if self.calibrated else None
        return Reader(self.backend, windower, calibration, self.model, most)

    def too_long(self, texts: Iterable[str]) -> int:
        """How many of these answers have more tokens than the reader ever gives."""
        encoded = self.windower.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return sum(len(one.ids) > self.max_answer_tokens for one in encoded)

    def read(
        self,
        pairs: Pairs,
        *,
        top_k: int,
        workers: int | None = None,
        progress: bool = False,
    ) -> list[tuple[Windows, Reading]]:
        """What the model makes of the pairs before any verdict: logits of the ``top_k`` spans."""
        return read_pairs(
            pairs,
            self.windower,
            self.backend,
            top_k=top_k,
            max_answer_tokens=self.max_answer_tokens,
            batch_tokens=self.backend.batch_tokens,
            workers=workers or self.backend.workers,
            progress=progress,
        )

    def answer_in_steps(
        self, question: str, context: str, *, top_k: int = 3
    ) -> Generator[tuple[int, int], None, Answer]:
        """`answer` a batch of windows at a time: yields (windows read, windows in all) after each.

        Whoever stops asking for the next step stops the work. Raises InputError.
        """
        check_top_k(top_k)
        [(windows, reading)] = yield from read_in_steps(
            [Question(question, context)],
            self.windower,
            self.backend,
            top_k=top_k + 1,
            max_answer_tokens=self.max_answer_tokens,
            batch_tokens=self.backend.batch_tokens,
            workers=self.backend.workers,
        )
        return self._verdict(question, context, reading, windows.question_cut, top_k)

    def answer_cut(
        self, question: str, contexts: Sequence[str], cut: Sequence[Windows], *, top_k: int = 3
    ) -> list[Answer]:
        """One answer for each of the contexts, whose windows are cut already."""
        steps = read_cut(
            contexts,
            cut,
            self.windower,
            self.backend,
            top_k=top_k + 1,
            max_answer_tokens=self.max_answer_tokens,
            batch_tokens=self.backend.batch_tokens,
            workers=self.backend.workers,
        )
        readings = to_the_end(steps)
        return [
            self._verdict(question, context, reading, windows.question_cut, top_k)
            for context, windows, reading in zip(contexts, cut, readings, strict=True)
        ]

    def _verdict(
        self, question: str, context: str, reading: Reading, question_cut: bool, top_k: int
    ) -> Answer:
        calibration = self.calibration.at(question, context)
        answered = confidence.answers(reading, calibration.threshold)
        no_answer, of_spans = calibration.confidences(reading)
        spans = [
            Span(context[s.start : s.end], s.start, s.end, s.score, p)
            for s, p in zip(reading.spans, of_spans, strict=True)
        ]
        best = spans[0] if answered else Span("", 0, 0, 0.0, 0.0)
        warnings = []
        if question_cut:
            warnings.append(self.cut_warning)
        if not self.calibrated:
            warnings.append(NOT_CALIBRATED)
        return Answer(
            text=best.text,
            start=best.start,
            end=best.end,
            score=spans[0].score if spans else float("-inf"),
            confidence=of_spans[0] if answered else no_answer,
            null_score=reading.null_score,
            answerable=answered,
            alternatives=tuple(spans[1:] if answered else spans[:top_k]),
            warnings=tuple(warnings),
            model=self.model,
            plain_confidence=confidence.plain_product(reading, answered),
            answerable_probability=1 - no_answer,
        )


def check_top_k(top_k: int) -> None:
    """Raise InputError unless so many alternatives may be asked for."""
    check_whole(top_k, "top_k", 1, MAX_TOP_K)
