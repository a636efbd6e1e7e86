"""Many questions from files."""
