"""The tab about the model: its card, its figures, and what a review threshold would do."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from page.html import model as render
from page.tabs import model
from qa_core.evaluation.figures import Figures
from qa_core.models.folder import bundled_model, version
from qa_core.models.versions import Versions
from tests.support import networks
from tests.support.browsing import SHOTS, Served, serve

CARD = """---
license: cc-by-sa-4.0
datasets: [a, <b>]
---
# A reader

<script>window.ran = 1</script> ![pixel](https://example.org/pixel.png)
[paper](https://example.org/paper) [notes](../notes.md) [bad](javascript:alert(1))

| a | b |
| --- | --- |
| 1 | 2 |
"""


@pytest.fixture(scope="module")
def figures() -> Figures:
    found = Figures.load(bundled_model())
    assert found is not None
    return found


@pytest.fixture
def tab(tab: Page) -> Page:
    tab.get_by_role("tab", name="Accuracy").click()
    return tab


def more(tab: Page) -> None:
    """Open what is behind the first sentence."""
    tab.get_by_role("button", name="More: review threshold").click()


def test_model_tab_begins_with_one_sentence_and_one_picture(tab: Page, figures: Figures) -> None:
    right = round(100 * figures.right[0] / figures.questions)
    brief = tab.locator("#sl-in-brief")
    expect(brief).to_contain_text("Of 100 answers it gives on 18 kinds of everyday text")
    expect(brief).to_contain_text(f"{right} are right.")
    expect(brief.locator(".sl-hundred i")).to_have_count(right)
    expect(brief.locator(".sl-hundred b")).to_have_count(100 - right)
    expect(tab.locator("#sl-threshold")).to_be_hidden()
    tab.screenshot(path=SHOTS / "model-brief.png", full_page=True)
    more(tab)
    expect(tab.locator("#sl-scores")).to_contain_text("1 is always, 0.5 is as often as by chance")
    tab.get_by_role("button", name="Model card").click()
    expect(tab.locator("#sl-model-card")).to_contain_text("extractive reader for English")
    expect(tab.locator("#sl-model-card")).not_to_contain_text("spanloop train")


def test_no_curve_begins_with_the_noise_of_a_few_answers(figures: Figures) -> None:
    shown = model.risk_coverage(figures)
    assert min(row["x"] for row in shown) * figures.questions / 100 >= 0.9 * model.FEWEST
    everything = [risk for curve in figures.risk_coverage.values() for risk in curve["risk"]]
    assert max(row["y"] for row in shown) < 100 * max(everything) + 1
    assert {row["of"] for row in shown} == set(figures.risk_coverage)


def test_model_slider_shows_what_was_measured(tab: Page, figures: Figures) -> None:
    more(tab)
    for threshold in (0.6, 0.9, 0.25):
        found = figures.review(threshold)
        tab.locator("#sl-threshold input[type=number]").fill(str(threshold))
        tab.locator("#sl-threshold input[type=number]").press("Enter")
        expect(tab.locator("#sl-share")).to_have_text(f"{found.share:.1%}")
        expect(tab.locator("#sl-right")).to_have_text(f"{found.right:.1%} right")
    expect(tab.locator("#sl-plots canvas, #sl-plots svg.marks")).to_have_count(2)
    expect(tab.locator("#sl-scores")).to_contain_text(f"{figures.scores['exact']:.1f}")
    tab.get_by_text("Bins as a table").click()
    first = model.reliability(figures)[0]
    expect(tab.get_by_role("region", name="Bins")).to_contain_text(f"{first['y']:.1f}")
    tab.get_by_role("button", name="Model card").click()
    expect(tab.locator("#sl-model-card h1")).to_be_visible()
    tab.screenshot(path=SHOTS / "model.png", full_page=True)


def test_model_tab_says_so_once_another_version_serves(chromium: Browser, tmp_path: Path) -> None:
    with (
        serve(env={**os.environ, "SPANLOOP_HOME": str(tmp_path)}) as served,
        chromium.new_context() as context,
    ):
        tab = context.new_page()

        def measured() -> str:
            tab.goto(served.url)
            tab.get_by_role("tab", name="Accuracy").click()
            more(tab)
            shown = tab.locator("#sl-measured")
            expect(shown).to_contain_text("Measured on")
            return shown.text_content() or ""

        assert "the page answers with" not in measured()
        versions = Versions(tmp_path / "models")
        made = tmp_path / "made"
        networks.save_network(made)
        (made / "training.json").write_text(
            '{"recipe": {"max_length": 96, "stride": 8, "max_question_length": 32}}'
        )
        digest = version(made)
        versions.promote(versions.publish(made, {"digest": digest}))
        for _ in range(20):  # nobody asks anything meanwhile
            time.sleep(2)
            if f"the page answers with {digest}" in measured():
                return
        pytest.fail("the page did not say so")


def test_model_tab_fits_a_phone_in_the_dark(chromium: Browser, served: Served) -> None:
    with chromium.new_context(
        viewport={"width": 390, "height": 844}, color_scheme="dark", reduced_motion="reduce"
    ) as context:
        tab = context.new_page()
        tab.goto(served.url)
        tab.get_by_role("tab", name="Accuracy").click()
        more(tab)
        expect(tab.locator("#sl-plots canvas, #sl-plots svg.marks")).to_have_count(2)
        assert tab.evaluate("document.documentElement.scrollWidth") == 390
        tab.screenshot(path=SHOTS / "model-phone.png", full_page=True)


def test_model_card_shows_no_markup_no_pictures_and_links_to_the_web_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(CARD)
    shown = render.card(model.card(tmp_path))
    assert "<h1>A reader</h1>" in shown
    assert "<td>1</td>" in shown
    assert "<script" not in shown
    assert "<img" not in shown
    assert shown.count("href=") == shown.count('href="https://example.org/p') <= 2
    assert "notes" in shown
    assert "<td>cc-by-sa-4.0</td>" in shown
    assert "[a, &lt;b&gt;]" in shown


def test_model_without_a_card_or_figures_says_so(tmp_path: Path) -> None:
    assert "has no model card" in render.card(model.card(tmp_path))
    figures, trouble = model.measured(tmp_path)
    assert (figures, trouble) == ([], "")
    shown = render.not_measured(model.to_measure(tmp_path), trouble)
    assert "Not measured yet" in shown
    assert f"--figures {tmp_path}/figures.json" in shown
    (tmp_path / "figures.json").write_text("<b>")
    figures, trouble = model.measured(tmp_path)
    assert figures == []
    assert "measure again" in render.not_measured(model.to_measure(tmp_path), trouble)


def test_model_tells_how_right_it_is_on_each_kind_of_text(figures: Figures) -> None:
    assert "sl-grid" not in render.in_brief(figures)
    wikipedia = replace(figures, data=("dev-v2.0.json.gz",), questions=11_873)
    shown = render.in_brief(figures, wikipedia)
    for kind in ("18 kinds of everyday text", "Wikipedia articles (SQuAD 2.0)"):
        assert f'<td class="sl-wide">{kind}' in shown
    assert '<td class="sl-figure">11,873</td>' in shown
    assert "On Wikipedia articles" in render.other_scores(wikipedia)


def test_model_figures_of_another_version_are_called_so(figures: Figures) -> None:
    version = figures.model.rpartition("@")[2]
    assert "figures are of version" not in render.source(figures, version)
    assert f"figures are of version {version}" in render.source(figures, "other")
