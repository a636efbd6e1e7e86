"""A command's flags from the dataclass that holds its settings: name, type, default and help."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import typing
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

F = TypeVar("F", bound=Callable[..., Any])


def with_flags(**settings: type[Any]) -> Callable[[F], F]:
    """Put flags, one for each field that has a help, in the place of a command's parameters.

    settings: by the parameter's name, the dataclass it stands for. The command is called with a
    dictionary of what was given on the command line, for `dataclasses.replace`.
    """

    def decorate(command: F) -> F:
        signature = inspect.signature(command, eval_str=True)
        made: dict[str, list[inspect.Parameter]] = {
            name: _flags(of) for name, of in settings.items()
        }
        parameters: list[inspect.Parameter] = []
        for name, parameter in signature.parameters.items():
            keyword = parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            parameters += made.get(name, [keyword])

        @functools.wraps(command)
        def call(**given: Any) -> Any:
            for name, flags in made.items():
                values = {flag.name: given.pop(flag.name) for flag in flags}
                given[name] = {key: value for key, value in values.items() if value is not None}
            return command(**given)

        call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        call.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": None}
        return typing.cast("F", call)

    return decorate


def _flags(settings: type[Any]) -> list[inspect.Parameter]:
    hints = typing.get_type_hints(settings)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                hints[field.name] | None,
                typer.Option(help=field.metadata["help"], show_default=_shown(field.default)),
            ],
        )
        for field in dataclasses.fields(settings)
        if "help" in field.metadata
    ]


def _shown(default: object) -> str | bool:
    return False if default is None else str(default)
