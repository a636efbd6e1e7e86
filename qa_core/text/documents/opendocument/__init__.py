"""Files of LibreOffice: texts, sheets and slides."""
