"""What the page shows: an answer as HTML, the words for a confidence, the examples.

Pure text in, HTML out. Everything that comes from a visitor or a model passes through `_escape`.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from qa_core.reader import Answer, Span

STYLE = Path(__file__).with_suffix(".css")
ICON = Path(__file__).with_suffix(".svg")
WORTH_SHOWING = 0.01  # an alternative less probable than this only distracts


class Example(NamedTuple):
    """A text to try the page with; `label` is what its button says."""

    label: str
    question: str
    context: str


def percent(probability: float) -> str:
    """A probability as a visitor reads it; never "0%" or "100%", which nothing here deserves."""
    if probability < 0.01:
        return "under 1%"
    if probability > 0.99:
        return "over 99%"
    return f"{probability:.0%}"


def in_words(confidence: float) -> tuple[str, str]:
    """(level, words) for a confidence; the level names the colour of the meter."""
    if confidence >= 0.9:
        return "high", "Very likely right"
    if confidence >= 0.7:
        return "good", "Likely right"
    if confidence >= 0.5:
        return "fair", "Unsure"
    return "low", "Only a guess"


def header() -> str:
    """The name, and what this is, in one sentence."""
    return (
        f"<header>{ICON.read_text(encoding='utf-8')}<h1>SpanLoop</h1>"
        "<p>Ask a text. The answer is marked where it stands,"
        " or you are told that the text does not say.</p></header>"
    )


def footer() -> str:
    """What a visitor may want to know before trusting an answer."""
    return (
        '<div class="sl-about">'
        "<p><b>Where answers come from</b> An answer is always a piece of your text, word for"
        " word. Nothing is made up.</p>"
        "<p><b>How sure is it?</b> When it says 80%, about 8 in 10 such answers were right on"
        " questions about Wikipedia articles it had never seen. Other texts can be harder.</p>"
        "<p><b>Your text</b> It goes to the machine that runs this page and nowhere else,"
        " and it is not kept.</p></div>"
    )


def empty() -> str:
    """What stands in the answer's place before the first question."""
    return (
        '<div class="sl-empty">'
        '<p class="sl-lines" aria-hidden="true"><i></i><i></i><b></b><i></i><i></i><i></i></p>'
        "<p>The answer will appear here, marked in your text.</p>"
        "<p>If your text does not say, you will be told so.</p>"
        "</div>"
    )


def result(context: str, answer: Answer) -> str:
    """The verdict, how sure it is, and the text with the spans marked in their places."""
    marks: list[tuple[str, Answer | Span]]
    if answer.answerable:
        others = [span for span in answer.alternatives if span.confidence >= WORTH_SHOWING]
        marks = [("answer", answer), *(("other", span) for span in others)]
    else:
        marks = [("guess", span) for span in answer.alternatives[:1]]
    warnings = "".join(f'<p class="sl-note">{_escape(text)}</p>' for text in answer.warnings)
    return (
        f'<article class="sl-result">{_verdict(answer)}{warnings}'
        f"{_legend(marks)}{_passage(context, marks)}</article>"
    )


def _verdict(answer: Answer) -> str:
    level, words = in_words(answer.confidence)
    if answer.answerable:
        text = f'<mark class="sl-answer" dir="auto">{_escape(answer.text)}</mark>'
    else:
        text = "The text does not say."
    return (
        f'<header class="sl-verdict"><p class="sl-text">{text}</p>'
        f'<div class="sl-confidence sl-{level}"><b>{words}</b>'
        '<span class="sl-meter" role="meter" aria-label="Confidence" aria-valuemin="0"'
        f' aria-valuemax="100" aria-valuenow="{100 * answer.confidence:.0f}">'
        f'<i style="width:{100 * answer.confidence:.1f}%"></i></span>'
        f"<span>{percent(answer.confidence)}</span></div></header>"
    )


def _legend(marks: list[tuple[str, Answer | Span]]) -> str:
    """The marked spans that are not the answer, each a link to its place in the text."""
    rows = {"guess": "Nearest guess", "other": "Also considered"}
    html_rows = []
    for kind, title in rows.items():
        links = " ".join(
            f'<a href="#sl-{place}"><mark class="sl-{kind}" dir="auto">{_escape(span.text)}</mark>'
            f" <small>{percent(span.confidence)}</small></a>"
            for place, (marked, span) in enumerate(marks)
            if marked == kind
        )
        if links:
            html_rows.append(f"<dt>{title}</dt><dd>{links}</dd>")
    return f'<dl class="sl-legend">{"".join(html_rows)}</dl>' if html_rows else ""


