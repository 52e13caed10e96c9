-- migrate:up

CREATE TABLE worktree_zones (
    worktree_id text        NOT NULL COLLATE "C",
    zone_id     text        NOT NULL COLLATE "C",
    assigned_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT worktree_zones_pkey PRIMARY KEY (worktree_id),
    CONSTRAINT worktree_zones_worktree_id_fkey
        FOREIGN KEY (worktree_id) REFERENCES worktrees (id) ON DELETE CASCADE,
    CONSTRAINT worktree_zones_zone_id_fkey FOREIGN KEY (zone_id) REFERENCES zones (id) ON DELETE CASCADE,
    CONSTRAINT worktree_zones_assigned_at_check CHECK (isfinite(assigned_at))
);

CREATE INDEX idx_worktree_zones_zone_id_assigned_at_worktree_id
    ON worktree_zones (zone_id, assigned_at, worktree_id);

-- migrate:down

DROP TABLE worktree_zones;
