"""A Space made, or brought up to date: its files in one commit, its variables and secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from qa_core.hub.connection import Files, HubError, check_name, commit, make, speaking

OURS = "qa_core/__init__.py"
HUBS_OWN = {".gitattributes", "README.md"}  # what the Hub puts into a new one


@dataclass(frozen=True, slots=True)
class Plan:
    """What a Space shall be. public: a new one is private unless True; None changes nothing."""

    repository: str
    files: Files
    variables: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    public: bool | None = None

    def __post_init__(self) -> None:
        """Raise InputError unless the repository's name can be one."""
        check_name(self.repository)


def deploy(plan: Plan) -> tuple[str, bool]:
    """Make or update the Space; its address, and whether everybody sees it.

    The settings come before the files, so that new code never runs without them. Files that an
    earlier SpanLoop had there are deleted. Raises HubError, also where the Space is another's.
    """
    name = plan.repository
    with speaking(name, plan.secrets.values()) as api:
        if api.repo_exists(name, repo_type="space"):
            there = set(api.list_repo_files(name, repo_type="space"))
            if OURS not in there and (others := sorted(there - HUBS_OWN)):
                raise HubError(
                    f"expected a new Space or one of SpanLoop, found {others[0]} in {name}, which "
                    "would be deleted: choose another name"
                )
        seen = make(api, name, "space", plan.public)
        now = api.get_space_variables(name)
        for key, value in plan.variables.items():
            if key not in now or now[key].value != value:  # each change starts the Space again
                api.add_space_variable(name, key, value)
        for key, value in plan.secrets.items():
            api.add_space_secret(name, key, value)
        return commit(api, name, "space", plan.files, lambda path: path not in HUBS_OWN), seen
