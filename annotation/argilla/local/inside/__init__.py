"""What runs inside Argilla's own environment; nothing here is imported elsewhere."""
