"""The compose file for teams: pinned images, nothing open but local ports, no known secret."""

import re
import tomllib
from typing import Any

import pytest
import yaml

from qa_core.settings import Environment, variables
from tests.support.browsing import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(TEXT)["services"]
    return found


def test_secrets_have_no_defaults(services: dict[str, Any]) -> None:
    secrets = set(re.findall(r"\$\{(\w*(?:PASSWORD|KEY)\w*)", TEXT))
    assert secrets == {
        "ARGILLA_PASSWORD", "ARGILLA_API_KEY", "ARGILLA_SECRET_KEY", "POSTGRES_PASSWORD",
    }  # fmt: skip
    assert all(f"${{{name}:?" in TEXT and f"${{{name}:-" not in TEXT for name in secrets)
    environment = services["argilla"]["environment"]
    assert environment["ARGILLA_ELASTICSEARCH"] == services["worker"]["environment"].get(
        "ARGILLA_ELASTICSEARCH"
    )
    assert all(environment[name].startswith("${") for name in ("PASSWORD", "API_KEY"))


def test_images_are_pinned_and_only_page_and_argilla_listen_here(services: dict[str, Any]) -> None:
    open_here = {"page": ["127.0.0.1:7860:7860"], "argilla": ["127.0.0.1:6900:6900"]}
    for name, service in services.items():
        assert re.search(r":v?\d", service["image"]), name
        assert service.get("ports") == open_here.get(name)
        for volume in service["volumes"]:
            assert volume.split(":")[0] in yaml.safe_load(TEXT)["volumes"]
    assert services["argilla"]["image"].endswith(":v2.8.0")


def test_page_may_write_nowhere_but_to_its_volume(services: dict[str, Any]) -> None:
    page = services["page"]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert page["image"] == f"spanloop:{version}"
    assert page["read_only"] is True
    assert (page["cap_drop"], page["volumes"], page["tmpfs"]) == (
        ["ALL"],
        ["spanloop:/data"],
        ["/tmp"],
    )
    known = {name for field in Environment.model_fields for name in variables(field)}
    assert set(page["environment"]) < known
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    assert set(page["build"]["args"]["EXTRAS"].split(",")) < extras.keys()
