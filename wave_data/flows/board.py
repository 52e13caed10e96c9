"""The board: what lies on it."""

from wave_data.engine import Executor, Record, query


class BoardStats(Record):
    """The numbers of worktrees, zones, worktrees in a zone, and zone executions."""

    worktrees: int
    zones: int
    assignments: int
    executions: int


@query
async def board_stats(db: Executor) -> BoardStats:
    """How much there is on the board, counted at one moment."""
    ...
