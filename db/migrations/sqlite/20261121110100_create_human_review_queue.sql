-- migrate:up

CREATE TABLE human_review_queue (
    id               TEXT    NOT NULL,
    thread_id        TEXT    NOT NULL,
    review_type      TEXT    NOT NULL,
    reason           TEXT    NOT NULL,
    safety_score     INTEGER,
    context          TEXT,
    status           TEXT    NOT NULL DEFAULT 'pending',
    resolved_by      TEXT,
    resolved_at      TEXT,
    resolution_notes TEXT,
    created_at       TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT human_review_queue_pkey PRIMARY KEY (id),
    CONSTRAINT human_review_queue_thread_id_fkey
        FOREIGN KEY (thread_id) REFERENCES orchestrator_runs (thread_id) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT human_review_queue_id_check CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT human_review_queue_thread_id_check CHECK (length(thread_id) BETWEEN 1 AND 255),
    CONSTRAINT human_review_queue_review_type_check
        CHECK (review_type IN ('safety', 'gate_override', 'budget_exceeded')),
    CONSTRAINT human_review_queue_reason_check CHECK (length(reason) >= 1),
    -- Hundredths.
    CONSTRAINT human_review_queue_safety_score_check CHECK (safety_score BETWEEN 0 AND 100),
    CONSTRAINT human_review_queue_context_check CHECK (context IS NULL OR json_valid(context)),
    CONSTRAINT human_review_queue_status_check CHECK (status IN ('pending', 'approved', 'rejected')),
    CONSTRAINT human_review_queue_resolved_by_check
        CHECK (length(resolved_by) BETWEEN 1 AND 255 AND (status = 'pending') = (resolved_by IS NULL)),
    CONSTRAINT human_review_queue_resolved_at_check CHECK (
        (status = 'pending') = (resolved_at IS NULL)
        AND (resolved_at IS NULL OR julianday(resolved_at) IS NOT NULL)
        AND resolved_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    ),
    CONSTRAINT human_review_queue_created_at_check CHECK (
        julianday(created_at) IS NOT NULL
        AND created_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

CREATE INDEX idx_human_review_queue_created_at_id ON human_review_queue (created_at, id);
CREATE INDEX idx_human_review_queue_thread_id_created_at_id ON human_review_queue (thread_id, created_at, id);
CREATE INDEX idx_human_review_queue_status_created_at_id ON human_review_queue (status, created_at, id);
CREATE INDEX idx_human_review_queue_review_type_created_at_id ON human_review_queue (review_type, created_at, id);
CREATE INDEX idx_human_review_queue_status_review_type_created_at_id
    ON human_review_queue (status, review_type, created_at, id);

-- migrate:down

DROP TABLE human_review_queue;
