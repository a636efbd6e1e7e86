"""The page as a Hugging Face Space: what the Space is told, and whom it lets in."""

import os
from pathlib import Path

import httpx
import yaml
from packaging.requirements import Requirement
from packaging.version import Version
from playwright.sync_api import Browser, expect

from tests.support.browsing import ROOT, edit, serve

COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


def test_space_is_told_what_it_needs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    head = yaml.safe_load(readme.split("---\n")[1])
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    (gradio,) = [Requirement(line) for line in lines if line.startswith("gradio=")]
    assert head["sdk"] == "gradio"
    assert Version(head["sdk_version"]) in gradio.specifier
    assert Version(head["python_version"]) >= Version("3.11")
    assert (ROOT / head["app_file"]).is_file()
    assert {head["colorFrom"], head["colorTo"]} <= COLOURS
    assert len(head["short_description"]) <= 60


def test_space_answers_everybody_and_lets_nobody_review(chromium: Browser, tmp_path: Path) -> None:
    told = {  # by the image that runs a Gradio Space
        "SYSTEM": "spaces",
        "SPACE_ID": "you/spanloop",
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "GRADIO_NUM_PORTS": "1",
        "GRADIO_SSR_MODE": "true",
        "GRADIO_THEME": "huggingface",
    }
    with (
        serve(env={**os.environ, **told, "SPANLOOP_HOME": str(tmp_path)}) as served,
        chromium.new_context() as context,
    ):
        elsewhere = served.url.replace("127.0.0.1", "127.0.0.2")
        # reached only by what listens on more than 127.0.0.1
        assert httpx.get(elsewhere).is_success
        tab = context.new_page()
        tab.goto(served.url)
        edit(tab)
        tab.get_by_label("Your text").fill("Ines Soto opened the harbour in 1904.")
        tab.get_by_label("Your question").fill("Who opened the harbour?")
        tab.get_by_role("button", name="Ask", exact=True).click()
        expect(tab.locator("#sl-result")).to_contain_text("Ines Soto")
        tab.get_by_role("tab", name="Review").click()
        expect(tab.locator("#sl-login")).to_be_visible()
        expect(tab.locator("#sl-review")).to_be_hidden()
        expect(tab.locator("#sl-training")).to_be_hidden()
