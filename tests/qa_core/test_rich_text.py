"""Rich text files (RTF) as Word shows them: tables, fields, boxes, formulas and code pages."""

import pytest

from qa_core.text.documents.apart import parsed

FONTS = (
    "{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset178 Naskh;}{\\f2\\fcharset128 Mincho;}"
    "{\\f3\\fcharset2 Symbol;}}"
)


def text(source: str, head: str = "\\ansi\\ansicpg1252\\deff0") -> str:
    return parsed(f"{{\\rtf1{head}{FONTS}{source}}}".encode("latin-1"), ".rtf").text


def row(*cells: str, told: str = "", nested: bool = False) -> str:
    end = "\\nestcell " if nested else "\\cell "
    inner = end.join((*cells, ""))
    rule = f"\\trowd{told}" + "\\cellx1" * len(cells)
    if nested:
        ends = f"{{\\*\\nesttableprops{rule}\\nestrow}}{{\\nonesttables\\par}}"
        return f"\\pard\\intbl\\itap2 {inner}{ends}"
    return f"{rule}\\pard\\intbl {inner}\\row"


def test_tables_have_headers_merged_cells_and_tables_in_cells() -> None:
    rows = row("Region", "Goods", "Price", told="\\trhdr")
    rows += row("North", "Timber", "5", told="\\clvmgf") + row("", "Paper", "7", told="\\clvmrg")
    assert text(f"{rows}\\pard End").split("\n") == [
        "Region, Goods, Price", "North, Goods: Timber; Price: 5", "North, Goods: Paper; Price: 7",
        "End",
    ]  # fmt: skip
    inner = row("n1", "n2", nested=True) + row("n3", "n4", nested=True)
    outer = f"\\trowd\\cellx1\\cellx2\\pard\\intbl A\\par{inner}\\pard\\intbl B\\cell C\\cell\\row"
    assert text(f"Before\\par{outer}\\pard End") == "Before\nA\nn1: n2\nn3: n4\nB\nC\nEnd"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("City: {\\field{\\*\\fldinst{FORMDROPDOWN}{\\*\\formfield{\\fftype2\\ffres1{\\*\\ffl Rome}"
         "{\\*\\ffl Porto}}}}{\\fldrslt}}.", "City: Porto."),
        ("5 {\\field{\\*\\fldinst SYMBOL 109 \\\\f \"Symbol\"}{\\fldrslt}}m", "5 μm"),
        ("a{\\object\\objlink{\\*\\objdata 0102}{\\result{ shown}}}b", "a shownb"),
        ("a{\\*\\do\\dptxbx{\\dptxbxtext\\pard Boxed\\par}}b\\par c", "ab\nBoxed\nc"),
        ("a{\\shp{\\*\\shpinst{\\sp{\\sn x}{\\sv 1}}{\\shptxt\\pard Boxed\\par}}{\\shprslt{\\*\\do"
         "{\\dptxbxtext\\pard Boxed\\par}}}}b\\par c", "ab\nBoxed\nc"),
        ("{\\header{\\shp{\\*\\shpinst{\\sp{\\sn gtextUNICODE}{\\sv DRAFT}}}}}a", "DRAFT\na"),
        ("{\\mmath{\\*\\moMathPara{\\*\\moMath{\\mf{\\mfPr{\\*\\mctrlPr}}{\\mnum{\\mr 1}}{\\mden"
         "{\\mr 2}}}{\\md{\\me{\\mr x}}}{\\mnary{\\mnaryPr{\\mchr \\u8721?}{\\mlimLoc undOvr}}"
         "{\\me{\\mr y}}}}}}", "1/2(x)∑y"),
        ("word{\\xe entry} next{\\tc contents} {\\ftnsep x}{\\aftncn y}end", "word next end"),
        ("{\\header H}{\\headerf First}{\\headerl Left}a", "H\na"),
        ("\\titlepg\\facingp{\\headerr H}{\\headerf First}{\\headerl Left}a", "H\nFirst\nLeft\na"),
        ("a\\column b\\lbr0 c", "a\nb\nc"),
        ("a{\\super\\chftn}{\\footnote{\\super\\chftn} one} b{\\super\\chftn}{\\footnote"
         "{\\super\\chftn} two}", "a¹ b²\n¹ one\n² two"),
        ("{\\pard\\dropcapli3\\dropcapt1 O\\par}\\pard nce upon", "Once upon"),
        ("{\\f2 \\'83\\\\\\'83\\'5c}", "ソソ"),
        ("{\\ltrch\\f0 \\rtlch\\af1 \\'c7\\'e1}", "ال"),
        ("{\\rtlch\\af1 \\ltrch\\f0 \\'c7\\'e1}", "Çá"),
        ("\\u1605?\\zwnj \\u1605?", "م\u200cم"),
    ],
)  # fmt: skip
def test_rich_text_is_read_as_it_is_shown(source: str, said: str) -> None:
    assert text(source) == said


def test_rich_text_in_an_old_code_page_of_the_macintosh() -> None:
    assert text("Caf\\'8e", "\\ansi\\ansicpg10000") == "Café"


LISTS = (
    r"{\*\listtable{\list{\listlevel\levelnfc0\levelnfcn0\levelstartat1{\leveltext\'02\'00.;}"
    r"{\levelnumbers\'01;}}{\listlevel\levelnfcn4\levelstartat1{\leveltext\'04\'00.\'01);}"
    r"{\levelnumbers\'01\'03;}}{\listname ;}\listid9}{\list{\listlevel\levelnfcn23{\leveltext"
    r"\'01\u-3913 ?;}{\levelnumbers;}}\listid8}}{\*\listoverridetable{\listoverride\listid9"
    r"\listoverridecount0\ls1}{\listoverride\listid8\ls2}{\listoverride\listid9"
    r"\listoverridecount1{\lfolevel\listoverridestartat\levelstartat7}\ls3}}"
)


def test_lists_that_hold_rules_alone_have_their_numbers() -> None:
    body = (
        r"\pard Intro\par\pard\ls1 one\par two\par\pard\ls1\ilvl1 a\par b\par\pard\ls1 three\par"
        r"\pard plain\par\pard\ls2 point\par\pard\ls3 seven\par"
        r"\pard{\listtext\pard 5.\tab}\ls1 said\par\pard End"
    )
    assert text(LISTS + body).split("\n") == [
        "Intro", "1. one", "2. two", "2.a) a", "2.b) b", "3. three", "plain", "• point", "7. seven",
        "5. said", "End",
    ]  # fmt: skip
