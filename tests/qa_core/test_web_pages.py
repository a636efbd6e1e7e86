"""Web pages as browsers show them: what style sheets add and hide, trees of their own, tables."""

import time

import pytest

from qa_core.text.documents.apart import parsed
from qa_core.text.documents.decoding import html_source


def shown(page: str) -> str:
    return parsed(page.encode(), ".html").text


@pytest.mark.parametrize(
    ("sheet", "page", "said"),
    [
        ("p::before{content:'Q: '} p:after{content:' \\28 ' attr(title) ')' / 'no'}",
         "<p title=T>words", "Q: words (T)"),
        ("p::before{content:'no'} p.x::before{content:none} b::after{content:'»'}",
         "<p class=x>a <b>b</b>", "a b"),
        ("body{counter-reset:a} h1{counter-increment:a;counter-reset:b} h1:before{content:'Part '"
         "counter(a,upper-roman) ': '} h2{counter-increment:b} h2:before{content:counter(a) '.'"
         "counter(b) ' '} .x{display:none}", "<h1>one</h1><h2>a</h2><h2>b</h2><h1>two</h1>"
         "<h2 class=x>no</h2><h2>c", "Part I: one\n1.1 a\n1.2 b\nPart II: two\n2.1 c"),
        ("ol{counter-reset:i;list-style:none} li:before{counter-increment:i;content:counters(i,'.')"
         "' '}", "<ol><li>x<ol><li>y<li>z</ol><li>w</ol>", "1 x\n1.1 y\n1.2 z\n2 w"),
        ("b::before{content:counter(n)}", "<p style='counter-reset:n 4'><b style="
         "'counter-increment:n 2'> x</b>", "6 x"),
        (".f{display:flex} .r{display:flex;flex-flow:row-reverse} .b{order:-1}", "<div class=f><p>"
         "second<p style='order:2'>last<p class=b>first<p>third</div><div class=r><i>2</i><i>1</i>",
         "first\nsecond\nthird\nlast\n1 2"),
        ("p::after{content:'a;b}c'} @media print{p::before{content:'no'}}", "<p>x", "xa;b}c"),
        ("img::before,br::after,input::after{content:'no'} td::before{content:attr(title) ' '}",
         "<img>x<br><input value=v><table><tr><td title=A>1<td>2<tr><td>3<td>4</table>",
         "x\nv\nA 1: 2\n3: 4"),
        (".a{color:red; & b{display:none} i, .c &{display:none} @media print{display:none}}",
         "<p class=a>x<b>no</b><i>no</i></p><div class=c><p class=a>no</p></div>", "x"),
        ("div{visibility:hidden} b{visibility:visible}", "<div>no<p>no<b>yes</b></div>", "yes"),
        ("p{content-visibility:hidden}", "<p>no</p>x", "x"),
        ("ol{list-style-type:lower-alpha} .n{list-style:none}",
         "<ol><li>x<li style='list-style-type:upper-roman'>y</ol><ol class=n><li>z</ol>",
         "a. x\nII. y\nz"),
        ("@media (width >= 600px){.a{display:none}} @media (hover:hover) and (min-width:1px){"
         ".b{display:none}} @media not print{.c{display:none}} @container x (min-width:9em){"
         ".d{display:none}}", "<p class=a>no<p class=b>no<p class=c>no<p class=d>no<p>x", "x"),
        ("@media (hover:none){p{display:none}} @supports not (display:grid){p{display:none}}"
         "@media not all and (min-width:9em){p{display:none}} @media (height<9em){p{display:none}}",
         "<p>x", "x"),
    ],
    ids=["added", "unadded", "counters", "counters-in-lists", "counted-beside", "order",
         "quoted", "alone", "nested", "visible", "unseen", "numbers", "asked", "unasked"],
)  # fmt: skip
def test_style_sheets_add_and_hide_what_browsers_add_and_hide(
    sheet: str, page: str, said: str
) -> None:
    assert shown(f"<style>{sheet}</style>{page}") == said


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<table><tr><td>a<td><table><tr><td>x<td>y<tr><td>z<td>w</table></table>",
         "a\nx: y\nz: w"),
        ("<table><tfoot><tr><td>sum<td>3</tfoot><tr><td>b<td>1</table>", "b: 1\nsum: 3"),
        ("<table><tr><td>a<td>1</tr><thead><tr><th>N<th>V</thead></table>", "N, V\na, V: 1"),
        ("<svg><symbol><text>no</text></symbol><mask><text>no</text></mask><text>yes</text></svg>"
         "<math><mphantom><mi>no</mi></mphantom><mi>x</mi></math>", "yes\nx"),
        ("<x-card><template shadowrootmode=open><h1>Head <slot name=t>no</slot></h1><slot></slot>"
         " <slot name=u>usual</slot></template><b slot=t>T</b>light <x-in><template "
         "shadowrootmode=closed>deep <slot></slot></template>lit</x-in><i slot=z>no</i></x-card>",
         "Head T\nlight deep lit usual"),
        ("<template><p>no</template>x", "x"),
        ("<table><tr><th colspan=2>Lindau<tr><td colspan=2>The harbour<tr><th>Country<td>Germany"
         "<tr><th colspan=2>Economy<tr><th>Boats<td>240</table>",
         "Lindau\nThe harbour\nCountry: Germany\nEconomy\nBoats: 240"),
        ("<table><tr><th>Year<th>Part<th>Month<th>Sum<tr><th rowspan=3>2025<th rowspan=3>Q1<tr>"
         "<td>May<td>5<tr><td>June<td>6</table>", "Year, Part, Month, Sum\n2025, Part: Q1\n"
         "2025, Part: Q1; Month: May; Sum: 5\n2025, Part: Q1; Month: June; Sum: 6"),
        ("<p style='mso-list:l0'><span style='mso-list:Ignore'>1.<span>&nbsp; </span></span>one</p>"
         "<p><span style='mso-list:Ignore'>o<span>&nbsp; </span></span>two</p>", "1. one\n• two"),
        ("<p><a>Home</a><a>About</a> <b>a</b><a>b</a>", "Home About ab"),
        ("<div style='max-height:0;overflow:hidden'>no</div><div style='height:0px'>yes</div>",
         "yes"),
    ],
    ids=["nested", "foot", "head", "undrawn", "tree", "template", "titles",
         "pivot", "word-list", "links", "flat"],
)  # fmt: skip
def test_web_pages_are_read_as_browsers_show_them(page: str, said: str) -> None:
    assert shown(page) == said


