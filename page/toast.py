"""What the tabs share: notices to the visitor, and how many files are read at once."""

from typing import Any

import gradio as gr

from page.html.markup import Markup

# What is shown in such a component is read out by a screen reader.
LIVE = "element.setAttribute('aria-live', 'polite');"

# Each is read in a process of its own that may take much memory; the other visitors queue.
FILES: dict[str, Any] = {"concurrency_id": "files", "concurrency_limit": 2}


def warn(message: str) -> Any:
    """Say why there is no answer, in a notice; what stands on the page stays."""
    gr.Warning(Markup.escape(message))
    return gr.skip()
