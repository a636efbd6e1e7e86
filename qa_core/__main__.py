"""`python -m qa_core VERB`."""

from qa_core.cli.main import app
from qa_core.cli.running import run

if __name__ == "__main__":
    run(app)
