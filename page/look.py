"""How the page looks: theme, style sheets and icon."""

from pathlib import Path
from typing import Any

from page import messages
from page.html.markup import Markup, filled, joined

ASSETS = Path(__file__).parent / "assets"
STYLES = [
    (ASSETS / f"{name}.css")
    for name in ("style", "suggest", "many", "files", "feedback", "review", "training")
]
ICON = ASSETS / "icon.svg"

# Those of the visitor's machine: a font that is sent weighs as much as all else on the page.
FONTS = (
    "-apple-system",
    "Segoe UI",
    "Roboto",
    "Noto Sans",
    "Liberation Sans",
    "Arial",
    "sans-serif",
)


def script(name: str) -> str:
    """A script of the page."""
    return (ASSETS / f"{name}.js").read_text(encoding="utf-8")


def look() -> dict[str, Any]:
    """Theme, style and icon: arguments of `launch`."""
    import gradio as gr

    theme = gr.themes.Base(
        primary_hue="teal",
        secondary_hue="teal",
        neutral_hue="stone",
        font=FONTS,
        font_mono=("ui-monospace", "monospace"),
    ).set(
        color_accent="*primary_700",
        checkbox_label_background_fill="transparent",
        checkbox_label_background_fill_dark="transparent",
        body_background_fill="#faf8f4",
        body_background_fill_dark="*neutral_950",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_border_width_dark="0px",
        block_padding="0px",
        block_title_text_color="*neutral_700",
        block_title_text_color_dark="*neutral_300",
        block_title_text_weight="700",
        block_title_text_size="*text_lg",
        input_background_fill="white",
        input_background_fill_dark="*neutral_900",
        input_border_color="*neutral_300",
        input_border_color_dark="*neutral_700",
        input_border_color_focus="*primary_700",
        input_border_color_focus_dark="*primary_400",
        input_border_width="1px",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        input_text_size="*text_lg",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_300",
        button_primary_background_fill_hover_dark="*primary_200",
        button_primary_text_color="white",
        button_primary_text_color_dark="*neutral_950",
    )
    head = f"<style>{(ASSETS / 'head.css').read_text(encoding='utf-8')}</style>"
    return {"theme": theme, "css_paths": STYLES, "favicon_path": ICON, "head": head}


def links(folder: str, style: str, sheets: list[str], scripts: list[str]) -> Markup:
    """One style sheet in place of several, and the scripts, to be loaded at once.

    To the scripts' loader, a style sheet that is named here is there already. Until the first
    script has come, the page says that it is loading, where it goes on to say so.
    """
    return joined(
        [
            Markup(
                "<style>gradio-app:not(:has(*))::before {{ content: '{}'; position: fixed;"
                " inset: 0; display: grid; place-content: center; }}</style>"
            ).format(messages.LOADING),
            Markup('<link rel="stylesheet" href=".{}{}">').format(folder, style),
            filled(
                Markup('<link rel="stylesheet" disabled href=".{}{}">'),
                [(folder, name) for name in sheets],
            ),
            filled(
                Markup('<link rel="modulepreload" crossorigin href=".{}{}">'),
                [(folder, name) for name in scripts],
            ),
        ]
    )
