"""Which columns of which tables a statement reads and writes, as the server would ask for permission."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from wave_data.check.postgres.catalogue import Catalogue, Relation
from wave_data.check.postgres.levels import TableKind
from wave_data.check.postgres.node_tree import Node, every_node

Access = Mapping[str, frozenset[str]]

_SELECT = 2
_FIRST_NUMBER = 7
"""What is added to the number of a column in a set of columns, so that the system's columns are positive too."""


def reads_and_writes(query: Node | None, catalogue: Catalogue) -> tuple[Access, Access]:
    """The columns that a statement reads, and those that it writes, by their tables."""
    reads: dict[str, set[str]] = defaultdict(set)
    writes: dict[str, set[str]] = defaultdict(set)
    for part in every_node(query):
        if part.tag == "QUERY":
            _collect(part, catalogue, reads, writes)
    return _frozen(reads), _frozen(writes)


def _collect(query: Node, catalogue: Catalogue, reads: dict[str, set[str]], writes: dict[str, set[str]]) -> None:
    stated = query.nodes("rteperminfos")
    for number, table in enumerate(query.nodes("rtable"), 1):
        relation = catalogue.relations.get(table.number("relid"))
        if table.number("rtekind") != TableKind.RELATION or relation is None:
            continue
        # Up to PostgreSQL 15, the permissions stand with the table.
        index = table.number("perminfoindex")
        needed = stated[index - 1] if index else table
        if needed.number("requiredPerms") & _SELECT:
            reads[relation.name].update(_names(relation, needed.numbers("selectedCols")))
        if number == query.number("resultRelation"):
            written = needed.numbers("insertedCols") | needed.numbers("updatedCols")
            writes[relation.name].update(_names(relation, written))


def _names(relation: Relation, numbers: Iterable[int]) -> list[str]:
    columns = {number - _FIRST_NUMBER for number in numbers}
    if 0 in columns:
        return list(relation.columns.values())
    return [relation.columns[number] for number in columns if number > 0]


def _frozen(found: Mapping[str, set[str]]) -> Access:
    return {table: frozenset(columns) for table, columns in sorted(found.items())}
