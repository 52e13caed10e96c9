"""Where statements run: PostgreSQL and SQLite, their connections, pools and transactions."""
