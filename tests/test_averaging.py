"""The mean of two models: right in every weight, read like any other, refused where it is none."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from qa_core.averaging import average
from qa_core.errors import InputError, ModelError
from qa_core.reader import Reader
from tests import networks
from tests.test_main import spanloop


@pytest.fixture
def other(tiny_model: Path, tmp_path: Path) -> Path:
    """A model of the same architecture whose weights are all larger by one."""
    folder = tmp_path / "other"
    folder.mkdir()
    for file in tiny_model.glob("*.json"):
        (folder / file.name).write_bytes(file.read_bytes())
    weights = load_file(tiny_model / "model.safetensors")
    save_file({k: v + 1 for k, v in weights.items()}, folder / "model.safetensors")
    return folder


def test_the_mean_of_two_models_is_a_model(tiny_model: Path, other: Path, tmp_path: Path) -> None:
    done = spanloop(
        "average", "--model", tiny_model, "--with", other, "--share", "0.25",
        "--output", tmp_path / "mean", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["share"] == 0.25
    before = load_file(tiny_model / "model.safetensors")
    for name, weight in load_file(tmp_path / "mean" / "model.safetensors").items():
        assert weight.dtype == np.float16
        assert np.allclose(weight, before[name] + 0.25, atol=0.01)
    assert not (tmp_path / "mean" / "calibration.json").exists()
    assert json.loads((tmp_path / "mean" / "training.json").read_text())["averaged"] == {
        "share": 0.25
    }
    assert Reader.load(tmp_path / "mean", backend="torch").answer("Who?", "Ines.").model


def test_what_has_no_mean_is_refused(tiny_model: Path, other: Path, tmp_path: Path) -> None:
    wider = networks.save_network(tmp_path / "wider", intermediate_size=48)
    with pytest.raises(ModelError, match="expected two models of one architecture"):
        average(tiny_model, wider, 0.5, tmp_path / "mean")
    with pytest.raises(InputError, match="expected a new folder"):
        average(tiny_model, other, 0.5, other)
    with pytest.raises(InputError, match=r"expected 0 to 1, found 1\.5"):
        average(tiny_model, other, 1.5, tmp_path / "mean")
    (other / "model.safetensors").write_bytes(b"none")
    with pytest.raises(ModelError, match="expected weights in"):
        average(tiny_model, other, 0.5, tmp_path / "mean")
    assert not (tmp_path / "mean").exists()
