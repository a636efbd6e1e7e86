"""What the page shows, as HTML. Everything from a visitor or a model is escaped."""
