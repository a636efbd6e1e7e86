"""Model folders: found, checked, converted, run; and which version serves."""
