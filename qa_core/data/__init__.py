"""Examples to train on and to judge by: read, check, write, split."""
