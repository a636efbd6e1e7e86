"""Every string that people see on the page stands in one module, and speaks one language."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from page import messages
from qa_core.data.examples import BadRow
from tests.support.browsing import ROOT

# Texts to try the page with and questions made of a text's own words; what the terminal, the Hub
# and Prometheus are told.
ELSEWHERE = {
    "messages.py", "examples.py", "suggest", "app.py", "program.py", "space", "door/metrics.py",
    "web",
}  # fmt: skip
# Selectors, scripts, commands, headers, fonts, styles and types: nothing that people read.
CODE = re.compile(
    r"[#.][\w-]+ [.\[#]|\(.*\) => |document\.|element\.|spanloop \w+ -|frame-ancestors| https://"
    r"|(?:Segoe|Noto|Liberation) \w+$|noopener noreferrer$|Input should be $|<style>"
    r"|\w+ \| None$|--\w+:|var\(|\^\(|public, max-age="
    r"|( (?:role|style|value|data-\w+)=\"[^\"]*\")+$"
)
READ_OUT = re.compile(r"(?:aria-label|aria-valuetext|title|placeholder|alt)=\"(?!\{\})")


def literals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, text) of the strings of a module, without docstrings and what goes to a log."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log."):
            skipped |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(inner) for inner in ast.walk(node) if inner is not node}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            pieces = [v.value if isinstance(v, ast.Constant) else "{}" for v in node.values]
            yield node.lineno, "".join(map(str, pieces))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def is_prose(text: str) -> bool:
    """Whether people would read it: words with a blank, or any word between tags."""
    bare = re.sub(r"<[^<>]*>|\{[^{}]*\}|&#?\w+;", "", text)
    if bare != text and "<" in text:
        return bool(re.search(r"[^\W\d_]", bare) or READ_OUT.search(text))
    return bool(re.search(r"[^\W\d_]{2,}\s", bare) or re.search(r"\s[^\W\d_]{2,}", bare))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Type a question", True),
        (" left", True),
        ("<p>{}</p>", False),
        ("<p>Answer</p>", True),
        ('<i aria-label="Confidence">{}</i>', True),
        ('<i aria-label="{}" class="sl-a sl-b">{}</i>', False),
        ("{}: {}", False),
        ("sl-wide", False),
    ],
)
def test_messages_prose_is_recognized(text: str, found: bool) -> None:
    assert is_prose(text) == found


def test_messages_stand_in_one_module() -> None:
    bad = []
    for path in sorted((ROOT / "page").rglob("*.py")):
        if any(path.is_relative_to(ROOT / "page" / name) for name in ELSEWHERE):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        bad += [
            f"{path.relative_to(ROOT)}:{line}: {text[:60]!r}"
            for line, text in literals(tree)
            if is_prose(text) and not CODE.match(text.strip("\n")) and " sl-" not in text
        ]
    assert bad == []


def test_messages_label_every_component() -> None:
    """Not even a word of one letter is given to a component where it is made."""
    bad = []
    for path in sorted((ROOT / "page").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func).startswith("gr.")):
                continue
            said = {one.arg: one.value for one in node.keywords}
            shown = [said.get(name) for name in ("label", "info", "placeholder", "title")]
            if ast.unparse(node.func) in ("gr.Button", "gr.Tab", "gr.DownloadButton"):
                shown += [*node.args[:1], said.get("value")]
            bad += [
                f"{path.relative_to(ROOT)}:{one.lineno}: {one.value!r}"
                for one in shown
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
    assert bad == []


def test_messages_hold_no_markup_and_none_is_left_over() -> None:
    source = (ROOT / "page" / "messages.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    assert [text for _, text in literals(tree) if re.search(r"</?\w+>|&\w+;", text)] == []
    names = [
        name
        for node in tree.body
        for name in (
            [node.name]
            if isinstance(node, ast.FunctionDef)
            else [n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)]
            if isinstance(node, ast.Assign)
            else []
        )
    ]
    used = source + "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "page").rglob("*.py")
        if path.name != "messages.py"
    )
    assert [n for n in names if len(re.findall(rf"\b{n}\b", used)) < 2] == []


def test_messages_follow_the_probability() -> None:
    steps = (0.95, 0.8, 0.6, 0.4)
    assert [messages.no_answer(p) for p in steps] == [
        "Not in the text.",
        "Probably not in the text.",
        "Maybe not in the text.",
        "Unclear whether the text says.",
    ]
    assert [messages.confidence(p)[1] for p in steps] == [
        "Very likely right",
        "Likely right",
        "Uncertain",
        "Very uncertain",
    ]


def test_messages_of_bad_rows_are_sentences() -> None:
    empty = BadRow("a", 1, "", "question not empty", "''", "write the question or drop the row")
    assert messages.bad_row(empty) == "The question is empty. Write the question or drop the row."
    other = BadRow("a", 1, "", "3 cells", "2", "quote texts that hold commas")
    assert messages.bad_row(other) == "Expected 3 cells, found 2. Quote texts that hold commas."


def test_messages_have_a_name_each() -> None:
    tree = ast.parse((ROOT / "page" / "messages.py").read_text(encoding="utf-8"))
    names = Counter(
        name.id
        for statement in tree.body
        for name in ast.walk(statement)
        if isinstance(name, ast.Name)
        and isinstance(name.ctx, ast.Store)
        and isinstance(statement, ast.Assign | ast.AnnAssign)
    )
    assert [name for name, count in names.items() if count > 1] == []
