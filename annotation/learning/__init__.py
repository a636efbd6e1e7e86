"""Learning from reviews: a candidate, judged, and promoted only if better."""
