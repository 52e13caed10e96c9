-- name: list_versions
-- On SQLite dbmate's primary key would allow NULL; dbmate writes none.
-- not null: version
SELECT version FROM schema_migrations
ORDER BY version;
