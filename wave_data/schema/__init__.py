"""The schema of a live database, read and compared.

Left out are the objects of PostgreSQL extensions, partitions, SQLite's own tables, and dbmate's bookkeeping.
"""

from wave_data.schema.comparison import Difference, differences
from wave_data.schema.model import Column, ForeignKey, Index, Key, Schema, Table, View
from wave_data.schema.postgres import read_postgres
from wave_data.schema.sqlite import read_sqlite
from wave_data.stores.settings import DatabaseUrl

__all__ = [
    "Column",
    "Difference",
    "ForeignKey",
    "Index",
    "Key",
    "Schema",
    "Table",
    "View",
    "differences",
    "read_schema",
]


def read_schema(url: DatabaseUrl) -> Schema:
    """Read the schema of a database. Blocks, and may be called inside a running event loop.

    Raises MigrationError when the database cannot be read.
    """
    return read_postgres(url) if url.path is None else read_sqlite(url.path)
