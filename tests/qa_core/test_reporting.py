import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_core.data.examples import Example, Gold
from qa_core.errors import DataError
from qa_core.evaluation import judging as evaluation
from qa_core.evaluation import metrics, reporting
from qa_core.evaluation.judging import Report
from qa_core.inference.answer import Answer, Span

TEXT = "Zoë \U0001f600 met Ana in Oslo."


@pytest.fixture(scope="module")
def report() -> Report:
    def answer(text: str, confidence: float, plain: float, null_odds: float) -> Answer:
        start = TEXT.index(text)
        guess = (Span("Ana", 10, 13, 2.0, 0.3),)
        return Answer(
            text=text,
            start=start,
            end=start + len(text),
            score=2.0,
            confidence=confidence,
            null_score=2.0 + null_odds,
            answerable=bool(text),
            alternatives=() if text else guess,
            warnings=("The question was cut.",),
            model="test 1",
            plain_confidence=plain,
        )

    golds = (Gold("Zoë \U0001f600", 0), Gold("Zoë", 0))
    examples = [
        Example("a", "Who met Ana?", TEXT, golds),
        Example("b", "Where?", TEXT, (Gold("Oslo", TEXT.index("Oslo")),)),
        Example("c", "When?", TEXT),
    ]
    answers = [
        answer("Zoë", 0.8, 0.5, -3.0),
        answer("", 0.6, 0.5, 0.5),
        answer("", 0.9, 0.7, float("inf")),
    ]
    return evaluation.judge(examples, answers)


@pytest.fixture(scope="module")
def saved(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "new" / "folder"
    reporting.save(report, folder)
    return folder


def test_saved_predictions_reproduce_the_scores(report: Report, saved: Path) -> None:
    read = {path.stem: json.loads(path.read_text()) for path in saved.glob("*.json")}
    golds = {one.example.id: [g.text for g in one.example.answers] for one in report.judgements}
    scores = metrics.squad_scores(read["predictions"], golds)
    scores |= {
        key: value
        for key, value in metrics.squad_scores(read["best_spans"], golds, read["null_odds"]).items()
        if key.startswith("best_")
    }
    assert scores == report.scores == read["report"]["scores"]


def test_details_hold_one_question_a_line(saved: Path) -> None:
    lines = (saved / "details.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a", "b", "c"]
    assert json.loads(lines[0]) == {
        "id": "a",
        "question": "Who met Ana?",
        "golds": ["Zoë \U0001f600", "Zoë"],
        "prediction": "Zoë",
        "start": 0,
        "end": 3,
        "best_span": "Zoë",
        "null_odds": -3.0,
        "confidence": 0.8,
        "plain_confidence": 0.5,
        "exact": 1,
        "f1": 1.0,
        "warnings": ["The question was cut."],
    }
    assert json.loads(lines[1])["best_span"] == "Ana"


def test_saved_json_is_strict(saved: Path) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    for path in [*saved.glob("*.json"), saved / "details.jsonl"]:
        for line in [path.read_text()] if path.suffix == ".json" else path.open():
            json.loads(line, parse_constant=refuse)


def test_saved_plots_are_pictures_of_some_size(saved: Path) -> None:
    from matplotlib.image import imread

    for name in ("reliability.png", "risk_coverage.png"):
        height, width, _ = imread(saved / name).shape
        assert min(height, width) > 600


def test_a_folder_that_cannot_be_made_is_refused(report: Report, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="expected a folder to write the report to"):
        reporting.save(report, tmp_path / "file")


def test_render_shows_every_figure_without_colour_codes(report: Report) -> None:
    text = reporting.render(report)
    rows = {line[:36].strip(): line[36:].split() for line in text.splitlines()}
    assert rows["all"] == ["66.67", "66.67", "3"]
    assert rows["answerable"] == ["50.00", "50.00", "2"]
    assert rows["unanswerable"] == ["100.00", "100.00", "1"]
    assert rows["that threshold, null odds"] == ["-3.00", "-3.00"]
    assert "0.300" in text  # ECE of the confidence: gaps of 0.2, 0.6 and 0.1
    assert "softmax product" in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 100


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.0, 0.3, 1.0]), st.booleans()), min_size=1))
def test_plots_can_be_drawn_of_any_verdicts(verdicts: list[tuple[float, bool]]) -> None:
    confidence, right = zip(*verdicts, strict=True)
    reporting.reliability_plot({reporting.OURS: confidence}, right)
    reporting.risk_coverage_plot({reporting.OURS: confidence}, right)


def test_plotted_curves_are_the_measured_ones() -> None:
    confidence, right = [0.9, 0.7, 0.2, 0.1], [True, True, False, True]
    (axes,) = reporting.risk_coverage_plot({reporting.OURS: confidence}, right).axes
    curves = {str(line.get_label()): line.get_xydata() for line in axes.lines}
    aurc = metrics.aurc(confidence, right)
    curve = np.column_stack(metrics.risk_coverage(confidence, right))
    np.testing.assert_array_equal(curves[f"confidence: AURC {aurc:.3f}"], curve)
    axes = reporting.reliability_plot({reporting.OURS: confidence}, right).axes[0]
    bins = metrics.reliability(confidence, right)
    np.testing.assert_array_equal(
        axes.lines[0].get_xydata(), np.column_stack([bins.confidence, bins.accuracy])
    )
