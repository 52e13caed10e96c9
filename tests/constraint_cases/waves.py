"""Rows of the wave tables that a constraint refuses, and rows that all of them accept."""

from by_hand import NOON, OTHER_ID

from constraint_cases.samples import ENDED, LONG, UPPER_CASE, Violations

VIOLATIONS: Violations = {
    "wave_sessions": {
        "project_name": [{"project_name": ""}, {"project_name": LONG[255]}],
        "wave_number": [{"wave_number": -1}],
        "status": [{"status": "paused"}],
        "started_at": [
            {"started_at": NOON},
            {"status": "in_progress"},
            {"status": "completed", "completed_at": NOON},
            {"status": "in_progress", "started_at": "infinity"},
        ],
        "completed_at": [
            {"completed_at": NOON},
            {"status": "completed", "started_at": NOON},
            {**ENDED, "completed_at": "infinity"},
            {"status": "failed", "failed_at": NOON, "completed_at": NOON},
        ],
        "failed_at": [
            {"failed_at": NOON},
            {"status": "failed"},
            {"status": "failed", "failed_at": "infinity"},
            {"status": "cancelled", "cancelled_at": NOON, "failed_at": NOON},
        ],
        "cancelled_at": [
            {"cancelled_at": NOON},
            {"status": "cancelled"},
            {"status": "cancelled", "cancelled_at": "infinity"},
        ],
        "budget_usd": [{"budget_usd": -1}],
        "actual_cost_usd": [{"actual_cost_usd": -1}],
        "token_count": [{"token_count": -1}],
        "story_count": [{"story_count": -1}],
        "stories_completed": [{"stories_completed": -1}],
        "stories_failed": [{"stories_failed": -1}],
        "metadata": [{"metadata": "[]"}, {"metadata": "null"}],
        "created_at": [{"created_at": "infinity"}],
        "updated_at": [{"updated_at": "-infinity"}],
    },
    "wave_checkpoints": {
        "checkpoint_type": [{"checkpoint_type": "automatic"}],
        "checkpoint_name": [{"checkpoint_name": ""}, {"checkpoint_name": LONG[255]}],
        "story_id": [{"story_id": ""}, {"story_id": LONG[100]}],
        "gate": [{"gate": "gate-8"}],
        "state": [{"state": "[]"}],
        "agent_id": [{"agent_id": ""}, {"agent_id": LONG[100]}],
        "parent_checkpoint_id": [{"parent_checkpoint_id": OTHER_ID}],
        "created_at": [{"created_at": "infinity"}],
    },
    "wave_story_executions": {
        "story_id": [{"story_id": ""}, {"story_id": LONG[100]}],
        "story_title": [{"story_title": ""}, {"story_title": LONG[255]}],
        "domain": [{"domain": ""}, {"domain": LONG[100]}],
        "agent": [{"agent": ""}, {"agent": LONG[100]}],
        "status": [{"status": "completed", "started_at": NOON}],
        "priority": [{"priority": ""}, {"priority": LONG[20]}],
        "story_points": [{"story_points": -1}],
        "started_at": [
            {"started_at": NOON},
            {"status": "in_progress"},
            {"status": "blocked"},
            {"status": "review"},
            {"status": "complete", "completed_at": NOON},
            {"status": "failed", "failed_at": NOON},
            {"status": "review", "started_at": "infinity"},
        ],
        "completed_at": [
            {"completed_at": NOON},
            {"status": "complete", "started_at": NOON},
            {"status": "complete", "started_at": NOON, "completed_at": "infinity"},
        ],
        "failed_at": [
            {"failed_at": NOON},
            {"status": "failed", "started_at": NOON},
            {"status": "in_progress", "started_at": NOON, "failed_at": NOON},
            {"status": "failed", "started_at": NOON, "failed_at": "infinity"},
        ],
        "cancelled_at": [
            {"cancelled_at": NOON},
            {"status": "cancelled"},
            {"status": "cancelled", "cancelled_at": "infinity"},
        ],
        "token_count": [{"token_count": -1}],
        "cost_usd": [{"cost_usd": -1}],
        "retry_count": [{"retry_count": -1}],
        "max_retries": [{"max_retries": -1}],
        "current_gate": [{"current_gate": "gate-8"}],
        "acceptance_criteria_passed": [{"acceptance_criteria_passed": -1}],
        "acceptance_criteria_total": [
            {"acceptance_criteria_total": -1},
            {"acceptance_criteria_passed": 3, "acceptance_criteria_total": 2},
        ],
        "coverage_achieved": [{"coverage_achieved": -1}],
        "branch_name": [{"branch_name": ""}, {"branch_name": LONG[255]}],
        "commit_sha": [{"commit_sha": ""}, {"commit_sha": LONG[64]}],
        "pr_url": [{"pr_url": ""}, {"pr_url": LONG[2048]}],
        "metadata": [{"metadata": "[]"}],
        "created_at": [{"created_at": "infinity"}],
        "updated_at": [{"updated_at": "infinity"}],
    },
    "wave_charges": {
        "key": [{"key": ""}, {"key": LONG[255]}],
        "cost_usd": [{"cost_usd": -1}],
        "tokens": [{"tokens": -1}],
        "created_at": [{"created_at": "infinity"}],
    },
}

