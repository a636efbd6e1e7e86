"""The tab for files, in Chromium with the bundled model."""

import csv
import io
import json
import re

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from page import messages
from page.batch import UNCERTAIN, Batch
from page.html import batch as view
from qa_core.data.examples import BadRow, Example
from qa_core.inference.answer import Answer
from tests.support.axe import no_serious_fault
from tests.support.browsing import SHOTS, Served, download, upload

HARBOUR = "The harbour of Oslo was opened by Ines Soto in 1904; it holds 240 boats."
ATTACK = '<img src=x onerror="window.ran = 1">'
ROWS = [
    {"id": "a", "question": "Who opened the harbour of Oslo?", "context": HARBOUR},
    {"id": "b", "question": " ", "context": HARBOUR},
    {"id": "c", "question": "What did the captain's dog eat?", "context": HARBOUR},
    {"id": ATTACK, "question": "Who?", "context": "\ud83d"},
    {"id": "=1+1", "question": f"How many boats {ATTACK} does it hold?", "context": HARBOUR},
]
LINES = "\n".join([*map(json.dumps, ROWS), "{broken", f'["{ATTACK}"]'])


@pytest.fixture
def tab(tab: Page) -> Page:
    tab.get_by_role("tab", name="Batch").click()
    return tab


def test_many_answers_the_good_rows_and_lists_the_bad(tab: Page) -> None:
    upload(tab, "rows.jsonl", LINES.encode())
    preview = tab.locator("#sl-many-preview")
    expect(preview).to_contain_text("rows.jsonl: 3 questions on 1 text.")
    bad = tab.locator("#sl-bad")
    expect(bad.locator("summary")).to_have_text("4 rows left out")
    assert [cell.inner_text() for cell in bad.locator("td:first-child").all()] == list("2467")
    expect(bad).to_contain_text("The question is empty. Write the question or drop the row.")
    expect(bad).to_contain_text("lone surrogate")
    expect(bad).to_contain_text(ATTACK)

    tab.get_by_role("button", name="Answer all").click()
    expect(tab.locator("#sl-many-progress")).to_contain_text("All 3 answered")
    cells = tab.locator("#sl-many-table .virtual-row")
    expect(cells).to_have_count(3)
    expect(cells.first).to_contain_text("Ines Soto")
    expect(tab.locator("#sl-many-table")).to_contain_text(ATTACK)
    tab.screenshot(path=SHOTS / "many.png", full_page=True)

    lines = [json.loads(line) for line in download(tab, "Download JSON Lines").splitlines()]
    assert [line["id"] for line in lines] == ["a", "c", "=1+1"]
    assert lines[0]["text"] == "Ines Soto" == HARBOUR[lines[0]["start"] : lines[0]["end"]]
    table = list(csv.DictReader(io.StringIO(download(tab, "Download CSV"), newline="")))
    assert [row["id"] for row in table] == ["a", "c", "'=1+1"]
    assert [float(row["confidence"]) for row in table] == [
        pytest.approx(line["confidence"], abs=1e-4) for line in lines
    ]

    unsaid = [line["id"] for line in lines if not line["answerable"]]
    tab.get_by_label(f"Unanswerable ({len(unsaid)})").click()
    expect(cells).to_have_count(len(unsaid))
    unsure = sum(line["confidence"] < UNCERTAIN for line in lines)
    tab.get_by_label(f"Uncertain ({unsure})").click()
    expect(cells).to_have_count(unsure)
    tab.get_by_label("All (3)").click()
    expect(cells).to_have_count(3)
    assert tab.evaluate("window.ran") is None


def test_many_says_why_a_file_cannot_be_read(tab: Page) -> None:
    upload(tab, "rows.csv", b"question;text\nWho?;Ada.\n")
    alert = tab.locator("#sl-many-preview [role=alert]")
    expect(alert).to_contain_text("rows.csv: expected columns question and context")
    expect(tab.get_by_role("button", name="Answer all")).to_be_hidden()


def test_many_scores_answers_where_the_file_holds_the_right_ones(tab: Page) -> None:
    rows = "Frage;question;context;answer\n"
    rows += f'ä;Who opened the harbour of Oslo?;"{HARBOUR}";Ines Soto\n'
    rows += f'ö;How many boats does it hold?;"{HARBOUR}";none\n'
    upload(tab, "rows.csv", rows.encode("cp1252"))
    expect(tab.locator("#sl-many-preview")).to_contain_text("rows.csv: 2 questions on 1 text.")
    tab.get_by_role("button", name="Answer all").click()
    progress = tab.locator("#sl-many-progress")
    expect(progress).to_contain_text("EM 50.0, F1 50.0 on 2 rows with expected answers.")
    table = list(csv.DictReader(io.StringIO(download(tab, "Download CSV"), newline="")))
    assert [(row["expected"], row["exact"]) for row in table] == [
        ('["Ines Soto"]', "1"),
        ('["none"]', "0"),
    ]


# One choice, and another before the first is shown.
QUICKLY = """async () => {
  for (const name of ['Wrong', 'All']) {
    [...document.querySelectorAll('#sl-many-results label')]
      .find((one) => one.textContent.trim().startsWith(name)).click();
    await new Promise((done) => setTimeout(done, 20));
  }
}"""


