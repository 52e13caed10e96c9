-- name: _list_sessions_to_clean
SELECT wave_checkpoints.session_id
FROM wave_checkpoints
JOIN wave_sessions ON wave_sessions.id = wave_checkpoints.session_id
WHERE wave_sessions.status IN ('completed', 'cancelled')
GROUP BY wave_checkpoints.session_id
HAVING count(*) > :keep
LIMIT :limit;
