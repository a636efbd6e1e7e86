"""Model folders: found, fetched, checked; and their tokenizers, new and old."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from qa_core.errors import ModelError
from qa_core.models.folder import check_model, load_tokenizer, resolve_model, weight_files
from tests.support import tiny
from tests.support.hub import TOKEN, run, serve
from tests.support.networks import save_network


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_network(tmp_path_factory.mktemp("saved"))


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A model folder of the test's own."""
    return shutil.copytree(saved, tmp_path / "model")


def refused(folder: Path) -> str:
    """Why a folder is no model, in one line that names the place."""
    with pytest.raises(ModelError) as caught:
        check_model(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert str(folder) in message
    return message


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_question_answering_model_passes(folder: Path) -> None:
    assert check_model(folder)["architectures"] == ["BertForQuestionAnswering"]


def test_weights_in_several_files_pass(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    for part, keep in enumerate((True, False), start=1):
        chosen = {name: w for name, w in weights.items() if name.startswith("qa_") == keep}
        save_file(chosen, folder / f"model-{part:05}-of-00002.safetensors")
    check_model(folder)
    assert [path.name[6:11] for path in weight_files(folder)] == ["00001", "00002"]


def test_a_base_encoder_is_refused_with_the_way_to_train_it(tmp_path: Path) -> None:
    message = refused(tiny.save_encoder(tmp_path))
    assert "found BertModel" in message
    assert "head would be random" in message
    assert "spanloop train" in message


def test_a_head_without_weights_is_refused(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    headless = {name: w for name, w in weights.items() if not name.startswith("qa_")}
    save_file(headless, folder / "model.safetensors")
    assert "without the weights of its head" in refused(folder)


@pytest.mark.parametrize("architectures", [None, [], ["BertForSequenceClassification"]])
def test_another_head_is_refused(folder: Path, architectures: object) -> None:
    edit(folder / "config.json", architectures=architectures)
    assert "expected a question-answering model" in refused(folder)


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"a": \ud800}', "\x00\x01"])
def test_a_damaged_config_is_refused(folder: Path, content: str) -> None:
    (folder / "config.json").write_bytes(content.encode(errors="surrogatepass"))
    assert "config.json" in refused(folder)


def test_a_missing_config_is_refused(folder: Path) -> None:
    (folder / "config.json").unlink()
    assert "expected config.json" in refused(folder)


@pytest.mark.parametrize("size", [0, 7, 100, 5000])
def test_truncated_weights_are_refused(folder: Path, size: int) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:size])
    assert "is damaged" in refused(folder)


