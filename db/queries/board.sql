-- name: board_stats
SELECT (SELECT count(*) FROM worktrees) AS worktrees,
       (SELECT count(*) FROM zones) AS zones,
       (SELECT count(*) FROM worktree_zones) AS assignments,
       (SELECT count(*) FROM zone_executions) AS executions;
