"""Weights in 8 bits on disk: what serves in 8 bits is the same, and all else close."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from qa_core.models.backends import OnnxBackend, TorchBackend
from qa_core.models.folder import is_packed, read_weights
from qa_core.models.packing import pack, unpack
from qa_core.training.run import load_base
from tests.support.commands import spanloop
from tests.support.networks import save_network


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network with matrices large enough to be packed."""
    folder = tmp_path_factory.mktemp("plain")
    return save_network(folder, "mpnet", hidden_size=256, intermediate_size=512)


@pytest.fixture(scope="module")
def packed(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shutil.copytree(plain, tmp_path_factory.mktemp("packed") / "model")
    (folder / "model.safetensors").unlink()
    done = spanloop("export", "packed", "--model", plain, "--output", folder / "model.safetensors")
    assert done.returncode == 0, done.stderr
    return folder


def logits(backend: OnnxBackend | TorchBackend) -> np.ndarray:
    ids = np.random.default_rng(0).integers(5, 300, (2, 40))
    return np.stack(backend({"input_ids": ids, "attention_mask": np.ones_like(ids)}))


def test_packing_halves_what_float16_takes(plain: Path, packed: Path) -> None:
    assert is_packed(packed)
    assert not is_packed(plain)
    sizes = [(folder / "model.safetensors").stat().st_size for folder in (plain, packed)]
    assert sizes[1] < 0.3 * sizes[0]  # of float32
    whole, short = read_weights(plain), read_weights(packed)
    assert whole.keys() == short.keys()
    for name, weight in whole.items():
        row = np.abs(weight).max(axis=-1, keepdims=True)
        assert np.all(np.abs(short[name] - weight) <= row / 128 + 1e-6), name


def test_packed_again_nothing_changes(packed: Path) -> None:
    once = read_weights(packed)
    again = unpack(pack(once))
    for name, weight in once.items():
        np.testing.assert_allclose(again[name], weight, rtol=2e-3, atol=1e-6)


def test_a_packed_model_serves_and_trains(plain: Path, packed: Path) -> None:
    full = logits(TorchBackend(plain, "cpu"))
    for found in (
        logits(TorchBackend(packed, "cpu")),
        logits(OnnxBackend(packed, "fp32")),
        logits(OnnxBackend(packed, "int8")),
    ):
        assert np.corrcoef(full.ravel(), found.ravel())[0, 1] > 0.97
    np.testing.assert_allclose(
        logits(OnnxBackend(packed, "fp32")), logits(TorchBackend(packed, "cpu")), atol=1e-3
    )
    network, _ = load_base(str(packed))
    assert (
        network.config.model_type == json.loads((plain / "config.json").read_text())["model_type"]
    )
    expected = read_weights(packed)["qa_outputs.weight"]
    np.testing.assert_array_equal(network.qa_outputs.weight.detach().numpy(), expected)
