"""The views: what sessions, stories, reviews, runs, nodes, tools and zones come to.

The views of runs, nodes, tools and zones are materialised on PostgreSQL: they show what there was when `refresh` last
ran. All other views, and every view on SQLite, show what there is. Days are those of UTC.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, get_args
from uuid import UUID

from wave_data.engine import Executor, Page, Record, query
from wave_data.engine.types import Percent, RoundedFloat, Scale, Text, Usd, UtcDatetime
from wave_data.tables.human_reviews import ReviewType
from wave_data.tables.wave_checkpoints import Gate
from wave_data.tables.wave_sessions import WaveSessionStatus
from wave_data.tables.wave_story_executions import StoryStatus

MaterialisedView = Literal["run_daily_stats", "node_performance", "tool_performance", "zone_activity_daily"]
View = Literal[
    "active_wave_sessions",
    "story_execution_summary",
    "wave_project_costs",
    "review_backlog",
    "run_daily_stats",
    "node_performance",
    "tool_performance",
    "zone_activity_daily",
]

Minutes = Annotated[Decimal, Scale(12, 2)]
UsdTotal = Annotated[Decimal, Scale(38, 6)]


class ActiveWaveSession(Record):
    """A pending or running session; `duration_minutes` is None before its start."""

    shown: ClassVar[tuple[str, ...]] = ("project_name", "wave_number", "status")

    id: UUID
    project_name: str
    wave_number: int
    status: WaveSessionStatus
    started_at: UtcDatetime | None
    duration_minutes: Minutes | None
    budget_usd: Usd
    actual_cost_usd: Usd
    remaining_usd: Usd
    story_count: int
    stories_completed: int
    stories_failed: int
    completion_percentage: Annotated[Decimal, Scale(14, 2)]
    created_at: UtcDatetime


class StoryExecutionSummary(Record):
    """A story's work in a session; `duration_minutes` counts to its end, of a live story to now."""

    shown: ClassVar[tuple[str, ...]] = ("id", "story_id", "status")

    id: UUID
    session_id: UUID
    story_id: str
    story_title: str
    domain: str
    agent: str
    status: StoryStatus
    priority: str | None
    story_points: int | None
    created_at: UtcDatetime
    started_at: UtcDatetime | None
    completed_at: UtcDatetime | None
    failed_at: UtcDatetime | None
    cancelled_at: UtcDatetime | None
    duration_minutes: Minutes | None
    token_count: int
    cost_usd: Usd
    retry_count: int
    max_retries: int
    current_gate: Gate
    acceptance_criteria_passed: int
    acceptance_criteria_total: int
    tests_passing: bool
    coverage_achieved: Percent | None


class WaveProjectCosts(Record):
    """What all sessions of a project cost together."""

    project_name: str
    session_count: int
    budget_usd: UsdTotal
    actual_cost_usd: UsdTotal
    token_count: int
    stories_completed: int
    stories_failed: int


class ReviewBacklog(Record):
    """The reviews of a type that wait for a person; of the oldest, when it was asked for and its age."""

    review_type: ReviewType
    pending_count: int
    oldest_created_at: UtcDatetime | None
    oldest_age_minutes: Minutes | None


class RunDailyStats(Record):
    """The runs of a graph created on a day, without deleted ones.

    The average is that of the completed ones; the rate is what completed, in percent of what ended.
    """

    day: date
    graph_id: UUID
    graph_name: str
    total: int
    pending: int
    running: int
    completed: int
    failed: int
    cancelled: int
    avg_execution_time_ms: RoundedFloat
    success_rate: Percent


class NodePerformance(Record):
    """How often a node was executed in all runs, how often it failed, and how long it took, in milliseconds."""

    node_name: str
    executions: int
    failures: int
    avg_execution_time_ms: RoundedFloat
    max_execution_time_ms: float


class ToolPerformance(Record):
    """The calls of a tool by status; average and 95th percentile of their durations, in milliseconds."""

    tool_name: str
    total: int
    pending: int
    running: int
    completed: int
    failed: int
    timeout: int
    avg_duration_ms: RoundedFloat
    p95_duration_ms: int


class ZoneActivity(Record):
    """What agents of a type did in a zone on a day."""

    day: date
    zone_id: str
    agent_type: str
    total: int
    successful: int
    failed: int


@query
async def active_wave_sessions(
    db: Executor, project_name: Text | None = None, limit: int = 100, cursor: str | None = None
) -> Page[ActiveWaveSession]:
    """Pending and running sessions, newest first."""
    ...


@query
async def story_execution_summary(
    db: Executor,
    session_id: UUID | None = None,
    story_id: Text | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[StoryExecutionSummary]:
    """Stories, newest first."""
    ...


@query
async def wave_project_costs(
    db: Executor, project_name: Text | None = None, limit: int = 100, cursor: str | None = None
) -> Page[WaveProjectCosts]:
    """Projects by name."""
    ...


@query
async def review_backlog(
    db: Executor, review_type: ReviewType | None = None, limit: int = 100, cursor: str | None = None
) -> Page[ReviewBacklog]:
    """Every review type by name, also those of which nothing is pending."""
    ...


@query
async def run_daily_stats(
    db: Executor,
    graph_id: UUID | None = None,
    since: date | None = None,
    until: date | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[RunDailyStats]:
    """Days and graphs on which runs were created, newest day first."""
    ...


@query
async def node_performance(
    db: Executor, node_name: Text | None = None, limit: int = 100, cursor: str | None = None
) -> Page[NodePerformance]:
    """Nodes by name."""
    ...


@query
async def tool_performance(
    db: Executor, tool_name: Text | None = None, limit: int = 100, cursor: str | None = None
) -> Page[ToolPerformance]:
    """Tools by name."""
    ...


@query
async def zone_activity_daily(
    db: Executor,
    zone_id: Text | None = None,
    agent_type: Text | None = None,
    since: date | None = None,
    until: date | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[ZoneActivity]:
    """Days, zones and types of agent with executions, newest day first."""
    ...


async def refresh(db: Executor, view: MaterialisedView | None = None) -> None:
    """Bring a materialised view up to date, or all of them; readers are not kept waiting.

    On SQLite, where views are always up to date, it does nothing. On PostgreSQL only the owner of the views may.
    """
    views: tuple[MaterialisedView, ...] = get_args(MaterialisedView)
    for name in views if view is None else (view,):
        await _refresh(db, name)


@query
async def as_of(db: Executor, view: View) -> UtcDatetime:
    """How fresh a view is: when it was last refreshed, or now where it needs no refreshing."""
    ...


@query
async def _refresh(db: Executor, view: MaterialisedView) -> None: ...
