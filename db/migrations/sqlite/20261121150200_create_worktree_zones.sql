-- migrate:up

CREATE TABLE worktree_zones (
    worktree_id TEXT NOT NULL,
    zone_id     TEXT NOT NULL,
    assigned_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),

    CONSTRAINT worktree_zones_pkey PRIMARY KEY (worktree_id),
    CONSTRAINT worktree_zones_worktree_id_fkey
        FOREIGN KEY (worktree_id) REFERENCES worktrees (id) ON DELETE CASCADE,
    CONSTRAINT worktree_zones_zone_id_fkey FOREIGN KEY (zone_id) REFERENCES zones (id) ON DELETE CASCADE,
    CONSTRAINT worktree_zones_assigned_at_check CHECK (
        julianday(assigned_at) IS NOT NULL
        AND assigned_at GLOB '????-??-??T??:??:??.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
    )
) STRICT;

CREATE INDEX idx_worktree_zones_zone_id_assigned_at_worktree_id
    ON worktree_zones (zone_id, assigned_at, worktree_id);

-- migrate:down

DROP TABLE worktree_zones;
