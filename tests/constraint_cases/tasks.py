"""Rows of tasks, workflows and tool executions that a constraint refuses, and rows that all of them accept."""

from by_hand import NOON

from constraint_cases.samples import ENDED, LONG, UPPER_CASE, Violations

RUNNING = {"status": "running", "started_at": NOON}
CLAIMED = {**RUNNING, "claimed_by": "worker-1", "lease_expires_at": NOON, "attempts": 1, "fence": 1}

VIOLATIONS: Violations = {
    "tasks": {
        "title": [{"title": ""}, {"title": LONG[500]}],
        "task_type": [{"task_type": ""}, {"task_type": LONG[100]}],
        "status": [{"status": "paused"}],
        "config": [{"config": "[]"}],
        "metadata": [{"metadata": "null"}],
        "workspace_path": [{"workspace_path": ""}, {"workspace_path": LONG[4096]}],
        "started_at": [
            {"started_at": NOON},
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
    "workflows": {
        "name": [{"name": ""}, {"name": LONG[255]}],
        "definition": [{"definition": "[]"}],
        "config": [{"config": "[]"}],
        "metadata": [{"metadata": "[]"}],
        "status": [{"status": "running"}],
        "created_at": [{"created_at": "infinity"}],
        "updated_at": [{"updated_at": "infinity"}],
    },
    "workflow_tasks": {
        "sequence": [{"sequence": -1}],
        "config": [{"config": "[]"}],
        "created_at": [{"created_at": "infinity"}],
    },
    "tool_executions": {
        "tool_name": [{"tool_name": ""}, {"tool_name": LONG[255]}],
        "status": [{"status": "cancelled"}],
        "started_at": [{"started_at": NOON}, {"status": "running"}, {**RUNNING, "started_at": "infinity"}],
        "completed_at": [
            {"completed_at": NOON},
            {**RUNNING, "completed_at": NOON},
            {"status": "completed"},
            {"status": "failed"},
            {"status": "timeout"},
            {**ENDED, "completed_at": "infinity"},
        ],
        "duration_ms": [{"duration_ms": -1}],
        "created_at": [{"created_at": "infinity"}],
    },
}

SQLITE_VIOLATIONS: Violations = {
    "tasks": {
        "id": [{"id": UPPER_CASE}],
        "config": [{"config": "{"}],
        "metadata": [{"metadata": "{"}],
        "attempts": [{"attempts": 2**31}],
        "max_attempts": [{"max_attempts": 2**31}],
    },
    "workflows": {"id": [{"id": UPPER_CASE}], "definition": [{"definition": "{"}]},
    "workflow_tasks": {
        "workflow_id": [{"workflow_id": UPPER_CASE}],
        "task_id": [{"task_id": UPPER_CASE}],
        "sequence": [{"sequence": 2**31}],
    },
    "tool_executions": {
        "id": [{"id": UPPER_CASE}],
        "task_id": [{"task_id": UPPER_CASE}],
        "arguments": [{"arguments": "{"}],
        "output": [{"output": "{"}],
    },
}

REFERENCES: dict[str, set[str]] = {"workflow_tasks": {"workflow_id", "task_id"}, "tool_executions": {"task_id"}}

ALLOWED: dict[str, list[dict[str, object]]] = {
    "tasks": [
        {},
        RUNNING,
        CLAIMED,
        ENDED,
        {**ENDED, "claimed_by": "worker-1", "attempts": 1, "fence": 1},
        {"status": "failed", "completed_at": NOON},
        {"status": "cancelled", "started_at": NOON, "completed_at": NOON},
        {"attempts": 3, "max_attempts": 1, "fence": 2**63 - 1},
    ],
    "workflows": [{"status": status} for status in ("draft", "active", "archived", "paused")],
    "workflow_tasks": [{}, {"sequence": 2**31 - 1}],
    "tool_executions": [
        {},
        {"arguments": "[1]", "output": '"text"'},
        {"arguments": "null", "output": "null"},
        RUNNING,
        {**ENDED, "duration_ms": 2**63 - 1},
        {"status": "timeout", "completed_at": NOON},
    ],
}
