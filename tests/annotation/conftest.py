"""Every test of the review loop may ask for a store and a clock."""

from tests.support.predictions import clock, store

__all__ = ["clock", "store"]
