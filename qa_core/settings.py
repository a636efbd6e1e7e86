"""Every setting that SpanLoop takes from its environment: name, default and meaning, once.

`read` gives them; what is passed to it, such as a command's flags, comes before the environment.
`python -m qa_core.settings` prints them as the table of the README.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from qa_core import defaults
from qa_core.errors import InputError

PREFIX = "SPANLOOP_"


def _from(*names: str, default: Any, description: str, **limits: Any) -> Any:
    """A field that is read from the variables of these names, the first that is set."""
    return Field(default, description=description, validation_alias=AliasChoices(*names), **limits)


class Environment(BaseSettings):
    """The settings, checked."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", populate_by_name=True, env_ignore_empty=True,
        case_sensitive=True, frozen=True, protected_namespaces=(),
    )  # fmt: skip

    home: str | None = _from(
        "SPANLOOP_HOME",
        default=None,
        description="folder that holds all of SpanLoop's state; by default the user's data folder",
    )
    model: str | None = _from(
        "SPANLOOP_MODEL",
        default=None,
        description="model folder or Hub id; by default the version that serves, at first the "
        "bundled one",
    )
    reader: Literal["base", "small"] = _from(
        "SPANLOOP_READER",
        default="base",
        description="bundled reader that serves until a version is promoted: `base` finds more, "
        "`small` is four times as quick",
    )
    backend: Literal["auto", "torch", "onnx", "onnx-fp32"] = _from(
        "SPANLOOP_BACKEND",
        default="auto",
        description="`onnx` (8 bits), `onnx-fp32` or `torch`; `auto` is `torch` on a GPU, `onnx` "
        "elsewhere",
    )
    device: Literal["cpu", "cuda", "mps"] | None = _from(
        "SPANLOOP_DEVICE",
        default=None,
        description="`cpu`, `cuda` or `mps`; by default a GPU that torch can use, else the CPU",
    )
    host: str = _from(
        "SPANLOOP_HOST",
        "GRADIO_SERVER_NAME",
        default="127.0.0.1",
        description="address that the page listens on; `0.0.0.0` lets other machines in",
    )
    port: int | None = _from(
        "SPANLOOP_PORT",
        "GRADIO_SERVER_PORT",
        default=None,
        ge=1,
        le=65535,
        description="port of the page; by default the first free one from 7860",
    )
    keep: bool = _from(
        "SPANLOOP_KEEP", default=True, description="keep uncertain answers for review"
    )
    review_threshold: float = _from(
        "SPANLOOP_REVIEW_THRESHOLD",
        default=defaults.REVIEW_THRESHOLD,
        ge=0,
        le=1,
        description="answers less confident than this (a probability) are kept for review",
    )
    random_share: float = _from(
        "SPANLOOP_RANDOM_SHARE",
        default=defaults.RANDOM_SHARE,
        ge=0,
        le=1,
        description="share of the other answers that is kept, too, to measure without bias",
    )
    daily_budget: int = _from(
        "SPANLOOP_DAILY_BUDGET",
        default=defaults.DAILY_BUDGET,
        ge=0,
        description="answers kept in a day at most, flagged ones aside",
    )
    metrics: bool = _from(
        "SPANLOOP_METRICS",
        default=False,
        description="figures of the page for Prometheus at `/metrics`, to whoever reaches it",
    )
    reviewers: SecretStr = _from(
        "SPANLOOP_REVIEWERS",
        default=SecretStr(""),
        description="who may review on the page: `ann:password,bob:password`, passwords of 8 "
        "characters at least",
    )
    ocr: str = _from(
        "SPANLOOP_OCR",
        default="eng",
        pattern=r"^[A-Za-z_]+(\+[A-Za-z_]+)*$",
        description="languages that scanned pages are recognised in where tesseract is installed, "
        "such as `eng+deu`; `off` leaves them out",
    )
    gold_weights: bool = _from(
        "SPANLOOP_GOLD_WEIGHTS",
        default=False,
        description="where reviewers disagree, who answers gold questions rightly weighs more",
    )
    replay: str | None = _from(
        "SPANLOOP_REPLAY",
        default=None,
        description="file or Hub id of questions that re-training must not forget",
    )
    journal: Literal["wal", "delete"] = _from(
        "SPANLOOP_JOURNAL",
        default="wal",
        description="`delete` for the store on network mounts and buckets",
    )
    database: SecretStr | None = _from(
        "SPANLOOP_DATABASE",
        default=None,
        description="the store on PostgreSQL, for several pages: "
        "`postgresql://user:password@host:5432/name`; by default a file of SQLite",
    )
    hub_dataset: str | None = _from(
        "SPANLOOP_HUB_DATASET",
        default=None,
        description="private data set on the Hub that holds the reviews, too",
    )
    argilla_api_url: str | None = _from(
        "ARGILLA_API_URL",
        default=None,
        description="where to send what waits for review; by default the local Argilla, if it is "
        "up",
    )
    argilla_api_key: SecretStr | None = _from(
        "ARGILLA_API_KEY", default=None, description="key of a user there"
    )
    argilla_workspace: str | None = _from(
        "ARGILLA_WORKSPACE",
        default=None,
        description="workspace there; by default `spanloop`, or the only one",
    )
    argilla_dataset: str = _from(
        "SPANLOOP_ARGILLA_DATASET",
        default=defaults.ARGILLA_DATASET,
        min_length=1,
        description="name of the data set there",
    )
    argilla_min_submitted: int = _from(
        "SPANLOOP_ARGILLA_MIN_SUBMITTED",
        default=1,
        ge=1,
        description="how many people answer each question there",
    )
    argilla_python: str | None = _from(
        "SPANLOOP_ARGILLA_PYTHON",
        default=None,
        description="Python 3.11 to 3.13 that runs the local Argilla; by default this one",
    )
    hf_token: SecretStr | None = _from(
        "HF_TOKEN",
        default=None,
        description="for private and gated models, data sets and Spaces on the Hub",
    )
    space_id: str | None = _from(
        "SPACE_ID", default=None, description="set by Hugging Face on a Space"
    )

    @field_validator("*", mode="before")
    @classmethod
    def _stripped(cls, value: object) -> object:
        """A secret that was read from a file ends in a line break."""
        return value.strip() if isinstance(value, str) else value


