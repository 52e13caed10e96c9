"""One module per table: its record and its queries."""

from wave_data import package_data
from wave_data.engine import load_queries

load_queries(
    __name__,
    "wave_data.flows",
    folder=package_data.QUERIES,
    migrations=package_data.MIGRATIONS,
    at_once=False,
)
