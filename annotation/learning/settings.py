"""How to learn from reviews, and what a candidate must show. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from qa_core.errors import InputError
from qa_core.flags import setting


@dataclass(frozen=True, slots=True)
class Gate:
    """What a candidate must show. min_gain, max_loss: points of F1.

    It must gain more than ``min_gain`` on the held-out reviews, be ahead on them in a share of
    ``certainty`` (0 to 1) of the resamples, and lose no more than ``max_loss`` on the regression
    set. On held-out replay the whole interval must not lie below that loss. With fewer than
    ``min_questions`` held-out reviews nothing can be told.
    """

    min_gain: float = setting(0.0, "F1 points to gain on the held-out reviews, more than.")
    max_loss: float = setting(0.5, "F1 points that the regression set may lose.")
    certainty: float = setting(0.8, "Share of resamples in which it must be ahead.")
    min_questions: int = 10

    def __post_init__(self) -> None:
        if not 0 <= self.certainty <= 1:
            raise InputError(f"certainty: expected 0 to 1, found {self.certainty}")
        if self.max_loss < 0:
            raise InputError(f"max_loss: expected 0 or more, found {self.max_loss}")


@dataclass(frozen=True, slots=True)
class Settings:
    """How to learn from reviews. The defaults are measured, see docs/log/loop.md.

    interpolation: weight (0 to 1), in the candidate's weights, of those of the model before any
    re-training; the others are fine-tuned from the serving one (Wortsman et al. 2022, "Robust
    fine-tuning of zero-shot models"): less is learned, and less is forgotten, however often.
    held_out: share (0 to 1) of the reviews' paragraphs to judge by, the same ones every time.
    replay_ratio: questions gone over again beside the reviews, for each review; at least
    ``least_replay``. Half of them are of `annotation.learning.material.Material.replay_buffer`.
    """

    epochs: float = setting(3.0, "Passes over reviews and replay.")
    learning_rate: float = setting(1e-4, "Peak learning rate.")
    batch_tokens: int = setting(1400, "Padded tokens a batch.")
    interpolation: float = setting(0.7, "Weight of the model before any re-training in the mean.")
    held_out: float = setting(0.2, "Share of the reviewed texts to judge by.")
    replay_ratio: float = setting(3.0, "Questions to replay for each review.")
    least_replay: int = 300
    seed: int = setting(13, "Seed of all that is random.")
    gate: Gate = field(default_factory=Gate)

    def __post_init__(self) -> None:
        if not 0.01 <= self.held_out <= 0.9:
            raise InputError(f"held_out: expected 0.01 to 0.9, found {self.held_out}")
        if not 0 <= self.interpolation < 1:
            raise InputError(
                f"interpolation: expected 0 to less than 1, found {self.interpolation}"
            )
        if self.replay_ratio < 0:
            raise InputError(f"replay_ratio: expected 0 or more, found {self.replay_ratio}")
