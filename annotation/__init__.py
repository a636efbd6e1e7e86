"""People in the loop: reviewing answers and learning from the reviews."""
