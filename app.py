"""SpanLoop's page: paste a text, ask it something, see the answer marked where it stands.

python app.py [--model FOLDER_OR_HUB_ID] [--port 7860] [--no-browser]
"""

import typer

from page.app import build, main

__all__ = ["build", "main"]

if __name__ == "__main__":
    typer.run(main)
