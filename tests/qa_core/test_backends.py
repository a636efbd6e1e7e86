"""Backends: the logits of torch from every form of every architecture, and clear refusals."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from safetensors.numpy import load_file

from qa_core.errors import InputError, ModelError
from qa_core.models import backends
from qa_core.models.backends import Backend, OnnxBackend, TorchBackend, cpu_count, load_backend
from qa_core.models.folder import read_config
from qa_core.models.onnx import export
from qa_core.models.onnx.bert_graph import is_plain_bert
from qa_core.models.onnx.quantize import quantize, quantize_weight
from qa_core.models.onnx.traced_graph import traced_graph
from tests.support.networks import ARCHITECTURES, VOCABULARY, save_network

Inputs = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a model of an architecture, saved once."""
    folders = tmp_path_factory.mktemp("networks")
    return lambda architecture: save_network(folders / architecture, architecture)


@pytest.fixture(autouse=True)
def build_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Build here, where torch is imported already, and trace once; test_cache has the processes."""

    def built(kind: str, model_dir: Path, sources: object, cache_dir: Path | None) -> Path:
        full, path = model_dir / "fp32.onnx", model_dir / f"{kind}.onnx"
        if not full.exists():
            export.build("fp32", model_dir, full)
        if not path.exists():
            graph = onnx.load(full)
            quantize(graph, export.head(graph))
            onnx.save(graph, path)
        return path

    monkeypatch.setattr(backends, "built", built)


def batch(rows: int, length: int, *, pad: int = 0, left: int = 0) -> Inputs:
    """Random windows of these sizes; the last row has ``pad`` (``left``) tokens of padding."""
    random = np.random.default_rng(rows * 1000 + length)
    ids = random.integers(4, VOCABULARY, (rows, length))
    mask = np.ones_like(ids)
    mask[-1, length - pad :] = 0
    mask[-1, :left] = 0
    types = np.tile((np.arange(length) >= length // 3).astype(np.int64), (rows, 1))
    return {"input_ids": ids * mask, "attention_mask": mask, "token_type_ids": types * mask}


def both(backend: Backend, inputs: Inputs) -> np.ndarray:
    """Start and end logits as one array [2, n, L], zero at padding."""
    start, end = backend(inputs)
    assert start.dtype == end.dtype == np.float32
    assert start.shape == end.shape == inputs["input_ids"].shape
    return np.stack([start, end]) * inputs["attention_mask"]


BATCHES = {
    "one": batch(1, 24),
    "many": batch(5, 40),
    "padded on the right": batch(3, 33, pad=9),
    "padded on the left": batch(3, 33, left=9),
    "shortest": batch(2, 3),
    "long": batch(1, 120),
}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_onnx_gives_the_logits_of_torch(network: Callable[[str], Path], architecture: str) -> None:
    folder = network(architecture)
    reference, exported = TorchBackend(folder, "cpu"), OnnxBackend(folder, "fp32")
    assert exported.input_names == reference.input_names
    for name, inputs in BATCHES.items():
        expected = both(reference, inputs)
        assert np.ptp(expected) > 0.1, name
        np.testing.assert_allclose(both(exported, inputs), expected, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_int8_stays_close_to_full_precision(
    network: Callable[[str], Path], architecture: str
) -> None:
    folder = network(architecture)
    full, rounded = OnnxBackend(folder, "fp32"), OnnxBackend(folder, "int8")
    assert rounded.input_names == full.input_names
    inputs = batch(8, 64)
    expected, found = both(full, inputs), both(rounded, inputs)
    assert not np.array_equal(expected, found)
    assert np.corrcoef(expected.ravel(), found.ravel())[0, 1] > 0.97


@pytest.mark.parametrize("kind", ["torch", "fp32", "int8"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_neighbours_and_padding_do_not_change_a_window(
    network: Callable[[str], Path], architecture: str, kind: str
) -> None:
    folder = network(architecture)
    backend: Backend
    backend = TorchBackend(folder, "cpu") if kind == "torch" else OnnxBackend(folder, kind)
    inputs = batch(6, 40, pad=11)
    together = both(backend, inputs)
    for row in range(6):
        length = int(inputs["attention_mask"][row].sum())
        alone = both(backend, {name: array[[row], :length] for name, array in inputs.items()})
        np.testing.assert_allclose(alone[:, 0], together[:, row, :length], atol=1e-4)


@pytest.mark.parametrize("architecture", ["bert", "mpnet"])
def test_the_graph_written_down_is_the_graph_traced(
    network: Callable[[str], Path], tmp_path: Path, architecture: str
) -> None:
    folder = network(architecture)
    graphs = onnx.load(traced_graph(folder, tmp_path)), export.fp32_graph(folder, tmp_path)
    assert {graph.graph.name for graph in graphs} == {"main_graph", "reader"}
    sessions = [
        onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
        for graph in graphs
    ]
    for inputs in BATCHES.values():
        traced, written = (
            np.stack(session.run(backends.OUTPUTS, {i.name: inputs[i.name] for i in given}))
            for session in sessions
            if (given := session.get_inputs())
        )
        np.testing.assert_allclose(written, traced, atol=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        {"hidden_act": "relu"},
        {"position_embedding_type": "relative_key"},
        {"is_decoder": True},
        {"model_type": "electra"},
        {"num_hidden_layers": 3},
    ],
)
def test_a_bert_that_is_not_plain_is_traced(
    network: Callable[[str], Path], change: dict[str, object]
) -> None:
    folder = network("bert")
    config, weights = read_config(folder), load_file(folder / "model.safetensors")
    assert is_plain_bert(config, weights)
    assert not is_plain_bert({**config, **change}, weights)


def test_a_bert_of_one_segment_takes_no_token_types(tmp_path: Path) -> None:
    folder = save_network(tmp_path, "bert", type_vocab_size=1)
    exported, reference = OnnxBackend(folder, "fp32"), TorchBackend(folder, "cpu")
    assert exported.input_names == reference.input_names == ("input_ids", "attention_mask")
    inputs = batch(2, 30, pad=4)
    np.testing.assert_allclose(both(exported, inputs), both(reference, inputs), atol=1e-4)


def test_quantized_weights_stay_within_half_a_step_in_seven_bits() -> None:
    weight = np.random.default_rng(0).normal(size=(96, 32)).astype(np.float32)
    weight[:, 5] = 0
    integers, scale = quantize_weight(weight)
    assert integers.dtype == np.int8
    assert np.abs(integers).max() == 64
    assert np.all(np.abs(integers * scale - weight) <= scale / 2 + 1e-7)


def test_weights_stored_in_half_precision_run_in_full(tmp_path: Path) -> None:
    half = TorchBackend(save_network(tmp_path, "bert", "float16"), "cpu")
    full = OnnxBackend(tmp_path, "fp32")
    assert half.why.startswith("cpu in float32")
    inputs = batch(2, 30)
    np.testing.assert_allclose(both(half, inputs), both(full, inputs), atol=1e-4)


@pytest.mark.parametrize("kind", ["torch", "fp32", "int8"])
def test_a_backend_serves_threads_at_once(network: Callable[[str], Path], kind: str) -> None:
    folder = network("bert")
    backend: Backend
    backend = TorchBackend(folder, "cpu") if kind == "torch" else OnnxBackend(folder, kind)
    batches = [batch(rows, 20 + rows) for rows in range(1, 9)]
    expected = [both(backend, inputs) for inputs in batches]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            for found, wanted in zip(
                pool.map(lambda inputs: both(backend, inputs), batches), expected, strict=True
            ):
                np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_onnx_runs_on_all_cores_alone_and_on_one_each_in_a_crowd(
    network: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = OnnxBackend(network("bert"), threads=2)
    used: list[str] = []
    inside = threading.Barrier(2, timeout=60)
    monkeypatch.setattr(backends, "CROWD_SECONDS", 1e6)

    class Recorded:
        def __init__(self, name: str, session: Any) -> None:
            self.name, self.session = name, session

        def run(self, *arguments: Any) -> Any:
            used.append(self.name)
            if crowded:
                inside.wait()
            return self.session.run(*arguments)

    for name in ("_all_cores", "_one_core"):
        monkeypatch.setattr(backend, name, Recorded(name, getattr(backend, name)))
    crowded = False
    backend(batch(1, 20))
    assert used == ["_all_cores"]
    crowded = True
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(backend, [batch(1, 20)] * 2))
    crowded = False
    backend(batch(1, 20))
    assert used[1:] == ["_all_cores", "_one_core", "_one_core"]
    monkeypatch.setattr(backends, "CROWD_SECONDS", 0.0)
    backend(batch(1, 20))
    assert used[4:] == ["_all_cores"]


@pytest.mark.parametrize("kind", ["torch", "fp32", "int8"])
@pytest.mark.parametrize(
    "inputs",
    [batch(1, 140), {**batch(1, 9), "input_ids": np.full((1, 9), VOCABULARY + 5)}],
    ids=["more tokens than positions", "a token outside the vocabulary"],
)
def test_what_a_model_cannot_take_is_a_model_error(
    network: Callable[[str], Path], kind: str, inputs: Inputs
) -> None:
    folder = network("bert")
    backend: Backend
    backend = TorchBackend(folder, "cpu") if kind == "torch" else OnnxBackend(folder, kind)
    with pytest.raises(ModelError, match=f"a batch of 1x{inputs['input_ids'].shape[1]} tokens"):
        backend(inputs)


def test_auto_is_onnx_in_eight_bits_on_a_cpu(
    network: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPANLOOP_DEVICE", "cpu")
    assert load_backend(network("bert")).name == "onnx-int8"
    assert load_backend(network("bert"), "onnx-fp32").name == "onnx-fp32"
    assert load_backend(network("bert"), "torch", threads=1).name == "torch-cpu"


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_named(
    network: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    if getattr(torch, device).is_available():
        pytest.skip(f"this machine has {device}")
    monkeypatch.setenv("SPANLOOP_DEVICE", device)
    with pytest.raises(ModelError, match=f"{device}.*SPANLOOP_DEVICE asks for it"):
        load_backend(network("bert"))


def test_unknown_settings_are_refused(
    network: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="auto, torch, onnx, onnx-fp32, found 'tensorrt'"):
        load_backend(network("bert"), "tensorrt")
    with pytest.raises(InputError, match="at least 1 thread, found 0"):
        load_backend(network("bert"), threads=0)
    monkeypatch.setenv("SPANLOOP_DEVICE", "tpu")
    with pytest.raises(
        InputError, match="SPANLOOP_DEVICE: expected 'cpu', 'cuda' or 'mps', found 'tpu'"
    ):
        load_backend(network("bert"))


def test_threads_are_those_this_process_may_use() -> None:
    assert 1 <= cpu_count() <= len(os.sched_getaffinity(0))