def _passage(context: str, marks: list[tuple[str, Answer | Span]]) -> str:
    """The context, character for character, with each span in a `<mark>` of its own."""
    pieces, end = [], 0
    for place, (kind, span) in sorted(enumerate(marks), key=lambda item: item[1][1].start):
        pieces.append(_escape(context[end : span.start]))
        pieces.append(f'<mark class="sl-{kind}" id="sl-{place}">{_escape(span.text)}</mark>')
        end = span.end
    pieces.append(_escape(context[end:]))
    return (
        '<div class="sl-passage" role="region" tabindex="0" dir="auto"'
        f' aria-label="The text with its marks">{"".join(pieces)}</div>'
    )


def _escape(text: str) -> str:
    """Text as HTML shows it; a lone surrogate, which no page can carry, as U+FFFD."""
    return html.escape(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


_RENTAL = (
    "5. Rent. The rent is 940 euros a month, payable by the third working day. It may be"
    " raised once a year, by no more than the published cost-of-living index.\n"
    "6. Repairs. The landlord repairs the heating, the roof and the wiring. The tenant"
    " pays for small repairs of up to 80 euros each, and for damage beyond ordinary"
    " wear.\n"
    "7. Subletting. The tenant may let one room to another person after telling the"
    " landlord in writing.\n"
    "8. End of the agreement. The tenant may end this agreement at any time with two"
    " months' notice in writing. The landlord may end it with six months' notice, and only"
    " in order to live in the flat or to sell it. The deposit is 1,880 euros, and it is"
    " returned within thirty days of the keys being handed over."
)

EXAMPLES = (
    Example(
        "A lighthouse: the keeper's daughter?",
        "Who was Tomas Aldane's daughter?",
        "The lighthouse on Grey Skerry was finished in the autumn of 1868, after four summers in"
        " which the masons could land on barely sixty days. It stands 38 metres above the rock and"
        " was first lit with rapeseed oil; paraffin came in 1879.\n\n"
        "In January 1891 a storm cut the island off for nineteen days. The head keeper, Tomas"
        " Aldane, lay ill with fever, and his assistant had gone ashore for supplies. Aldane's"
        " daughter Ingrid, then sixteen, climbed the 176 steps every four hours to trim the wick"
        " and wind the clockwork, and the lamp did not fail once. The harbour board later sent her"
        " a silver watch. The light was made automatic in 1974, and the keepers' cottage is now a"
        " weather station.",
    ),
    Example(
        "A rental agreement: the deposit?",
        "How much is the deposit?",
        _RENTAL,
    ),
    Example("The same agreement: electricity?", "Who pays for electricity?", _RENTAL),
    Example(
        "A medicine leaflet: how to store it?",
        "Below what temperature should the tablets be kept?",
        "How to take Loravine. Swallow one tablet each morning with a glass of water, with or"
        " without food. Do not crush or chew the tablet, because it releases its active substance"
        " slowly over about twelve hours.\n\n"
        "If you forget a dose, take it as soon as you remember on the same day. If it is already"
        " the next morning, skip the forgotten tablet and carry on as usual. Never take two"
        " tablets to make up for one.\n\n"
        "Possible side effects. Up to one in ten people have a dry mouth or a mild headache during"
        " the first week. Tell your doctor if you notice a rash or a fast heartbeat. Loravine can"
        " make you drowsy: see how it affects you before you drive. Keep the tablets in their box,"
        " below 25 °C, away from light.",
    ),
    Example(
        "A chat about a trip 🌊: when does Jürgen land?",
        "When does Jürgen land?",
        "Hola a todos! 👋 Here's the plan for Málaga 🌊☀️\n"
        "🚆 Fri: my train gets in at 17:40, Jürgen lands at 18:15. He has the keys to the flat on"
        " Calle Larios, 3rd floor, the bell says “Peña”.\n"
        "🍤 Sat: breakfast at Café Central, then the beach. We meet Zoë at noon in front of the"
        " Alcazaba, by the Roman theatre — she's bringing her cousin Søren 👨‍🍳, who promised to"
        " cook paella for nine (!) on Saturday night.\n"
        "🎨 Sun: Picasso Museum. Tickets are free in the last two hours, so let's go late. Bring a"
        " jacket, it gets windy 💨\n"
        "💶 I paid 312 € for the flat, that's 52 € each. Please send it to Anaïs by Wednesday"
        " 🙏 ¡Hasta el viernes! ❤️",
    ),
    Example(
        "Octopus blood: discovered when?",
        "In what year was haemocyanin discovered?",
        "An octopus has three hearts. Two of them drive blood through the gills; the third sends"
        " it round the rest of the body, and it pauses while the animal swims, which is one reason"
        " why an octopus would rather crawl. Its blood is blue, because oxygen is carried by"
        " haemocyanin, a protein built around copper, instead of the iron-based haemoglobin of"
        " mammals. Copper serves better in cold water that holds little oxygen.\n\n"
        "About two thirds of an octopus's nerve cells lie in its arms rather than its head, so an"
        " arm can taste, touch and decide a good deal for itself. With no bones, the only hard"
        " part of the body is the beak, and an animal as heavy as a person can slip through any"
        " gap that the beak will pass.",
    ),
)
