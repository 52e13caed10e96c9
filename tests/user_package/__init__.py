"""A package as a user writes it: queries, migrations and records of its own, around one `load_queries`."""

from pathlib import Path

from wave_data import load_queries

HOME = Path(__file__).parent
QUERIES = HOME / "queries"
MIGRATIONS = HOME / "migrations"

load_queries(__name__, folder=QUERIES, migrations=MIGRATIONS)
