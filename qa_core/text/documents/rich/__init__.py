"""Rich text files (RTF)."""
