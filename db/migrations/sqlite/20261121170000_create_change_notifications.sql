-- migrate:up

-- A connection watches the tables by temporary triggers of its own.
SELECT 1;

-- migrate:down

SELECT 1;
