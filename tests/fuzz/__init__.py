"""Random input: more of it with `pytest tests/fuzz --hypothesis-profile long`."""