def test_many_shows_a_row_in_its_text_and_downloads_what_is_shown(tab: Page) -> None:
    rows = "id,question,context,answer\n"
    rows += f'a,Who opened the harbour of Oslo?,"{HARBOUR}",Ines Soto\n'
    rows += f'=1+1,How many boats does it hold?,"{HARBOUR}",none\n'
    upload(tab, "rows.csv", rows.encode())
    tab.get_by_role("button", name="Answer all").click()
    expect(tab.locator("#sl-many-table .virtual-row")).to_have_count(2)
    shown = tab.locator("#sl-many-row")
    expect(shown).to_contain_text("Choose a row")
    tab.get_by_label("Wrong (1)").click()
    expect(tab.locator("#sl-many-table .virtual-row")).to_have_count(1)
    tab.locator("#sl-many-table .virtual-row").get_by_text("How many boats").click()
    expect(shown.locator(".sl-passage")).to_have_text(HARBOUR)
    expect(shown.locator(".sl-passage mark")).to_contain_text("240")
    expect(shown).to_contain_text("Expected: “none”")
    tab.screenshot(path=SHOTS / "many-row.png", full_page=True)
    with tab.expect_download() as found:
        tab.get_by_role("link", name="Download Excel").or_(
            tab.get_by_role("button", name="Download Excel")
        ).click()
    assert found.value.suggested_filename == "rows.answers.xlsx"
    head, only = openpyxl.load_workbook(
        io.BytesIO(found.value.path().read_bytes())
    ).active.iter_rows()
    assert [cell.value for cell in head][:3] == ["id", "question", "answer"]
    assert (only[0].value, only[0].data_type) == ("=1+1", "s")  # no formula
    (line,) = download(tab, "Download JSON Lines").splitlines()
    assert json.loads(line)["id"] == "=1+1"
    squad = json.loads(download(tab, "Download SQuAD"))
    ((question,),) = [p["qas"] for d in squad["data"] for p in d["paragraphs"]]
    assert "240" in question["answers"][0]["text"]
    tab.get_by_label("All (2)").click()
    expect(tab.locator("#sl-many-table .virtual-row")).to_have_count(2)
    assert len(download(tab, "Download CSV").splitlines()) == 1 + 2
    tab.evaluate(QUICKLY)
    tab.wait_for_timeout(1_500)
    expect(tab.locator("#sl-many-table .virtual-row")).to_have_count(2)


def test_many_takes_what_a_visitor_says_of_a_row(tab: Page) -> None:
    upload(
        tab, "rows.csv", f'question,context\nHow many boats does it hold?,"{HARBOUR}"\n'.encode()
    )
    tab.get_by_role("button", name="Answer all").click()
    tab.locator("#sl-many-table .virtual-row").get_by_text("How many boats").click()
    shown, sent = tab.locator("#sl-many-row"), tab.locator("#sl-many-sent")
    expect(shown).to_contain_text("Only the rows that you judge are saved")
    expect(sent).to_be_empty()
    shown.get_by_role("button", name="Correct").click()
    expect(shown).to_contain_text(re.compile(r"Thank you. Correct. Receipt \d+: kept"))
    tab.evaluate(
        """() => {
          const text = document.querySelector('#sl-many-row .sl-passage').firstChild;
          const at = text.data.indexOf('Oslo');
          getSelection().setBaseAndExtent(text, at, text, at + 4);
        }"""
    )
    no_serious_fault(tab)
    tab.screenshot(path=SHOTS / "many-judged.png", full_page=True)
    shown.get_by_role("button", name="These are the right words").click()
    expect(shown).to_contain_text("The right words: Oslo")
    expect(shown.get_by_role("button", name="Select the right words")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(sent).to_contain_text("What was sent during this visit (1)")
    shown.get_by_role("button", name="Undo").click()
    expect(sent).to_be_empty()
    expect(shown).not_to_contain_text("Thank you")


def test_many_fits_a_phone_in_the_dark(chromium: Browser, served: Served) -> None:
    with chromium.new_context(
        viewport={"width": 390, "height": 844}, color_scheme="dark", reduced_motion="reduce"
    ) as context:
        tab = context.new_page()
        tab.goto(served.url)
        tab.get_by_role("tab", name="Batch").click()
        tab.get_by_role("button", name="try an example").click()
        expect(tab.locator("#sl-bad")).to_contain_text("ferry-3")
        tab.get_by_role("button", name="Answer all").click()
        expect(tab.locator("#sl-many-table")).to_contain_text("twelve hours")
        assert tab.evaluate("document.documentElement.scrollWidth") == 390
        tab.screenshot(path=SHOTS / "many-phone.png", full_page=True)


# What is rendered


def test_many_lists_a_hundred_bad_rows_and_counts_the_rest() -> None:
    bad = [BadRow("a", n, "", "x", "y", "z") for n in range(1, 251)]
    shown = view.bad_rows(bad[:100], len(bad))
    assert shown.count("<tr>") == 1 + 100
    assert "250 rows left out" in shown
    assert "… and 150 more." in shown


def test_many_shows_what_is_left_of_an_interrupted_batch() -> None:
    batch = Batch("a.csv", [Example(str(n), "Who?", "Ada.") for n in range(3)], [], 0)
    batch.answers.append(Answer("Ada", 0, 3, 1.0, 0.4, 0.0, True, (), (), "test", 0.4))
    assert batch.rows(messages.ALL) == [[1, "0", "Who?", "Ada", 40.0]]
    assert batch.rows(messages.UNANSWERABLE) == []
    assert "Stopped after 1 of 3. busy. Nothing is lost" in view.outcome(batch, "busy")
