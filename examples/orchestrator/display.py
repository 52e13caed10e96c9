"""What the orchestrator shows: a live table on a terminal, plain lines elsewhere, a final table on both."""

from datetime import UTC, datetime
from decimal import Decimal
from types import TracebackType
from typing import Self

from rich.box import SIMPLE
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from examples.orchestrator.ledger import Attempt
from examples.orchestrator.stories import GATES, Criterion, Story, Wave
from wave_data.flows.recovery import RecoveryStatus, StoryRecovery
from wave_data.tables.wave_sessions import WaveSession
from wave_data.tables.wave_story_executions import WaveStoryExecution

_COLOURS = {"complete": "green", "failed": "red", "cancelled": "yellow", "in_progress": "cyan"}
_WIDTH_WITHOUT_TERMINAL = 120


def display_for(wave: Wave) -> "Display":
    """The display that suits standard output."""
    console = Console(markup=False, highlight=False)
    if console.is_terminal:
        return LiveDisplay(wave, console)
    return Display(wave, Console(markup=False, highlight=False, width=_WIDTH_WITHOUT_TERMINAL))


class Display:
    """Tells what happens line by line."""

    def __init__(self, wave: Wave, console: Console) -> None:
        self.wave = wave
        self.console = console
        self.session: WaveSession | None = None
        self.executions: dict[str, WaveStoryExecution] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pass

    def open(self, session: WaveSession) -> None:
        """A session was opened or found."""
        self.session = session
        self.note(f"Session {session.id}: {session.project_name}, wave {session.wave_number}")

    def recover(self, status: RecoveryStatus) -> None:
        """The session was interrupted."""
        finished = status.completed_stories + status.by_status["failed"]
        self.note(
            f"It was interrupted: {finished} of its {status.total_stories} stories are finished and stay so; recovering"
        )

    def recovered(self, recovery: StoryRecovery) -> None:
        """A story goes on, or does not."""
        self.note(f"{recovery.story_id}: {recovery.status}")

    def running(self, story: Story, criterion: Criterion) -> None:
        """A criterion begins."""
        self.note(_activity(story, criterion))

    def update(self, execution: WaveStoryExecution) -> None:
        """A story was begun or found, or it moved."""
        self.executions[execution.story_id] = execution

    def record(self, attempt: Attempt, execution: WaveStoryExecution) -> None:
        """An attempt was recorded."""
        self.update(execution)
        if attempt.failure is not None:
            left = execution.max_retries - execution.retry_count
            verdict = f"{left} more to try" if execution.is_active else execution.status
            self.note(f"{attempt.story.id}: {attempt.gate} {attempt.failure} ({verdict})")
        elif not execution.is_active:
            self.note(f"{attempt.story.id}: {execution.status}")

    def note(self, line: str) -> None:
        """Print a line."""
        self.console.print(line, soft_wrap=True)

    def close(self, session: WaveSession, executions: list[WaveStoryExecution]) -> None:
        """Print the final table, and why stories are not complete."""
        rows = {execution.story_id: execution for execution in executions}
        self.console.print(_table(self.wave, rows, session))
        for execution in rows.values():
            if remark := _remark(execution):
                self.note(f"{execution.story_id} {execution.status}: {remark}")
        spent = f"{session.actual_cost_usd} of {session.budget_usd} USD spent"
        self.note(f"Session {session.id} {session.status}; {spent}")


class LiveDisplay(Display):
    """Keeps a table and a bar of the gates up to date at the foot of the terminal."""

    def __init__(self, wave: Wave, console: Console) -> None:
        super().__init__(wave, console)
        self._activities: dict[str, str] = {}
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=5, transient=True)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, traceback)

    def running(self, story: Story, criterion: Criterion) -> None:
        """Show the criterion below the table."""
        self._activities[story.id] = _activity(story, criterion)

    def update(self, execution: WaveStoryExecution) -> None:
        """Show the story as it is now."""
        super().update(execution)
        if not execution.is_active:
            self._activities.pop(execution.story_id, None)

    def _render(self) -> Group:
        # Called from the thread that refreshes: it works on copies.
        rows = dict(self.executions)
        gates = sum(_gates_done(execution) for execution in rows.values())
        bar = ProgressBar(total=len(GATES) * len(self.wave.stories), completed=gates, width=60)
        activities = [Text(text, no_wrap=True, overflow="ellipsis") for text in dict(self._activities).values()]
        return Group(_table(self.wave, rows, self.session), *activities, bar)


def _activity(story: Story, criterion: Criterion) -> str:
    return f"{story.id} ({story.agent}): {criterion.gate} {criterion.name}"


def _table(wave: Wave, rows: dict[str, WaveStoryExecution], session: WaveSession | None) -> Table:
    """The stories of a wave; each gate is its digit once passed, `-` skipped, `x` failed, `>` now, `.` ahead."""
    budget = "" if session is None else f", budget {session.budget_usd} USD"
    retries, tokens, cost = (
        str(sum(row.retry_count for row in rows.values())),
        str(sum(row.token_count for row in rows.values())),
        str(sum((row.cost_usd for row in rows.values()), Decimal(0))),
    )
    table = Table(title=f"{wave.project}, wave {wave.number}{budget}", box=SIMPLE, padding=0, show_footer=True)
    table.add_column("Story", "Total")
    table.add_column("Status")
    table.add_column("Gates", no_wrap=True)
    for header, total in {
        "Criteria": "",
        "Retries": retries,
        "Tokens": tokens,
        "Cost USD": cost,
        "Seconds": "",
    }.items():
        table.add_column(header, total, justify="right", no_wrap=True)
    for story in wave.stories:
        table.add_row(*_cells(story, rows.get(story.id)))
    return table


def _cells(story: Story, row: WaveStoryExecution | None) -> list[Text]:
    if row is None:
        return [Text(story.id), Text("not begun", style="dim"), Text("." * len(GATES))]
    numbers = [
        f"{row.acceptance_criteria_passed}/{len(story.criteria)}",
        f"{row.retry_count}/{row.max_retries}",
        f"{row.token_count}",
        f"{row.cost_usd}",
        f"{_seconds(row):.1f}",
    ]
    status = Text(row.status, style=_COLOURS.get(row.status, ""))
    return [Text(story.id), status, Text(_track(story, row)), *map(Text, numbers)]


def _gates_done(row: WaveStoryExecution) -> int:
    return len(GATES) if row.is_successful else GATES.index(row.current_gate)


def _track(story: Story, row: WaveStoryExecution) -> str:
    done = _gates_done(row)
    passed = "".join(str(n) if story.criteria_at(gate) else "-" for n, gate in enumerate(GATES[:done]))
    here = {"failed": "x", "cancelled": "."}.get(row.status, ">")
    return (passed + here + "." * len(GATES))[: len(GATES)]


def _seconds(row: WaveStoryExecution) -> float:
    if row.started_at is None:
        return 0.0
    end = row.completed_at or row.failed_at or row.cancelled_at or datetime.now(UTC)
    return (end - row.started_at).total_seconds()


def _remark(row: WaveStoryExecution) -> str | None:
    if row.status == "failed":
        return row.error_message
    if row.status == "cancelled":
        reason = row.metadata.get("last_transition_reason", row.metadata.get("skip_reason"))
        return None if reason is None else str(reason)
    return None
