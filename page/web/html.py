"""The page of static files, as HTML: the tab Ask alone, with the same names for the same things."""

from __future__ import annotations

from page import messages
from page.examples import EXAMPLES
from page.html import result as render
from page.html.markup import Markup, filled
from page.tabs.ask_parts import STRICTNESS

# Files of this page alone, WebAssembly, and a worker that keeps to the same.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:;"
    " connect-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none';"
    " form-action 'none'"
)
STYLES = ("theme.css", "style.css", "head.css", "web.css")


def index() -> Markup:
    """The whole page, before its script fills in the answers."""
    return Markup(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="{}">'
        '<meta name="referrer" content="no-referrer">'
        '<meta name="color-scheme" content="light dark">'
        '<title>{}</title><meta name="description" content="{}">'
        '<link rel="icon" href="icon.svg">{}'
        '<script src="dark.js"></script><script type="module" src="page.js"></script></head>'
        '<body><main><div id="sl-header">{}</div><div id="sl-columns" data-mode="read">'
        '<div id="sl-form">{}</div><div id="sl-answer-column">{}</div></div>'
        '<div id="sl-footer">{}</div></main></body></html>\n'
    ).format(
        POLICY,
        messages.NAME,
        messages.WEB_DESCRIPTION,
        filled(Markup('<link rel="stylesheet" href="{}">'), zip(STYLES)),
        render.header(),
        _form(),
        _answers(),
        render.about(messages.ABOUT_PRIVACY_HERE),
    )


def _form() -> Markup:
    """Text, questions, strictness, examples.

    A data-testid is what the style sheet knows labels by.
    """
    bar = filled(
        Markup('<button type="button" class="sm" id="{}">{}</button>'),
        [
            ("sl-edit", messages.EDIT_TEXT),
            ("sl-other", messages.OTHER_TEXT),
            ("sl-back", messages.BACK_TO_MARKS),
        ],
    )
    choices = filled(
        Markup('<label><input type="radio" name="strictness" value="{}"{}><span>{}</span></label>'),
        [
            (name, Markup(" checked") if name == messages.BALANCED else "", name)
            for name in STRICTNESS
        ],
    )
    examples = filled(
        Markup('<button type="button" class="sm" data-example="{}">{}</button>'),
        [(number, example.label) for number, example in enumerate(EXAMPLES)],
    )
    return Markup(
        '<div id="sl-text-bar">{}</div>'
        '<div id="sl-context"><label for="sl-text">{}</label>'
        '<textarea id="sl-text" rows="11" placeholder="{}"></textarea></div>'
        '<div id="sl-file"><label class="sl-button"><input type="file" accept=".txt,.md,text/*">'
        "{}</label><p>{}</p></div>"
        '<div id="sl-ask"><div id="sl-question"><label for="sl-asked" data-testid="block-info">{}'
        '</label><div id="sl-several">{}</div>'
        '<textarea id="sl-asked" rows="1" aria-describedby="sl-several" placeholder="{}">'
        '</textarea></div><button type="button" class="sm" id="sl-next">{}</button>'
        '<button type="button" class="primary" id="sl-go">{}</button></div>'
        '<fieldset id="sl-strictness"><legend>{}</legend><p>{}</p>{}</fieldset>'
        '<div id="sl-examples"><div class="label">{}</div>{}</div>'
    ).format(
        bar,
        messages.TEXT,
        messages.TEXT_HINT,
        messages.WEB_OPEN_FILE,
        messages.WEB_OPEN_FILE_KINDS,
        messages.QUESTION,
        messages.QUESTION_INFO,
        messages.QUESTION_HINT,
        messages.NEXT_QUESTION,
        messages.ASK,
        messages.STRICTNESS,
        messages.STRICTNESS_INFO,
        choices,
        messages.EXAMPLES,
        examples,
    )


def _answers() -> Markup:
    return Markup(
        '<div id="sl-status-row"><div id="sl-status" role="status"><p class="sl-said">{}</p></div>'
        '<button type="button" class="sm" id="sl-cancel" hidden>{}</button></div>'
        '<div id="sl-result">{}</div>'
    ).format(messages.WEB_NEEDS, messages.CANCEL, render.empty())
