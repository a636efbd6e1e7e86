"""Who and what comes in: bounds for each visitor, and reasons for those who may not."""
