"""Rows of worktrees, zones and zone executions that a constraint refuses, and rows that all of them accept."""

from constraint_cases.samples import LONG, UPPER_CASE, Violations

VIOLATIONS: Violations = {
    "worktrees": {
        "id": [{"id": ""}, {"id": LONG[100]}],
        "path": [{"path": ""}, {"path": LONG[4096]}],
        "port": [{"port": 0}, {"port": 65536}],
        "branch_name": [{"branch_name": ""}, {"branch_name": LONG[255]}],
        "issue_url": [{"issue_url": ""}, {"issue_url": LONG[2048]}],
        "task_id": [{"task_id": ""}, {"task_id": LONG[255]}],
        "status": [{"status": "paused"}],
        "created_at": [{"created_at": "infinity"}],
        "updated_at": [{"updated_at": "infinity"}],
    },
    "zones": {
        "id": [{"id": ""}, {"id": LONG[100]}],
        "name": [{"name": ""}, {"name": LONG[255]}],
        "trigger": [{'"trigger"': "hourly"}],
        "actions": [{"actions": "{}"}, {"actions": "null"}],
        "size_width": [{"size_width": 0}],
        "size_height": [{"size_height": -1}],
        "created_at": [{"created_at": "infinity"}],
        "updated_at": [{"updated_at": "infinity"}],
    },
    "worktree_zones": {"assigned_at": [{"assigned_at": "infinity"}]},
    "zone_executions": {
        "agent_type": [{"agent_type": ""}, {"agent_type": LONG[100]}],
        "executed_at": [{"executed_at": "infinity"}],
    },
}

SQLITE_VIOLATIONS: Violations = {
    "worktrees": {
        "position_x": [{"position_x": 2**31}, {"position_x": -(2**31) - 1}],
        "position_y": [{"position_y": 2**31}, {"position_y": -(2**31) - 1}],
    },
    "zones": {
        "agents": [{"agents": "{}"}, {"agents": "["}],
        "actions": [{"actions": "["}],
        "position_x": [{"position_x": 2**31}, {"position_x": -(2**31) - 1}],
        "position_y": [{"position_y": 2**31}, {"position_y": -(2**31) - 1}],
        "size_width": [{"size_width": 2**31}],
        "size_height": [{"size_height": 2**31}],
    },
    "zone_executions": {
        "id": [{"id": UPPER_CASE}],
        "result": [{"result": "{"}],
        "success": [{"success": 2}],
    },
}

REFERENCES = {
    "worktree_zones": {"worktree_id", "zone_id"},
    "zone_executions": {"worktree_id", "zone_id"},
}

ALLOWED: dict[str, list[dict[str, object]]] = {
    "worktrees": [
        {},
        *({"status": status} for status in ("inactive", "completed")),
        {"id": "x", "port": 65535, "position_x": -(2**31), "position_y": 2**31 - 1, "task_id": "T-1"},
    ],
    "zones": [{}, {'"trigger"': "scheduled", "size_width": 1, "size_height": 2**31 - 1, "actions": "[]"}],
    "worktree_zones": [{}],
    "zone_executions": [{}, {"success": False, "result": "null"}, {"result": "7", "prompt": ""}],
}
