"""The page's HTML: whatever others wrote comes out as text, wherever it stands."""

import ast
import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import markupsafe
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.learning.background import Course, Ending
from annotation.learning.comparing import Compared
from annotation.loop.intake import Intake
from annotation.loop.situation import Readiness
from annotation.review.records import VISITOR, Review
from page import messages
from page.asked import Asked, Sent
from page.batch import Batch
from page.html import (
    batch,
    feedback,
    grid,
    model,
    passage,
    result,
    review_card,
    suggested,
    training,
    why,
)
from page.html.markup import Markup, filled, joined
from qa_core.data.examples import BadRow, Example
from qa_core.evaluation.figures import Figures
from qa_core.inference.answer import Answer, Span
from qa_core.inference.explanation import Heat, Saliency, Weight
from qa_core.models.folder import bundled_model
from qa_core.models.versions import Version
from tests.support.browsing import ROOT
from tests.support.predictions import kept

ATTACK = '<img src=x onerror="ran = 1"> & \'</p>'
SHOWN = "&lt;img src=x onerror="
WHOLE = (0, len(ATTACK))


def answer(answerable: bool) -> Answer:
    span = Span(ATTACK, *WHOLE, 1.0, 0.4)
    said = (ATTACK, *WHOLE) if answerable else ("", 0, 0)
    return Answer(*said, 1.0, 0.5, 0.0, answerable, (span,), (ATTACK,), ATTACK, 0.5)


def figures() -> Figures:
    """Measured figures, with markup for every name in them."""
    found = Figures.load(bundled_model())
    assert found is not None
    (ours, *_) = found.trust.values()
    return replace(
        found,
        model=f"m@{ATTACK}",
        data=(ATTACK,),
        date=ATTACK,
        command=ATTACK,
        trust={ATTACK: ours},
    )


def with_lists() -> Figures:
    names = [
        f"{kind}_{name}" for kind in ("em", "overlap") for name in ("precision", "recall", "f1")
    ]
    lists = {f"Several_{name}": 12.34 for name in names} | {"Several_total": 7}
    return replace(figures(), scores={**figures().scores, **lists})


def test_scores_of_lists_are_told_in_words() -> None:
    for shown in (model.scores, model.other_scores):
        assert messages.LISTS not in shown(figures())
        assert "7 questions had a list for an answer" in shown(with_lists())


def test_each_item_of_a_list_is_marked() -> None:
    said = replace(answer(True), text="Ann, Bob and Eve", start=0, end=16, alternatives=())
    one = Asked("Who came?", "Ann, Bob and Eve came.", said)
    pattern = '<mark class="sl-answer[^>]*>(.*?)</mark>'
    card, text = result.result([one]).split('class="sl-passage"')
    assert re.findall(pattern, card) == re.findall(pattern, text) == ["Ann", "Bob", "Eve"]
    assert "</mark>, <mark" in card
    assert len(re.findall('data-spans="0-0"', text)) == 3
    assert "Ann, Bob and Eve" in result.spoken([one])


