"""`python -m annotation VERB`."""

from annotation.cli.exchange import export_reviews
from annotation.cli.main import app
from qa_core.cli.running import run

app.command("export", hidden=True)(export_reviews)

if __name__ == "__main__":
    run(app)
