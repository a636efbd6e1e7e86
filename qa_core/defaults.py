"""Defaults that both a setting and a class of the review loop have."""

REVIEW_THRESHOLD = 0.6  # a probability
RANDOM_SHARE = 0.02
DAILY_BUDGET = 200
ARGILLA_DATASET = "spanloop"
