"""Office files: ZIP archives of XML."""
