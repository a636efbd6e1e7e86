"""The page of static files: what it answers, and what leaves the browser."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from page.asked import Asked
from page.examples import EXAMPLES
from page.html import result as render
from page.tabs import hints
from page.web import vendor
from page.web.export import answered, export
from qa_core.data import squad
from qa_core.errors import SpanLoopError
from qa_core.inference import bounds, spans
from qa_core.inference.answer import Answer, Span
from qa_core.inference.confidence import Local, answers, reconsidered
from qa_core.inference.domain import Domain
from qa_core.inference.lists import items
from qa_core.inference.reader import Reader
from tests.support.axe import no_serious_fault
from tests.support.browsing import BAKERY, ROOT, SHOTS
from tests.support.site import FOLDER, asked, exported, served

PORTS = (ROOT / "tests" / "support" / "ports.js").read_text(encoding="utf-8")
READY = "html[data-reader=ready]"
WORDS = (
    "the", "Ninety", "twenty-one", "5.2", "million", "$", "€", "°C", "º F", "%", "(", ")", "[",
    "]", "90", " (90)", "ninety", "days", " business", "1)", "2.", "-", "•", "*",
    "`", "\n", "  ", "\u00a0", "\x85", "a",
    "\u3000", "٣", "②", "½", "é", "e\u0301", "ß", "Ωμ", "ж", "漢字", "かな", "👩\u200d🍳", "🥐",
    "\ufeff", "İ", "km/h", "per cent", "한국", "ไทย", "हिन्दी", "ﬁ", ":", ";", "don't", "kg", "p.m.",
)  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("host")
    exported(folder, "small")
    return folder


@pytest.fixture(scope="module")
def url(root: Path) -> Iterator[str]:
    with served(root) as address:
        yield address


@pytest.fixture(scope="module")
def tab(chromium: Browser, url: str) -> Iterator[Page]:
    """The page, for its modules; its reader is ready."""
    with chromium.new_context() as context:
        opened = context.new_page()
        ready(opened, url)
        yield opened


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load("small", backend="onnx")


def port(tab: Page, name: str, given: Any) -> Any:
    """What the scripts make of it; see tests/support/ports.js."""
    call = f"async ([name, given]) => JSON.stringify(await ({PORTS})[name](JSON.parse(given)))"
    return json.loads(tab.evaluate(call, [name, json.dumps(given)]))


def ready(tab: Page, url: str) -> None:
    """Open the page and wait for its reader."""
    tab.set_default_timeout(60_000)
    tab.goto(url)
    expect(tab.locator(READY)).to_be_attached(timeout=240_000)  # a busy machine is not a failure


def texts(seed: int, count: int, length: int) -> list[str]:
    chance = random.Random(seed)
    blanks = ("", "", " ")
    return [
        "".join(
            chance.choice(WORDS) + chance.choice(blanks) for _ in range(chance.randint(1, length))
        )
        for _ in range(count)
    ]


def test_the_folder_is_what_static_hosts_take(root: Path) -> None:
    folder = root / FOLDER
    files = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert max(files.values()) < 25 * 2**20
    assert 45e6 < sum(files.values()) < 55e6
    assert (folder / "README.md").read_text().startswith("---\ntitle: SpanLoop\n")
    assert "\nsdk: static\n" in (folder / "README.md").read_text()
    assert {"LICENSE", "NOTICE", "MODEL.md"} <= files.keys()
    assert "MODEL " not in (folder / "NOTICE").read_text()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("Chapter 1")
    with pytest.raises(SpanLoopError, match=r"found thesis\.tex in"):
        export("small", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_another_package_than_the_pinned_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    vendor.kept().parent.mkdir(parents=True)
    vendor.kept().write_bytes(b"another")
    with pytest.raises(SpanLoopError, match=r"expected onnxruntime-web .* found another file"):
        export("small", tmp_path / "site")
    vendor.kept().unlink()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SpanLoopError, match=r"expected npm, .* put the file into"):
        export("small", tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_a_tokenizer_of_another_kind_is_refused(tmp_path: Path, tiny_model: Path) -> None:
    from page.web.export import tokenizer_of

    for file in tiny_model.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    record = json.loads((tmp_path / "tokenizer.json").read_text())
    record["pre_tokenizer"] = {"type": "Whitespace"}
    (tmp_path / "tokenizer.json").write_text(json.dumps(record))
    with pytest.raises(SpanLoopError, match="expected a WordPiece tokenizer as BERT's in"):
        tokenizer_of(tmp_path)


def test_tokens_are_those_of_the_library(tab: Page, reader: Reader) -> None:
    assigned = [chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000]
    some = assigned[:0x3000] + assigned[0x3000::7]
    cut = ["a".join(some[first : first + 1000]) for first in range(0, len(some), 1000)]
    given = [*cut, *texts(1, 300, 40), "x" * 101, "x" * 100, "[CLS] [SEP]", ""]
    encoded = reader.windower.tokenizer.encode_batch(given, add_special_tokens=False)
    wanted = [[one.ids, [list(offset) for offset in one.offsets]] for one in encoded]
    assert port(tab, "tokens", [given, wanted]) == []


def test_bounds_are_those_of_python(tab: Page) -> None:
    chance = random.Random(2)
    cases = []
    for text in texts(3, 1500, 14):
        start = chance.randrange(len(text))
        cases.append((text, start, chance.randint(start + 1, len(text))))
    wanted = [[*bounds.tidy(*case), *bounds.whole_words(*case)] for case in cases]
    found = port(tab, "bounds", cases)
    different = [
        (case, one, other)
        for case, one, other in zip(cases, wanted, found, strict=True)
        if one != other
    ]
    assert different == []


def test_readings_and_probabilities_are_those_of_python(tab: Page, reader: Reader) -> None:
    """The same logits lead to the same verdicts and probabilities, however these are fitted."""
    chance = np.random.default_rng(4)
    plain = reader.calibration
    fitted = replace(
        plain,
        answerable=replace(
            plain.answerable, method="isotonic", knots=((-5.0, 0.1), (0.0, 0.4), (5.0, 0.95))
        ),
        match=replace(plain.match, method="temperature", weights=(0.7,)),
    )
    domain = Domain(dict.fromkeys(range(0, 2**16, 3), 0.3), -0.4)
    calibrations = [
        plain,
        fitted,
        replace(fitted, local=Local(domain, replace(plain, threshold=-3.0))),
    ]
    cases, wanted = [], []
    for number, text in enumerate(texts(5, 90, 60)):
        encoding = reader.windower.tokenizer.encode(text, add_special_tokens=False)
        offsets = np.array(encoding.offsets, np.int64).reshape(-1, 2)
        tokens = len(offsets)
        begins = [0] if number % 2 or tokens < 9 else [0, 4, tokens - 5]
        held = [min(9 if len(begins) > 1 else tokens, tokens - begin) for begin in begins]
        starts, ends = ([chance.normal(0, 4, n).astype(np.float32) for n in held] for _ in "se")
        nulls = chance.normal(0, 4, (len(begins), 2)).astype(np.float32)
        reading = spans.read(text, offsets, begins, starts, ends, nulls, top_k=4)
        everywhere = calibrations[number % 3]
        wanted.append((reading, everywhere.at("the 90 days", text), everywhere.local))
        cases.append(
            {
                "text": text,
                "begins": begins,
                "calibration": number % 3,
                "starts": [one.tolist() for one in starts],
                "ends": [one.tolist() for one in ends],
                "nulls": nulls.sum(axis=1).tolist(),
                "offsets": offsets.T.tolist(),
            }
        )
    found = port(tab, "readings", [[asdict(one) for one in calibrations], cases])
    for (reading, calibration, _), one in zip(wanted, found, strict=True):
        none, sure = calibration.confidences(reading)
        assert one["spans"] == [[span.start, span.end] for span in reading.spans]
        assert one["verdict"] == answers(reading, calibration.threshold)
        assert one["null"] == pytest.approx(reading.null_score)
        assert one["confidences"] == pytest.approx([none, *sure], rel=1e-5)
        every = tuple(
            Span("", s.start, s.end, s.score, p) for s, p in zip(reading.spans, sure, strict=True)
        )
        score = every[0].score if every else -np.inf
        said = Answer(
            "", 0, 0, score, none, reading.null_score, False, every, (), "m", 0.0, 1 - none
        )
        other = reconsidered(said, calibration, calibration.at_share(0.92))
        assert one["more"] == pytest.approx(
            [other.start, other.end, other.answerable, other.confidence], rel=1e-5
        )
    assert sum(len(one["spans"]) > 1 for one in found) > 60
    assert {one["verdict"] for one in found} == {False, True}
    local = [calibration is local.calibration for _, calibration, local in wanted if local]
    assert set(local) == {False, True}


def test_cards_are_those_of_the_page(tab: Page) -> None:
    """The same elements with the same words, whatever stands in the text."""
    text = "<b>Ada</b> & Bob\nopened <script>alert(1)</script> 🥐 in 1904, said “Ada”."

    def span(words: str, confidence: float) -> Span:
        start = text.index(words)
        return Span(words, start, start + len(words), 1.0, confidence)

    def said(best: Span | None, *others: Span, sure: float, warned: tuple[str, ...] = ()) -> Answer:
        one = best or Span("", 0, 0, 1.0, sure)
        return Answer(
            one.text, one.start, one.end, 1.0, sure, 0.0, best is not None, others, warned, "m",
            answerable_probability=0.5,
        )  # fmt: skip

    everything = [
        said(span("Ada", 0.95), span("1904", 0.02), span("Bob", 0.005), sure=0.95),
        said(span("<b>Ada</b> & Bob", 0.75), span("🥐", 0.2), sure=0.75, warned=("Cut <b>.",)),
        said(None, span("Bob\nopened", 0.3), sure=0.55),
        said(None, span("1904", 0.004), sure=0.9951),
        said(None, sure=0.75),
        said(span("Bob", 0.4), sure=0.004),
        said(span("Ada</b> & Bob", 0.9), sure=0.9),
    ]
    questions = ["Who?", "Is it <i>open</i>?", "Why?", "When?", "Where or why?", "Did she?", "Who?"]
    chosen = [[0], [2], [4], [0, 1, 2, 3, 4, 5, 6], [1, 0], [5, 3], [6]]
    several = [
        [
            Asked(questions[i], text, everything[i], hints=hints.of_question(questions[i]))
            for i in picked
        ]
        for picked in chosen
    ]
    waiting = [[], [], ["Next?"], [], [], [], []]
    wanted = [str(render.result(one, left)) for one, left in zip(several, waiting, strict=True)]
    wanted.append(str(render.result([], ["Who?", "Why?"], None, text)))
    given = [
        [
            [
                {
                    "question": one.question,
                    "context": one.context,
                    "answer": answered(one.answer),
                    "hints": one.hints,
                }
                for one in asking
            ],
            left,
        ]
        for asking, left in zip(several, waiting, strict=True)
    ]
    for one, other in port(tab, "cards", [given, wanted, text]):
        assert one == other


def test_items_of_lists_are_those_of_python(tab: Page) -> None:
    asked = ["Who came?", "Where?", "Which costs rose?", "So what people, 🥐?", "What is due?"]
    parts = ["Ann", "Bob Lee", "🥐", "to März", "ist", "is", "(a", "b)", "3,100", "8", "2017", "۲"]
    gaps = [", ", " and ", " & ", "; ", " , and ", "\u00a0or ", ". ", " as well as ", ","]
    chance = random.Random(5)
    cases = [
        (
            chance.choice(asked),
            "".join(chance.choice(parts) + chance.choice(gaps) for _ in range(chance.randint(1, 3)))
            + chance.choice(parts),
        )
        for _ in range(2000)
    ]
    wanted = [[list(span) for span in items(*case)] for case in cases]
    assert sum(map(bool, wanted)) > 100
    assert port(tab, "items", cases) == wanted


def test_hints_are_those_of_the_page(tab: Page) -> None:
    given = [
        "Is the bakery open?", "Is it open or closed?", "  “Don't they?”", "Isn’t it", "12 345",
        "Island of whom?", "Who is it?", "Can't we go?", "…", "", "Die Katze", BAKERY,
        "Der Hund ist nicht im Garten, und die Katze auch nicht mit ihm.",
        "Ο σκύλος είναι στον κήπο με τη γάτα και το ποντίκι σήμερα.",
        "Le chat est dans la maison avec les enfants et ne veut pas sortir.",
    ]  # fmt: skip
    found = port(tab, "hints", given)
    assert found == [[list(hints.of_text(one)), list(hints.of_question(one))] for one in given]


def test_answers_are_those_of_the_server(tab: Page, reader: Reader) -> None:
    """`python -m benchmarks.web` compares more."""
    examples = squad.read(ROOT / "texts" / "everyday.test.json.gz")[0]
    chosen = random.Random(6).sample(examples, 12)
    pairs = [(one.question, one.context) for one in chosen]
    pairs += [(EXAMPLES[5].question, EXAMPLES[5].context)]
    long = "\n".join(dict.fromkeys(one.context for one in chosen))[:4000]
    pairs += [(chosen[3].question, long)]
    answers_here, _ = asked(tab, pairs)
    for pair, one, other in zip(pairs, reader.answer_batch(pairs), answers_here, strict=True):
        assert [other["answerable"], other["text"], other["start"], other["end"]] == [
            one.answerable, one.text, one.start, one.end,
        ], pair[0]  # fmt: skip
        assert pair[1][other["start"] : other["end"]] == other["text"]
        assert other["confidence"] == pytest.approx(one.confidence, abs=0.1)


def test_nothing_leaves_the_browser(chromium: Browser, url: str, root: Path) -> None:
    """Not to others at all; and once it is loaded, it needs no network either."""
    with chromium.new_context(viewport={"width": 1280, "height": 900}) as context:
        wanted: list[str] = []
        context.on("request", lambda request: wanted.append(request.url))
        opened, seen = context.new_page(), SimpleNamespace(errors=[])
        opened.on("pageerror", lambda error: seen.errors.append(str(error)))
        ready(opened, url)
        expect(opened.locator(".sl-example .sl-text")).to_have_count(4)
        context.set_offline(True)
        opened.get_by_role("button", name="Use another text").click()
        opened.get_by_label("Your text").fill(f"<img src=x onerror=alert(1)> {BAKERY}")
        opened.get_by_label("Your question").fill(
            "Who opened the bakery?\nHow much does a bun cost?"
        )
        opened.get_by_label("Your question").press("Enter")
        expect(opened.locator(".sl-verdict:not(.sl-waiting)")).to_have_count(2)
        expect(opened.locator(".sl-text").first).to_have_text("Mara Lindqvist")
        expect(opened.locator(".sl-text").last).to_have_text(re.compile("not in the text|Unclear"))
        expect(opened.locator(".sl-passage")).to_contain_text("<img src=x onerror=alert(1)> Mara")
        opened.get_by_role("button", name="Use as the answer").click()
        expect(opened.locator(".sl-verdict mark.sl-answer")).to_have_count(2)
        opened.get_by_label("Be stricter").check()
        expect(opened.locator(".sl-text").first).to_have_text("Mara Lindqvist")
        opened.get_by_role("button", name="Edit the text").click()
        opened.get_by_label("Your text").press("x")
        expect(opened.locator(".sl-changed[data-what=text]")).to_be_visible()
        context.set_offline(False)
        assert {one.split("?")[0] for one in wanted if not one.startswith(("blob:", "data:"))} <= {
            url, *(url + path.name for path in (root / FOLDER).iterdir())
        }  # fmt: skip
        for evaluate in (opened.evaluate, opened.workers[0].evaluate):
            blocked = evaluate("fetch('http://localhost:9/').then(() => '', String)")
            assert "Failed to fetch" in blocked
        assert seen.errors == []


def test_a_long_text_shows_how_far_it_is_and_can_be_stopped(tab: Page) -> None:
    tab.get_by_role("button", name="Edit the text").click()
    tab.get_by_label("Your text").fill(f"{BAKERY}\n" * 300)
    tab.get_by_label("Your question").fill("Who opened the bakery?")
    tab.get_by_role("button", name="Ask", exact=True).click()
    expect(tab.locator(".sl-reading")).to_contain_text("Reading for “Who opened")
    tab.get_by_role("button", name="Cancel").click()
    expect(tab.locator("#sl-status")).to_have_text("Stopped.")
    tab.get_by_label("Your text").fill(BAKERY)
    tab.get_by_role("button", name="Ask", exact=True).click()
    expect(tab.locator(".sl-text")).to_have_text("Mara Lindqvist")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_looks_as_the_page_does(chromium: Browser, url: str, scheme: str) -> None:
    for width in (390, 820, 1440):
        with chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
        ) as context:
            opened = context.new_page()
            opened.goto(url)
            expect(opened.locator(".sl-example .sl-text")).to_have_count(4)
            assert opened.evaluate("document.documentElement.scrollWidth") <= width
            opened.screenshot(path=SHOTS / f"web-{scheme}-{width}.png", full_page=True)
            no_serious_fault(opened)


def test_without_webassembly_it_says_so(chromium: Browser, url: str) -> None:
    with chromium.new_context() as context:
        context.add_init_script("delete globalThis.WebAssembly")
        says(context, url, "Your browser cannot run the reader: WebAssembly")


def test_a_reader_that_cannot_be_loaded_is_told(chromium: Browser, url: str) -> None:
    with chromium.new_context() as context:
        context.route("**/reader-*-1.bin", lambda route: route.fulfill(status=404))
        says(context, url, "The reader cannot be loaded (reader-")


def says(context: BrowserContext, url: str, words: str) -> None:
    """Opened and asked, the page says these words, and shows the example's answers all the same."""
    opened = context.new_page()
    opened.goto(url)
    expect(opened.locator("#sl-status")).to_contain_text(words)
    opened.get_by_label("Your question").fill("Who was first?")
    opened.get_by_label("Your question").press("Enter")
    expect(opened.locator("#sl-status")).to_contain_text(words)
