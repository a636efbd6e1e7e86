"""Probabilities, their log-odds, and logits. Pure numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def logit(probability: ArrayLike, least: float = 1e-6) -> FloatArray:
    """Log-odds. A probability nearer than ``least`` to 0 or 1 counts as that near."""
    within = np.clip(np.asarray(probability, np.float64), least, 1 - least)
    return np.log(within) - np.log1p(-within)


def sigmoid(log_odds: ArrayLike) -> FloatArray:
    """Probabilities of log-odds, never quite 0 or 1."""
    return 1 / (1 + np.exp(-np.clip(np.asarray(log_odds, np.float64), -30, 30)))


def softmax(logits: ArrayLike) -> FloatArray:
    """Probabilities ``[n]``, of sum 1, of logits ``[n]``."""
    given = np.asarray(logits, np.float64)
    raised = np.exp(given - given.max())
    return raised / raised.sum()
