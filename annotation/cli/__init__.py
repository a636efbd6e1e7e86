"""The command line of the review loop."""
