"""A confidence as a visitor reads it."""


def percent(probability: float) -> str:
    """A probability as a visitor reads it; never "0%" or "100%", which nothing here deserves."""
    if probability < 0.01:
        return "under 1%"
    if probability > 0.99:
        return "over 99%"
    return f"{probability:.0%}"


def in_words(confidence: float) -> tuple[str, str]:
    """(level, words) for a confidence; the level names the colour of the meter."""
    if confidence >= 0.9:
        return "high", "Very likely right"
    if confidence >= 0.7:
        return "good", "Likely right"
    if confidence >= 0.5:
        return "fair", "Unsure"
    return "low", "Only a guess"
