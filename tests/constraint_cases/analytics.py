"""Rows of the table of refreshes that a constraint refuses, and rows that all of them accept."""

from constraint_cases.samples import LONG, Violations

VIOLATIONS: Violations = {
    "analytics_refreshes": {
        "view_name": [{"view_name": ""}, {"view_name": LONG[100]}],
        "refreshed_at": [{"refreshed_at": "infinity"}],
    },
}

SQLITE_VIOLATIONS: Violations = {}
REFERENCES: dict[str, set[str]] = {}
ALLOWED: dict[str, list[dict[str, object]]] = {}
