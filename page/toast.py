"""Notices to the visitor."""

import html
from typing import Any

import gradio as gr

# What is shown in such a component is read out by a screen reader.
LIVE = "element.setAttribute('aria-live', 'polite');"


def keep(message: str) -> Any:
    """Say why there is no answer, in a notice; what stands on the page stays."""
    gr.Warning(html.escape(message))
    return gr.skip()
