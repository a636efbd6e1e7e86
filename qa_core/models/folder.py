"""A model folder: found on disk or fetched from the Hub, checked, and its tokenizer loaded."""

import hashlib
import json
import re
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from qa_core import settings
from qa_core.errors import ModelError, one_line
from qa_core.models.derived import built
from qa_core.models.inspection import check_files, check_size, check_tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

# The bundled readers by size, and their folders.
SIZES = {"small": "bundled", "base": "bundled-base"}
CALIBRATION = "calibration.json"
VOCABULARY = ("vocab*", "merges*", "*.model")
TOKENIZER_SETTINGS = (
    "config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
)
# What a Hub repository gives. Weights only as safetensors: a pickle can run code.
HUB_FILES = (
    *TOKENIZER_SETTINGS,
    *VOCABULARY,
    "tokenizer.json",
    "*.safetensors",
    CALIBRATION,
    "training.json",
    "figures.json",
    "README.md",
)
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack")
HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?", re.ASCII)


class LoadedTokenizer(NamedTuple):
    """A fast tokenizer with the settings that windows need."""

    tokenizer: "Tokenizer"
    cls_token_id: int | None
    pad_token_id: int
    padding_side: str


def bundled_model(size: str | None = None) -> Path:
    """The folder of the bundled reader of one of `SIZES`, by default as `SPANLOOP_READER` says."""
    return Path(__file__).parent / SIZES[size or settings.read().reader]


def resolve_model(name_or_path: str | Path, revision: str | None = None) -> Path:
    """The folder of a model: itself if it is one, one of `SIZES`, else fetched from the Hub.

    `HF_TOKEN`, `HF_HUB_OFFLINE`, `HF_ENDPOINT` and `HF_HOME` are honoured. Only the files that
    serving needs are fetched, and weights only as safetensors.

    Raises:
        ModelError: no such folder; or the Hub has no such model, refuses it, cannot be reached,
            or holds its weights only as pickles.
    """
    name = str(name_or_path)
    path = Path(name).expanduser()
    if name and path.is_dir():
        return path.resolve()
    if name in SIZES:
        return bundled_model(name)
    if path.is_file():
        raise ModelError(f"expected a model folder, found the file {name}: pass its folder")
    if isinstance(name_or_path, Path) or not HUB_ID.fullmatch(name) or name.startswith("."):
        raise ModelError(
            f"expected a model folder or a Hub id such as owner/name, found no folder {name}: "
            "check the path"
        )
    return _download(name, revision)


def _download(repo_id: str, revision: str | None) -> Path:
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub import errors as hub

    at = f"{repo_id} (revision {revision})" if revision else repo_id
    try:
        folder = Path(
            snapshot_download(
                repo_id, revision=revision, allow_patterns=list(HUB_FILES), ignore_patterns=["*/*"]
            )
        )
        if any(folder.glob("*.safetensors")):
            return folder
        files = HfApi().list_repo_files(repo_id, revision=revision)
    except hub.GatedRepoError as error:
        raise ModelError(
            f"the model {at} is gated: ask for access on its page, then set HF_TOKEN"
        ) from error
    except hub.RevisionNotFoundError as error:
        raise ModelError(f"the model {repo_id} has no revision {revision}: check it") from error
    except hub.RepositoryNotFoundError as error:
        raise ModelError(
            f"found neither a folder nor a model {at} on the Hub: check the name, or set HF_TOKEN "
            "if it is private"
        ) from error
    except hub.HFValidationError as error:
        raise ModelError(f"expected a Hub id such as owner/name, found {repo_id!r}") from error
    except hub.LocalEntryNotFoundError as error:
        offline = "HF_HUB_OFFLINE is set" if _hub_offline() else "the Hub cannot be reached"
        raise ModelError(
            f"the model {at} is not in the local cache and {offline}: "
            "go online once, or pass a model folder"
        ) from error
    except (hub.HfHubHTTPError, hub.OfflineModeIsEnabled, OSError) as error:
        raise ModelError(f"cannot fetch the model {at} from the Hub: {one_line(error)}") from error
    raise ModelError(_no_safetensors(at, files))


def _hub_offline() -> bool:
    from huggingface_hub import constants

    return bool(constants.is_offline_mode())


def _no_safetensors(where: str, files: list[str]) -> str:
    pickles = sorted(name for name in files if name.endswith(PICKLES))
    if not pickles:
        return f"expected weights as *.safetensors in {where}, found none: not a transformers model"
    return (
        f"expected weights as *.safetensors in {where}, found {pickles[0]}: pickled weights can "
        "run code and are refused; convert them once where you trust them, with transformers: "
        "AutoModelForQuestionAnswering.from_pretrained(...).save_pretrained(FOLDER)"
    )


def read_config(model_dir: Path) -> dict[str, Any]:
    """The model's config.json.

    Raises:
        ModelError: the folder or the file is missing or not a JSON object.
    """
    if not model_dir.is_dir():
        raise ModelError(f"expected a model folder, found nothing at {model_dir}: check the path")
    check_files(model_dir, HUB_FILES)
    config = _read_json(model_dir / "config.json")
    if config is None:
        raise ModelError(
            f"expected config.json in {model_dir}, found none: not a transformers model folder"
        )
    return config


