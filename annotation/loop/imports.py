"""Questions and labelled data from files, put before reviewers or taken as what one says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from annotation.review.reviewers import check_name
from annotation.store.imports import Taken
from annotation.store.store import Store
from qa_core.data import squad
from qa_core.data.examples import BadRow, Example, question_id
from qa_core.data.problems import show
from qa_core.errors import DataError, InputError
from qa_core.inference.answer import Answer, Answers

CHUNK = 64
Advance = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. answers_left_out: the file has answers that nobody is to have said."""

    taken: Taken
    answers_left_out: bool = False
    bad: Sequence[BadRow] = field(default_factory=tuple)


def import_file(
    store: Store,
    source: str,
    *,
    load: Callable[[], Answers] | None = None,
    reviewer: str = "",
    split: str | None = None,
    on_bad: Literal["stop", "skip"] = "stop",
    advance: Advance = lambda done, of: None,
) -> ImportReport:
    """Put the questions of a file before reviewers, all of them or none; twice is once.

    source: anything that `qa_core.data.squad.read` takes. load: the reader whose answers are
    suggested, loaded if anything is new; None for no suggestions. reviewer: who is to have said
    the answers in the file, which must have them then; "" leaves them out. advance: is called with
    how many steps are done, of how many: to answer a question is one, to keep a row another.
    Raises DataError, ReviewersError or StoreError.
    """
    golds: Mapping[str, object] = {}
    if reviewer:
        check_name(reviewer)
        examples, bad = squad.read(source, split=split, on_bad=on_bad)
    else:
        examples, golds, bad = squad.read_questions(source, split=split, on_bad=on_bad)
    named = {question_id(*example.pair): example for example in reversed(examples)}
    known = store.known(named)
    fresh = [example for id_, example in reversed(named.items()) if id_ not in known]
    asked = fresh if load else []
    steps = len(asked) + len(examples)
    answers: dict[str, Answer] = {}
    if load and asked:
        answers = _answered(load(), asked, source, lambda done, of: advance(done, steps))
    rows = [(example, answers.get(question_id(*example.pair))) for example in examples]
    name = Path(source).name if Path(source).exists() else source

    def kept(done: int, of: int) -> None:
        advance(len(asked) + done, steps)

    taken = store.take_rows(rows, source=name, reviewer=reviewer, advance=kept)
    return ImportReport(taken, bool(golds), bad)


@dataclass(frozen=True, slots=True)
class GoldReport:
    """What became of gold questions: how many were new and were there, and what was left out.

    left: questions that reviewers have judged before, which stay as they are.
    """

    new: int
    there: int
    left: Sequence[str] = ()
    bad: Sequence[BadRow] = field(default_factory=tuple)


def import_golds(
    store: Store,
    source: str,
    *,
    load: Callable[[], Answers] | None = None,
    asked_on: str = "page",
    split: str | None = None,
    on_bad: Literal["stop", "skip"] = "stop",
    advance: Advance = lambda done, of: None,
) -> GoldReport:
    """Hide the questions of a file among the others, to measure reviewers by its answers.

    source, load, split, on_bad: as for `import_file`; the file must have the answers. asked_on:
    where reviewers read that they were asked. advance: is called with how many the reader has
    answered, of how many. Raises DataError or StoreError.
    """
    examples, bad = squad.read(source, split=split, on_bad=on_bad)
    named = {question_id(*example.pair): example for example in examples}
    answers: dict[str, Answer] = {}
    if load and (fresh := [named[id_] for id_ in named if id_ not in store.known(named)]):
        answers = _answered(load(), fresh, source, advance)
    name = Path(source).name if Path(source).exists() else source
    rows = [(example, answers.get(id_)) for id_, example in named.items()]
    new, left = store.add_golds(rows, source=name, asked_on=asked_on)
    return GoldReport(new, len(named) - new - len(left), [named[id_].question for id_ in left], bad)


def _answered(
    reader: Answers, examples: Sequence[Example], source: str, advance: Advance
) -> dict[str, Answer]:
    """What a reader answers, by the questions' ids. Raises DataError that names the row's id."""
    found: dict[str, Answer] = {}
    for begin in range(0, len(examples), CHUNK):
        part = examples[begin : begin + CHUNK]
        try:
            answers = reader.answer_batch([example.pair for example in part])
        except InputError:
            answers = [_answer(reader, example, source) for example in part]
        found |= {question_id(*one.pair): answer for one, answer in zip(part, answers, strict=True)}
        advance(len(found), len(examples))
    return found


def _answer(reader: Answers, example: Example, source: str) -> Answer:
    try:
        return reader.answer(*example.pair)
    except InputError as error:
        raise DataError(f"{source}, id {show(example.id)}: {error}") from error
