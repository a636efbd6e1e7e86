"""The compose file for teams: pinned images, nothing open but one local port, no known secret."""

import re
from typing import Any

import pytest
import yaml

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


def test_images_are_pinned_and_only_argilla_listens_here(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert re.search(r":v?\d", service["image"]), name
        assert service.get("ports") == (["127.0.0.1:6900:6900"] if name == "argilla" else None)
        for volume in service["volumes"]:
            assert volume.split(":")[0] in yaml.safe_load(TEXT)["volumes"]
    assert services["argilla"]["image"].endswith(":v2.8.0")
