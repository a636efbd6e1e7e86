"""Will a reviewer accept an answer? Learned from reviews."""
