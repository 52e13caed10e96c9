"""The change feed of SQLite: what this process writes as it commits it, what others write by polling."""

from typing import Any

from wave_data.engine.errors import PoolTimeout
from wave_data.stores.changes import Change, ChangeHub, Operation, read_key
from wave_data.stores.connection import StoreConnection
from wave_data.stores.pool import Pool

NOTE_CHANGE = "note_change"

_KEYS = """
    SELECT tables.name, columns.name
    FROM sqlite_schema AS tables
    LEFT JOIN pragma_table_info(tables.name) AS columns ON columns.pk > 0
    WHERE tables.type = 'table' AND tables.name = ?
    ORDER BY columns.pk
"""
_EVENTS: tuple[tuple[str, Operation, str], ...] = (
    ("INSERT", "create", "NEW"),
    ("UPDATE", "update", "NEW"),
    ("DELETE", "delete", "OLD"),
)


class Recorder:
    """Keeps what triggers note while a statement runs until it is committed."""

    def __init__(self) -> None:
        self.hub: ChangeHub | None = None
        self._noted: list[Change] = []

    @property
    def has_noted(self) -> bool:
        """Whether anything waits to be told or forgotten."""
        return bool(self._noted)

    def note(self, table: str, operation: Operation, *key: Any) -> None:
        """Take a change from a trigger; called in the connection's thread."""
        self._noted.append(Change(table, read_key(key), operation))

    def forget(self) -> None:
        """Drop what was rolled back."""
        self._noted.clear()

    def publish(self) -> None:
        """Tell what was committed; called in the event loop, while the thread has no job."""
        noted, self._noted = self._noted, []
        if self.hub is not None:
            for change in noted:
                self.hub.tell(change)


class SqliteChanges:
    """Watches tables by temporary triggers of the writing connection, and other processes by its data version."""

    def __init__(self, writing: Pool[StoreConnection], recorder: Recorder) -> None:
        self._writing = writing
        self._recorder = recorder
        self._connection: StoreConnection | None = None
        self._watched: set[str] = set()
        self._version: Any = None

    async def run(self, hub: ChangeHub) -> None:
        """Watch the tables of the hub until it has none."""
        self._recorder.hub = hub
        while hub.tables:
            try:
                connection = self._writing.take() or await self._writing.acquire()
            except PoolTimeout:
                continue  # a long transaction has the connection, and nobody else can write meanwhile
            try:
                await self._look(connection, hub)
            finally:
                self._writing.release(connection)
            await hub.wait()

    async def _look(self, connection: StoreConnection, hub: ChangeHub) -> None:
        [(version,)] = await connection.rows("PRAGMA data_version")
        if connection is not self._connection:
            self._connection, self._version = connection, None
            self._watched.clear()
        for table in hub.tables - self._watched:
            await self._watch(connection, table, hub)
        if version != self._version:
            # The version of the connection that writes changes with the commits of all others.
            hub.miss(self._watched)
            self._version = version
        hub.begin(self._watched)

    async def _watch(self, connection: StoreConnection, table: str, hub: ChangeHub) -> None:
        found = await connection.rows(_KEYS, (table,))
        if not found:
            hub.refuse({table})
            return
        columns = [_quoted(column) for _, column in found if column is not None] or ["rowid"]
        text = table.replace("'", "''")
        for event, operation, row in _EVENTS:
            key = ", ".join(f"{row}.{column}" for column in columns)
            await connection.command(
                f"CREATE TEMP TRIGGER IF NOT EXISTS {_quoted(f'{NOTE_CHANGE}_{operation}_{table}')}"
                f" AFTER {event} ON main.{_quoted(table)}"
                f" BEGIN SELECT {NOTE_CHANGE}('{text}', '{operation}', {key}); END"
            )
        self._watched.add(table)


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
