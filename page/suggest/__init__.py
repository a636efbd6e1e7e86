"""Questions that a text answers, made of its own words. Pure, light, and offline."""
