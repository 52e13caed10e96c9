-- migrate:up

CREATE TABLE wave_checkpoints (
    id                   uuid        NOT NULL DEFAULT gen_random_uuid(),
    session_id           uuid        NOT NULL,
    checkpoint_type      text        NOT NULL,
    checkpoint_name      text        NOT NULL COLLATE "C",
    story_id             text        COLLATE "C",
    gate                 text,
    state                jsonb       NOT NULL,
    agent_id             text        COLLATE "C",
    parent_checkpoint_id uuid,
    created_at           timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT wave_checkpoints_pkey PRIMARY KEY (id),
    CONSTRAINT wave_checkpoints_session_id_fkey
        FOREIGN KEY (session_id) REFERENCES wave_sessions (id) ON DELETE CASCADE,
    CONSTRAINT wave_checkpoints_parent_checkpoint_id_fkey
        FOREIGN KEY (parent_checkpoint_id) REFERENCES wave_checkpoints (id) ON DELETE SET NULL,
    CONSTRAINT wave_checkpoints_checkpoint_type_check
        CHECK (checkpoint_type IN ('gate', 'story_start', 'story_complete', 'agent_handoff', 'error', 'manual')),
    CONSTRAINT wave_checkpoints_checkpoint_name_check CHECK (length(checkpoint_name) BETWEEN 1 AND 255),
    CONSTRAINT wave_checkpoints_story_id_check CHECK (length(story_id) BETWEEN 1 AND 100),
    CONSTRAINT wave_checkpoints_gate_check
        CHECK (gate IN ('gate-0', 'gate-1', 'gate-2', 'gate-3', 'gate-4', 'gate-5', 'gate-6', 'gate-7')),
    CONSTRAINT wave_checkpoints_state_check CHECK (jsonb_typeof(state) = 'object'),
    CONSTRAINT wave_checkpoints_agent_id_check CHECK (length(agent_id) BETWEEN 1 AND 100),
    CONSTRAINT wave_checkpoints_parent_checkpoint_id_check CHECK (parent_checkpoint_id <> id),
    CONSTRAINT wave_checkpoints_created_at_check CHECK (isfinite(created_at))
);

CREATE INDEX idx_wave_checkpoints_created_at_id ON wave_checkpoints (created_at, id);
CREATE INDEX idx_wave_checkpoints_session_id_created_at_id ON wave_checkpoints (session_id, created_at, id);
CREATE INDEX idx_wave_checkpoints_session_id_story_id_created_at_id
    ON wave_checkpoints (session_id, story_id, created_at, id);
CREATE INDEX idx_wave_checkpoints_session_id_checkpoint_type_created_at_id
    ON wave_checkpoints (session_id, checkpoint_type, created_at, id);
CREATE INDEX idx_wave_checkpoints_session_id_gate_created_at_id
    ON wave_checkpoints (session_id, gate, created_at, id);
CREATE INDEX idx_wave_checkpoints_parent_checkpoint_id_created_at_id
    ON wave_checkpoints (parent_checkpoint_id, created_at, id);

-- migrate:down

DROP TABLE wave_checkpoints;
