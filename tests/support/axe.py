"""axe-core's verdict on a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def no_serious_fault(tab: Page, *rules: str) -> None:
    """Fail where axe-core finds a serious or critical fault in the page as it stands.

    rules: those to check; all by default.
    """
    options = {"runOnly": {"type": "rule", "values": [*rules]}} if rules else None
    found = Axe().run(tab, options=options).response["violations"]
    serious = [
        f"{fault['id']}: {node['html'][:120]} {node['any'][:1]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
    assert serious == [], serious
