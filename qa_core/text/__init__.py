"""Texts: files to text, offsets, sentences, excerpts."""