def everything() -> Iterator[tuple[str, Markup, int]]:
    """(what, HTML, how many times at least it shows what somebody else wrote)."""
    for answerable in (True, False):
        one = Asked(ATTACK, ATTACK, answer(answerable), (0,))
        yield "an answer", result.result([one]), 3
        yield "answers", result.result([one, one], [ATTACK]), 7
        yield "spoken", result.spoken([one]), int(answerable)
        tokens = Heat(np.array([WHOLE]), np.array([0.5]), np.array([0.5]), (0.5, 0.5), False)
        for method in ("gradient", "leave-one-out"):
            weights = (Weight(*WHOLE, 1.0),)
            found = Saliency(cast(Any, method), weights, weights, False)
            yield f"why, by {method}", why.details(one, tokens, found), 5
            yield f"why in words, by {method}", why.plain(one, found), 0
        item = kept(ATTACK, ATTACK, question=ATTACK, answerable=answerable, id=ATTACK)
        said = Review(1, ATTACK, VISITOR, *WHOLE, "", ATTACK, "")
        view = review_card.View(item, [said], 1, 1, 1)
        seen = replace(view, reviewer=ATTACK, revealed=True, said=[replace(said, reviewer="x")])
        yield "a review by another", review_card.item(seen), 3
        yield "a list", review_card.found(review_card.Listing([(item, said)], 1, True)), 3
        yield "a review", review_card.item(view), 3 + answerable
        yield "its progress", review_card.progress(view, ATTACK), 1
        yield "its marks", review_card.unmarked(view), 1
    yield "reading", result.reading(ATTACK, 1, 2), 1
    yield "in the queue", result.queued(ATTACK, 1), 1
    yield "a receipt", result.said(ATTACK), 1
    yield "a paragraph", result.paragraph(ATTACK), 1
    marks = [passage.Mark(*WHOLE, "answer", number, 0) for number in range(2)]
    yield "a text", passage.passage(ATTACK, marks, [0], several=True), 1
    yield "a table", grid.grid(ATTACK, [ATTACK], [[ATTACK]]), 3
    file = Batch(ATTACK, [Example(ATTACK, ATTACK, ATTACK)], [], 2)
    file.bad.append(BadRow(ATTACK, 3, ATTACK, ATTACK, ATTACK, ATTACK))
    yield "a file", batch.summary(file), 7
    done = replace(file, answers=[answer(True)], golds={ATTACK: (ATTACK,)})
    yield "a row", batch.row(done.row(0)), 4
    yield "a bad file", batch.wrong(ATTACK), 1
    yield "an outcome", batch.outcome(file, ATTACK), 1
    one = Asked(ATTACK, ATTACK, answer(True))
    offered = Sent(one.id, ATTACK, None, True, destination=ATTACK)
    judged = replace(offered, receipts=(1,), number=1, say="marked", words=ATTACK)
    yield "a judgment", feedback.judge(0, one, judged), 2
    listed = replace(one, parts=(WHOLE,))
    yield "a list so far", feedback.selection({0: one, 1: listed}, 2), 2
    yield "a list in a text", result.result([listed], [], {}), 5
    yield "what was kept", feedback.notice([one], {one.id: offered}), 1
    yield "what was sent", feedback.listing([offered, judged]), 7
    yield "a row to judge", batch.row(done.row(0), judged, judged=True), 5
    yield "questions to ask", suggested.chips([ATTACK], 1), 2
    yield "answers to judge", result.result([one, one], [], {one.id: judged}), 9
    yield "a model", model.source(figures(), ATTACK * 2), 5
    yield "a model in brief", model.in_brief(figures()), 2
    yield "two kinds of text", model.in_brief(figures(), figures()), 4
    yield "its scores elsewhere", model.other_scores(figures()), 4
    yield "its scores", model.scores(figures()), 1
    yield "its scores of lists", model.scores(with_lists()), 1
    yield "its plots", model.told(ATTACK, ATTACK, [{"of": ATTACK, "x": 1, "y": 1}]), 4
    yield "no figures", model.not_measured(ATTACK, ATTACK), 2
    card = model.card(f"---\nlicense: {ATTACK}\n---\n# {ATTACK}\n`{ATTACK}`")
    yield "a model card", card, 1
    yield "advice", training.advice([ATTACK]), 1
    yield "trouble", training.trouble(ATTACK), 1
    yield "a log", training.log(ATTACK), 1
    for kind in ("promoted", "candidate", "failed", "verifier", "stopped"):
        ending = Ending(cast(Any, kind), f"error: {ATTACK} stays a candidate: {ATTACK}")
        yield f"an end, {kind}", training.progress("", None, ending, ATTACK), kind != "promoted"
    yield "a course", training.progress("retrain", Course(1, 0.5, 3), None, ATTACK), 0
    yield "a need", training.need(Readiness(1, 2, 3, ATTACK, None)), 1
    pair = Compared(Example(ATTACK, ATTACK, ATTACK), (answer(True), answer(False)))
    yield "a comparison", training.side_by_side([pair], ATTACK, ATTACK), 6
    f1 = dict.fromkeys(("current", "candidate", "low", "high"), 1.0)
    record = {"figures": {ATTACK: {"f1": f1}, "regression set": {"f1": f1}}, "objections": [ATTACK]}
    version = cast(Version, SimpleNamespace(name=ATTACK, state="candidate", record=record))
    yield "versions", training.versions([version, version]), 6


@pytest.mark.parametrize(("what", "shown", "times"), list(everything()))
def test_html_shows_what_others_wrote_as_text(what: str, shown: Markup, times: int) -> None:
    assert isinstance(shown, Markup), what
    assert ATTACK not in shown
    assert "<img" not in shown
    assert shown.count(SHOWN) >= times
    # Nothing but what the templates hold opens, and attributes end where they should.
    assert not re.search(r"<(?!/?[a-z]+[\d]?(?:\s+[\w-]+(?:=\"[^\"<>]*\")?)*\s*>)", shown), what


def test_html_shows_what_argilla_says_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGILLA_API_URL", 'http://127.0.0.1:9/"><img src=x>')
    counts = SimpleNamespace(sent=1, unsent=2)
    store = SimpleNamespace(counts=lambda: counts, count_pulled=lambda: 3)
    intake = SimpleNamespace(store=store, sender=SimpleNamespace(problem=ATTACK))
    shown = review_card.argilla(cast(Intake, intake))
    assert SHOWN in shown
    assert "<img" not in shown


@given(st.text(st.characters(codec=None)))
def test_html_carries_every_text(text: str) -> None:
    shown = Markup('<p title="{}">{}</p>').format(text, text)
    sound = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    title, body = re.fullmatch(r'<p title="(.*)">(.*)</p>', shown, re.S).groups()  # type: ignore[union-attr]
    assert html.unescape(title) == html.unescape(body) == html.unescape(html.escape(sound))
    assert "\r" not in shown
    assert set(shown.replace(title, "", 1).replace(body, "", 1)) <= set('<p title="">/')
    assert joined([text, shown]) == Markup.escape(text) + shown
    assert filled(Markup("<b>{}</b>"), [[text]]) == Markup("<b>{}</b>").format(text)


# Where HTML is made


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / "page").rglob("*.py")):
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def test_html_is_made_in_one_place_and_is_markup() -> None:
    """No tag stands outside page/html and html.py; no function there gives a plain text to show."""
    bad = []
    for path, tree in sources():
        inside = path.parent.name == "html" or path.name == "html.py"
        for node in ast.walk(tree):
            if inside and isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                given = ast.unparse(node.returns) if node.returns else ""
                if given not in ("Markup", "Self") and "property" not in ast.unparse(node):
                    bad.append(f"{path}: {node.name} -> {given}")
            if (
                not inside
                and path.name != "look.py"
                and isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.search(r"(?<!\?P)</?[a-z]+[ >]", node.value)
            ):
                bad.append(f"{path}:{node.lineno}: {node.value[:40]}")
            if isinstance(node, ast.JoinedStr) and "Markup" in ast.unparse(node):
                bad.append(f"{path}:{node.lineno}: Markup in an f-string")
    assert bad == []


def test_html_is_what_markupsafe_says() -> None:
    assert issubclass(Markup, markupsafe.Markup)
    assert Markup.escape(ATTACK) == markupsafe.escape(ATTACK)
