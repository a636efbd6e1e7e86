"""Will a reviewer accept this answer? A SetFit model that learns it from a few dozen reviews.

A sentence encoder reads the question, the answer and its sentence (SetFit, Tunstall et al. 2022:
it is fine-tuned on pairs of reviewed answers, and a logistic head on its vectors tells the accepted
ones from the others). A second logistic regression weighs its probability with the reader's own
confidence, which knows the logits but not what reviewers accept.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from annotation.review.advice import accepted
from annotation.review.agreement import Consensus
from annotation.review.policy import Policy
from annotation.review.records import Prediction, decided
from annotation.store.store import Store
from qa_core.errors import InputError, ModelError
from qa_core.evaluation import metrics
from qa_core.inference.odds import FloatArray, logit, sigmoid
from qa_core.text.excerpts import excerpt
from qa_core.training.recipes import Recipe, base_model

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from qa_core.inference.answer import Answer

FOLDER = "verifier"  # under SPANLOOP_HOME
FILE = "verifier.json"
TRIAL = "verifier-trial.json"  # under SPANLOOP_HOME
BODY = "all-MiniLM-L6-v2"
# Of 16 pairs. Twice as many at half the rate, on whole texts, tell no better and take four times as
# long (docs/log/verifier.md).
STEPS, LEARNING_RATE, TOKENS = 16, 4e-5, 64
FOLDS = 3
OF_EACH = 2 * FOLDS  # accepted and refused answers, and contexts, at least
THRESHOLD = Policy().threshold
SENTENCE_LENGTH = 400


@dataclass(frozen=True, slots=True)
class Case:
    """A reviewed answer.

    text: what the verifier reads, as `describe` gives it. confidence: the reader's, a probability.
    accepted: whether the reviewers' answer is the reader's. group: cases of one group (a context)
    are never split between folds. model: whose answer it is, "" if that is not known.
    """

    text: str
    confidence: float
    accepted: bool
    group: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """How well accepted answers are told from others, by cross-validation on the reviews.

    auroc and aurc (0 to 1): of the reader's "confidence", the "verifier" alone and "both". used:
    whether both are better than confidence alone (AUROC); if not, the verifier is left unused.
    models: whose answers these were, () if that is not known.
    """

    cases: int
    accepted: int
    auroc: Mapping[str, float]
    aurc: Mapping[str, float]
    used: bool
    models: Sequence[str] = ()

    def save(self, path: Path) -> None:
        """Write it in the place of the one that is there."""
        draft = path.with_name(f".{path.name}")
        draft.write_text(json.dumps(asdict(self)), encoding="utf-8")
        draft.replace(path)

    @classmethod
    def load(cls, path: Path) -> Trial | None:
        """The last trial, None where there is none that can be read."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None


@dataclass(frozen=True, slots=True)
class Logistic:
    """Weights and bias of a logistic regression."""

    weights: tuple[float, ...]
    bias: float

    def probability(self, x: FloatArray) -> FloatArray:
        """float64 ``[n]`` of features ``[n, len(weights)]``."""
        return sigmoid(x @ np.array(self.weights) + self.bias)


