"""A schema as values that can be compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """A column of a table. `type` and `default` are what the store shows."""

    type: str
    nullable: bool = True
    default: str | None = None
    collation: str | None = None

    def __str__(self) -> str:
        collation = f' COLLATE "{self.collation}"' if self.collation else ""
        default = "" if self.default is None else f" DEFAULT {self.default}"
        return f"{self.type}{collation}{'' if self.nullable else ' NOT NULL'}{default}"


@dataclass(frozen=True)
class Key:
    """A primary key or unique constraint."""

    columns: tuple[str, ...]
    primary: bool

    def __str__(self) -> str:
        return f"{'PRIMARY KEY' if self.primary else 'UNIQUE'} ({', '.join(self.columns)})"


@dataclass(frozen=True)
class ForeignKey:
    """A reference to another table, and what happens here when the row there goes or changes its key."""

    columns: tuple[str, ...]
    table: str
    target_columns: tuple[str, ...]
    on_delete: str
    on_update: str

    def __str__(self) -> str:
        target = f"{self.table} ({', '.join(self.target_columns)})"
        rules = f"ON DELETE {self.on_delete} ON UPDATE {self.on_update}"
        return f"({', '.join(self.columns)}) REFERENCES {target} {rules}"


@dataclass(frozen=True)
class Index:
    """An index that no constraint made. `predicate` is the condition of a partial one."""

    columns: tuple[str, ...]
    unique: bool
    predicate: str | None
    definition: str

    def __str__(self) -> str:
        return self.definition


@dataclass(frozen=True)
class Table:
    """A table and everything attached to it, each by its name; `checks`, `triggers` and `policies` as SQL."""

    options: tuple[str, ...] = ()
    columns: Mapping[str, Column] = field(default_factory=dict[str, Column])
    checks: Mapping[str, str] = field(default_factory=dict[str, str])
    keys: Mapping[str, Key] = field(default_factory=dict[str, Key])
    foreign_keys: Mapping[str, ForeignKey] = field(default_factory=dict[str, ForeignKey])
    indexes: Mapping[str, Index] = field(default_factory=dict[str, Index])
    triggers: Mapping[str, str] = field(default_factory=dict[str, str])
    policies: Mapping[str, str] = field(default_factory=dict[str, str])

    def __str__(self) -> str:
        return " ".join(("a table", *self.options))


@dataclass(frozen=True)
class View:
    """A view with the names of its columns, in order. Only a materialised one has indexes."""

    columns: tuple[str, ...]
    definition: str
    materialised: bool = False
    indexes: Mapping[str, Index] = field(default_factory=dict[str, Index])

    def __str__(self) -> str:
        kind = "materialised view" if self.materialised else "view"
        return f"a {kind} ({', '.join(self.columns)}) {self.definition}"


@dataclass(frozen=True)
class Schema:
    """Everything that the migrations of a database made; a function's name has its argument types."""

    tables: Mapping[str, Table] = field(default_factory=dict[str, Table])
    views: Mapping[str, View] = field(default_factory=dict[str, View])
    functions: Mapping[str, str] = field(default_factory=dict[str, str])
