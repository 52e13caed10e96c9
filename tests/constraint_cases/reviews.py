"""Rows of orchestrator runs and human reviews that a constraint refuses, and rows that all of them accept."""

from by_hand import NOON

from constraint_cases.samples import LONG, UPPER_CASE, Violations

DECIDED = {"status": "approved", "resolved_by": "ana", "resolved_at": NOON}

VIOLATIONS: Violations = {
    "orchestrator_runs": {
        "thread_id": [{"thread_id": ""}, {"thread_id": LONG[255]}],
        "story_id": [{"story_id": ""}, {"story_id": LONG[255]}],
        "phase": [{"phase": "done"}],
        "current_agent": [{"current_agent": ""}, {"current_agent": LONG[100]}],
        "gate_status": [{"gate_status": "open"}],
        "safety_score": [{"safety_score": -1}],
        "tokens_used": [{"tokens_used": -1}],
        "cost_usd": [{"cost_usd": -1}],
        "actions_count": [{"actions_count": -1}],
        "started_at": [{"started_at": "infinity"}],
        "completed_at": [
            {"completed_at": NOON},
            {"phase": "complete"},
            {"phase": "failed"},
            {"phase": "failed", "completed_at": "infinity"},
        ],
        "updated_at": [{"updated_at": "infinity"}],
    },
    "human_review_queue": {
        "thread_id": [{"thread_id": ""}, {"thread_id": LONG[255]}],
        "review_type": [{"review_type": "other"}],
        "reason": [{"reason": ""}],
        "safety_score": [{"safety_score": -1}],
        "status": [{**DECIDED, "status": "postponed"}],
        "resolved_by": [
            {"resolved_by": "ana"},
            {**DECIDED, "resolved_by": None},
            {**DECIDED, "resolved_by": ""},
            {**DECIDED, "resolved_by": LONG[255]},
        ],
        "resolved_at": [
            {"resolved_at": NOON},
            {**DECIDED, "resolved_at": None},
            {**DECIDED, "status": "rejected", "resolved_at": "infinity"},
        ],
        "created_at": [{"created_at": "infinity"}],
    },
}

SQLITE_VIOLATIONS: Violations = {
    "orchestrator_runs": {
        "id": [{"id": UPPER_CASE}],
        "project_id": [{"project_id": UPPER_CASE}],
        "safety_score": [{"safety_score": 101}],
        "violations": [{"violations": "{}"}, {"violations": "["}],
        "requires_human_review": [{"requires_human_review": 2}],
        "cost_usd": [{"cost_usd": 10**14}],
        "actions_count": [{"actions_count": 2**31}],
        "files_created": [{"files_created": "{}"}],
    },
    "human_review_queue": {
        "id": [{"id": UPPER_CASE}],
        "safety_score": [{"safety_score": 101}],
        "context": [{"context": "{"}],
    },
}

REFERENCES = {"human_review_queue": {"thread_id"}}

ALLOWED: dict[str, list[dict[str, object]]] = {
    "orchestrator_runs": [
        {},
        {"phase": "complete", "completed_at": NOON},
        {"phase": "failed", "gate_status": "kill", "completed_at": NOON},
        {"thread_id": "x" * 255, "story_id": "x" * 255, "current_agent": "x" * 100, "safety_score": 0},
    ],
    "human_review_queue": [
        {},
        DECIDED,
        {**DECIDED, "status": "rejected"},
        *({"context": value} for value in ("null", "[]", '{"a": 1}')),
        {"safety_score": 1, "reason": "x" * 5000},
    ],
}
