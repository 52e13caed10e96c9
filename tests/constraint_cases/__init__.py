"""For each table the rows that a constraint refuses by its name, and rows that all of them accept.

`SQLITE_VIOLATIONS` are what a type of PostgreSQL refuses, and SQLite therefore by a check.
"""

from constraint_cases import analytics, audit, board, clients, graphs, reviews, tasks, waves
from constraint_cases.samples import Violations

_GROUPS = (waves, tasks, board, reviews, graphs, clients, analytics, audit)

VIOLATIONS: Violations = {table: rows for group in _GROUPS for table, rows in group.VIOLATIONS.items()}
SQLITE_VIOLATIONS: Violations = {table: rows for group in _GROUPS for table, rows in group.SQLITE_VIOLATIONS.items()}
REFERENCES: dict[str, set[str]] = {table: names for group in _GROUPS for table, names in group.REFERENCES.items()}
ALLOWED: dict[str, list[dict[str, object]]] = {
    table: rows for group in _GROUPS for table, rows in group.ALLOWED.items()
}
