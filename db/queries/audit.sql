-- name: record
INSERT INTO audit_log (id, table_name, row_key, action, actor, at, before, after)
VALUES (
    :changes.id, :changes.table_name, :changes.row_key, :changes.action, :changes.actor, :now, :changes.before,
    :changes.after
);

-- name: get, find
SELECT * FROM audit_log
WHERE id = :id;

-- name: find_many, iterate, list_by_row, list_by_actor
SELECT * FROM audit_log
WHERE TRUE
  AND table_name = :table                 --?
  AND row_key = :row_key                  --?
  AND actor = :actor                      --?
  AND at >= :since                        --?
  AND at < :until                         --?
  AND (at, id) < (:cursor.at, :cursor.id) --?
ORDER BY at DESC, id DESC
LIMIT :limit                              --?
;

-- name: count
SELECT count(*) FROM audit_log
WHERE TRUE
  AND table_name = :table --?
  AND at >= :since        --?
  AND at < :until         --?
;

-- name: delete
DELETE FROM audit_log
WHERE id = :id;

-- name: purge_before
DELETE FROM audit_log
WHERE at < :until;
