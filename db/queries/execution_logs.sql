-- name: create
INSERT INTO execution_logs (
    id, run_id, node_name, status, iteration, execution_time_ms, error_message, timestamp, state_snapshot
)
VALUES (
    :id, :run_id, :node_name, :status, :iteration, :execution_time_ms, :error_message, :timestamp, :state_snapshot
)
RETURNING *;

-- name: _create_many
INSERT INTO execution_logs (
    id, run_id, node_name, status, iteration, execution_time_ms, error_message, timestamp, state_snapshot
)
VALUES (
    :entries.id, :entries.run_id, :entries.node_name, :entries.status, :entries.iteration, :entries.execution_time_ms,
    :entries.error_message, :entries.timestamp, :entries.state_snapshot
);

-- name: get, find
-- one row: the library makes the ids unique; PostgreSQL's key has the timestamp besides, which cuts the partitions
SELECT * FROM execution_logs
WHERE id = :id;

-- name: list_by_run, stream_by_run
SELECT * FROM execution_logs
WHERE run_id = :run_id
  AND status = :status                                  --?
  AND (timestamp, id) > (:cursor.timestamp, :cursor.id) --?
ORDER BY timestamp, id
LIMIT :limit                                            --?
;

-- name: list_by_run_and_node
SELECT * FROM execution_logs
WHERE run_id = :run_id AND node_name = :node_name
  AND (iteration, timestamp, id) > (:cursor.iteration, :cursor.timestamp, :cursor.id) --?
ORDER BY iteration, timestamp, id
LIMIT :limit;

-- name: find_many, iterate
SELECT * FROM execution_logs
WHERE TRUE
  AND node_name = :node_name                            --?
  AND status = :status                                  --?
  AND timestamp >= :since                               --?
  AND timestamp < :until                                --?
  AND (timestamp, id) < (:cursor.timestamp, :cursor.id) --?
ORDER BY timestamp DESC, id DESC
LIMIT :limit                                            --?
;

-- name: count, count_by_run
SELECT count(*) FROM execution_logs
WHERE TRUE
  AND run_id = :run_id       --?
  AND node_name = :node_name --?
  AND status = :status       --?
  AND timestamp >= :since    --?
  AND timestamp < :until     --?
;

-- name: node_stats
-- scan: SQLite goes through the index of nodes, in whose order it need not sort to group
-- A node logs its start and its end; the end counts.
SELECT node_name,
       count(*) FILTER (WHERE status <> 'started') AS executions,
       count(*) FILTER (WHERE status = 'failed') AS failures,
       COALESCE(avg(execution_time_ms), 0) AS avg_execution_time_ms,
       COALESCE(max(execution_time_ms), 0) AS max_execution_time_ms
FROM execution_logs
WHERE TRUE
  AND run_id = :run_id    --?
  AND timestamp >= :since --?
GROUP BY node_name
ORDER BY node_name;

-- name: delete
DELETE FROM execution_logs
WHERE id = :id;

-- name: delete_by_run
DELETE FROM execution_logs
WHERE run_id = :run_id;

-- name: _delete_batch
-- The time stands twice, so that PostgreSQL leaves the partitions of later months alone.
DELETE FROM execution_logs
WHERE timestamp < :until AND (id, timestamp) IN (
    SELECT id, timestamp FROM execution_logs
    WHERE timestamp < :until
    ORDER BY timestamp, id
    LIMIT :batch
);

-- name: list_partitions @postgres
-- not null: name, since, until
SELECT name, since, until FROM execution_log_partitions();

-- name: list_partitions @sqlite
-- SQLite has no partitions.
SELECT '' AS name, '' AS since, '' AS until WHERE FALSE;

-- name: _ensure_partitions @postgres
-- not null: name, since, until
SELECT name, since, until FROM ensure_execution_log_partitions(:now, :months_ahead);

-- name: _ensure_partitions @sqlite
SELECT '' AS name, '' AS since, '' AS until WHERE :months_ahead < 0;

-- name: _drop_partitions_before @postgres
-- not null: name, since, until
SELECT name, since, until FROM drop_execution_log_partitions(:until);

-- name: _drop_partitions_before @sqlite
SELECT '' AS name, '' AS since, '' AS until WHERE :until IS NULL;
