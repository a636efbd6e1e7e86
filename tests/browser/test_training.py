"""Learning from the page, in a real browser."""

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

ALLOWED: set[str] = set()


@pytest.fixture
def page(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Page, LiveReader]]:
    """The component in a tab of its own, and two versions of which v1 serves."""
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    model = networks.save_network(tmp_path / "model")
    Calibration().save(model)
    digest = Reader.load(model, backend="torch", stride=32).model.rpartition("@")[2]
    gain = {"current": 50.0, "candidate": 49.0, "low": -2.0, "high": 0.5, "gain": -1.0}
    record = {"digest": digest, "figures": {"held-out reviews": {"f1": gain}}}
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
        yield opened, reader
    blocks.close()
    ALLOWED.clear()


def test_who_may_re_trains_promotes_and_rolls_back(page: tuple[Page, LiveReader]) -> None:
    opened, reader = page
    ALLOWED.add("secret")
    opened.get_by_role("tab", name="Learn").click()
    versions = opened.locator("#sl-training-versions")
    expect(versions).to_contain_text("held-out reviews: 50.0 → 49.0 (-2.0 to +0.5)")
    expect(versions).to_contain_text("a <b>worse</b> model")
    expect(opened.locator("#sl-training-next")).to_contain_text("Nothing is kept yet")
    opened.get_by_role("button", name="Use this version").click()
    expect(versions.locator("tr", has_text="v2")).to_contain_text("serving")
    assert reader.model.startswith("v2@")
    opened.get_by_role("button", name="Roll back").click()
    expect(versions.locator("tr", has_text="v1")).to_contain_text("serving")
    assert reader.model.startswith("v1@")
    opened.get_by_role("button", name="Re-train now").click()
    state = opened.locator("#sl-training-state")
    expect(state).to_contain_text("Re-training")
    expect(state).to_contain_text("expected decided reviews", timeout=120_000)
    expect(opened.get_by_role("button", name="Re-train now")).to_be_enabled()
    opened.get_by_role("button", name="Train the verifier").click()
    expect(state).to_contain_text("Training the verifier")
    expect(opened.get_by_role("button", name="Re-train now")).to_be_disabled()
    expect(state).to_contain_text("expected at least 6 accepted", timeout=120_000)
    expect(opened.get_by_role("button", name="Train the verifier")).to_be_enabled()
    state.get_by_text("Log").click()
    SHOTS.mkdir(exist_ok=True)
    opened.screenshot(path=SHOTS / "training.png")


def test_who_may_not_sees_and_does_nothing(page: tuple[Page, LiveReader]) -> None:
    opened, reader = page
    opened.get_by_role("tab", name="Learn").click()
    expect(opened.get_by_role("button", name="Re-train now")).to_have_count(0)
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