def read(**given: Any) -> Environment:
    """The settings now: those that are given and not None, then the environment, then defaults.

    Raises InputError, which names the variable and what it expects.
    """
    try:
        return Environment(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        found = "a secret" if "KEY" in name or "TOKEN" in name else repr(first["input"])
        reason = str(first["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
        raise InputError(f"{name}: expected {reason}, found {found}") from error


def variables(name: str) -> list[str]:
    """The environment variables of a setting, the one that counts first."""
    alias = Environment.model_fields[name].validation_alias
    if not isinstance(alias, AliasChoices):
        raise TypeError(f"{name} has no variable")
    return [str(choice) for choice in alias.choices]


def checked(variable: str, value: str) -> str:
    """A value that a variable may have. Raises InputError, also where no setting has the name."""
    _field(variable)
    read(**{variable: value})
    return value


def is_secret(variable: str) -> bool:
    """Whether a variable's value must not be shown. Raises InputError where no setting has it."""
    return "SecretStr" in str(Environment.model_fields[_field(variable)].annotation)


def given(variable: str) -> str:
    """What the environment gives a variable. Raises InputError where that is nothing."""
    now, name = read(), _field(variable)
    if name not in now.model_fields_set:
        raise InputError(f"{variable}: expected a value in the environment, found none: set it")
    value = getattr(now, name)
    return str(value.get_secret_value() if isinstance(value, SecretStr) else value)


def _field(variable: str) -> str:
    for name in Environment.model_fields:
        if variable in variables(name):
            return name
    raise InputError(
        f"expected a variable of the README's table of settings, found {variable!r}: check the name"
    )


def table() -> str:
    """The settings as a Markdown table: variable, default, meaning."""
    rows = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for name, field in Environment.model_fields.items():
        names = ", else ".join(f"`{one}`" for one in variables(name))
        value = field.default
        secret = isinstance(value, SecretStr) and not value.get_secret_value()
        shown = "" if value is None or secret else f"`{str(value).lower()}`"
        rows.append(f"| {names} | {shown} | {field.description} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
