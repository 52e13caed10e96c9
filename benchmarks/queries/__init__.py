"""The queries that the library's own tables lack: a package with SQL of its own, as a user writes one."""

from wave_data import load_queries

load_queries(__name__)
