"""Whether everything on every tab can be read, by day and in the dark."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.support.axe import no_serious_fault
from tests.support.browsing import SHOTS, Served, edit

BAKERY = (
    "Mara Lindqvist opened the bakery on Quay Street in March 2009. Its cinnamon buns sell out by"
    " nine o'clock."
)
QUESTIONS = "Who owns the bakery today?\nWho opened the bakery?\nWhat sells out by nine o'clock?"


def by_day_and_in_the_dark(tab: Page, name: str = "") -> None:
    """Nothing is a serious fault as it stands, and in the dark nothing is hard to see."""
    no_serious_fault(tab)
    picture(tab, name, "light")
    tab.evaluate("document.body.classList.add('dark')")
    no_serious_fault(tab, "color-contrast")
    picture(tab, name, "dark")
    tab.evaluate("document.body.classList.remove('dark')")


def picture(tab: Page, name: str, scheme: str) -> None:
    if name:
        tab.screenshot(path=SHOTS / f"{name}-{scheme}.png", full_page=True)


def test_every_tab_can_be_read(chromium: Browser, served: Served) -> None:
    with chromium.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    ) as context:
        tab = context.new_page()
        tab.goto(served.url)
        tab.add_style_tag(content="* { transition: none !important }")  # colours change at once
        edit(tab)
        tab.get_by_label("Your text").fill(BAKERY)
        tab.get_by_label("Your question").fill(QUESTIONS)
        tab.get_by_label("Your question").press("Enter")
        expect(tab.locator(".sl-verdict:not(.sl-waiting)")).to_have_count(3)
        tab.get_by_role("button", name="Why this answer?").click()
        tab.get_by_text("Details for experts").click()
        expect(tab.locator("#sl-why figure").first).to_be_visible()
        by_day_and_in_the_dark(tab)
        edit(tab)
        tab.get_by_label("Your text").press("x")
        expect(tab.locator(".sl-changed[data-what=text]")).to_be_visible()
        by_day_and_in_the_dark(tab)

        tab.get_by_role("tab", name="Batch").click()
        tab.get_by_role("button", name="try an example").click()
        expect(tab.locator("#sl-bad .sl-figure").last).to_have_text("6")
        tab.get_by_role("button", name="Answer all").click()
        expect(tab.locator("#sl-many-progress")).to_contain_text("All 5 answered")
        tab.locator("#sl-many-table").get_by_text("Who looks after the hive?").click()
        expect(tab.locator("#sl-many-row .sl-passage")).to_be_visible()
        by_day_and_in_the_dark(tab)

        tab.get_by_role("tab", name="Accuracy").click()
        tab.get_by_role("button", name="More: review threshold").click()
        for hidden in ("Bins as a table", "Points as a table", "Measure again"):
            tab.get_by_text(hidden).click()
        expect(tab.locator("#sl-model .sl-figure").first).to_be_visible()
        by_day_and_in_the_dark(tab, "model")

        tab.get_by_role("tab", name="Review").click()
        expect(tab.locator("#sl-review-item")).to_contain_text(
            re.compile("review|Uncertain|confident")
        )
        by_day_and_in_the_dark(tab)
