"""Rows of graphs, runs and execution logs that a constraint refuses, and rows that all of them accept."""

from by_hand import NOON

from constraint_cases.samples import ENDED, LONG, UPPER_CASE, Violations

RUNNING = {"status": "running", "started_at": NOON}
CLAIMED = {**RUNNING, "claimed_by": "worker-1", "lease_expires_at": NOON, "attempts": 1, "fence": 1}

VIOLATIONS: Violations = {
    "graphs": {
        "name": [{"name": ""}, {"name": LONG[255]}],
        "definition": [{"definition": "[]"}, {"definition": "null"}],
        "version": [{"version": 0}],
        "deleted_at": [
            {"deleted_at": NOON},
            {"is_active": False},
            {"is_active": False, "deleted_at": "infinity"},
        ],
        "created_at": [{"created_at": "infinity"}],
        "updated_at": [{"updated_at": "infinity"}],
    },
    "runs": {
        "run_id": [{"run_id": ""}, {"run_id": LONG[255]}],
        "status": [{"status": "paused"}],
        "initial_state": [{"initial_state": "[]"}],
        "current_state": [{"current_state": "null"}],
        "final_state": [{"final_state": "[]"}],
        "started_at": [
            {"status": "running"},
            {"status": "completed", "completed_at": NOON},
            {"status": "running", "started_at": "infinity"},
        ],
        "completed_at": [
            {"completed_at": NOON},
            {**RUNNING, "completed_at": NOON},
            {"status": "completed", "started_at": NOON},
            {"status": "failed"},
            {"status": "cancelled"},
            {**ENDED, "completed_at": "infinity"},
        ],
        "total_execution_time_ms": [{"total_execution_time_ms": -1}],
        "total_iterations": [{"total_iterations": -1}],
        "deleted_at": [{"deleted_at": "infinity"}],
        "claimed_by": [{**RUNNING, "claimed_by": ""}, {**RUNNING, "claimed_by": LONG[255]}, {"claimed_by": "worker-1"}],
        "lease_expires_at": [
            {**RUNNING, "lease_expires_at": NOON},
            {**ENDED, "claimed_by": "worker-1", "lease_expires_at": NOON},
            {**CLAIMED, "lease_expires_at": "infinity"},
        ],
        "attempts": [{"attempts": -1}],
        "max_attempts": [{"max_attempts": 0}],
        "fence": [{"fence": -1}],
        "created_at": [{"created_at": "infinity"}],
        "updated_at": [{"updated_at": "infinity"}],
    },
    "execution_logs": {
        "node_name": [{"node_name": ""}, {"node_name": LONG[255]}],
        "status": [{"status": "pending"}],
        "iteration": [{"iteration": -1}],
        "execution_time_ms": [{"execution_time_ms": -1}],
        "timestamp": [{"timestamp": "infinity"}],
        "state_snapshot": [{"state_snapshot": "[]"}, {"state_snapshot": "null"}],
    },
}

SQLITE_VIOLATIONS: Violations = {
    "graphs": {
        "id": [{"id": UPPER_CASE}],
        "definition": [{"definition": "{"}],
        "version": [{"version": 2**31}],
        "is_active": [{"is_active": 2, "deleted_at": NOON}],
    },
    "runs": {
        "id": [{"id": UPPER_CASE}],
        "graph_id": [{"graph_id": UPPER_CASE}],
        "initial_state": [{"initial_state": "{"}],
        "current_state": [{"current_state": "{"}],
        "final_state": [{"final_state": "{"}],
        "total_iterations": [{"total_iterations": 2**31}],
        "attempts": [{"attempts": 2**31}],
        "max_attempts": [{"max_attempts": 2**31}],
    },
    "execution_logs": {
        "id": [{"id": UPPER_CASE}],
        "run_id": [{"run_id": UPPER_CASE}],
        "iteration": [{"iteration": 2**31}],
        "state_snapshot": [{"state_snapshot": "{"}],
    },
}

REFERENCES: dict[str, set[str]] = {"runs": {"graph_id"}, "execution_logs": {"run_id"}}

ALLOWED: dict[str, list[dict[str, object]]] = {
    "graphs": [{}, {"version": 2**31 - 1}, {"is_active": False, "deleted_at": NOON}],
    "runs": [
        {},
        RUNNING,
        CLAIMED,
        {**ENDED, "final_state": "{}", "total_execution_time_ms": 0, "total_iterations": 0},
        {**ENDED, "claimed_by": "worker-1", "attempts": 1, "fence": 1, "deleted_at": NOON},
        {"status": "failed", "completed_at": NOON},
        {"status": "cancelled", "started_at": NOON, "completed_at": NOON},
    ],
    "execution_logs": [
        *({"status": status} for status in ("started", "completed", "failed")),
        {"iteration": 2**31 - 1, "execution_time_ms": 0, "state_snapshot": "{}"},
    ],
}
