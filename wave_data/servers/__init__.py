"""PostgreSQL servers and databases to throw away: for tests, and for the verification of queries."""

from wave_data.servers.databases import temporary_database
from wave_data.servers.errors import ServerUnavailable
from wave_data.servers.folders import temporary_folder
from wave_data.servers.postgres import PostgresServer, Source, postgres_server

__all__ = [
    "PostgresServer",
    "ServerUnavailable",
    "Source",
    "postgres_server",
    "temporary_database",
    "temporary_folder",
]
