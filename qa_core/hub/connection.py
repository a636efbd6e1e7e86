"""A client of the Hub whose refusals are one line each, and repeat no secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from qa_core.errors import InputError, SpanLoopError, one_line

if TYPE_CHECKING:
    from huggingface_hub import HfApi

NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)
Files = Mapping[str, Path | bytes]  # by their paths in the repository


class HubError(SpanLoopError):
    """The Hub refuses what was asked of it, or cannot be reached."""


def check_name(repository: str) -> None:
    """Raise InputError unless a repository's name is ``owner/name``."""
    if not NAME.fullmatch(repository):
        raise InputError(f"expected a name on the Hub such as you/spanloop, found {repository!r}")


def size(content: Path | bytes) -> int:
    """Bytes of a file to be."""
    return len(content) if isinstance(content, bytes) else content.stat().st_size


@contextmanager
def speaking(repository: str, secrets: Iterable[str] = ()) -> Iterator[HfApi]:
    """The Hub's client, to change a repository with; `HF_TOKEN` and `HF_ENDPOINT` are honoured.

    secrets: what no message may repeat, the token aside. Raises HubError for whatever the client
    raises.
    """
    from huggingface_hub import HfApi, get_token
    from huggingface_hub import errors as hub

    try:
        yield HfApi()
    except SpanLoopError:
        raise
    except hub.OfflineModeIsEnabled as error:
        raise HubError("expected to reach the Hub, found HF_HUB_OFFLINE set: unset it") from error
    except Exception as error:  # the client lets through what its transport raises
        said = str(error) or type(error).__name__
        for secret in filter(None, [get_token(), *secrets]):
            said = said.replace(secret, "***")
        said = one_line(HubError(said))
        if getattr(getattr(error, "response", None), "status_code", None) in (401, 403, 404):
            raise HubError(
                f"the Hub does not let you write to {repository} ({said}): is the name right, and "
                "HF_TOKEN a token that may write there?"
            ) from None
        raise HubError(f"cannot write to {repository} on the Hub ({said}): try again") from None


def make(api: HfApi, repository: str, kind: str, public: bool | None) -> bool:
    """Make a repository unless it is there, and set who sees it; whether everybody does now.

    kind: ``model``, or ``space`` for a Gradio Space. public: None leaves one that is there as it
    is; a new one is private.
    """
    sdk = "gradio" if kind == "space" else None
    api.create_repo(repository, repo_type=kind, private=not public, space_sdk=sdk, exist_ok=True)
    private = bool(api.repo_info(repository, repo_type=kind).private)
    if public is not None and private == public:
        api.update_repo_settings(repository, repo_type=kind, private=not public)
        private = not public
    return not private


def commit(
    api: HfApi, repository: str, kind: str, files: Files, stale: Callable[[str], bool]
) -> str:
    """Put files into a repository in one commit; return the repository's address.

    stale: whether a file that is there, and not among them, goes.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    from qa_core import __version__

    there = api.list_repo_files(repository, repo_type=kind)
    gone = [name for name in there if name not in files and stale(name)]
    api.create_commit(
        repository,
        [
            *(CommitOperationAdd(name, content) for name, content in files.items()),
            *(CommitOperationDelete(name) for name in gone),
        ],
        commit_message=f"SpanLoop {__version__}",
        repo_type=kind,
    )
    return f"{api.endpoint}/{'spaces/' if kind == 'space' else ''}{repository}"
