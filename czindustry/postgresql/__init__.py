"""A database engine: Django's own for PostgreSQL, which first sees that the embedded server runs."""
