"""The pieces of the page that `app.py` puts together: one module a tab."""
