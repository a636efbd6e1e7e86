"""Files that are written as text, as their own programs show them: subtitles, notebooks, JSON, XML,
LaTeX."""

import json
import time
from typing import Any
from xml.etree.ElementTree import ParseError

import pytest

from qa_core.errors import DataError
from qa_core.text.documents import read_bytes
from qa_core.text.documents.apart import parsed


def lines(source: str | bytes, suffix: str) -> list[str]:
    data = source.encode() if isinstance(source, str) else source
    return parsed(data, suffix).text.split("\n")


SRT = """\ufeff1
00:00:01,000 --> 00:00:04,000
{\\an8}The mill was built
in <i>1870</i> by the brothers Soto,

2
00:00:04,100 --> 00:00:06,000
who came from the harbour.

3
00:00:07,000 --> 00:00:09,000
- Who keeps the key?
- Ines does.

4
00:00:10,000 --> 00:00:12,000
1904

was a good year.
"""
VTT = """WEBVTT - Some title
Kind: captions

STYLE
::cue { color: red }

NOTE
no comment

intro
00:01.000 --> 00:04.000 align:start position:0%
<v Roger Bingham>We are in <b>Oslo</b> &amp; it&nbsp;rains.

00:04.000 --> 00:06.000
<v.loud Neil>Hi<00:04.500> there
"""
ROLLING = """WEBVTT

00:00:00.160 --> 00:00:02.070 align:start
 
hello<00:00:00.400><c> and</c><00:00:00.560><c> welcome</c>

00:00:02.070 --> 00:00:02.080 align:start
hello and welcome
 

00:00:02.080 --> 00:00:04.230 align:start
hello and welcome
to<00:00:02.320><c> the show</c>
"""  # noqa: W293


@pytest.mark.parametrize(
    ("source", "suffix", "said"),
    [
        (SRT, ".srt", ["The mill was built in 1870 by the brothers Soto, who came from the "
                       "harbour.", "- Who keeps the key?", "- Ines does.",
                       "1904 was a good year."]),
        (SRT.replace("\n", "\r\n"), ".srt", None),
        (VTT, ".vtt", ["Roger Bingham: We are in Oslo & it rains.", "Neil: Hi there"]),
        (ROLLING, ".vtt", ["hello and welcome to the show"]),
        ("0:00:01.000,0:00:03.000\nHello\n\n0:00:03.000,0:00:05.000\nthere.\n", ".sbv",
         ["Hello there."]),
    ],
    ids=["srt", "srt-of-windows", "vtt", "rolling", "sbv"],
)  # fmt: skip
def test_subtitles_are_the_words_that_are_said(
    source: str, suffix: str, said: list[str] | None
) -> None:
    assert lines(source, suffix) == (said or lines(SRT, ".srt"))


def test_subtitles_without_times_say_so() -> None:
    with pytest.raises(DataError, match="expected subtitles, found no times"):
        read_bytes(b"words", ".srt")


def notebook(*cells: dict[str, Any]) -> bytes:
    return json.dumps({"cells": cells, "nbformat": 4}).encode()


def test_notebooks_show_texts_code_and_what_it_gave() -> None:
    frame = "<table><thead><tr><th></th><th>pop</th></tr></thead><tr><th>Oslo</th><td>7</td></tr>"
    found = parsed(
        notebook(
            {"cell_type": "markdown", "source": ["# Title\n", "\n", "Some **bold** text"]},
            {"cell_type": "code", "source": "def f(x):\n    return x", "outputs": [
                {"output_type": "stream", "text": ["hello\n"]},
                {"output_type": "execute_result",
                 "data": {"text/html": [frame], "text/plain": "no"}},
                {"output_type": "display_data",
                 "data": {"image/png": "AAA", "text/plain": "no"}},
                {"output_type": "error", "traceback": ["\x1b[0;31mValueError\x1b[0m: bad"]},
            ]},
        ),
        ".ipynb",
    )  # fmt: skip
    assert found.text.split("\n") == [
        "Title", "Some bold text", "def f(x):", "    return x", "hello", "pop", "Oslo, pop: 7",
        "ValueError: bad",
    ]  # fmt: skip
    assert found.notes == ("pictures were left out, as their words are not read: 1",)
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": "x", "outputs": []}]}]}
    assert lines(json.dumps(old), ".ipynb") == ["x"]
    for source in (b"words", b"{}", b'{"cells": 5}'):
        with pytest.raises(DataError, match="expected a notebook"):
            read_bytes(source, ".ipynb")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (r'{"name": "Caf\u00e9", "open": true, "rating": 4.50, "none": null, "tags": ["a", "b"]}',
         ["name: Café", "open: true", "rating: 4.50", "tags: a, b"]),
        ('{"shop": {"place": {"city": "Oslo"}}, "a": 1, "a": 2}',
         ["place, city: Oslo", "a: 1", "a: 2"]),
        ('{"menu": [{"dish": "Soup", "price": 4.5}, {"dish": "Bread", "price": 2, "new": true}]}',
         ["menu", "dish, price, new", "Soup, price: 4.5", "Bread, price: 2; new: true"]),
        ('{"hours": [["mon", 9], ["tue", 10]], "people": [{"name": "Ann", "kids": [{"name": "Bo"}'
         ']}]}', ["hours: mon, 9", "hours: tue, 10", "people, name: Ann", "kids, name: Bo"]),
        ('{"q": "one", "a": 1}\n{"q": "two", "a": 2}\n', ["q, a", "one, a: 1", "two, a: 2"]),
        ("{ // a comment\n  'a': 1\n}", ["{ // a comment", "  'a': 1", "}"]),
    ],
)  # fmt: skip
def test_json_says_what_each_value_is_of(source: str, said: list[str]) -> None:
    for encoding in ("utf-8", "utf-16"):
        assert lines(source.encode(encoding), ".json") == said


