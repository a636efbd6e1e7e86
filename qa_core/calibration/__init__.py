"""Fitting confidence and the "no answer" threshold."""
