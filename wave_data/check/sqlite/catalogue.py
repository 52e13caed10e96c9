"""The tables and views of a SQLite database, with what each column can hold."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

ROWID_NAMES = ("rowid", "oid", "_rowid_")


@dataclass(frozen=True)
class CatalogueColumn:
    """A column of a table, view or table-valued function. A hidden one is not among those of `*`."""

    name: str
    type: str | None
    nullable: bool
    hidden: bool = False


@dataclass(frozen=True)
class CatalogueTable:
    """A table, view or table-valued function; its columns by their names in small letters, in order."""

    name: str
    columns: Mapping[str, CatalogueColumn]
    is_view: bool = False
    has_rowid: bool = False


@dataclass
class Catalogue:
    """Everything that a FROM clause can name. Names are looked up as SQLite does: in any case."""

    connection: sqlite3.Connection
    tables: dict[str, CatalogueTable] = field(default_factory=dict[str, CatalogueTable])
    views: dict[str, str] = field(default_factory=dict[str, str])
    triggers: frozenset[str] = frozenset()

    def table(self, name: str) -> CatalogueTable | None:
        """The table or view of a name."""
        return self.tables.get(name.lower())

    def function(self, name: str) -> CatalogueTable | None:
        """The table-valued function of a name, such as json_each."""
        rows = self.connection.execute("SELECT * FROM pragma_table_xinfo(?)", (name,)).fetchall()
        known = _NEVER_NULL_IN_JSON if name.lower() in ("json_each", "json_tree") else frozenset[str]()
        columns = {
            row[1].lower(): CatalogueColumn(row[1], row[2] or None, row[1] not in known, row[6] == 1) for row in rows
        }
        return CatalogueTable(name, columns) if columns else None


_NEVER_NULL_IN_JSON = frozenset(("type", "id", "fullkey", "path"))


def read_catalogue(connection: sqlite3.Connection) -> Catalogue:
    """The tables and views of a database. Raises sqlite3.Error."""
    catalogue = Catalogue(connection)
    objects = connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    for kind, name, sql in objects:
        if kind in ("table", "view"):
            catalogue.tables[name.lower()] = _table(connection, name, is_view=kind == "view")
        if kind == "view":
            catalogue.views[name.lower()] = sql
    catalogue.triggers = frozenset(name for kind, name, _ in objects if kind == "trigger")
    return catalogue


def _table(connection: sqlite3.Connection, name: str, *, is_view: bool) -> CatalogueTable:
    rows = connection.execute("SELECT * FROM pragma_table_xinfo(?)", (name,)).fetchall()
    listed = connection.execute("SELECT type, wr FROM pragma_table_list WHERE name = ?", (name,)).fetchone()
    alias = None if is_view else _rowid_alias(connection, name, rows)
    columns = {
        row[1].lower(): CatalogueColumn(row[1], row[2] or None, not row[3] and row[1] != alias, row[6] == 1)
        for row in rows
    }
    return CatalogueTable(name, columns, is_view, has_rowid=listed == ("table", 0))


def _rowid_alias(connection: sqlite3.Connection, name: str, rows: list[tuple[object, ...]]) -> str | None:
    """The column that is the rowid itself, which is never NULL although its declaration does not say so."""
    keys = [row for row in rows if row[5]]
    if len(keys) != 1 or str(keys[0][2]).upper() != "INTEGER":
        return None
    indexed = connection.execute("SELECT 1 FROM pragma_index_list(?) WHERE origin = 'pk'", (name,)).fetchone()
    return str(keys[0][1]) if indexed is None else None
