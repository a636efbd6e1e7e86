"""Question-answering models of several architectures: tiny, with random weights, in a folder."""

from functools import cache
from pathlib import Path
from typing import Any

from tests.support import tiny

ARCHITECTURES = ("bert", "mpnet", "distilbert", "roberta", "deberta-v2", "modernbert")
VOCABULARY = 300


def config(architecture: str, **changes: Any) -> Any:
    """A transformers configuration of two layers (ModernBERT: three), 32 wide."""
    import transformers

    small: dict[str, Any] = {
        "vocab_size": VOCABULARY,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "max_position_embeddings": 130,
        "pad_token_id": 0,
        **changes,
    }
    match architecture:
        case "bert":
            return transformers.BertConfig(**small)
        case "mpnet":
            return transformers.MPNetConfig(**{**small, "pad_token_id": 1})
        case "distilbert":
            return transformers.DistilBertConfig(
                vocab_size=VOCABULARY, dim=32, n_layers=2, n_heads=4, hidden_dim=64
            )
        case "roberta":
            return transformers.RobertaConfig(**{**small, "pad_token_id": 1}, type_vocab_size=1)
        case "deberta-v2":  # as deberta-v3-base
            return transformers.DebertaV2Config(
                **small,
                relative_attention=True,
                position_buckets=32,
                pos_att_type=["p2c", "c2p"],
                norm_rel_ebd="layer_norm",
                share_att_key=True,
                position_biased_input=False,
                type_vocab_size=0,
            )
        case "modernbert":
            special = dict.fromkeys(("bos_token_id", "cls_token_id"), 2)
            special |= dict.fromkeys(("eos_token_id", "sep_token_id"), 3)
            return transformers.ModernBertConfig(
                **{**small, "num_hidden_layers": 3}, local_attention=16, **special
            )
    raise ValueError(architecture)


@cache
def save_network(
    folder: Path, architecture: str = "bert", dtype: str = "float32", **changes: Any
) -> Path:
    """Save a question-answering model with its tokenizer; the weights are large enough to tell."""
    import torch
    from transformers import AutoModelForQuestionAnswering, PreTrainedTokenizerFast

    torch.manual_seed(0)
    network = AutoModelForQuestionAnswering.from_config(config(architecture, **changes))
    for weight in network.parameters():
        torch.nn.init.normal_(weight, mean=1.0 if weight.dim() == 1 else 0.0, std=0.2)
    network.to(getattr(torch, dtype)).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tiny.wordpiece(),
        cls_token="[CLS]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        unk_token="[UNK]",
    ).save_pretrained(folder)
    return folder
