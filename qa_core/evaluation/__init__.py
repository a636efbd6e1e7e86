"""How right the answers are, and whether the confidence knows it."""
