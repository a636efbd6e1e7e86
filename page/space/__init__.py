"""A Hugging Face Space that serves the page: what it is made of, and how it is deployed."""
