"""Argilla: where teams review."""
