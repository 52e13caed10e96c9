-- migrate:up

CREATE TABLE wave_checkpoints (
    id                   TEXT NOT NULL,
    session_id           TEXT NOT NULL,
    checkpoint_type      TEXT NOT NULL,
    checkpoint_name      TEXT NOT NULL,
    story_id             TEXT,
    gate                 TEXT,
    state                TEXT NOT NULL,
    agent_id             TEXT,
    parent_checkpoint_id TEXT,
    created_at           TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT wave_checkpoints_pkey PRIMARY KEY (id),
    CONSTRAINT wave_checkpoints_session_id_fkey
        FOREIGN KEY (session_id) REFERENCES wave_sessions (id) ON DELETE CASCADE,
    CONSTRAINT wave_checkpoints_parent_checkpoint_id_fkey
        FOREIGN KEY (parent_checkpoint_id) REFERENCES wave_checkpoints (id) ON DELETE SET NULL,
    CONSTRAINT wave_checkpoints_id_check CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT wave_checkpoints_session_id_check
        CHECK (length(session_id) = 36 AND session_id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT wave_checkpoints_checkpoint_type_check
        CHECK (checkpoint_type IN ('gate', 'story_start', 'story_complete', 'agent_handoff', 'error', 'manual')),
    CONSTRAINT wave_checkpoints_checkpoint_name_check CHECK (length(checkpoint_name) BETWEEN 1 AND 255),
    CONSTRAINT wave_checkpoints_story_id_check CHECK (length(story_id) BETWEEN 1 AND 100),
    CONSTRAINT wave_checkpoints_gate_check
        CHECK (gate IN ('gate-0', 'gate-1', 'gate-2', 'gate-3', 'gate-4', 'gate-5', 'gate-6', 'gate-7')),
    CONSTRAINT wave_checkpoints_state_check
        CHECK (CASE WHEN json_valid(state) THEN json_type(state) = 'object' ELSE FALSE END),
    CONSTRAINT wave_checkpoints_agent_id_check CHECK (length(agent_id) BETWEEN 1 AND 100),
    CONSTRAINT wave_checkpoints_parent_checkpoint_id_check CHECK (
        parent_checkpoint_id <> id
        AND length(parent_checkpoint_id) = 36
        AND parent_checkpoint_id NOT GLOB '*[^0-9a-f-]*'
    ),
    CONSTRAINT wave_checkpoints_created_at_check CHECK (
        julianday(created_at) IS NOT NULL
        AND created_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

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
