"""Learning from the page, in a real browser."""

import json
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from playwright.sync_api import Browser, Page, expect

from annotation.loop.intake import Intake
from annotation.store.store import Store
from page.look import look
from page.tabs import training
from qa_core.inference.confidence import Calibration
from qa_core.inference.reader import Reader
from qa_core.models.versions import Versions
from qa_core.serving.live import LiveReader
from tests.support import networks
from tests.support.browsing import SHOTS
from tests.support.predictions import answer

ALLOWED: set[str] = set()


@pytest.fixture
def page(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Page, LiveReader]]:
    """The component in a tab of its own, and two versions of which v1 serves."""
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    model = networks.save_network(tmp_path / "model")
    sizes = {"max_length": 96, "stride": 8, "max_question_length": 32}
    (model / "training.json").write_text(json.dumps({"recipe": sizes}))
    Calibration().save(model)
    digest = Reader.load(model, backend="torch", stride=32).model.rpartition("@")[2]
    gain = {"current": 50.0, "candidate": 49.0, "low": -2.0, "high": 0.5, "gain": -1.0}
    figures = {"held-out reviews": {"f1": gain}, "regression set": {"f1": gain}}
    record = {"digest": digest, "figures": figures, "seconds": 720}
    versions = Versions()
    versions.promote(versions.publish(model, record))
    versions.publish(model, record | {"objections": ["a <b>worse</b> model"]})
    reader = LiveReader(backend="torch", stride=32)
    with gr.Blocks() as blocks:
        token = gr.State("secret")
        with gr.Tab("Ask"):
            pass
        with gr.Tab("Learn") as tab:
            training.build(
                Intake(Store()), reader, lambda request, token: token in ALLOWED, token, tab
            )
    _, url, _ = blocks.launch(quiet=True, prevent_thread_lock=True, **look())
    with chromium.new_page() as opened:
        opened.goto(url)
        opened.evaluate("document.documentElement.classList.add('sl-ready')")
        yield opened, reader
    blocks.close()
    ALLOWED.clear()


def fill() -> None:
    """Thirty reviews on as many texts."""
    store = Store()
    for number in range(30):
        context = f"Pier {number} was opened by Ines Soto."
        start = context.index("Ines")
        given = answer("Ines Soto", start=start, end=start + 9, alternatives=())
        id_ = store.keep("Who opened it?", context, given, reason="doubtful", source="test")
        store.review(str(id_), "ann", (start, start + 9), text="Ines Soto", source="test")
    store.close()


def test_who_may_compares_promotes_and_rolls_back(page: tuple[Page, LiveReader]) -> None:
    opened, reader = page
    ALLOWED.add("secret")
    opened.get_by_role("tab", name="Learn").click()
    versions = opened.locator("#sl-training-versions")
    expect(versions).to_contain_text("held-out reviews: 50.0 → 49.0 (-2.0 to +0.5)")
    expect(versions).to_contain_text("a <b>worse</b> model")
    expect(versions.locator("svg text")).to_have_text(
        ["50.0", "bundled", "49.0", "v1", "49.0", "v2"]
    )
    opened.get_by_role("button", name="Compare with").click()
    compared = opened.locator("#sl-training-compared")
    expect(compared).to_contain_text("no reviewed question to compare on")
    fill()
    opened.get_by_role("button", name="Compare with").click()
    expect(compared).to_contain_text("v1 (serving) answers")
    expect(compared.locator("tbody tr").first).to_contain_text("Ines Soto")
    opened.get_by_role("button", name="Use this version").click()
    expect(versions.locator("tr", has_text="v2")).to_contain_text("serving")
    assert reader.model.startswith("v2@")
    opened.get_by_role("button", name="Roll back").click()
    expect(versions.locator("tr", has_text="v1")).to_contain_text("serving")
    assert reader.model.startswith("v1@")


def test_a_training_says_what_it_lacks_how_far_it_is_and_how_it_ended(
    page: tuple[Page, LiveReader],
) -> None:
    opened, _ = page
    ALLOWED.add("secret")
    opened.get_by_role("tab", name="Learn").click()
    need, state = opened.locator("#sl-training-need"), opened.locator("#sl-training-state")
    expect(need).to_contain_text("at least 10 more reviews")
    expect(need).to_contain_text("The verifier cannot be trained yet")
    again = opened.get_by_role("button", name="Re-train …")
    expect(again).to_be_disabled()
    expect(opened.get_by_role("button", name="Train the verifier")).to_be_disabled()
    fill()
    opened.get_by_role("tab", name="Ask").click()
    opened.get_by_role("tab", name="Learn").click()
    expect(need).to_contain_text("20 more reviews until re-training is worthwhile: 30 of 50.")
    again.click()
    confirm = opened.locator("#sl-training-confirm")
    expect(confirm).to_contain_text("The last one took 12 minutes.")
    confirm.get_by_role("button", name="Not now").click()
    expect(confirm).to_be_hidden()
    again.click()
    confirm.get_by_role("button", name="Start re-training").click()
    expect(state).to_contain_text("Re-training")
    expect(state.locator("li")).to_have_count(5)
    expect(again).to_be_disabled()
    SHOTS.mkdir(exist_ok=True)
    opened.screenshot(path=SHOTS / "training.png", full_page=True)
    opened.get_by_role("button", name="Stop it").click()
    expect(state).to_contain_text("stopped before its end. Nothing changed: v1 serves.")
    expect(opened.get_by_role("button", name="Stop it")).to_be_hidden()
    expect(again).to_be_enabled()
    # Whatever a log holds that was cut short, nothing is left to wait for.
    (Versions().folder / "training.log").write_text("learning ...\nstep 1/9  loss 1  4 min left\n")
    opened.get_by_role("tab", name="Ask").click()
    opened.get_by_role("tab", name="Learn").click()
    expect(state).not_to_contain_text("left")
    expect(state).to_contain_text("stopped before its end")


def test_who_may_not_sees_and_does_nothing(page: tuple[Page, LiveReader]) -> None:
    opened, reader = page
    opened.get_by_role("tab", name="Learn").click()
    expect(opened.get_by_role("button", name="Re-train …")).to_have_count(0)
    ALLOWED.add("secret")
    opened.get_by_role("tab", name="Ask").click()
    opened.get_by_role("tab", name="Learn").click()
    button = opened.get_by_role("button", name="Use this version")
    expect(button).to_be_enabled()
    ALLOWED.clear()  # logged out elsewhere
    button.evaluate("button => button.click()")  # at once, before the page notices and hides it
    expect(button).to_have_count(0)
    assert reader.model.startswith("v1@")
    assert Versions().serving() == "v1"