def test_missing_weights_are_refused(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    assert "expected weights as *.safetensors" in refused(folder)


def test_pickled_weights_are_refused_and_never_opened(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'touch hacked'\ntR.")
    message = refused(folder)
    assert "found pytorch_model.bin" in message
    assert "save_pretrained" in message


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert "found nothing at" in refused(tmp_path / "nowhere")


def test_a_folder_is_its_own_model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve_model(folder) == folder
    assert resolve_model(str(folder)) == folder
    monkeypatch.chdir(folder.parent)
    assert resolve_model("model") == folder


@pytest.mark.parametrize("name", ["./nowhere", "/no/such/folder", "a/b/c", "two words", "", " "])
def test_what_is_neither_folder_nor_hub_id_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match="found no folder"):
        resolve_model(name)


def test_a_file_is_refused_for_its_folder(folder: Path) -> None:
    with pytest.raises(ModelError, match=r"found the file .*model\.safetensors: pass its folder"):
        resolve_model(folder / "model.safetensors")


@pytest.fixture
def hub(saved: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a Hub with an open, a private, a gated and a pickled model."""
    root = tmp_path / "hub"
    for name in ("open", "private", "gated", "pickled"):
        shutil.copytree(saved, root / "team" / name)
    (root / "team/open/optimizer.pt").write_bytes(b"never fetched")
    (root / "team/private/.private").touch()
    (root / "team/gated/.gated").touch()
    pickled = root / "team/pickled/model.safetensors"
    pickled.rename(pickled.with_name("pytorch_model.bin"))
    with serve(root) as address:
        yield address


def fetched(tmp_path: Path, *names: str, **settings: str) -> list[str]:
    """For each model the files that came, or why none did, in a fresh interpreter."""
    script = (
        "import sys\nfrom qa_core.errors import ModelError\nfrom qa_core.models.folder import *\n"
        f"for name, *revision in {[name.split('@') for name in names]!r}:\n"
        "    try: print(*sorted(f.name for f in resolve_model(name, *revision).iterdir()))\n"
        "    except ModelError as error: print(error)\n"
        "print('torch' in sys.modules)\n"
    )
    *answers, torch_imported = run(script, tmp_path, **settings).splitlines()
    assert torch_imported == "False"
    return answers


def test_models_come_from_the_hub_without_pickles(hub: str, tmp_path: Path) -> None:
    names = ("team/open", "team/pickled", "team/none", "team/open@v2", "team/gated", "team/private")
    files, pickled, missing, revision, gated, private = fetched(tmp_path, *names, HF_ENDPOINT=hub)
    assert files == "config.json model.safetensors tokenizer.json tokenizer_config.json"
    assert "found pytorch_model.bin: pickled weights can run code and are refused" in pickled
    assert "neither a folder nor a model team/none on the Hub: check the name" in missing
    assert "team/open has no revision v2" in revision
    assert "team/gated is gated: ask for access on its page, then set HF_TOKEN" in gated
    assert "set HF_TOKEN if it is private" in private


def test_a_token_opens_private_and_gated_models(hub: str, tmp_path: Path) -> None:
    answers = fetched(tmp_path, "team/private", "team/gated", HF_ENDPOINT=hub, HF_TOKEN=TOKEN)
    assert all("model.safetensors" in answer for answer in answers)


def test_a_model_once_fetched_needs_no_network(hub: str, tmp_path: Path) -> None:
    away = {"HF_ENDPOINT": "http://127.0.0.1:9"}
    assert (
        "not in the local cache and the Hub cannot be reached"
        in fetched(tmp_path, "team/open", **away)[0]
    )
    assert "HF_HUB_OFFLINE is set" in fetched(tmp_path, "team/open", HF_HUB_OFFLINE="1")[0]
    fetched(tmp_path, "team/open", HF_ENDPOINT=hub)
    for settings in (away, {"HF_HUB_OFFLINE": "1"}):
        assert "model.safetensors" in fetched(tmp_path, "team/open", **settings)[0]


def test_a_tokenizer_comes_with_its_settings(folder: Path) -> None:
    loaded = load_tokenizer(folder)
    assert (loaded.cls_token_id, loaded.pad_token_id, loaded.padding_side) == (2, 0, "right")
    assert loaded.tokenizer.encode("Who?", "Ines").tokens[0] == "[CLS]"


def test_padding_and_truncation_stored_with_a_tokenizer_are_off(folder: Path) -> None:
    tokenizer = tiny.wordpiece().from_str(tiny.wordpiece().to_str())
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=64)
    tokenizer.save(str(folder / "tokenizer.json"))
    text = "The harbour was opened in 1904"
    assert load_tokenizer(folder).tokenizer.encode(text).ids == tiny.wordpiece().encode(text).ids


def test_special_tokens_are_found_where_older_folders_keep_them(folder: Path) -> None:
    (folder / "special_tokens_map.json").write_text(
        json.dumps({"cls_token": {"content": "[SEP]", "lstrip": False}, "pad_token": "[UNK]"})
    )
    (folder / "tokenizer_config.json").write_text('{"padding_side": "left"}')
    loaded = load_tokenizer(folder)
    assert (loaded.cls_token_id, loaded.pad_token_id, loaded.padding_side) == (3, 1, "left")
    (folder / "special_tokens_map.json").unlink()
    edit(folder / "config.json", pad_token_id=7)
    loaded = load_tokenizer(folder)
    assert (loaded.cls_token_id, loaded.pad_token_id) == (None, 7)


def test_a_vocabulary_alone_is_converted_once(folder: Path) -> None:
    vocabulary = tiny.wordpiece().get_vocab()
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text(
        "".join(f"{token}\n" for token in sorted(vocabulary, key=vocabulary.__getitem__))
    )
    (folder / "tokenizer_config.json").write_text(
        '{"tokenizer_class": "BertTokenizer", "do_lower_case": true, "cls_token": "[CLS]"}'
    )
    text = ("Who opened the harbour?", "The mayor, Ines Soto; it holds 240 boats.")
    for _ in range(2):
        loaded = load_tokenizer(folder)
        assert loaded.tokenizer.encode(*text).ids == tiny.wordpiece().encode(*text).ids
        assert loaded.cls_token_id == 2
    (converted,) = (folder / ".cache").glob("tokenizer-*.json")
    assert np.all([not path.name.startswith("build-") for path in converted.parent.iterdir()])


def test_a_damaged_or_missing_tokenizer_is_refused(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match=r"tokenizer\.json is damaged"):
        load_tokenizer(folder)
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").unlink()
    with pytest.raises(ModelError, match="no tokenizer at all"):
        load_tokenizer(folder)


def test_what_is_no_file_is_refused_without_being_opened(folder: Path) -> None:
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        kept = (folder / name).read_bytes()
        (folder / name).unlink()
        os.mkfifo(folder / name)
        assert f"expected a file at {folder / name}" in refused(folder)
        with pytest.raises(ModelError, match="expected a file at"):
            load_tokenizer(folder)
        (folder / name).unlink()
        (folder / name).symlink_to("/dev/zero")
        assert f"expected a file at {folder / name}" in refused(folder)
        (folder / name).unlink()
        (folder / name).write_bytes(kept)
    check_model(folder)


def test_a_settings_file_too_large_for_one_is_refused(folder: Path) -> None:
    with (folder / "config.json").open("ab") as file:
        file.truncate(2**40)  # a hole: nothing is written
    assert "this is no model's file" in refused(folder)


def test_a_config_nested_without_end_is_refused(folder: Path) -> None:
    (folder / "config.json").write_text('{"a":' * 100_000)
    assert "config.json" in refused(folder)


@pytest.mark.parametrize(
    "name",
    ["vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers"],
)
def test_a_config_of_a_network_larger_than_the_weights_is_refused(folder: Path, name: str) -> None:
    edit(folder / "config.json", **{name: 10**9})
    assert f"found {name} 1000000000 in config.json" in refused(folder)


# A tokenizer.json of a few kB that makes gigabytes, or runs for hours.
BOMBS = {
    "growing": [{"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 16}] * 8,
    "many tokens": [{"type": "Replace", "pattern": {"String": "a"}, "content": "a a a a a a "}],
    "endless": [{"type": "Replace", "pattern": {"Regex": "(1+)+(1+)+(1+)+x"}, "content": ""}],
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_in_a_tokenizer_is_refused(folder: Path, bomb: str) -> None:
    path = folder / "tokenizer.json"
    edit(path, normalizer={"type": "Sequence", "normalizers": BOMBS[bomb]})
    started = time.monotonic()
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        load_tokenizer(folder)
    assert time.monotonic() - started < 30  # 10 s of its own on a machine that does nothing else
