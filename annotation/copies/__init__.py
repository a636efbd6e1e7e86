"""Copies of the store: files here, and a data set on the Hub."""
