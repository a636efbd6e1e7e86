"""A model card for a folder that has none."""

from __future__ import annotations

from pathlib import Path

from qa_core.evaluation.figures import Figures
from qa_core.models.folder import CALIBRATION

SCORES = {"exact": "exact match", "f1": "F1"}
USE = """
## Use

```python
from qa_core import Reader

reader = Reader.load("{repository}")
answer = reader.answer("Who opened the harbour?", "Ines Soto opened the harbour in 1904.")
```

SpanLoop marks the words of a text that answer a question, or says that the text does not answer it.
"""


def card(folder: Path, repository: str, licence: str | None = None) -> str:
    """Markdown with the Hub's metadata: the task, the model's use, and what was measured of it.

    Raises ModelError where the folder's figures are damaged.
    """
    from huggingface_hub import EvalResult, ModelCardData

    measured = Figures.load_all(folder)
    results = [
        EvalResult(
            task_type="question-answering",
            dataset_name=", ".join(figures.data),
            dataset_type="spanloop",
            metric_type=name,
            metric_name=shown,
            metric_value=round(figures.scores[name], 1),
        )
        for figures in measured
        for name, shown in SCORES.items()
    ]
    name = repository.partition("/")[2]
    data = ModelCardData(
        model_name=name,
        library_name="spanloop",
        pipeline_tag="question-answering",
        tags=["extractive-question-answering"],
        license=licence,
        eval_results=results or None,
    )
    parts = [f"---\n{data}\n---\n\n# {name}\n", USE.format(repository=repository)]
    if measured:
        parts.append("\n## Measured\n")
    for figures in measured:
        rows = "".join(f"| {shown} | {figures.scores[n]:.1f} % |\n" for n, shown in SCORES.items())
        parts.append(
            f"\nOn {figures.questions:,} questions of {', '.join(figures.data)}, "
            f"{figures.date}:\n\n| | |\n| --- | --- |\n{rows}\n```sh\n{figures.command}\n```\n"
        )
    if (folder / CALIBRATION).exists():
        parts.append(
            f"\nIts confidence is a calibrated probability that its verdict is right; "
            f"`{CALIBRATION}` holds the fit and the no-answer threshold.\n"
        )
    return "".join(parts)
