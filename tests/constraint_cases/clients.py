"""Rows of client sessions and configurations that a constraint refuses, and rows that all of them accept."""

from constraint_cases.samples import LONG, UPPER_CASE, Violations

VIOLATIONS: Violations = {
    "client_sessions": {
        "client_id": [{"client_id": ""}, {"client_id": LONG[255]}],
        "user_id": [{"user_id": ""}, {"user_id": LONG[255]}],
        "connection_type": [{"connection_type": "telnet"}],
        "metadata": [{"metadata": "[]"}],
        "last_heartbeat": [{"last_heartbeat": "infinity"}],
        "created_at": [{"created_at": "infinity"}],
        "updated_at": [{"updated_at": "infinity"}],
    },
    "configurations": {
        "key": [{"key": ""}, {"key": LONG[255]}],
        "value_type": [{"value_type": "text"}],
        "is_encoded": [{"is_encoded": True}],
        "created_at": [{"created_at": "infinity"}],
        "updated_at": [{"updated_at": "infinity"}],
    },
}

SQLITE_VIOLATIONS: Violations = {
    "client_sessions": {
        "id": [{"id": UPPER_CASE}],
        "is_active": [{"is_active": 2}],
        "metadata": [{"metadata": "{"}],
    },
    "configurations": {
        "is_secret": [{"is_secret": 2}],
        "is_encoded": [{"is_secret": True, "is_encoded": 2}],
    },
}

REFERENCES: dict[str, set[str]] = {}

ALLOWED: dict[str, list[dict[str, object]]] = {
    "client_sessions": [
        {},
        {"client_id": "x" * 255, "user_id": "x" * 255, "connection_type": "grpc"},
        {"is_active": False},
    ],
    "configurations": [
        {},
        {"key": "x" * 255, "value": "", "description": ""},
        {"is_secret": True},
        {"is_secret": True, "is_encoded": True},
    ],
}
