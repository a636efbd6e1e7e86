"""CSV and its kin as a text: what parts the cells, which row names them, encodings."""

import pytest

from qa_core.text.documents.apart import parsed


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("Name,Age,City\nAnna,34,Berlin\n\n", "Name, Age, City\nAnna, Age: 34; City: Berlin"),
        ("Anna,34,Berlin\nBob,28,Paris\n", "Anna, 34, Berlin\nBob, 28, Paris"),
        ("Anna,Berlin,Cook\nBob,Paris,Cook\n", "Anna, Berlin, Cook\nBob, Paris, Cook"),
        ("Milch;1,50\r\nBrot;2,50\r\n", "Milch: 1,50\nBrot: 2,50"),
        ("a\tb\tc\n1\t2\t3, and more\n", "a, b, c\n1, b: 2; c: 3, and more"),
        ("a|b|c\n1|2|3\n", "a, b, c\n1, b: 2; c: 3"),
        ("sep=|\nA|B|C\n1|2|3\n", "A, B, C\n1, B: 2; C: 3"),
        (
            'Bank;Soto\nMonth;May\n"Day";"For";"Sum"\n"1.5.";"Rent; May";"-500,00"\n'
            '"2.5.";"Bread";"-5,00"\n',
            "Bank: Soto\nMonth: May\nDay, For, Sum\n1.5., For: Rent; May; Sum: -500,00\n"
            "2.5., For: Bread; Sum: -5,00",
        ),
        ("Account:;DE 12;\nFrom:;1.5.24;\n\nDay;For;Sum\n1.5.;Rent;-5,00\n2.5.;Bread;-1,00\n",
         "Account: DE 12\nFrom: 1.5.24\nDay, For, Sum\n1.5., For: Rent; Sum: -5,00\n"
         "2.5., For: Bread; Sum: -1,00"),
        ('a,b,c\nx,"one\ntwo ""said""",1\n', 'a, b, c\nx, b: one two "said"; c: 1'),
        ('a,b,c\nx,"never closed,1\ny,2,3\n', 'a, b, c\nx, b: "never closed; c: 1\ny, b: 2; c: 3'),
        ("word\nother\n", "word\nother"),
        ("a,b\na,b\n", "a: b\na: b"),
        ("Name,Phone 1,Since,Mail\nAnn,+49 1,2020-08-24,a@b.org\nBob,x,2021-08-24,b@b.org\n",
         "Name, Phone 1, Since, Mail\nAnn, Phone 1: +49 1; Since: 2020-08-24; Mail: a@b.org\n"
         "Bob, Phone 1: x; Since: 2021-08-24; Mail: b@b.org"),
        ("x" + "\n" * 9 + "y", "x\ny"),
        ("Topic,Period,,Page\nSales,FY 22,FY 23,1\nCosts,FY 22,FY 23,2\n", "Topic, Period, Page\n"
         "Sales, Period: FY 22; FY 23; Page: 1\nCosts, Period: FY 22; FY 23; Page: 2"),
        ("In millions,,,2023\n,Sales,Costs,Tax\n,,,\nNorth,5,(3),1\nSouth,6,(2),1\n",
         "In millions, 2023\nSales, Costs, Tax\nNorth, Sales: 5; Costs: (3); Tax: 1\n"
         "South, Sales: 6; Costs: (2); Tax: 1"),
    ],
    ids=["header", "figures", "no-header", "comma-in-figures", "tabs", "bars", "told", "bank",
         "pairs", "quoted", "open-quote", "one-column", "all-alike", "dates", "blank",
         "unnamed", "names-apart"],
)  # fmt: skip
def test_csv_rows_are_lines_with_their_headers(source: str, said: str) -> None:
    assert parsed(source.encode(), ".csv").text == said


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig", "mac_roman"])
def test_csv_is_decoded_as_plain_text_is(encoding: str) -> None:
    source = "Name\tOrt\tAlter\nJürgen Müller\tKöln\t34\nZoë Böhm\tGrünau\t28\n"
    found = parsed(source.encode(encoding), ".tsv")
    assert found.text.split("\n")[1:] == [
        "Jürgen Müller, Ort: Köln; Alter: 34", "Zoë Böhm, Ort: Grünau; Alter: 28",
    ]  # fmt: skip
    assert bool(found.notes) == (encoding in ("cp1252", "mac_roman"))
