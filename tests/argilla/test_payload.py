"""Predictions to records, and responses back to spans of the whole context."""

import html
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.argilla.payload import (
    ParsedResponse,
    agent,
    as_html,
    check_unchanged,
    choose_excerpt,
    digest,
    link,
    padded,
    payload,
    read_response,
    suggested_span,
)
from qa_core.errors import InputError
from qa_core.text.excerpts import Excerpt
from tests.support.predictions import kept

CONTEXT = "😀 The mayor, Ines Soto 👩‍🚀, opened it.\r\nשלום e\u0301nd 🎉"


def utf16(text: str, start: int, end: int) -> str:
    """What a browser's ``slice`` gives."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def answer(start: int, end: int, answerable: str = "yes") -> dict[str, Any]:
    span = {"start": start, "end": end, "label": "answer"}
    return {"answerable": {"value": answerable}, "answer": {"value": [span]}}


WHOLE = Excerpt(CONTEXT, 0)
FIELDS = {"question": "Who?", "context": padded(CONTEXT)}


@given(st.text(min_size=1), st.data())
def test_spans_survive_the_way_there_and_back(context: str, data: st.DataObject) -> None:
    """What the page shows is the answer, the server takes it, and the same words come back."""
    start = data.draw(st.integers(0, len(context) - 1))
    end = data.draw(st.integers(start + 1, len(context)))
    text = context[start:end]
    one = kept(context, text or "", start=start, end=end)
    shown = Excerpt(context, 0)
    spans = suggested_span(one, shown)
    assert spans is not None
    in_page = html.unescape(padded(context))
    marked = utf16(in_page, spans[0]["start"], spans[0]["end"])
    assert marked == text.replace("\0", "\ufffd")
    assert spans[0]["end"] <= len(padded(context))  # the server's check
    response = {"answerable": {"value": "yes"}, "answer": {"value": spans}}
    if not text.strip():
        with pytest.raises(InputError, match="marked words"):
            read_response(response, None, shown)
        return
    said = read_response(response, None, shown)
    assert said.span is not None
    assert said.words == context[said.span[0] : said.span[1]] == text.strip()


@pytest.mark.parametrize(
    "text",
    ["AT&T", "Q&A: R&D, H&M;", "a & b && c &", "a < b <= c, 1<2, <3 <", "x > y", "& #1 &#; &;"],
)
def test_texts_are_stored_as_people_search_them(text: str) -> None:
    assert as_html(text) == text


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("<b>&</b>", "&lt;b>&&lt;/b>"),
        ("&amp; &copy 2020 &notit", "&amp;amp; &amp;copy 2020 &amp;notit"),
        ("&#65 &#x41;", "&amp;#65 &amp;#x41;"),
        ("<!-- <?x </3", "&lt;!-- &lt;?x &lt;/3"),
    ],
)  # fmt: skip
def test_what_a_browser_takes_for_markup_is_escaped(text: str, stored: str) -> None:
    assert as_html(text) == stored


@given(st.text(st.sampled_from("&<>;#x65ampltcoynb/!? \r\n\0é"), max_size=40))
def test_nothing_in_a_text_is_taken_for_a_reference(text: str) -> None:
    assert html.unescape(as_html(text)) == text.replace("\0", "\ufffd")


def test_a_text_that_an_older_version_sent_is_the_same_text() -> None:
    older = html.escape(CONTEXT, quote=False).replace("\r", "&#13;") + " " * 4
    check_unchanged({"question": "Who?", "context": older.replace("\0", "\ufffd")}, "Who?", WHOLE)


def test_a_link_searches_the_question() -> None:
    found = link("http://a/dataset/1/annotation-mode", 'Who\'s "it", R&D?')
    assert found.endswith("annotation-mode?status=submitted&search=Who_s_it_R_D~question")
    assert link("", "Who?") == ""


def test_spans_of_an_excerpt_are_spans_of_the_context() -> None:
    context = "First 🎈 sentence. " * 30 + CONTEXT + " Last sentence." * 30
    one = kept(context)
    start, end = one.answer.start, one.answer.end
    shown = choose_excerpt(one, 100)
    assert 0 < shown.start < start < shown.start + len(shown.text) < len(context)
    spans = suggested_span(one, shown)
    assert spans is not None
    response = {"answerable": {"value": "yes"}, "answer": {"value": spans}}
    said = read_response(response, None, shown)
    assert said == ParsedResponse((start, end), "Ines Soto")


def test_payload_names_confidence_and_model() -> None:
    sent = payload(kept(model="x" * 300), WHOLE)
    # the astronaut is two characters joined
    assert sent["fields"]["context"] == CONTEXT.replace("\r", "&#13;") + " " * 4
    assert [s["question_name"] for s in sent["suggestions"]] == ["answerable", "answer"]
    assert [(s["score"], s["agent"]) for s in sent["suggestions"]] == [
        (0.4, "x" * 200),
        ([0.4], "x" * 200),
    ]
    assert sent["metadata"]["reason"] == "doubtful"
    nothing = payload(kept(text="", answerable=False), WHOLE)
    assert [s["value"] for s in nothing["suggestions"]] == ["no"]
    assert digest(sent) == digest(payload(kept(model="x" * 300), WHOLE)) != digest(nothing)


@pytest.mark.parametrize(
    ("model", "name"), [("m@1", "m:1"), ("org/läser v2", "org/l:ser v2"), ("x" * 300, "x" * 200)]
)
def test_model_versions_become_names_that_argilla_takes(model: str, name: str) -> None:
    assert agent(model) == name


def test_an_answer_outside_what_is_shown_is_not_suggested() -> None:
    assert suggested_span(kept(), Excerpt(CONTEXT[:5], 0)) is None


def test_each_item_of_a_list_is_suggested() -> None:
    context = "😀 Ann, Bob and Eve came."
    whole: dict[str, Any] = {"text": "Ann, Bob and Eve", "start": 2, "end": 18, "context": context}
    one = kept(question="Who came?", **whole)
    shown = Excerpt(context[1:], 1)
    spans = suggested_span(one, shown)
    assert spans is not None
    assert payload(one, shown)["suggestions"][1]["score"] == [0.4] * 3
    response = {"answerable": {"value": "yes"}, "answer": {"value": spans}}
    said = read_response(response, spans, shown)
    assert [said.words, *(gold.text for gold in said.further)] == ["Ann", "Bob", "Eve"]
    no = {"answerable": {"value": "no"}, "answer": {"value": spans[1:]}}
    assert read_response(no, spans, shown).span is None
    assert suggested_span(replace(one, question="When?"), shown) == [
        {"start": 1, "end": 17, "label": "answer"}
    ]


def test_blanks_around_marked_words_are_left_out() -> None:
    start = len("😀 The mayor,") + 1
    said = read_response(answer(start, start + len(" Ines ")), None, WHOLE)
    assert (said.words, CONTEXT[slice(*(said.span or ()))]) == ("Ines", "Ines")


@pytest.mark.parametrize("start", [0, 2])
def test_several_marks_are_one_answer(start: int) -> None:
    """In whichever order they were made; exact in the whole context, of which a piece is shown."""
    shown = Excerpt(CONTEXT[start:], start)
    there = padded(shown.text)
    marks = [
        {"start": at, "end": at + len(words), "label": "answer"}
        for words in ("e\u0301nd", "Ines ", "שלום")
        for at in [len(html.unescape(there)[: shown.text.index(words)].encode("utf-16-le")) // 2]
    ]
    others = [marks[0], {"start": 0, "end": 2, "label": "evidence"}]  # twice, and not ours
    values = {"answerable": {"value": "yes"}, "answer": {"value": [*marks, *others]}}
    said = read_response(values, None, shown)
    assert said.span is not None
    assert [said.words, *(gold.text for gold in said.further)] == ["Ines", "שלום", "e\u0301nd"]
    found = [said.span, *((gold.start, gold.end) for gold in said.further)]
    assert [CONTEXT[a:b] for a, b in found] == ["Ines", "שלום", "e\u0301nd"]


def test_no_outweighs_the_suggestion_but_not_words_marked_anew() -> None:
    suggested = [{"start": 14, "end": 23, "label": "answer"}]
    assert read_response(answer(14, 23, "no"), suggested, WHOLE) == ParsedResponse(None)
    with pytest.raises(InputError, match='beside "no"'):
        read_response(answer(3, 6, "no"), suggested, WHOLE)
    noted = {"answerable": {"value": "no"}, "note": {"value": " unclear "}}
    assert read_response(noted, None, WHOLE) == ParsedResponse(None, note="unclear")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (None, 'expected "yes" or "no", found None'),
        ({"answerable": {"value": "yes"}}, "one marked span beside .yes., found 0"),
        ({"answer": {"value": [{"start": 3, "end": 6}]}}, "found None"),
        (answer(1, 6), "whole characters"),  # between the halves of the first emoji
        (answer(30, 500), "UTF-16"),
        (answer(2, 3), "marked words, found ' '"),
        (
            {
                "answerable": {"value": "yes"},
                "answer": {"value": [{"start": 3, "end": 6}, {"start": 2, "end": 3}]},
            },
            "marked words, found ' '",
        ),
    ],
)
def test_responses_that_cannot_be_used(values: dict[str, Any] | None, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        read_response(values, None, WHOLE)


@pytest.mark.parametrize(("name", "there"), [("context", "Another text"), ("question", "Why?")])
def test_what_was_changed_at_argilla_is_refused(name: str, there: str) -> None:
    check_unchanged(FIELDS, "Who?", WHOLE)
    with pytest.raises(InputError, match=f"the {name} as it was sent.*it was changed at Argilla"):
        check_unchanged({**FIELDS, name: there}, "Who?", WHOLE)
