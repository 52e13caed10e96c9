"""What the names of a query stand for."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from wave_data.check.sqlite.catalogue import ROWID_NAMES
from wave_data.check.sqlite.values import UNKNOWN, Value

Place = tuple[int, int]
"""A column of a scope: the position of its source, and its own position there."""


@dataclass(frozen=True)
class OutputColumn:
    """A column that a query or a table gives. A hidden one is not among those of `*`."""

    name: str
    value: Value
    hidden: bool = False


@dataclass(frozen=True)
class Source:
    """A table or query in a FROM clause. `rowid` stands for the rowid of a table that has one."""

    alias: str
    columns: tuple[OutputColumn, ...]
    rowid: Value | None = None

    def answers_to(self, table: str) -> bool:
        """Whether a column may be this source's when it is written with `table` before it, or with nothing."""
        return not table or self.alias.lower() == table.lower()

    def find(self, name: str) -> int | None:
        """The position of a column."""
        for position, column in enumerate(self.columns):
            if column.name.lower() == name.lower():
                return position
        return None


@dataclass(frozen=True)
class Scope:
    """The sources of a query, and the query around it.

    `merged` has what USING or NATURAL made of two columns, at the place of the left one; the right one is `dropped`.
    `phantom` tells that there may be no row behind the columns: an aggregate without GROUP BY gives its row even then.
    """

    sources: tuple[Source, ...] = ()
    parent: "Scope | None" = None
    merged: Mapping[Place, Value] = field(default_factory=dict[Place, Value])
    dropped: frozenset[Place] = frozenset()
    phantom: bool = False

    def value(self, name: str, table: str = "") -> Value:
        """What a name stands for, here or in a query around; UNKNOWN where it stands for nothing known."""
        place = self.find(name, table)
        if place is not None:
            value = self.sources[place[0]].columns[place[1]].value
            return self._seen(value if table else self.merged.get(place, value))
        for source in self.sources:
            if name.lower() in ROWID_NAMES and source.rowid is not None and source.answers_to(table):
                return self._seen(source.rowid)
        return UNKNOWN if self.parent is None else self.parent.value(name, table)

    def find(self, name: str, table: str = "") -> Place | None:
        """The place of a column of this query itself."""
        for number, source in enumerate(self.sources):
            position = source.find(name) if source.answers_to(table) else None
            if position is not None:
                return number, position
        return None

    def star(self, table: str = "") -> Iterator[OutputColumn]:
        """The columns that `*` or `table.*` stands for."""
        for number, source in enumerate(self.sources):
            for position, column in enumerate(source.columns if source.answers_to(table) else ()):
                place = number, position
                if column.hidden or (not table and place in self.dropped):
                    continue
                yield OutputColumn(
                    column.name, self._seen(column.value if table else self.merged.get(place, column.value))
                )

    def beside(self, right: "Scope") -> "Scope":
        """The scope with the sources of another behind its own."""
        by = len(self.sources)
        merged = {(number + by, position): value for (number, position), value in right.merged.items()}
        dropped = frozenset((number + by, position) for number, position in right.dropped)
        return replace(
            self,
            sources=self.sources + right.sources,
            merged={**self.merged, **merged},
            dropped=self.dropped | dropped,
        )

    def mapped(self, change: Callable[[Place | None, Value], Value]) -> "Scope":
        """The scope with each value changed; a rowid has no place."""
        sources = tuple(
            replace(
                source,
                columns=tuple(
                    replace(column, value=change((number, position), column.value))
                    for position, column in enumerate(source.columns)
                ),
                rowid=None if source.rowid is None else change(None, source.rowid),
            )
            for number, source in enumerate(self.sources)
        )
        return replace(
            self, sources=sources, merged={place: change(place, value) for place, value in self.merged.items()}
        )

    def joins_of(self, places: Iterable[Place]) -> frozenset[int]:
        """The outer joins that any of these columns depends on."""
        values = (self.sources[number].columns[position].value for number, position in places)
        return frozenset(join for value in values for join in value.joins)

    def outside(self, joins: frozenset[int]) -> "Scope":
        """The scope where its rows are missing when one of these outer joins finds none."""
        return self.mapped(lambda _, value: replace(value, joins=value.joins | joins))

    def knowing(self, places: Iterable[Place]) -> "Scope":
        """The scope in rows where these columns are not NULL, so that the outer joins that they depend on found one."""
        known = frozenset(places)
        if not known:
            return self
        found = self.joins_of(known)
        return self.mapped(
            lambda place, value: replace(
                value, null_in_row=value.null_in_row and place not in known, joins=value.joins - found
            )
        )

    def _seen(self, value: Value) -> Value:
        return replace(value, null_in_row=True) if self.phantom else value
