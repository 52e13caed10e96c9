"""What PostgreSQL says of a statement, on a migrated database."""

from wave_data.check.postgres.analyser import PostgresAnalyser, open_analyser

__all__ = ["PostgresAnalyser", "open_analyser"]
