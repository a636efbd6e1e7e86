"""A visitor's file of questions, and how far its answers are, as HTML. Pure."""

from __future__ import annotations

from page import messages
from page.asked import Sent
from page.batch import Batch, BatchRow
from page.html import feedback
from page.html.grid import grid
from page.html.markup import NONE, Markup
from page.html.passage import Mark, passage
from qa_core.data.examples import BadRow

PREVIEWED = 4


def hint() -> Markup:
    """What a file should look like."""
    return Markup(
        '<div class="sl-panel"><p>{}</p><p><code>{}</code></p><p class="sl-quiet">{}</p></div>'
    ).format(
        messages.BATCH_HINT,
        Markup("<br>").join(messages.BATCH_EXAMPLE),
        messages.BATCH_LIMITS,
    )


def summary(batch: Batch) -> Markup:
    """What is in the file: how much, its first questions, and its bad rows."""
    texts = len({example.context for example in batch.questions})
    count = messages.batch_size(len(batch.questions), texts)
    first = [
        (messages.cut(example.question, 90), messages.cut(example.context, 110))
        for example in batch.questions[:PREVIEWED]
    ]
    table = grid(messages.FIRST_QUESTIONS, messages.FIRST_COLUMNS, first, kinds=("wide", "wide"))
    return Markup('<div class="sl-panel"><p><b>{}</b>: {}</p>{}{}</div>').format(
        batch.name,
        count if batch.questions else messages.NO_GOOD_ROW,
        table if first else NONE,
        bad_rows(batch.bad, batch.bad_rows),
    )


def bad_rows(bad: list[BadRow], count: int) -> Markup:
    """The first of ``count`` rows left out, each by its number with the reason."""
    if not bad:
        return NONE
    title = messages.rows_left_out(count)
    rows = [
        (row.row, messages.cut(row.id, 40), messages.cut(messages.bad_row(row), 300)) for row in bad
    ]
    more = NONE
    if count > len(bad):
        more = Markup("<p>{}</p>").format(messages.and_more(count - len(bad)))
    return Markup('<details id="sl-bad" open><summary>{}</summary>{}{}</details>').format(
        title, grid(title, messages.BAD_COLUMNS, rows, kinds=("figure", "text", "wide")), more
    )


def row(row: BatchRow, sent: Sent | None = None, *, judged: bool = False) -> Markup:
    """One answer: its question, what was expected, and the text with it marked.

    judged: whether it can be judged; sent: what was sent of it, if anything.
    """
    one, answer, expected = row.asked, row.asked.answer, NONE
    if row.expected is not None:
        expected = Markup("<p><b>{}</b> {} {}</p>").format(
            messages.EXPECTED,
            messages.expected(row.expected),
            "" if row.wrong else messages.AS_EXPECTED,
        )
    judge = selection = NONE
    if judged:
        note = Markup('<p class="sl-quiet">{}</p>').format(messages.JUDGED_IS_SAVED)
        judge, selection = feedback.judge(0, one, sent) + note, feedback.selection({0: one}, 1)
    marks = [Mark(one.start, one.end, "guess", 0, 1) for one in answer.alternatives[:1]]
    verdict: str = messages.no_answer(answer.confidence)
    if answer.answerable:
        spans = one.items or [(answer.start, answer.end)]
        marks = [Mark(*span, "answer", 0, 0) for span in spans]
        verdict = Markup('<mark class="sl-answer" dir="auto">{}</mark>').format(answer.text)
    return Markup(
        '<article class="sl-result"><header class="sl-verdict"><p class="sl-asked" dir="auto">{}'
        '</p><p class="sl-text">{}</p><p>{}, {}</p>{}{}</header>{}{}</article>'
    ).format(
        one.question,
        verdict,
        messages.confidence(answer.confidence)[1],
        messages.percent(answer.confidence),
        expected,
        judge,
        passage(one.context, [*marks, *(Mark(*part, "part", 0, 2) for part in one.parts)]),
        selection,
    )


def choose() -> Markup:
    """What stands where a row is shown, before one is chosen."""
    return Markup('<p class="sl-quiet">{}</p>').format(messages.CHOOSE_ROW)


def wrong(message: str) -> Markup:
    """Why a file cannot be taken."""
    return Markup(
        '<div class="sl-panel sl-wrong" role="alert"><p><b>{}</b></p><p>{}</p></div>'
    ).format(messages.BATCH_UNREADABLE, message)


def bar(batch: Batch, seconds: float | None) -> Markup:
    """How far the work is, and about how long it will take."""
    total, done = len(batch.questions), len(batch.answers)
    return _progress(batch, messages.answered_so_far(done, total, seconds), NONE)


def outcome(batch: Batch, trouble: str) -> Markup:
    """What came of a run, finished or not."""
    total, done = len(batch.questions), len(batch.answers)
    if batch.done:
        said = messages.all_answered(total, batch.uncertain, batch.scores)
    else:
        said = messages.stopped_after(done, total, trouble)
    return _progress(batch, said, Markup(' role="status"'))


def _progress(batch: Batch, said: str, role: Markup) -> Markup:
    return Markup(
        '<div class="sl-progress"{}><progress max="{}" value="{}" aria-label="{}"></progress>'
        "<span>{}</span></div>"
    ).format(role, len(batch.questions), len(batch.answers), messages.QUESTIONS_ANSWERED, said)
