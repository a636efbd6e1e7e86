"""Built files: built once, never half, never stale, never by importing torch here."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from qa_core.errors import ModelError
from qa_core.home import home
from qa_core.models.backends import OnnxBackend
from qa_core.models.derived import built
from tests.support.networks import save_network

INPUTS = {
    "input_ids": np.arange(5, 25).reshape(1, 20),
    "attention_mask": np.ones((1, 20), np.int64),
    "token_type_ids": np.zeros((1, 20), np.int64),
}
LOAD = "import sys; from qa_core.models.backends import *; load_backend(Path(sys.argv[1]), 'onnx')"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_network(tmp_path_factory.mktemp("saved"))


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A model folder of the test's own."""
    return shutil.copytree(saved, tmp_path / "model")


def start(folder: Path, code: str = LOAD) -> subprocess.Popen[str]:
    """A process of its own, the leader of a group, that loads the model."""
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def names(folder: Path) -> list[str]:
    """What the cache beside a model holds, its lock aside."""
    return sorted(path.name for path in (folder / ".cache").iterdir() if path.name != "lock")


def test_the_first_use_builds_and_the_second_does_not(folder: Path) -> None:
    first = OnnxBackend(folder, "int8")(INPUTS)
    (name,) = names(folder)
    assert name.startswith("int8-")
    written = (folder / ".cache" / name).stat()
    second = OnnxBackend(folder, "int8")(INPUTS)
    np.testing.assert_array_equal(first, second)
    assert (folder / ".cache" / name).stat() == written


def test_neither_building_nor_serving_a_bert_imports_torch(folder: Path) -> None:
    heavy = "print(*{'torch', 'transformers', 'onnx', 'datasets'} & set(sys.modules))"
    served = start(folder, f"{LOAD}; {heavy}")
    assert served.communicate()[0].split() == []
    build = "from qa_core.models.onnx.export import *; folder = Path(sys.argv[1])"
    building = start(folder, f"{build}; build('int8', folder, folder / 'int8.onnx'); {heavy}")
    assert building.communicate()[0].split() == ["onnx"]
    assert served.returncode == building.returncode == 0


def test_new_weights_replace_the_old_file(folder: Path) -> None:
    before = OnnxBackend(folder, "int8")(INPUTS)
    OnnxBackend(folder, "fp32")
    old = names(folder)
    weights = load_file(folder / "model.safetensors")
    weights["qa_outputs.bias"] = weights["qa_outputs.bias"] + np.array([3, -2], np.float32)
    save_file(weights, folder / "model.safetensors")
    after = OnnxBackend(folder, "int8")(INPUTS)
    np.testing.assert_allclose(after[0] - before[0], 3, atol=1e-4)
    np.testing.assert_allclose(after[1] - before[1], -2, atol=1e-4)
    new = names(folder)
    assert [name[:4] for name in new] == ["fp32", "int8"]
    assert old[0] == new[0]  # still of the old weights, and not looked at
    assert old[1] != new[1]


def test_a_build_killed_midway_leaves_nothing_that_is_used(folder: Path) -> None:
    process = start(folder)
    while process.poll() is None and not list(folder.glob(".cache/build-*")):
        pass
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert [name[:5] for name in names(folder)] == ["build"]
    OnnxBackend(folder, "int8")(INPUTS)
    assert [name[:5] for name in names(folder)] == ["int8-"]


def test_processes_that_build_at_once_all_succeed(folder: Path) -> None:
    processes = [start(folder) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert len(names(folder)) == 1


def test_a_damaged_file_is_built_again(folder: Path) -> None:
    expected = OnnxBackend(folder, "int8")(INPUTS)
    (name,) = names(folder)
    path = folder / ".cache" / name
    path.write_bytes(path.read_bytes()[:1000])
    np.testing.assert_array_equal(OnnxBackend(folder, "int8")(INPUTS), expected)
    assert names(folder) == [name]


def test_a_folder_that_cannot_be_written_is_left_alone(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".cache").write_text("in the way")
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path / "home"))
    OnnxBackend(folder, "int8")
    (place,) = (tmp_path / "home" / "cache").iterdir()
    assert place.name.startswith("model-")
    assert len(list(place.glob("int8-*.onnx"))) == 1

    monkeypatch.setenv("SPANLOOP_HOME", str(folder / ".cache" / "home"))
    with pytest.raises(ModelError, match="set SPANLOOP_HOME"):
        OnnxBackend(folder, "int8")


def test_models_that_share_a_cache_keep_their_files(saved: Path, tmp_path: Path) -> None:
    first, second = (shutil.copytree(saved, tmp_path / side / "model") for side in "ab")
    for folder in (first, second, first):
        OnnxBackend(folder, "int8", tmp_path / "shared")
    assert len(list((tmp_path / "shared").glob("model-*/int8-*.onnx"))) == 2


def test_a_build_that_fails_says_why_and_leaves_nothing(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "XLNetTokenizer"}')
    (folder / "spiece.model").write_text("not a sentencepiece model")
    with pytest.raises(ModelError, match=r"tokenizer of .* cannot be converted") as caught:
        built("tokenizer", folder, [folder / "config.json"])
    assert "\n" not in str(caught.value)
    assert names(folder) == []


def test_home_is_where_the_user_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", "~/elsewhere")
    assert home() == Path.home() / "elsewhere"
    monkeypatch.delenv("SPANLOOP_HOME")
    assert home().name == "spanloop"
