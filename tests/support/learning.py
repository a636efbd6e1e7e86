"""Settings with which a tiny model learns in a moment."""

from annotation.learning.settings import Settings

FAST = Settings(
    epochs=8, learning_rate=2e-3, batch_tokens=600, replay_ratio=1, least_replay=10, interpolation=0
)
