"""What the store is kept in: a file of SQLite, or a database of PostgreSQL."""
