"""Rows of the audit log that a constraint refuses, and rows that all of them accept."""

from constraint_cases.samples import LONG, UPPER_CASE, Violations

VIOLATIONS: Violations = {
    "audit_log": {
        "table_name": [{"table_name": ""}, {"table_name": LONG[255]}],
        "row_key": [{"row_key": ""}, {"row_key": LONG[1000]}],
        "action": [{"action": "read"}],
        "actor": [{"actor": ""}, {"actor": LONG[255]}],
        "at": [{"at": "infinity"}],
        "before": [{"before": "[]"}, {"before": "null"}],
        "after": [{"after": "1"}],
    },
}

SQLITE_VIOLATIONS: Violations = {
    "audit_log": {"id": [{"id": UPPER_CASE}], "before": [{"before": "{"}], "after": [{"after": "{"}]},
}

REFERENCES: dict[str, set[str]] = {}

ALLOWED: dict[str, list[dict[str, object]]] = {
    "audit_log": [
        *({"action": action} for action in ("update", "transition", "delete", "restore", "reveal")),
        {"row_key": "*", "actor": "bot", "before": "{}", "after": '{"rows": 2}'},
    ],
}
