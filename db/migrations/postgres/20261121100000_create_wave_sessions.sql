-- migrate:up

-- Shallow merge of the top-level keys; a null in the patch is kept as null.
CREATE OR REPLACE FUNCTION json_merge(target jsonb, patch jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target || patch;

-- jsonb_object and not jsonb_build_object, because only the former is immutable.
CREATE OR REPLACE FUNCTION json_put(target jsonb, key text, value text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target || jsonb_object(ARRAY[key, value]);

-- Stable, because to_char may depend on the locale.
CREATE OR REPLACE FUNCTION json_put(target jsonb, key text, value timestamptz) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN target || jsonb_object(ARRAY[key, to_char(value AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')]);

CREATE OR REPLACE FUNCTION json_without(target jsonb, key text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target - key;

-- Keeps each item where it first appears.
CREATE OR REPLACE FUNCTION array_append_distinct(existing text[], added text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(array_agg(item ORDER BY first_position), '{}')
    FROM (
        SELECT item, min(position) AS first_position
        FROM unnest(existing || added) WITH ORDINALITY AS items (item, position)
        GROUP BY item
    ) AS distinct_items
);

-- Shared by every table that has updated_at. Its triggers call it only when an UPDATE left the column unchanged.
-- A statement that assigns the column has set it, even to the time that stands there already.
-- The clock and not the start of the transaction, so that a later statement of it never goes back in time.
CREATE OR REPLACE FUNCTION set_updated_at() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_query() !~* 'updated_at"?\s*=' THEN
        NEW.updated_at := clock_timestamp();
    END IF;
    RETURN NEW;
END
$$;

CREATE TABLE wave_sessions (
    id                uuid           NOT NULL DEFAULT gen_random_uuid(),
    project_name      text           NOT NULL COLLATE "C",
    wave_number       integer        NOT NULL,
    status            text           NOT NULL DEFAULT 'pending',
    started_at        timestamptz,
    completed_at      timestamptz,
    failed_at         timestamptz,
    cancelled_at      timestamptz,
    budget_usd        numeric(14, 6) NOT NULL DEFAULT 2.00,
    actual_cost_usd   numeric(14, 6) NOT NULL DEFAULT 0,
    token_count       bigint         NOT NULL DEFAULT 0,
    story_count       integer        NOT NULL DEFAULT 0,
    stories_completed integer        NOT NULL DEFAULT 0,
    stories_failed    integer        NOT NULL DEFAULT 0,
    metadata          jsonb          NOT NULL DEFAULT '{}',
    created_at        timestamptz    NOT NULL DEFAULT now(),
    updated_at        timestamptz    NOT NULL DEFAULT now(),

    CONSTRAINT wave_sessions_pkey PRIMARY KEY (id),
    CONSTRAINT wave_sessions_project_name_check CHECK (length(project_name) BETWEEN 1 AND 255),
    CONSTRAINT wave_sessions_wave_number_check CHECK (wave_number >= 0),
    CONSTRAINT wave_sessions_status_check
        CHECK (status IN ('pending', 'in_progress', 'completed', 'failed', 'cancelled')),
    CONSTRAINT wave_sessions_started_at_check CHECK (
        isfinite(started_at)
        AND (status <> 'pending' OR started_at IS NULL)
        AND (status NOT IN ('in_progress', 'completed') OR started_at IS NOT NULL)
    ),
    CONSTRAINT wave_sessions_completed_at_check
        CHECK (isfinite(completed_at) AND (status = 'completed') = (completed_at IS NOT NULL)),
    CONSTRAINT wave_sessions_failed_at_check
        CHECK (isfinite(failed_at) AND (status = 'failed') = (failed_at IS NOT NULL)),
    CONSTRAINT wave_sessions_cancelled_at_check
        CHECK (isfinite(cancelled_at) AND (status = 'cancelled') = (cancelled_at IS NOT NULL)),
    -- The upper bound of money refuses NaN, which is greater than every number.
    CONSTRAINT wave_sessions_budget_usd_check CHECK (budget_usd BETWEEN 0 AND 99999999.999999),
    CONSTRAINT wave_sessions_actual_cost_usd_check CHECK (actual_cost_usd BETWEEN 0 AND 99999999.999999),
    CONSTRAINT wave_sessions_token_count_check CHECK (token_count >= 0),
    CONSTRAINT wave_sessions_story_count_check CHECK (story_count >= 0),
    CONSTRAINT wave_sessions_stories_completed_check CHECK (stories_completed >= 0),
    CONSTRAINT wave_sessions_stories_failed_check CHECK (stories_failed >= 0),
    CONSTRAINT wave_sessions_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    CONSTRAINT wave_sessions_created_at_check CHECK (isfinite(created_at)),
    CONSTRAINT wave_sessions_updated_at_check CHECK (isfinite(updated_at))
);

-- One live session per wave, any number of finished ones.
CREATE UNIQUE INDEX wave_sessions_project_name_wave_number_key ON wave_sessions (project_name, wave_number)
    WHERE status IN ('pending', 'in_progress');
CREATE INDEX idx_wave_sessions_created_at_id ON wave_sessions (created_at, id);
CREATE INDEX idx_wave_sessions_created_at_id_live ON wave_sessions (created_at, id)
    WHERE status IN ('pending', 'in_progress');
CREATE INDEX idx_wave_sessions_project_name_created_at_id ON wave_sessions (project_name, created_at, id);
CREATE INDEX idx_wave_sessions_project_name_wave_number_created_at_id
    ON wave_sessions (project_name, wave_number, created_at, id);
CREATE INDEX idx_wave_sessions_status_created_at_id ON wave_sessions (status, created_at, id);

CREATE OR REPLACE TRIGGER wave_sessions_set_updated_at
    BEFORE UPDATE ON wave_sessions FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at)
    EXECUTE FUNCTION set_updated_at();

-- migrate:down

DROP TABLE wave_sessions;
DROP FUNCTION set_updated_at();
DROP FUNCTION array_append_distinct(text[], text[]);
DROP FUNCTION json_without(jsonb, text);
DROP FUNCTION json_put(jsonb, text, timestamptz);
DROP FUNCTION json_put(jsonb, text, text);
DROP FUNCTION json_merge(jsonb, jsonb);
