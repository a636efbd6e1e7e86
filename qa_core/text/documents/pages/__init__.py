"""Pages that words stand on: PDFs, their pictures, and where each word is."""
