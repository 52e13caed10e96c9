"""Values that the cases of several tables use."""

from by_hand import NOON

# table -> constrained column -> rows that break its check and no other
Violations = dict[str, dict[str, list[dict[str, object]]]]

LONG = {n: "x" * (n + 1) for n in (20, 64, 100, 255, 500, 1000, 2048, 4096)}
ENDED = {"status": "completed", "started_at": NOON, "completed_at": NOON}
UPPER_CASE = "01900000-0000-7000-8000-00000000000A"
