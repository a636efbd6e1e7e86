"""Extractive question answering: the answer stands in the text, or the text does not say."""
