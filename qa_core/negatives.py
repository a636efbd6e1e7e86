"""Synthetic unanswerable questions: a question put to a close paragraph that lacks its answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from qa_core.metrics import normalize_answer
from qa_core.squad import Example

CANDIDATES = 8


def synthesize(examples: Sequence[Example], count: int, *, seed: int) -> list[Example]:
    """At most ``count`` unanswerable examples made from answerable ones.

    Each pairs a question with the paragraph nearest to it by TF-IDF, its own paragraph left
    out, that holds none of the question's answers (compared as the SQuAD script normalises
    them). Paragraphs of the same title are preferred where there are several; without a title
    all paragraphs without one compete. After Clark & Gardner (2018), section 4.1, who sample
    from a document's TF-IDF-nearest paragraphs. Ids are the question's with ``-synthetic``.
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
                        id=f"{example.id}-synthetic",
                        question=example.question,
                        context=contexts[index],
                        title=example.title,
                    )
                )
                break
    return made
