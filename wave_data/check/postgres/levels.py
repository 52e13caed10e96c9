"""One level of a query: what its joins can null, and what its conditions prove."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

from wave_data.check.postgres.catalogue import Catalogue
from wave_data.check.postgres.node_tree import Node, Value

Column = tuple[int, int]
"""A column of a level: the number of its table among those of the query, and its own in that table."""


class Command(IntEnum):
    """The commandType of a query."""

    SELECT = 1
    UPDATE = 2
    INSERT = 3
    DELETE = 4
    MERGE = 5


class TableKind(IntEnum):
    """The rtekind of a table of a query."""

    RELATION = 0
    SUBQUERY = 1
    JOIN = 2
    FUNCTION = 3
    VALUES = 5
    CTE = 6
    GROUP = 9


class JoinKind(IntEnum):
    """The jointype of a join."""

    INNER = 0
    LEFT = 1
    FULL = 2
    RIGHT = 3


@dataclass
class Proof:
    """What the conditions of a level prove of the rows that they leave.

    `present` columns are not NULL; those `in_row` are not NULL where the outer joins around them found a row.
    """

    present: set[Column] = field(default_factory=set[Column])
    in_row: set[Column] = field(default_factory=set[Column])


@dataclass(eq=False)
class Level:
    """A query or a subquery, without what lies around it."""

    query: Node
    catalogue: Catalogue

    @cached_property
    def tables(self) -> list[Node]:
        """The tables of the query; they count from 1."""
        return self.query.nodes("rtable")

    @cached_property
    def nulling(self) -> dict[int, frozenset[int]]:
        """The outer joins around each table that leave its columns NULL where they find no row."""
        found: dict[int, frozenset[int]] = {}
        _collect_nulling(self.query.node("jointree"), frozenset(), found)
        return found

    def nulled(self, column: Node) -> frozenset[int]:
        """The outer joins that leave a column NULL where they find no row, by their numbers in this query."""
        table = column.number("varno")
        # PostgreSQL 16 and later say so themselves.
        stated = "varnullingrels" in column.fields
        nulling = column.numbers("varnullingrels") if stated else self.nulling.get(table, frozenset[int]())
        if not nulling:
            return nulling
        if any(proven == table for proven, _ in self.proof.present):
            return frozenset()
        return nulling.union(*(self._leads_to.get(join, ()) for join in nulling)) - self._met

    @cached_property
    def _leads_to(self) -> dict[int, set[int]]:
        """For each join, those whose missing row makes it miss its own: its condition needs a column of that row."""
        found: dict[int, set[int]] = {}
        for join, columns in self._needs.items():
            around = {other for table, _ in columns for other in self.nulling.get(table, ())} - {join}
            found[join] = around.union(*(found.get(other, ()) for other in around))
        return found

    @cached_property
    def _needs(self) -> dict[int, set[Column]]:
        """The columns of its other side that the condition of each one-sided join needs, inner joins first."""
        found: dict[int, set[Column]] = {}
        for node in reversed(list(_joins_below(self.query.node("jointree")))):
            optional = _optional_side(node)
            if optional is not None:
                inside = set(_tables_below(optional))
                columns = self._of_condition(node.node("quals"))
                found[node.number("rtindex")] = {column for column in columns if column[0] not in inside}
        return found

    @cached_property
    def _met(self) -> frozenset[int]:
        """The one-sided joins that found a row in all that the conditions leave."""
        met: set[int] = set()
        for table, _ in self.proof.present:
            met |= {
                join
                for join in self.nulling.get(table, ())
                if self.tables[join - 1].number("jointype") != JoinKind.FULL
            }
        return frozenset(met)

    @cached_property
    def proof(self) -> Proof:
        """What the conditions prove; of the table that an UPDATE changes, they speak of what was there before."""
        proof = Proof()
        command = self.query.number("commandType")
        if command != Command.MERGE:
            self._prove(self.query.node("jointree"), proof, is_certain=True)
        if command == Command.UPDATE:
            target = self.query.number("resultRelation")
            for columns in (proof.present, proof.in_row):
                columns -= {column for column in columns if column[0] == target}
        return proof

    def _prove(self, node: Node | None, proof: Proof, *, is_certain: bool) -> None:
        if node is None or node.tag == "RANGETBLREF":
            return
        columns = set(self._of_condition(node.node("quals")))
        if node.tag == "FROMEXPR":
            for member in node.nodes("fromlist"):
                self._prove(member, proof, is_certain=is_certain)
        else:
            kind, left, right = node.number("jointype"), node.node("larg"), node.node("rarg")
            self._prove(left, proof, is_certain=is_certain and kind not in (JoinKind.FULL, JoinKind.RIGHT))
            self._prove(right, proof, is_certain=is_certain and kind not in (JoinKind.FULL, JoinKind.LEFT))
            if kind != JoinKind.INNER:
                inside = set(_tables_below(_optional_side(node)))
                proof.in_row |= {column for column in columns if column[0] in inside}
                return
        proof.in_row |= columns
        if is_certain:
            proof.present |= columns

    def _of_condition(self, node: Node | None) -> Iterator[Column]:
        """The columns that are not NULL where a condition is true."""
        match node.tag if node else "":
            case "BOOLEXPR" if node:
                yield from self._of_logic(node)
            case "NULLTEST" if node and node.number("nulltesttype") == 1 and not node.flag("argisrow"):
                yield from self.needed(node.node("arg"))
            case "SCALARARRAYOPEXPR" if node and node.number("opfuncid") in self.catalogue.strict:
                scalar, array = node.nodes("args")
                if node.flag("useOr") or (array.tag == "ARRAYEXPR" and array.items("elements")):
                    yield from self.needed(scalar)
            case "SUBLINK" if node and node.number("subLinkType") == 2:
                yield from self.needed(node.node("testexpr"))
            case "ROWCOMPAREEXPR" if node:
                for side in ("largs", "rargs"):
                    yield from self.needed(node.nodes(side)[0])
            case "BOOLEANTEST" if node and node.number("booltesttype") in (0, 2, 5):
                yield from self.needed(node.node("arg"))
            case _:
                yield from self.needed(node)

    def _of_logic(self, node: Node) -> Iterator[Column]:
        members = [set(self._of_condition(member)) for member in node.nodes("args")]
        match node.text("boolop"):
            case "and":
                yield from set[Column]().union(*members)
            case "or":
                yield from members[0].intersection(*members[1:])
            case _:
                yield from self._of_failure(node.nodes("args")[0])

    def _of_failure(self, node: Node) -> Iterator[Column]:
        """The columns that are not NULL where a condition is false."""
        match node.tag:
            case "NULLTEST" if node.number("nulltesttype") == 0 and not node.flag("argisrow"):
                yield from self.needed(node.node("arg"))
            case "BOOLEXPR" if node.text("boolop") == "not":
                yield from self._of_condition(node.nodes("args")[0])
            case "BOOLEXPR":
                members = [set(self._of_failure(member)) for member in node.nodes("args")]
                is_or = node.text("boolop") == "or"
                yield from set[Column]().union(*members) if is_or else members[0].intersection(*members[1:])
            case _:
                yield from self.needed(node)

    def needed(self, node: Node | None) -> Iterator[Column]:
        """The columns without which an expression is NULL."""
        match node.tag if node else "":
            case "VAR" if node and not node.number("varlevelsup"):
                yield (node.number("varno"), node.number("varattno"))
            case "RELABELTYPE" | "COERCEVIAIO" | "COLLATEEXPR" | "ARRAYCOERCEEXPR" if node:
                yield from self.needed(node.node("arg"))
            case "OPEXPR" | "FUNCEXPR" if node:
                function = node.number("opfuncid" if node.tag == "OPEXPR" else "funcid")
                if function in self.catalogue.strict:
                    for argument in node.nodes("args"):
                        yield from self.needed(argument)
            case _:
                return


def _optional_side(join: Node) -> Node | None:
    """The side of a join that has no row where its condition finds none; None where that is neither or both."""
    match join.number("jointype"):
        case JoinKind.LEFT:
            return join.node("rarg")
        case JoinKind.RIGHT:
            return join.node("larg")
        case _:
            return None


def _joins_below(node: Node | None) -> Iterator[Node]:
    """The joins of a join tree, outer ones before those inside them."""
    if node is not None:
        if node.tag == "JOINEXPR":
            yield node
        for below in (*node.nodes("fromlist"), node.node("larg"), node.node("rarg")):
            yield from _joins_below(below)


def _tables_below(node: Node | None) -> Iterator[int]:
    if node is not None:
        yield node.number("rtindex")
        for below in ("larg", "rarg"):
            yield from _tables_below(node.node(below))


def _collect_nulling(node: Node | None, above: frozenset[int], found: dict[int, frozenset[int]]) -> None:
    if node is None:
        return
    for member in node.nodes("fromlist"):
        _collect_nulling(member, above, found)
    if node.tag == "RANGETBLREF":
        found[node.number("rtindex")] = above
    elif node.tag == "JOINEXPR":
        number, kind = node.number("rtindex"), node.number("jointype")
        found[number] = above
        left = above | {number} if kind in (JoinKind.FULL, JoinKind.RIGHT) else above
        right = above | {number} if kind in (JoinKind.FULL, JoinKind.LEFT) else above
        _collect_nulling(node.node("larg"), left, found)
        _collect_nulling(node.node("rarg"), right, found)


def target_entries(query: Node) -> list[Node]:
    """The entries of a query's result, in order."""
    name = "targetList" if query.number("commandType") == Command.SELECT else "returningList"
    return [entry for entry in query.nodes(name) if not entry.flag("resjunk")]


def every_item(values: list[Value]) -> list[list[Node]]:
    """The rows of a list of lists of nodes."""
    return [[item for item in row if isinstance(item, Node)] for row in values if isinstance(row, list)]
