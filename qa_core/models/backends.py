"""One call from a batch of windows to its logits, by torch or by ONNX Runtime."""

import contextlib
import math
import os
import platform
import sys
import threading
import time
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from qa_core import settings
from qa_core.errors import InputError, ModelError, one_line
from qa_core.models.derived import built
from qa_core.models.folder import (
    check_model,
    is_packed,
    read_config,
    read_weights,
    weight_files,
)

BACKENDS = ("auto", "torch", "onnx", "onnx-fp32")
DEVICES = ("cpu", "cuda", "mps")
OUTPUTS = ("start_logits", "end_logits")
# Padded tokens a call. On a CPU more only adds padding and leaves the cache: 384 are 1.3 times as
# quick as 4,096.
CPU_TOKENS, GPU_TOKENS = 384, 16_384
CROWD_SECONDS = 0.1


class Backend(Protocol):
    """A model that is ready to run. Safe to call from several threads at once.

    batch_tokens: padded tokens that are quickest to run in one call. workers: calls that are
    quickest to run side by side where many are to be made.
    """

    name: str
    input_names: tuple[str, ...]
    batch_tokens: int
    workers: int

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Start and end logits, float32 [n, L], of the int64 [n, L] inputs in `input_names`."""


def load_backend(
    model_dir: Path,
    backend: str = "auto",
    *,
    cache_dir: Path | None = None,
    threads: int | None = None,
) -> Backend:
    """Load a model folder to run on this machine.

    `onnx` runs on the CPU in 8 bits, `onnx-fp32` on the CPU in full precision, `torch` on the
    device that `choose_device` finds, and `auto` is `torch` on a GPU and `onnx` elsewhere.
    The ONNX forms are built on first use and cached (see `qa_core.models.derived`).

    Raises:
        InputError: the backend, the device or the number of threads is unknown.
        ModelError: the folder holds no usable question-answering model.
    """
    if backend not in BACKENDS:
        raise InputError(f"expected a backend of {', '.join(BACKENDS)}, found {backend!r}")
    if threads is not None and threads < 1:
        raise InputError(f"expected at least 1 thread, found {threads}")
    check_model(model_dir)
    device, why = choose_device()
    if backend == "auto":
        backend = "onnx" if device == "cpu" else "torch"
    if backend == "torch":
        return TorchBackend(model_dir, device, why, threads)
    return OnnxBackend(model_dir, "int8" if backend == "onnx" else "fp32", cache_dir, threads)


def choose_device() -> tuple[str, str]:
    """The device to run on and why, without importing torch.

    `SPANLOOP_DEVICE` decides when set; else an NVIDIA GPU where there is one and the installed
    torch can use it; else the CPU. Apple's GPU (mps) is used when asked for: a small reader is
    quick enough on that CPU, and torch alone takes longer to load than the model takes to answer.

    Raises:
        InputError: `SPANLOOP_DEVICE` is none of cpu, cuda, mps.
    """
    if asked := settings.read().device:
        return asked, "SPANLOOP_DEVICE asks for it"
    if not Path("/proc/driver/nvidia/version").exists():
        return "cpu", "no NVIDIA GPU found"
    try:
        version = metadata.version("torch")
    except metadata.PackageNotFoundError:
        return "cpu", "torch is not installed"
    if version.endswith("+cpu"):
        return "cpu", f"torch {version} is built without CUDA"
    return "cuda", "an NVIDIA GPU was found"


def cpu_count() -> int:
    """Physical cores that this process may use: its affinity and its container's quota count."""
    count = os.cpu_count() or 1
    if sys.platform == "linux":
        allowed = os.sched_getaffinity(0)
        siblings = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
        try:
            count = len({Path(siblings.format(cpu)).read_text() for cpu in allowed})
        except OSError:
            count = len(allowed)
        try:
            quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
            count = min(count, max(1, int(quota) // int(period)))
        except (OSError, ValueError):  # no cgroup v2, or "max": no quota
            pass
    elif platform.machine() in ("x86_64", "AMD64"):
        count = max(1, count // 2)
    return count


def load_torch_model(model_dir: Path, dtype: str = "float32", attention: str | None = None) -> Any:
    """The transformers model of a folder, in evaluation mode, on the CPU.

    Raises:
        ModelError: the folder holds no question-answering model, or a damaged one.
    """
    check_model(model_dir)
    import torch

    try:
        network, missing = torch_network(
            model_dir, dtype=getattr(torch, dtype), attn_implementation=attention
        )
    except Exception as error:  # a model's own code, safetensors and torch raise many kinds
        raise ModelError(f"{model_dir} cannot be loaded: {one_line(error)}") from error
    if missing:
        raise ModelError(
            f"{model_dir} lacks weights that its config.json asks for ({missing[0]} and "
            f"{len(missing) - 1} more): they would be random; copy the model again"
        )
    return network.eval()


def torch_network(model: str | Path, config: Any = None, **options: Any) -> tuple[Any, list[str]]:
    """A transformers network with a question-answering head, and which weights it lacks.

    model: a folder, packed or not (`qa_core.models.packing`), or a Hub id. config: another
    configuration than its own. options: of transformers' ``from_pretrained``. Raises what
    transformers, safetensors and torch raise.
    """
    from transformers import AutoConfig, AutoModelForQuestionAnswering
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder = Path(model)
    if folder.is_dir() and is_packed(folder):
        import torch

        own = config or AutoConfig.from_pretrained(folder, trust_remote_code=False)
        network = AutoModelForQuestionAnswering.from_config(own, trust_remote_code=False, **options)
        state = {name: torch.from_numpy(weight) for name, weight in read_weights(folder).items()}
        return network, sorted(network.load_state_dict(state, strict=False).missing_keys)
    network, report = AutoModelForQuestionAnswering.from_pretrained(
        model,
        config=config,
        local_files_only=folder.is_dir(),
        use_safetensors=True if folder.is_dir() else None,
        trust_remote_code=False,
        output_loading_info=True,
        **options,
    )
    return network, sorted(report["missing_keys"])


class TorchBackend:
    """A model run by torch, in float32 (weights stored as float16 stay so on CUDA)."""

    workers = 1

    def __init__(
        self, model_dir: Path, device: str, why: str = "", threads: int | None = None
    ) -> None:
        import torch

        usable = {
            "cpu": True,
            "cuda": torch.cuda.is_available(),
            "mps": torch.backends.mps.is_available(),
        }
        if not usable[device]:
            raise ModelError(
                f"expected torch to reach a {device} device ({why}), found none: "
                "set SPANLOOP_DEVICE=cpu, or install torch for that device"
            )
        stored = read_config(model_dir).get("dtype") or read_config(model_dir).get("torch_dtype")
        dtype = "float16" if device == "cuda" and stored == "float16" else "float32"
        self.name = f"torch-{device}"
        self.why = f"{device} in {dtype}: {why}" if why else f"{device} in {dtype}"
        self.network = load_torch_model(model_dir, dtype).to(device)
        self.batch_tokens = CPU_TOKENS if device == "cpu" else GPU_TOKENS
        self._device = device
        self.input_names = input_names(self.network.config)
        if threads is not None:
            torch.set_num_threads(threads)

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        import torch

        tensors = {
            name: torch.from_numpy(np.ascontiguousarray(inputs[name])).to(self._device)
            for name in self.input_names
        }
        try:
            with torch.inference_mode():
                output = self.network(**tensors)
                both = torch.stack([output.start_logits, output.end_logits]).float().cpu().numpy()
        except (RuntimeError, IndexError) as error:
            raise ModelError(_misfit(inputs, error)) from error
        return both[0], both[1]


class OnnxBackend:
    """A model run by ONNX Runtime on the CPU.

    A call that comes alone runs on all cores. In a crowd, while calls overlap or did so a moment
    ago, each takes one core: threads that share a layer wait for the slowest of them, threads
    that share nothing do not.
    """

    batch_tokens = CPU_TOKENS

    def __init__(
        self,
        model_dir: Path,
        kind: str = "int8",
        cache_dir: Path | None = None,
        threads: int | None = None,
    ) -> None:
        self.workers = threads or cpu_count()
        self._all_cores = _session(kind, model_dir, cache_dir, self.workers)
        self._one_core = self._all_cores
        if self.workers > 1:
            self._one_core = _session(kind, model_dir, cache_dir, 1)
        self._running = 0
        self._overlap = -math.inf  # when calls last overlapped
        self._lock = threading.Lock()
        self.name = f"onnx-{kind}"
        self.why = f"ONNX Runtime on {self.workers} threads in {kind}"
        self.input_names = tuple(given.name for given in self._all_cores.get_inputs())

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        with self._lock:
            now = time.monotonic()
            if self._running:
                self._overlap = now
            crowd = now - self._overlap < CROWD_SECONDS
            self._running += 1
        session = self._one_core if crowd else self._all_cores
        try:
            start, end = session.run(OUTPUTS, {name: inputs[name] for name in self.input_names})
        except Exception as error:  # the many errors of onnxruntime share no base class
            raise ModelError(_misfit(inputs, error)) from error
        finally:
            with self._lock:
                self._running -= 1
        return start, end


def _session(kind: str, model_dir: Path, cache_dir: Path | None, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # The graph comes fused; what ONNX Runtime would fuse beyond that makes it slower.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    sources = [model_dir / "config.json", *weight_files(model_dir)]
    reason = ""
    for _ in range(2):  # again if the disk damaged the cached file
        path = built(kind, model_dir, sources, cache_dir)
        try:
            return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the many errors of onnxruntime share no base class
            reason = one_line(error)
            with contextlib.suppress(OSError):
                path.unlink()
    raise ModelError(f"ONNX Runtime cannot load {path} ({reason}): use the torch backend")


def _misfit(inputs: Mapping[str, np.ndarray], error: Exception) -> str:
    shape = "x".join(map(str, inputs["input_ids"].shape))
    return (
        f"the model cannot take a batch of {shape} tokens ({one_line(error)}): "
        "do its tokenizer and its longest window fit it?"
    )


def input_names(config: Any) -> tuple[str, ...]:
    """The inputs that a transformers model of this configuration tells apart."""
    two_segments = (getattr(config, "type_vocab_size", None) or 0) > 1
    return ("input_ids", "attention_mask", *(("token_type_ids",) if two_segments else ()))
