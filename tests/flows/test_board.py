from wave_data import board, worktree_zones, worktrees, zone_executions, zones


async def test_an_empty_board(db):
    stats = await board.board_stats(db)
    assert (stats.worktrees, stats.zones, stats.assignments, stats.executions) == (0, 0, 0, 0)


async def test_the_board_is_counted(db):
    await zones.seed_defaults(db)
    for number in range(3):
        worktree = await worktrees.create(db, f"/src/{number}", "main")
        if number:
            await worktree_zones.assign(db, worktree.id, "zone-testing")
        for _ in range(2):
            await zone_executions.create(db, "zone-testing", worktree.id, "qa", "Test it.", True)
    stats = await board.board_stats(db)
    assert (stats.worktrees, stats.zones, stats.assignments, stats.executions) == (3, 4, 2, 6)