FEED = (
    '<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0"><channel><title>Caf\xe9</title>'
    "<item><link>http://a.b</link><description><![CDATA[<p>The <b>mill</b> burnt.<p>Nobody hurt.]]>"
    "</description></item></channel></rss>"
)
PAPER = (
    '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS" "JATS.dtd"><article><body><sec id="s1"><title>On '
    "<italic>mills</italic></title><p>Old <xref>[1]</xref>.&mdash;Slow.</p></sec></body></article>"
)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (FEED.encode("latin-1"), ["rss, version: 2.0", "Café", "link: http://a.b",
                                  "The mill burnt.", "Nobody hurt."]),
        (PAPER, ["On mills", "Old [1].—Slow."]),
        ('<a:I xmlns:a="urn:x"><a:No>7</a:No>\n<a:Sum cur="EUR">12.50</a:Sum></a:I>',
         ["No: 7", "Sum (cur: EUR): 12.50"]),
        ('<posts><row Id="1" Title="How?"/></posts>', ["row, Id: 1; Title: How?"]),
        ('<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><p>page</p></html>',
         ["page"]),
        ("<FictionBook><body><p>One <emphasis>two</emphasis></p></body><binary>AAAA</binary>"
         "</FictionBook>", ["One two"]),
        ('<a b="1">' * 30_000 + "x" + "</a>" * 30_000, ["a, b: 1"] * 29_999 + ["a (b: 1): x"]),
    ],
    ids=["feed", "paper", "invoice", "rows", "page", "book", "deep"],
)  # fmt: skip
def test_xml_is_its_paragraphs_and_named_values(source: str | bytes, said: list[str]) -> None:
    if isinstance(source, str) and len(source) > 10_000:  # in a process of its own
        assert read_bytes(source.encode(), ".xml").text.split("\n") == said
    else:
        assert lines(source, ".xml") == said


TABLE = r"""\begin{tabular}{l|rr}\hline
Product & 2021 & 2022 \\ \hline
Timber & 3.9 & 4.5 \\[2pt]
Paper & \multicolumn{2}{c}{none} \\
\end{tabular}"""
PAGE = r"""\documentclass{article} \newcommand{\me}{Ines} \title{The \emph{Mill}}
\begin{document} \maketitle
\section*{One} \label{a} \me{} % no
ran it.

Next.
\end{document} no"""
LETTERS = r"""M\"uller, M{\"u}ller, Caf\'e, \v{s}, na\"{\i}ve, stra\ss e,
5\,\% --- ``so'' a~b 1--2"""


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (PAGE, ["The Mill", "One", "Ines ran it.", "Next."]),
        (LETTERS, ["Müller, Müller, Café, š, naïve, straße, 5 % — “so” a b 1–2"]),
        (r"Built\footnote{In \textit{1870}.} \cite[p.~5]{soto}, \href{http://a.b}{site} \verb|a_%|",
         ["Built¹ [soto], site a_%", "¹ In 1870."]),
        (r"\begin{itemize}\item $x^2 \leq \frac{1}{2}$\item[Two] b\end{itemize}",
         ["• x^2 ≤1/2", "• Two b"]),
        (TABLE, ["Product, 2021, 2022", "Timber, 2021: 3.9; 2022: 4.5", "Paper, 2021, 2022: none"]),
        ("\\begin{verbatim}\nif x & y: {%}\n\\end{verbatim}\\textcolor{red}{word}",
         ["if x & y: {%}", "word"]),
    ],
    ids=["document", "letters", "notes", "lists", "table", "verbatim"],
)  # fmt: skip
def test_latex_is_what_it_sets(source: str, said: list[str]) -> None:
    assert lines(source, ".tex") == said


def test_latex_says_what_stands_in_other_files() -> None:
    assert parsed(rb"a \input{one} \include{two}", ".tex").notes == (
        "other files that it names were left out: one, two",
    )


@pytest.mark.parametrize(
    ("source", "suffix"),
    [
        ("[" * 200_000, ".json"),
        ('{"a":' * 200_000, ".jsonl"),
        ("<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
            f"<!ENTITY {chr(98 + one)} '{f'&{chr(97 + one)};' * 10}'>" for one in range(9))
         + "]><x>&j;</x>", ".xml"),
    ],
    ids=["lists", "objects", "entities"],
)  # fmt: skip
def test_hostile_trees_are_refused_in_one_line(source: str, suffix: str) -> None:
    with pytest.raises(DataError, match="damaged") as caught:
        read_bytes(source.encode(), suffix)
    assert "\n" not in str(caught.value)


def test_hostile_written_files_cost_little() -> None:
    started = time.process_time()
    at = "WEBVTT\n\n00:01.000 --> 00:02.000\n"
    for source in ("<v " * 100_000, "<v" + " " * 50_000, "<v.a" * 50_000, "{\\" * 100_000):
        parsed((at + source).encode(), ".vtt")
    with pytest.raises(ParseError):
        parsed(b"<?xml " * 20_000, ".xml")
    ragged = json.dumps([{f"k{number}": number} for number in range(20_000)])
    assert len(parsed(ragged.encode(), ".json").text.split("\n")) == 20_000
    assert "x" in lines("\\footnote\\footnote\\emph{" * 3000 + "x", ".tex")[0]
    doubled = "".join(f"\\newcommand{{\\{chr(98 + one)}}}{{\\{chr(97 + one)}\\{chr(97 + one)}}}"
                      for one in range(24))  # fmt: skip
    assert lines(f"\\newcommand{{\\a}}{{ha}}{doubled}\\y \\b", ".tex") == ["haha"]
    assert time.process_time() - started < 4
