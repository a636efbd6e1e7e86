"""What can go wrong for a user. Each message is one line: expected, found, how to mend it."""


class SpanLoopError(Exception):
    """Base of every error this project raises on purpose; its message is meant for the user."""


class DataError(SpanLoopError):
    """A data set, file or row that cannot be read or written as it is."""


class ModelError(SpanLoopError):
    """A model that is missing, damaged or not an extractive question-answering model."""


class InputError(SpanLoopError, ValueError):
    """A question, context or setting that the reader cannot take."""


class TooLongError(InputError):
    """A text, or a number of them, that is more than is taken at once."""


class BusyError(SpanLoopError):
    """Too many others wait; the same question may be asked again in a moment."""


def one_line(error: BaseException) -> str:
    """What another library said, as part of a message of ours."""
    return " ".join(str(error).split())[:300] or type(error).__name__
