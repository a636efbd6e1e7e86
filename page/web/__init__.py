"""A page of static files that answers in the visitor's browser."""
