"""Measurements behind the figures in docs/results.md; each module is a command."""
