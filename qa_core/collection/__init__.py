"""Many documents, and long ones: the most promising passages are read first."""