def weight_files(model_dir: Path) -> list[Path]:
    """The model's safetensors files, in a fixed order.

    Raises:
        ModelError: there is none.
    """
    files = sorted(model_dir.glob("model*.safetensors"))
    if not files:
        found = [path.name for path in model_dir.iterdir()]
        raise ModelError(_no_safetensors(str(model_dir), found))
    return files


def read_weights(model_dir: Path) -> "dict[str, NDArray[np.float32]]":
    """The model's weights by name.

    Raises:
        ModelError: there are none, or they are damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    from qa_core.models.packing import unpack

    stored: dict[str, NDArray[Any]] = {}
    for file in weight_files(model_dir):
        try:
            stored |= load_file(file)
        except (SafetensorError, OSError) as error:
            raise ModelError(f"expected weights in {file}, found {one_line(error)}") from error
    return unpack(stored)


def is_packed(model_dir: Path) -> bool:
    """Whether a model's weights are in 8 bits (`qa_core.models.packing`)."""
    from safetensors import safe_open

    from qa_core.models.packing import SCALE

    files = sorted(model_dir.glob("model*.safetensors"))
    if not files:
        return False
    with safe_open(files[0], framework="numpy") as tensors:
        return any(name.endswith(SCALE) for name in tensors.keys())  # noqa: SIM118


def check_model(model_dir: Path) -> dict[str, Any]:
    """Make sure that a folder holds an extractive question-answering model; return its config.

    Reads config.json and the headers of the weights, not the weights themselves.

    Raises:
        ModelError: a file is missing or damaged, or the question-answering head is missing.
    """
    from safetensors import SafetensorError, safe_open

    config = read_config(model_dir)
    shapes: dict[str, list[int]] = {}
    for path in weight_files(model_dir):
        try:
            with safe_open(path, framework="numpy") as tensors:
                shapes |= {name: tensors.get_slice(name).get_shape() for name in tensors.keys()}  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise ModelError(
                f"{path} is damaged ({one_line(error)}): download or copy it again"
            ) from error
    architectures = config.get("architectures") or []
    is_qa = any(str(name).endswith("ForQuestionAnswering") for name in architectures)
    if not is_qa or not any(_is_head(name) for name in shapes):
        found = ", ".join(map(str, architectures)) or "no architecture"
        if is_qa:
            found += " without the weights of its head"
        raise ModelError(
            f"expected a question-answering model (...ForQuestionAnswering) in {model_dir}, found "
            f"{found}: its question-answering head would be random; train one with "
            f"`spanloop train --model {model_dir}`"
        )
    check_size(config, sum(map(prod, shapes.values())), model_dir)
    return config


def _is_head(name: str) -> bool:
    # `qa_outputs` nearly everywhere; ModernBERT calls its head `classifier`.
    return name.startswith(("qa_", "classifier.")) or ".qa_" in name


def load_tokenizer(model_dir: Path, cache_dir: Path | None = None) -> LoadedTokenizer:
    """The model's fast tokenizer, without padding or truncation switched on.

    A folder from before tokenizer.json (a vocabulary only) is converted once by transformers, in
    a process of its own, and the result is cached.

    Raises:
        ModelError: there is no tokenizer, it is damaged, or it cannot be converted.
    """
    from tokenizers import Tokenizer

    check_files(model_dir, HUB_FILES)
    path = model_dir / "tokenizer.json"
    if not path.is_file():
        path = _converted_tokenizer(model_dir, cache_dir)
    check_tokenizer(path, [bundled_model(size) / "tokenizer.json" for size in SIZES])
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises bare Exception
        raise ModelError(
            f"{path} is damaged ({one_line(error)}): download or copy it again"
        ) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    settings = {
        **(_read_json(model_dir / "special_tokens_map.json") or {}),
        **(_read_json(model_dir / "tokenizer_config.json") or {}),
    }

    def id_of(token: str) -> int | None:
        value = settings.get(token)
        text = value.get("content") if isinstance(value, Mapping) else value
        return tokenizer.token_to_id(text) if isinstance(text, str) else None

    pad = id_of("pad_token")
    if pad is None:
        pad = read_config(model_dir).get("pad_token_id")
    return LoadedTokenizer(
        tokenizer,
        cls_token_id=id_of("cls_token"),
        pad_token_id=0 if pad is None else int(pad),
        padding_side=str(settings.get("padding_side", "right")),
    )


def _converted_tokenizer(model_dir: Path, cache_dir: Path | None) -> Path:
    vocabulary = [path for names in VOCABULARY for path in sorted(model_dir.glob(names))]
    if not vocabulary:
        raise ModelError(
            f"expected tokenizer.json in {model_dir}, found no tokenizer at all: "
            "copy it from the model it was trained from"
        )
    settings = [path for name in TOKENIZER_SETTINGS if (path := model_dir / name).is_file()]
    return built("tokenizer", model_dir, [*settings, *vocabulary], cache_dir)


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(
            f"expected a JSON object in {path}, found {one_line(error)}: copy the file again"
        ) from error
    if not isinstance(value, dict):
        raise ModelError(f"expected a JSON object in {path}, found a {type(value).__name__}")
    return value


def version(folder: Path) -> str:
    """Eight hex digits that change with the model's weights or its calibration."""
    digest = hashlib.sha256()
    for path in [*weight_files(folder), folder / CALIBRATION]:
        if path.exists():
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:8]
