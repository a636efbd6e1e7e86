"""Word files as Word shows them: fields that hold no result, numbers, signs, hidden marks."""

import pytest

from qa_core.text.documents.apart import parsed
from tests.support.files import word


def text(body: str, parts: dict[str, str] | None = None) -> str:
    return parsed(word(body, parts), ".docx").text


def run(words: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def paragraph(inner: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def field(told: str, result: str = "", data: str = "") -> str:
    mark = "<w:r><w:fldChar w:fldCharType='{}'>{}</w:fldChar></w:r>".format
    instruction = f'<w:r><w:instrText xml:space="preserve">{told}</w:instrText></w:r>'
    return mark("begin", data) + instruction + mark("separate", "") + result + mark("end", "")


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        (field(' SYMBOL 109 \\f "Symbol" \\s 10'), "μ"),
        (field("SYMBOL 0xFC \\f Wingdings", run("no")), "✓"),
        (field(f"SYMBOL {'9' * 5000}"), ""),
        (field("EQ \\f(1,2)"), "1/2"),
        (field('EQ \\* jc2 \\* "Font:MS" \\* hps10 \\o\\ad(\\s\\up 9(kan),漢)'), "漢(kan)"),
        (field(" MACROBUTTON  NoMacro [Click here]"), "[Click here]"),
        (field("FORMCHECKBOX", "", "<w:ffData><w:checkBox><w:default w:val='1'/></w:checkBox>"
               "</w:ffData>"), "☒"),
        (run("m m", "<w:rFonts w:ascii='Symbol'/>"), "μ μ"),
        (run("ü", "<w:rFonts w:ascii='Wingdings'/>"), "✓"),
        ("<w:r><w:sym w:font='Symbol' w:char='0061'/></w:r>", "α"),
        (run("one\ntwo"), "one two"),
        ("<m:phant><m:phantPr><m:show m:val='0'/></m:phantPr><m:e><m:r><m:t>no</m:t></m:r></m:e>"
         "</m:phant>x", ""),
    ],
)  # fmt: skip
def test_word_shows_signs_and_fields_without_a_result(inner: str, said: str) -> None:
    assert text(paragraph(f"{run('a ')}{inner}{run(' b')}")) == f"a {said} b"


def level(number: int, kind: str, form: str, told: str = "") -> str:
    return (
        f"<w:lvl w:ilvl='{number}'><w:start w:val='1'/><w:numFmt w:val='{kind}'/>{told}"
        f"<w:lvlText w:val='{form}'/></w:lvl>"
    )


def numbering(*levels: str) -> str:
    return (
        f"<w:abstractNum w:abstractNumId='0'>{''.join(levels)}</w:abstractNum>"
        "<w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num>"
    )


def at(number: int) -> str:
    return f"<w:numPr><w:ilvl w:val='{number}'/><w:numId w:val='1'/></w:numPr>"


def test_word_numbers_are_formed_as_their_rules_say() -> None:
    rules = numbering(
        level(0, "upperRoman", "%1."),
        level(1, "decimal", "%1.%2", "<w:isLgl/>"),
        level(2, "decimal", "(%3)", "<w:lvlRestart w:val='0'/>"),
    )
    body = "".join(paragraph(run("x"), at(number)) for number in (0, 1, 2, 0, 1, 2))
    assert text(body, {"numbering.xml": rules}).split("\n") == [
        "I. x", "1.1 x", "(1) x", "II. x", "2.1 x", "(2) x",
    ]  # fmt: skip
    kinds = ("ordinal", "decimalEnclosedCircle", "japaneseCounting", "russianUpper", "ganada")
    rules = numbering(*(level(place, kind, f"%{place + 1})") for place, kind in enumerate(kinds)))
    body = "".join(paragraph(run("x"), at(place)) * 2 for place in range(len(kinds)))
    assert text(body, {"numbering.xml": rules}).split("\n") == [
        "1st) x", "2nd) x", "①) x", "②) x", "一) x", "二) x", "А) x", "Б) x", "가) x", "나) x",
    ]  # fmt: skip


def test_word_headings_stand_on_the_level_of_their_style() -> None:
    linked = "<w:pStyle w:val='H{}'/>".format
    rules = numbering(
        level(0, "decimal", "%1", linked(1)), level(1, "decimal", "%1.%2", linked(2))
    )  # fmt: skip
    style = (
        "<w:style w:styleId='H{}'><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr></w:style>"
    )
    parts = {"numbering.xml": rules, "styles.xml": style.format(1) + style.format(2)}
    body = "".join(paragraph(run("x"), linked(number)) for number in (1, 2, 2, 1))
    assert text(body, parts) == "1 x\n1.1 x\n1.2 x\n2 x"


def test_word_paragraphs_with_a_hidden_mark_go_on_or_count_for_nothing() -> None:
    hidden = "<w:rPr><w:vanish/></w:rPr>"
    parts = {"numbering.xml": numbering(level(0, "decimal", "%1."))}
    body = paragraph(run("Head"), at(0) + hidden) + paragraph(run(" goes on"), at(0))
    body += paragraph(run("no", "<w:vanish/>"), at(0) + hidden) + paragraph(run("next"), at(0))
    assert text(body, parts) == "1. Head goes on\n2. next"


def test_word_marks_its_notes_as_its_rules_say() -> None:
    refer = "<w:r><w:{}Reference w:id='{}' {}/></w:r>".format
    own = "<w:r><w:{}Ref/></w:r>".format
    body = paragraph(
        run("a") + refer("footnote", 7, "") + run(" b") + refer("endnote", 2, "")
        + run(" c") + refer("footnote", 9, "w:customMarkFollows='1'") + run("§")
        + run(" d") + refer("footnote", 8, "") + refer("endnote", 3, "")
    )  # fmt: skip
    notes = {
        f"{kind}s.xml": "".join(
            f"<w:{kind} w:id='{note}'>{paragraph(own(kind) + run(f' {kind} {note}'))}</w:{kind}>"
            for note in ids
        )
        for kind, ids in (("footnote", (7, 8, 9)), ("endnote", (2, 3)))
    }
    rules = "<w:footnotePr><w:numFmt w:val='{}'/><w:numStart w:val='{}'/></w:footnotePr>".format
    assert text(body, notes).split("\n") == [
        "a¹ bⁱ c§ d²ⁱⁱ", "¹ footnote 7", " footnote 9", "² footnote 8", "ⁱ endnote 2",
        "ⁱⁱ endnote 3",
    ]  # fmt: skip
    for form, start, marks in (("lowerLetter", 3, "ᶜᵈ"), ("chicago", 1, "*†")):
        found = text(body, {**notes, "settings.xml": rules(form, start)}).split("\n")[0]
        assert found == f"a{marks[0]} bⁱ c§ d{marks[1]}ⁱⁱ"


def test_word_cells_that_are_deleted_are_gone() -> None:
    cell = "<w:tc><w:tcPr>{}</w:tcPr><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>".format
    row = cell("", "a") + cell("<w:cellDel/>", "no") + cell("", "b")
    assert text(f"<w:tbl><w:tr>{row}</w:tr></w:tbl>") == "a, b"
