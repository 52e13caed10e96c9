-- migrate:up

CREATE TABLE human_review_queue (
    id               uuid          NOT NULL DEFAULT gen_random_uuid(),
    thread_id        text          NOT NULL COLLATE "C",
    review_type      text          NOT NULL,
    reason           text          NOT NULL,
    safety_score     numeric(3, 2),
    context          jsonb,
    status           text          NOT NULL DEFAULT 'pending',
    resolved_by      text          COLLATE "C",
    resolved_at      timestamptz,
    resolution_notes text,
    created_at       timestamptz   NOT NULL DEFAULT now(),

    CONSTRAINT human_review_queue_pkey PRIMARY KEY (id),
    CONSTRAINT human_review_queue_thread_id_fkey
        FOREIGN KEY (thread_id) REFERENCES orchestrator_runs (thread_id) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT human_review_queue_thread_id_check CHECK (length(thread_id) BETWEEN 1 AND 255),
    CONSTRAINT human_review_queue_review_type_check
        CHECK (review_type IN ('safety', 'gate_override', 'budget_exceeded')),
    CONSTRAINT human_review_queue_reason_check CHECK (length(reason) >= 1),
    CONSTRAINT human_review_queue_safety_score_check CHECK (safety_score BETWEEN 0 AND 1),
    CONSTRAINT human_review_queue_status_check CHECK (status IN ('pending', 'approved', 'rejected')),
    CONSTRAINT human_review_queue_resolved_by_check
        CHECK (length(resolved_by) BETWEEN 1 AND 255 AND (status = 'pending') = (resolved_by IS NULL)),
    CONSTRAINT human_review_queue_resolved_at_check
        CHECK (isfinite(resolved_at) AND (status = 'pending') = (resolved_at IS NULL)),
    CONSTRAINT human_review_queue_created_at_check CHECK (isfinite(created_at))
);

CREATE INDEX idx_human_review_queue_created_at_id ON human_review_queue (created_at, id);
CREATE INDEX idx_human_review_queue_thread_id_created_at_id ON human_review_queue (thread_id, created_at, id);
CREATE INDEX idx_human_review_queue_status_created_at_id ON human_review_queue (status, created_at, id);
CREATE INDEX idx_human_review_queue_review_type_created_at_id ON human_review_queue (review_type, created_at, id);
CREATE INDEX idx_human_review_queue_status_review_type_created_at_id
    ON human_review_queue (status, review_type, created_at, id);

-- As on orchestrator_runs: besides the owner, only the application's role.
ALTER TABLE human_review_queue ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS human_review_queue_application ON human_review_queue;
DO $$
BEGIN
    EXECUTE format(
        'CREATE POLICY human_review_queue_application ON human_review_queue TO %I USING (TRUE) WITH CHECK (TRUE)',
        coalesce(nullif(current_setting('wave_data.application_role', TRUE), ''), current_user)
    );
END
$$;

-- migrate:down

DROP TABLE human_review_queue;
