"""What can go wrong with Argilla."""

from qa_core.errors import SpanLoopError


class ArgillaError(SpanLoopError):
    """Argilla cannot be installed, started or reached, won't let us in, or is not as expected."""