def test_web_page_declares_its_encoding_late_and_not_in_comments_or_scripts() -> None:
    said = "<p>Привет"
    for before in ("<!-- " + 3000 * "x" + " -->", "<!-- <meta charset=koi8-r> -->",
                   "<script>'<meta charset=koi8-r>'</script>"):  # fmt: skip
        page = f"{before}<meta charset=windows-1251>{said}".encode("cp1251")
        assert html_source(page)[0].endswith(said)


def test_markdown_lists_in_each_other_lose_no_item() -> None:
    source = "\n".join(f"{'  ' * depth}- item {depth}" for depth in range(40))
    found = parsed(source.encode(), ".md").text.split("\n")
    assert found == [f"• item {depth}" for depth in range(40)]


@pytest.mark.parametrize(
    ("source", "last"),
    [
        ("".join(f"{'  ' * n}- item {n}\n" for n in range(70)), "• item 69"),
        ("".join(f"{'  ' * n}- a\n\n{'  ' * n}  item {n}\n\n" for n in range(70)), "item 69"),
        (f"{'>' * 150} item 69\n", "item 69"),
    ],
    ids=["items", "paragraphs", "quotes"],
)
def test_markdown_nested_too_deeply_loses_no_word(source: str, last: str) -> None:
    lines = parsed(f"{source}\nThe *end*.\n".encode(), ".md").text.split("\n")
    assert lines[-2:] == [last, "The end."]
    if len(lines) > 2:
        assert [n for n in range(70) if f"item {n}" not in "\n".join(lines)] == []


def test_hostile_pages_cost_little() -> None:
    started = time.process_time()
    html_source(b"<!--" * 20_000 + b"<script" * 20_000 + b"\xff")
    rules = "a,b{" * 60 + "display:none" + "}" * 60
    assert shown(f"<style>{rules}</style>x") == "x"
    added = "p::before{content:'" + "abc" * 100_000 + "'}"
    assert shown(f"<style>{added}</style>{'<p>x' * 500}").count("x") == 500
    trees = "<p><template shadowrootmode=open><slot></slot></template>" * 300
    assert shown(f"{trees}x").endswith("x")
    assert time.process_time() - started < 4
