"""The review loop of a running app: what it keeps, and how it stands."""
