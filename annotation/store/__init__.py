"""Predictions and reviews on disk."""
