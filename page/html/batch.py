"""A visitor's file of questions and its answers, and how they look."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

from page.html.grid import grid
from page.html.passage import escape
from qa_core.bulk import upload as batches
from qa_core.bulk.scoring import sentence, texts_of, totals
from qa_core.data.examples import BadRow, Example
from qa_core.inference.answer import Answer
from qa_core.text.offsets import well_formed

UNSURE = 0.7  # as on the first tab, where "Likely right" begins
PREVIEWED = 4
ALL, DOUBTED, UNSAID = "All", "Unsure", "The text does not say"

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".jsonl", ".json", ".parquet", ".gz")

HINT = (
    '<div class="sl-panel"><p>CSV, Excel, JSON Lines, SQuAD or Parquet with a <code>question</code>'
    " and a <code>context</code> in each row, and an <code>id</code> if you like; with the right"
    " <code>answers</code>, ours are scored:</p>"
    "<p><code>question,context<br>Who wrote the first program?,Ada Lovelace wrote the first program"
    " in 1843.</code></p>"
    f'<p class="sl-quiet">Up to {batches.MAX_QUESTIONS:,} questions and'
    f" {batches.MAX_BYTES >> 20} MB of text. The file is deleted once it is read.</p></div>"
)


@dataclass
class Batch:
    """A visitor's file, and the answers so far."""

    name: str
    questions: list[Example]
    bad: list[BadRow]
    bad_rows: int
    answers: list[Answer] = field(default_factory=list)
    golds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stopped: bool = False

    @property
    def done(self) -> bool:
        return len(self.answers) == len(self.questions)


def size(batch: Batch) -> int:
    """About how many bytes a file and its answers take in memory."""
    texts = {id(one.context): one.context for one in batch.questions}
    return sum(map(sys.getsizeof, texts.values())) + 3_000 * len(batch.questions)


def rows(batch: Batch, which: str) -> list[list[Any]]:
    """What the table shows of the answers."""
    pairs = zip(batch.questions, batch.answers, strict=False)
    return [
        [
            shown(example.id),
            shown(example.question),
            shown(answer.text) if answer.answerable else f"– {UNSAID.lower()} –",
            round(100 * answer.confidence, 1),
        ]
        for example, answer in pairs
        if which == ALL
        or (which == DOUBTED and answer.confidence < UNSURE)
        or (which == UNSAID and not answer.answerable)
    ]


def shown(text: str) -> str:
    """A text with what JSON cannot carry replaced; the table itself shows no markup."""
    return well_formed(text)


def summary(batch: Batch) -> str:
    """What is in the file: how much, its first questions, and its bad rows."""
    texts = len({example.context for example in batch.questions})
    count = f"{counted(len(batch.questions), 'question')} on {counted(texts, 'text')}"
    head = f"<p><b>{escape(batch.name)}</b>: {count}.</p>"
    if not batch.questions:
        head = f"<p><b>{escape(batch.name)}</b>: no question that can be answered.</p>"
    first = "".join(
        f'<tr><td class="sl-wide">{escape(cut(example.question, 90))}</td>'
        f'<td class="sl-wide">{escape(cut(example.context, 110))}</td></tr>'
        for example in batch.questions[:PREVIEWED]
    )
    table = grid("The first questions", "<th>question</th><th>context</th>", first)
    left_out = bad_rows(batch.bad, batch.bad_rows)
    return f'<div class="sl-panel">{head}{table if first else ""}{left_out}</div>'


def bad_rows(bad: list[BadRow], count: int) -> str:
    """The first of ``count`` rows left out, each by its number with the reason."""
    if not bad:
        return ""
    body = "".join(
        f'<tr><td class="sl-number">{row.row}</td><td>{escape(cut(row.id, 40))}</td>'
        f'<td class="sl-wide">expected {escape(row.expected)}, found {escape(cut(row.found, 200))};'
        f" {escape(row.mend)}</td></tr>"
        for row in bad
    )
    more = f"<p>… and {count - len(bad):,} more.</p>" if count > len(bad) else ""
    title = f"{counted(count, 'row')} left out"
    head = '<th class="sl-number">row</th><th>id</th><th>why</th>'
    return (
        f'<details id="sl-bad" open><summary>{title}</summary>{grid(title, head, body)}{more}'
        "</details>"
    )


def wrong(message: str) -> str:
    """Why a file cannot be taken."""
    return (
        '<div class="sl-panel sl-wrong" role="alert"><p><b>This file cannot be read.</b></p>'
        f"<p>{escape(message)}</p></div>"
    )


def bar(batch: Batch, seconds: float | None) -> str:
    """How far the work is, and about how long it will take."""
    total, done = len(batch.questions), len(batch.answers)
    left = "" if seconds is None else f", about {duration(seconds)} left"
    return (
        f'<div class="sl-progress"><progress max="{total}" value="{done}"'
        f' aria-label="Questions answered"></progress><span>{done:,} of {total:,} answered{left}'
        "</span></div>"
    )


def outcome(batch: Batch, trouble: str) -> str:
    """What came of a run, finished or not."""
    total, done = len(batch.questions), len(batch.answers)
    unsure = sum(answer.confidence < UNSURE for answer in batch.answers)
    if batch.done:
        text = f"All {total:,} answered; {unsure:,} of them unsure."
        ids = [example.id for example in batch.questions]
        if scores := totals(texts_of(ids, batch.answers), batch.golds):
            text += f" {sentence(scores)}."
    else:
        why = f"{trouble.rstrip('.')}. " if trouble else ""
        text = f"Stopped after {done:,} of {total:,}. {why}Nothing is lost: go on when you like."
    return (
        f'<div class="sl-progress" role="status"><progress max="{total}" value="{done}"'
        f' aria-label="Questions answered"></progress><span>{escape(text)}</span></div>'
    )


def duration(seconds: float) -> str:
    if seconds < 90:
        return counted(max(1, round(seconds)), "second")
    return counted(round(seconds / 60), "minute")


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length].rstrip()} …"
