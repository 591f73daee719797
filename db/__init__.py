"""What is remembered. One database: SQLite embedded, PostgreSQL at scale; one code for both."""
