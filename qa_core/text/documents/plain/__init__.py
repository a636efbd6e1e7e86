"""Kinds of files that are written as text: tables, subtitles, notebooks, JSON and XML."""
