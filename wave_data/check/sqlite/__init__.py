"""What SQLite says of a statement, on a migrated file."""

from wave_data.check.sqlite.analyser import SqliteAnalyser, open_analyser

__all__ = ["SqliteAnalyser", "open_analyser"]
