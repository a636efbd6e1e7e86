"""One reader for many callers, and for whichever version serves."""
