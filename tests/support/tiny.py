"""Tokenizers of the usual families, an encoder and examples, each made in an instant."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from qa_core.data.examples import Example, Gold

CORPUS = [
    "The harbour was opened in 1904 by the mayor, Ines Soto; it holds 240 boats.",
    "Who opened the harbour? How many boats does it hold? When was it built?",
    "Naïve café owners sell crème brûlée — 12 € each — to passers-by. 😀 Ça va?",
    "ابحث عن الجواب في النص. שלום עולם. 東京は日本の首都です。",
    "Anna, Omar and Lena built the boats later.",
] * 4


@cache
def wordpiece() -> Tokenizer:
    """As BERT: ``[CLS] question [SEP] context [SEP]``, lower case, token types."""
    normalizer = normalizers.BertNormalizer(lowercase=True)
    words_of = pre_tokenizers.BertPreTokenizer()
    # Not trained: the library's trainer breaks ties by chance, and gives another one every time.
    words = {
        word
        for text in CORPUS
        for word, _ in words_of.pre_tokenize_str(normalizer.normalize_str(text))
    }
    characters = sorted({*"".join(words), *"abcdefghijklmnopqrstuvwxyz0123456789"})
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    pieces = [*special, *characters, *(f"##{one}" for one in characters), *sorted(words)]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, words_of
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


@cache
def byte_level() -> Tokenizer:
    """As RoBERTa: ``<s> question </s></s> context </s>``, bytes, blanks belong to tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer.train_from_iterator(
        CORPUS,
        trainers.BpeTrainer(
            vocab_size=400,
            special_tokens=special,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        ),
    )
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


@cache
def metaspace() -> Tokenizer:
    """As XLNet: ``question <sep> context <sep> <cls>``, blanks belong to tokens, [CLS] last."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<cls>", "<sep>", "<unk>", "<pad>"]
    tokenizer.train_from_iterator(
        CORPUS, trainers.UnigramTrainer(vocab_size=250, special_tokens=special, unk_token="<unk>")
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A:0 <sep>:0 <cls>:2",
        pair="$A:0 <sep>:0 $B:1 <sep>:1 <cls>:2",
        special_tokens=[("<cls>", 0), ("<sep>", 1)],
    )
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


# Each family with the token that means "no answer" and the one that pads.
FAMILIES = {
    "wordpiece": (wordpiece, "[CLS]", "[PAD]"),
    "byte_level": (byte_level, "<s>", "<pad>"),
    "metaspace": (metaspace, "<cls>", "<pad>"),
}


def save_encoder(folder: Path) -> Path:
    """A BERT of one layer, 32 wide, with random weights and no question-answering head."""
    import torch
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=wordpiece().get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
    )
    BertModel(config).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=wordpiece(),
        cls_token="[CLS]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        unk_token="[UNK]",
        model_max_length=128,
    ).save_pretrained(folder)
    return folder


def examples(count: int) -> list[Example]:
    """Questions on texts of their own, every third one unanswerable."""
    names = ["Ines", "Soto", "Anna", "Omar", "Lena"]
    made = []
    for number in range(count):
        name = names[number % len(names)]
        context = f"The harbour {number} was opened by {name} in {1900 + number}; it holds boats."
        answer = () if number % 3 == 2 else (Gold(name, context.index(name)),)
        asked = "built the cafe" if number % 3 == 2 else f"opened the harbour {number}"
        made.append(Example(f"q{number}", f"Who {asked}?", context, answer))
    return made


def prefixed(prefix: str, examples: Sequence[Example]) -> list[Example]:
    """The same on contexts that begin with other words."""
    return [
        replace(
            e,
            context=prefix + e.context,
            answers=tuple(Gold(g.text, g.start + len(prefix)) for g in e.answers),
        )
        for e in examples
    ]