class Verifier:
    """An encoder of texts, a head on its vectors, and how its word weighs beside confidence.

    threshold: the probability from which a doubtful answer needs no reviewer. models: whose answers
    it knows, () if that is not known; of others' it may know less than their confidence does.
    """

    def __init__(
        self,
        body: SentenceTransformer,
        head: Logistic,
        mix: Logistic,
        threshold: float = THRESHOLD,
        models: Sequence[str] = (),
    ) -> None:
        self.body, self.head, self.mix = body, head, mix
        self.threshold, self.models = threshold, models

    def alone(self, texts: Sequence[str]) -> FloatArray:
        """Probability that a reviewer accepts each, float64 ``[n]``, by the text alone."""
        return self.head.probability(_vectors(self.body, texts))

    def probability(self, texts: Sequence[str], confidences: Sequence[float]) -> FloatArray:
        """Probability that a reviewer accepts each, float64 ``[n]``, by text and confidence."""
        return self.mix.probability(_log_odds(np.array(confidences), self.alone(texts)))

    def save(self, folder: Path) -> None:
        """Write it in the place of the one that is there; a kill leaves that, this or none."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = _scratch(folder)
        self.body.save(str(draft / "body"))
        record = {
            "format": 1,
            "head": asdict(self.head),
            "mix": asdict(self.mix),
            "threshold": self.threshold,
            "models": list(self.models),
        }
        (draft / FILE).write_text(json.dumps(record), encoding="utf-8")
        discard(folder)
        draft.rename(folder)

    @classmethod
    def load(cls, folder: Path) -> Verifier | None:
        """The verifier of a folder, None if there is none. Raises ModelError."""
        if not folder.exists():
            return None
        from sentence_transformers import SentenceTransformer

        try:
            record = json.loads((folder / FILE).read_text(encoding="utf-8"))
            head, mix = (
                Logistic(tuple(map(float, record[name]["weights"])), float(record[name]["bias"]))
                for name in ("head", "mix")
            )
            threshold = float(record.get("threshold", THRESHOLD))
            models = list(map(str, record.get("models", ())))
            body = SentenceTransformer(str(folder / "body"), device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"expected a verifier in {folder}, found a damaged one ({error}): delete it, or "
                "train it again with `spanloop verifier`"
            ) from error
        return cls(body, head, mix, threshold, models)


def models_of(folder: Path) -> list[str]:
    """Whose answers the verifier of a folder knows, without loading it; [] if that is not known."""
    try:
        return list(map(str, json.loads((folder / FILE).read_text(encoding="utf-8"))["models"]))
    except (OSError, ValueError, KeyError, TypeError):
        return []


def discard(folder: Path) -> None:
    """Let no verifier be in use; a kill leaves the whole one, or none."""
    if folder.exists():
        old = _scratch(folder)
        folder.rename(old / "old")
        shutil.rmtree(old, ignore_errors=True)


def _scratch(folder: Path) -> Path:
    return Path(mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))


def describe(question: str, context: str, said: str | None, span: tuple[int, int] | None) -> str:
    """What the verifier reads: the question, the answer and its sentence.

    said: the answer, None for "no answer". span: where it stands in the context, in code points;
    for "no answer" the nearest span, None if there is none.
    """
    sentence = excerpt(context, [span] if span else [], 1).text.strip()[:SENTENCE_LENGTH]
    return f"{question} | {said or 'the text does not say'} | {sentence}"


def of_prediction(kept: Prediction) -> str:
    """`describe` of a prediction in the store."""
    return of_answer(kept.question, kept.context, kept.answer)


def of_answer(question: str, context: str, answer: Answer) -> str:
    """`describe` of what the reader says."""
    span = next(((one.start, one.end) for one in answer.spans), None)
    return describe(question, context, answer.text if answer.answerable else None, span)


def cases(store: Store) -> list[Case]:
    """The decided predictions of a store that are `telling`."""
    kept = store.predictions()
    return [
        Case(
            of_prediction(one),
            one.answer.confidence,
            accepted(one, merged),
            one.context,
            one.answer.model,
        )
        for one, merged in telling(kept, decided(kept, store.consensus()))
    ]


def telling(
    kept: Sequence[Prediction], known: Sequence[tuple[Prediction, Consensus]]
) -> list[tuple[Prediction, Consensus]]:
    """Those of the decided predictions that are of the models whose answers are still open.

    What reviewers accepted of another reader's answers misleads about this one's, see
    docs/log/verifier.md. All, where none is open. Pure.
    """
    closed = {one.id for one, _ in known}
    models = {one.answer.model for one in kept if one.suggested and one.id not in closed}
    answered = [pair for pair in known if pair[0].suggested]
    return [pair for pair in answered if not models or pair[0].answer.model in models]


def too_few(accepted: int, refused: int, contexts: int) -> str:
    """What is wanting of so many accepted and refused answers to learn from them, "" if nothing.

    contexts: on how many different ones they were found.
    """
    if min(accepted, refused, contexts) >= OF_EACH:
        return ""
    return (
        f"expected at least {OF_EACH} accepted and {OF_EACH} refused answers on {OF_EACH} contexts,"
        f" found {accepted}, {refused} and {contexts}: review some more"
    )


def learn(
    reviewed: Sequence[Case],
    *,
    body: str = BODY,
    steps: int = STEPS,
    seed: int = 13,
    progress: bool = True,
) -> tuple[Verifier, Trial]:
    """Train on all cases, and judge by cross-validation on contexts not trained on.

    body: a sentence-transformer, folder or Hub id. Raises InputError where there are too few
    accepted or too few refused answers to learn from, or contexts to divide.
    """
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

    groups = [case.group for case in reviewed]
    right = np.array([case.accepted for case in reviewed], bool)
    if wanting := too_few(int(right.sum()), int((~right).sum()), len(set(groups))):
        raise InputError(wanting)
    texts = [case.text for case in reviewed]
    confidence = np.array([case.confidence for case in reviewed])
    folds = list(
        StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(texts, right, groups)
    )
    alone = np.empty(len(texts))
    with tqdm(total=FOLDS + 1, desc="verifier", unit=" fits", disable=not progress) as bar:
        for learning, left in folds:
            encoder, head = _fit([texts[i] for i in learning], right[learning], body, steps, seed)
            alone[left] = head.probability(_vectors(encoder, [texts[i] for i in left]))
            bar.update()
        encoder, head = _fit(texts, right, body, steps, seed)
        bar.update()
    x = _log_odds(confidence, alone)
    both = cross_val_predict(_regression(), x, right, cv=folds, method="predict_proba")[:, 1]
    scores = {"confidence": confidence, "verifier": alone, "both": both}
    auroc = {name: metrics.auroc(score, right) for name, score in scores.items()}
    aurc = {name: metrics.aurc(score, right) for name, score in scores.items()}
    mix = _logistic(_regression().fit(x, right))
    used = auroc["both"] > auroc["confidence"]
    models = sorted({case.model for case in reviewed if case.model})
    trial = Trial(len(right), int(right.sum()), auroc, aurc, used, models)
    return Verifier(encoder, head, mix, models=models), trial


def _fit(
    texts: Sequence[str], right: NDArray[np.bool_], body: str, steps: int, seed: int
) -> tuple[SentenceTransformer, Logistic]:
    import torch
    from datasets import Dataset, disable_progress_bars
    from setfit import SetFitModel, Trainer, TrainingArguments
    from transformers import ProgressCallback
    from transformers.utils import logging as transformers_logging

    from qa_core.training.run import precision_for

    disable_progress_bars()  # the bar of `learn` is enough
    transformers_logging.disable_progress_bar()
    for name in ("setfit", "sentence_transformers"):
        logging.getLogger(name).setLevel(logging.ERROR)
    model = SetFitModel.from_pretrained(base_model(body), device="cpu", trust_remote_code=False)
    encoder = model.model_body
    encoder.max_seq_length = min(TOKENS, encoder.max_seq_length or TOKENS)
    with TemporaryDirectory() as scratch:
        arguments = TrainingArguments(
            output_dir=scratch,
            batch_size=16,
            max_steps=steps,
            body_learning_rate=LEARNING_RATE,
            report_to="none",
            save_strategy="no",
            show_progress_bar=False,
            seed=seed,
        )
        labelled = Dataset.from_dict({"text": list(texts), "label": right.astype(int).tolist()})
        trainer = Trainer(model=model, args=arguments, train_dataset=labelled)
        trainer.remove_callback(ProgressCallback)
        trainer.st_trainer.args.dataloader_pin_memory = False  # there is no GPU to copy to
        bfloat16, _ = precision_for(Recipe(), cpu=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            trainer.train()
    return encoder, _logistic(model.model_head)


def _vectors(body: SentenceTransformer, texts: Sequence[str]) -> FloatArray:
    return np.asarray(body.encode(list(texts), show_progress_bar=False), np.float64)


def _regression() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression()


def _logistic(fitted: Any) -> Logistic:
    return Logistic(tuple(fitted.coef_[0].tolist()), float(fitted.intercept_[0]))


def _log_odds(*probabilities: FloatArray) -> FloatArray:
    """float64 ``[n, k]`` of k arrays of probabilities ``[n]``."""
    return logit(np.stack(probabilities, axis=1), least=1e-4)
