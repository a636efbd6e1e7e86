"""The mean of models: right in every weight, read like any other, refused where it is none."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from qa_core.errors import InputError, ModelError
from qa_core.inference.reader import Reader
from qa_core.models.averaging import average
from tests.support import networks
from tests.support.commands import spanloop


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


def test_the_mean_of_models_is_a_model(tiny_model: Path, other: Path, tmp_path: Path) -> None:
    done = spanloop(
        "average", "--model", tiny_model, "--share", "3", "--model", other, "--share", "1",
        "--output", tmp_path / "mean", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["shares"] == [3, 1]
    before = load_file(tiny_model / "model.safetensors")
    for name, weight in load_file(tmp_path / "mean" / "model.safetensors").items():
        assert weight.dtype == np.float16
        assert np.allclose(weight, before[name] + 0.25, atol=0.01)
    assert not (tmp_path / "mean" / "calibration.json").exists()
    assert Reader.load(tmp_path / "mean", backend="torch").answer("Who?", "Ines.").model


def test_a_negative_share_goes_on_away_from_a_model(
    tiny_model: Path, other: Path, tmp_path: Path
) -> None:
    done = spanloop(
        "average", "--model", tiny_model, "--share", "-1", "--model", other, "--share", "2",
        "--output", tmp_path / "beyond",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    before = load_file(tiny_model / "model.safetensors")
    for name, weight in load_file(tmp_path / "beyond" / "model.safetensors").items():
        assert np.allclose(weight, before[name] + 2, atol=0.01)


def test_what_only_another_model_has_is_left_out(
    tiny_model: Path, other: Path, tmp_path: Path
) -> None:
    file = other / "model.safetensors"
    save_file(load_file(file) | {"pooler.weight": np.zeros((2, 2), np.float16)}, file)
    mean = average([tiny_model, other], [1, 1], tmp_path / "mean")
    names = load_file(mean / "model.safetensors").keys()
    assert names == load_file(tiny_model / "model.safetensors").keys()
    with pytest.raises(ModelError, match="expected models of one architecture"):
        average([other, tiny_model], [1, 1], tmp_path / "another")


def test_what_has_no_mean_is_refused(tiny_model: Path, other: Path, tmp_path: Path) -> None:
    wider = networks.save_network(tmp_path / "wider", intermediate_size=48)
    with pytest.raises(ModelError, match="expected models of one architecture"):
        average([tiny_model, wider], [1, 1], tmp_path / "mean")
    with pytest.raises(InputError, match="expected a new folder"):
        average([tiny_model, other], [1, 1], other)
    for shares in ([2, -2], [1, -2], [1, 0]):
        with pytest.raises(InputError, match="expected a sum above 0 and none of 0, found"):
            average([tiny_model, other], shares, tmp_path / "mean")
    with pytest.raises(InputError, match="found 1 models and 1 shares"):
        average([tiny_model], [1], tmp_path / "mean")
    (other / "model.safetensors").write_bytes(b"none")
    with pytest.raises(ModelError, match="expected weights in"):
        average([tiny_model, other], [1, 1], tmp_path / "mean")
    assert not (tmp_path / "mean").exists()
