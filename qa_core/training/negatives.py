"""Synthetic unanswerable questions, made from answerable ones. Pure but for TF-IDF."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qa_core.data.examples import Example
from qa_core.evaluation.metrics import normalize_answer

CANDIDATES = 8
# What can be swapped for its like: years, other numbers, and capitalised names, but for the word
# a sentence begins with.
KINDS = [
    re.compile(r"\b(?:1\d|20)\d{2}s?\b(?![.,]\d)"),
    re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![\w]|[.,]\d)"),
    re.compile(r"(?<=[\w,;] )[A-Z]\w+(?:[ -](?:of |the |de |von )?[A-Z]\w+)*"),
]


def misplace(examples: Sequence[Example], count: int, *, seed: int) -> list[Example]:
    """At most ``count`` unanswerable examples made from answerable ones.

    Each pairs a question with the paragraph nearest to it by TF-IDF, its own paragraph left
    out, that holds none of the question's answers (compared as the SQuAD script normalises
    them). Paragraphs of the same title are preferred where there are several; without a title
    all paragraphs without one compete. After Clark & Gardner (2018), section 4.1, who sample
    from a document's TF-IDF-nearest paragraphs. Ids are the question's with ``-misplaced``.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    rng = np.random.default_rng(seed)
    pools: dict[str, dict[str, None]] = defaultdict(dict)
    for example in examples:
        pools[example.title][example.context] = None
    sources = [e for e in examples if e.answers and len(pools[e.title]) > 1]
    chosen = [sources[i] for i in rng.permutation(len(sources))]
    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32)
    if not chosen:
        return []
    vectorizer.fit(pool_text for pool in pools.values() for pool_text in pool)
    vectors: dict[str, tuple[list[str], object]] = {}
    made: list[Example] = []
    for example in chosen:
        if len(made) == count:
            break
        if example.title not in vectors:
            contexts = list(pools[example.title])
            vectors[example.title] = contexts, vectorizer.transform(contexts).T.tocsr()
        contexts, matrix = vectors[example.title]
        likeness = (vectorizer.transform([example.question]) @ matrix).toarray()[0]
        answers = [normalize_answer(gold.text) for gold in example.answers]
        for index in np.argsort(-likeness, kind="stable")[:CANDIDATES].tolist():
            if likeness[index] == 0 or contexts[index] == example.context:
                continue
            text = normalize_answer(contexts[index])
            if not any(answer in text for answer in answers):
                made.append(
                    Example(
                        id=f"{example.id}-misplaced",
                        question=example.question,
                        context=contexts[index],
                        title=example.title,
                    )
                )
                break
    return made


def swap(examples: Sequence[Example], count: int, *, seed: int) -> list[Example]:
    """At most ``count`` unanswerable examples made from answerable ones.

    Each replaces a name, a year or a number of the question with another of its kind: one of
    the same paragraph that the question and its answers do not mention, or one of a different
    paragraph of the same title that this paragraph lacks, whichever a coin decides. After the
    "entity swap" of Rajpurkar et al. (2018), table 1: a fifth of SQuAD v2's unanswerable
    questions. A swapped question can by chance have an answer in its paragraph; a human-written
    question with the same words is never repeated. Ids are the question's with ``-swapped``; the
    answer it had is the plausible one.
    """
    rng = np.random.default_rng(seed)
    pools: dict[str, dict[str, None]] = defaultdict(dict)
    asked: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        pools[example.title][example.context] = None
        asked[example.context].add(example.question)
    mentions = {context: names(context) for pool in pools.values() for context in pool}
    elsewhere = {
        title: [
            sorted({name for context in pool for name in mentions[context][kind]})
            for kind in range(len(KINDS))
        ]
        for title, pool in pools.items()
    }
    sources = [e for e in examples if e.answers]
    made: list[Example] = []
    for index in rng.permutation(len(sources)).tolist():
        if len(made) == count:
            break
        example = sources[index]
        here = mentions[example.context]
        found = [
            (kind, match)
            for kind, like in enumerate(KINDS)
            for match in like.finditer(example.question)
        ]
        if not found:
            continue
        kind, match = found[int(rng.integers(len(found)))]
        known = " ".join([example.question, *(gold.text for gold in example.answers)])
        near = [name for name in here[kind] if name not in known]
        far = [
            name
            for name in elsewhere[example.title][kind]
            if name not in example.context and name not in known
        ]
        choices = (near or far) if rng.random() < 0.5 else (far or near)
        if not choices:
            continue
        other = choices[int(rng.integers(len(choices)))]
        question = example.question[: match.start()] + other + example.question[match.end() :]
        if question not in asked[example.context]:
            made.append(
                replace(
                    example,
                    id=f"{example.id}-swapped",
                    question=question,
                    answers=(),
                    plausible=example.answers,
                    parts=(),
                )
            )
    return made


def names(text: str) -> list[list[str]]:
    """The years, numbers and names in ``text``, each kind sorted and without repetition."""
    return [sorted({match.group() for match in kind.finditer(text)}) for kind in KINDS]