SQLITE_VIOLATIONS: Violations = {
    "wave_sessions": {
        "id": [{"id": "x"}, {"id": UPPER_CASE}],
        "wave_number": [{"wave_number": 2**31}],
        "story_count": [{"story_count": 2**31}],
        "stories_completed": [{"stories_completed": 2**31}],
        "stories_failed": [{"stories_failed": 2**31}],
        "budget_usd": [{"budget_usd": 10**14}],
        "actual_cost_usd": [{"actual_cost_usd": 10**14}],
        "metadata": [{"metadata": "{"}],
        "created_at": [
            {"created_at": "2026-01-01 12:00:00"},
            {"created_at": "2026-01-01T12:00:00.000Z"},
            {"created_at": "2026-01-01T12:00:00.000000+00:00"},
            {"created_at": "2026-13-01T12:00:00.000000Z"},
        ],
    },
    "wave_checkpoints": {
        "id": [{"id": UPPER_CASE}],
        "session_id": [{"session_id": UPPER_CASE}],
        "parent_checkpoint_id": [{"parent_checkpoint_id": UPPER_CASE}],
        "state": [{"state": "{"}],
    },
    "wave_story_executions": {
        "id": [{"id": UPPER_CASE}],
        "session_id": [{"session_id": UPPER_CASE}],
        "story_points": [{"story_points": 2**31}],
        "retry_count": [{"retry_count": 2**31}],
        "max_retries": [{"max_retries": 2**31}],
        "acceptance_criteria_passed": [{"acceptance_criteria_passed": 2**31, "acceptance_criteria_total": 2**31}],
        "acceptance_criteria_total": [{"acceptance_criteria_total": 2**31}],
        "tests_passing": [{"tests_passing": 2}],
        "coverage_achieved": [{"coverage_achieved": 10001}],
        "files_created": [{"files_created": "{}"}, {"files_created": "["}],
        "files_modified": [{"files_modified": "{}"}],
        "cost_usd": [{"cost_usd": 10**14}],
    },
    "wave_charges": {"session_id": [{"session_id": UPPER_CASE}], "cost_usd": [{"cost_usd": 10**14}]},
}

REFERENCES = {
    "wave_checkpoints": {"session_id", "parent_checkpoint_id"},
    "wave_story_executions": {"session_id"},
    "wave_charges": {"session_id"},
}

ALLOWED: dict[str, list[dict[str, object]]] = {
    "wave_sessions": [
        {},
        {"status": "in_progress", "started_at": NOON},
        ENDED,
        {"status": "failed", "failed_at": NOON},
        {"status": "failed", "started_at": NOON, "failed_at": NOON},
        {"status": "cancelled", "cancelled_at": NOON},
        {"status": "cancelled", "started_at": NOON, "cancelled_at": NOON},
        {"project_name": "x" * 255, "wave_number": 2**31 - 1, "token_count": 2**63 - 1, "budget_usd": 0},
    ],
    "wave_checkpoints": [{}, {"gate": "gate-7", "story_id": "S-1", "agent_id": "builder"}],
    "wave_story_executions": [
        {},
        *({"status": status, "started_at": NOON} for status in ("in_progress", "blocked", "review")),
        {"status": "complete", "started_at": NOON, "completed_at": NOON},
        {"status": "failed", "started_at": NOON, "failed_at": NOON},
        {"status": "cancelled", "cancelled_at": NOON},
        {"status": "cancelled", "started_at": NOON, "failed_at": NOON, "cancelled_at": NOON},
        {"acceptance_criteria_passed": 2, "acceptance_criteria_total": 2, "coverage_achieved": 100},
    ],
    "wave_charges": [{}],
}
