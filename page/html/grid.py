"""A small table."""


def grid(label: str, head: str, body: str) -> str:
    """A small table that scrolls on its own where the page is narrow."""
    return (
        f'<div class="sl-scroll" role="region" tabindex="0" aria-label="{label}">'
        f'<table class="sl-grid"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )
