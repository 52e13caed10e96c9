"""Which columns of a statement can be NULL, derived from its analysed tree and the schema.

What cannot be derived can be NULL.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from wave_data.check.postgres.catalogue import Catalogue
from wave_data.check.postgres.functions import MONOTONIC
from wave_data.check.postgres.levels import Command, JoinKind, Level, TableKind, every_item, target_entries
from wave_data.check.postgres.node_tree import Node


@dataclass(frozen=True)
class Nulls:
    """Whether a value can be NULL in a row that all outer joins found, and which of them leave it NULL otherwise."""

    in_row: bool = False
    joins: frozenset[int] = frozenset()

    @property
    def never(self) -> bool:
        """Whether the value is never NULL."""
        return not self.in_row and not self.joins

    def __or__(self, other: "Nulls") -> "Nulls":
        return Nulls(self.in_row or other.in_row, self.joins | other.joins)


NEVER = Nulls()
MAYBE = Nulls(in_row=True)

Levels = tuple[Level, ...]
"""The levels around an expression, innermost first."""


class _ParameterKind(IntEnum):
    EXTERNAL = 0
    SUBLINK = 2


class _SublinkKind(IntEnum):
    EXISTS = 0
    ANY = 2
    SCALAR = 4
    ARRAY = 6


class _Version(IntEnum):
    OLD = 1
    NEW = 2


class _Operation(IntEnum):
    UNION = 1
    INTERSECT = 2


_ARGUMENT = ("RELABELTYPE", "COERCEVIAIO", "ARRAYCOERCEEXPR", "COLLATEEXPR", "COERCETODOMAIN")
_DEFINITE = (
    "ARRAYEXPR",
    "BOOLEANTEST",
    "DISTINCTEXPR",
    "GROUPINGFUNC",
    "MERGESUPPORTFUNC",
    "NEXTVALUEEXPR",
    "NULLTEST",
    "ROWEXPR",
)
_NEVER_GROUPED = ("AGGREF", "CONST", "GROUPINGFUNC", "SQLVALUEFUNCTION")
_CURRENT_SCHEMA = 14
# The frameOptions of a window: it begins at the row itself or before it, ends there or behind it, and leaves it in.
_BEGINS, _ENDS, _LEAVES_OUT = 0x20 | 0x200 | 0x800, 0x100 | 0x400 | 0x4000, 0x8000 | 0x10000
_JSON_CONSTRUCTORS = (1, 2)


class Nullability:
    """The nullability of one statement; `parameters` tells for each placeholder whether NULL can be bound to it."""

    def __init__(self, catalogue: Catalogue, parameters: tuple[bool, ...]) -> None:
        self._catalogue = catalogue
        self._parameters = parameters
        self._levels: dict[Node, Level] = {}
        self._known: dict[Node, list[Nulls]] = {}
        self._assumed: dict[Node, list[Nulls]] = {}
        self._joins: dict[tuple[Node, int], int] = {}
        self._filled: set[tuple[Node, int]] = set()
        self._rules: dict[str, Callable[[Node, Levels], Nulls]] = {
            "AGGREF": self._of_aggregate,
            "BOOLEXPR": lambda node, levels: self._of_any(node.nodes("args"), levels),
            "CASEEXPR": self._of_case,
            "COALESCEEXPR": lambda node, levels: self._of_first(node.nodes("args"), levels),
            "CONST": lambda node, _: MAYBE if node.flag("constisnull") else NEVER,
            "FUNCEXPR": lambda node, levels: self._of_call(node, node.number("funcid"), levels),
            "JSONCONSTRUCTOREXPR": lambda node, _: NEVER if node.number("type") in _JSON_CONSTRUCTORS else MAYBE,
            "JSONISPREDICATE": lambda node, levels: self._of(node.node("expr"), levels),
            "MINMAXEXPR": lambda node, levels: self._of_first(node.nodes("args"), levels),
            "OPEXPR": lambda node, levels: self._of_call(node, node.number("opfuncid"), levels),
            "PARAM": self._of_parameter,
            "ROWCOMPAREEXPR": lambda node, levels: self._of_any(node.nodes("largs") + node.nodes("rargs"), levels),
            "SCALARARRAYOPEXPR": self._of_membership,
            "SQLVALUEFUNCTION": lambda node, _: NEVER if node.number("op") < _CURRENT_SCHEMA else MAYBE,
            "SUBLINK": self._of_sublink,
            "VAR": self._of_column,
            "WINDOWFUNC": self._of_window,
        }

    def of_statement(self, query: Node) -> list[Nulls]:
        """The nullability of each column of the statement's result."""
        return self._of_query(query, ())

    def _of_query(self, query: Node, outer: Levels) -> list[Nulls]:
        found = self._known.get(query)
        if found is None:
            level = self._levels.setdefault(query, Level(query, self._catalogue))
            operation = query.node("setOperations")
            if operation is None:
                found = [self._of_entry(entry, (level, *outer)) for entry in target_entries(query)]
            else:
                found = self._of_set(operation, (level, *outer))
            if not self._assumed:
                self._known[query] = found
        return found

    def _of_entry(self, entry: Node, levels: Levels) -> Nulls:
        expression, query = entry.node("expr"), levels[0].query
        # Before PostgreSQL 18, nothing tells which expressions the grouping sets leave NULL.
        is_untold = query.items("groupingSets") and not query.flag("hasGroupRTE")
        if is_untold and expression is not None and expression.tag not in _NEVER_GROUPED:
            return MAYBE
        return self._of(expression, levels)

    def _of_set(self, node: Node, levels: Levels) -> list[Nulls]:
        """The columns of a UNION, INTERSECT or EXCEPT, or of an arm of one."""
        if node.tag == "RANGETBLREF":
            subquery = levels[0].tables[node.number("rtindex") - 1].node("subquery")
            return [] if subquery is None else self._of_query(subquery, levels)
        left, right = (self._of_set(arm, levels) for side in ("larg", "rarg") if (arm := node.node(side)))
        match node.number("op"):
            case _Operation.UNION:
                return [one | other for one, other in zip(left, right, strict=True)]
            case _Operation.INTERSECT:
                return [other if other.never else one for one, other in zip(left, right, strict=True)]
            case _:
                return left

    # Expressions

    def _of(self, node: Node | None, levels: Levels) -> Nulls:
        while node is not None and node.tag in _ARGUMENT:
            node = node.node("arg")
        if node is None:
            return MAYBE
        if node.tag in _DEFINITE:
            return NEVER
        rule = self._rules.get(node.tag)
        return MAYBE if rule is None else rule(node, levels)

    def _of_any(self, nodes: Iterable[Node | None], levels: Levels) -> Nulls:
        """What is NULL where any of its parts is."""
        found = NEVER
        for node in nodes:
            found |= self._of(node, levels)
        return found

    def _of_first(self, nodes: Sequence[Node], levels: Levels) -> Nulls:
        """What is NULL only where all of its parts are."""
        found = [self._of(node, levels) for node in nodes]
        return min(found, key=lambda nulls: (nulls.in_row, len(nulls.joins)))

    def _of_parameter(self, node: Node, _: Levels) -> Nulls:
        if node.number("paramkind") == _ParameterKind.SUBLINK:
            return NEVER  # the columns of the subquery are looked at for themselves
        index = node.number("paramid") - 1
        return NEVER if index < len(self._parameters) and not self._parameters[index] else MAYBE

    def _of_case(self, node: Node, levels: Levels) -> Nulls:
        results = [branch.node("result") for branch in node.nodes("args")]
        return self._of_any([*results, node.node("defresult")], levels)

    def _of_membership(self, node: Node, levels: Levels) -> Nulls:
        scalar, array = node.nodes("args")
        if node.number("opfuncid") not in self._catalogue.total or array.tag != "ARRAYEXPR":
            return MAYBE
        return self._of_any([scalar, *array.nodes("elements")], levels)

    def _of_call(self, node: Node, function: int, levels: Levels) -> Nulls:
        arguments = node.nodes("args")
        if function in self._catalogue.total:
            return self._of_any(arguments, levels)
        if function in self._catalogue.definite:
            # A whole list of arguments, given by VARIADIC, can be NULL itself.
            return self._of_any(arguments, levels) if node.flag("funcvariadic") else NEVER
        if function in self._catalogue.first:
            return self._of_any(arguments if node.flag("funcvariadic") else arguments[:1], levels)
        if function in self._catalogue.parts and _text(arguments[0]) in MONOTONIC:
            return self._of(arguments[1], levels)
        return MAYBE

    def _of_aggregate(self, node: Node, levels: Levels) -> Nulls:
        query = levels[node.number("agglevelsup")].query
        has_rows = bool(query.items("groupClause")) and not query.items("groupingSets")
        return self._of_rows(node, node.number("aggfnoid"), levels, has_rows=has_rows)

    def _of_window(self, node: Node, levels: Levels) -> Nulls:
        function = node.number("winfnoid")
        if function in self._catalogue.definite:
            return NEVER
        if function in self._catalogue.total:
            return self._of_any(node.nodes("args"), levels)
        windows = levels[0].query.nodes("windowClause")
        window = next(each for each in windows if each.number("winref") == node.number("winref"))
        return self._of_rows(node, function, levels, has_rows=_holds_own_row(window.number("frameOptions")))

    def _of_rows(self, node: Node, function: int, levels: Levels, *, has_rows: bool) -> Nulls:
        """An aggregate over rows; `has_rows` tells that there is at least one."""
        if function in self._catalogue.counts:
            return NEVER
        if not has_rows or node.node("aggfilter") is not None:
            return MAYBE
        if function in self._catalogue.collections:
            return NEVER
        if function not in self._catalogue.aggregates:
            return MAYBE
        value = node.nodes("args")[0]
        found = self._of(value.node("expr") if value.tag == "TARGETENTRY" else value, levels)
        return NEVER if found.never else MAYBE

    def _of_sublink(self, node: Node, levels: Levels) -> Nulls:
        query = node.node("subselect")
        kind = node.number("subLinkType")
        if kind in (_SublinkKind.EXISTS, _SublinkKind.ARRAY):
            return NEVER
        if query is None:
            return MAYBE
        if kind == _SublinkKind.SCALAR and _has_one_row(query):
            return self._of_query(query, levels)[0]
        if kind == _SublinkKind.ANY and all(column.never for column in self._of_query(query, levels)):
            return self._of(node.node("testexpr"), levels)
        return MAYBE

    # Columns

    def _of_column(self, node: Node, levels: Levels) -> Nulls:
        levels = levels[node.number("varlevelsup") :]
        level, table, column = levels[0], node.number("varno"), node.number("varattno")
        if (table, column) in level.proof.present:
            return NEVER
        inner = self._of_member(node, levels)
        if (table, column) in level.proof.in_row:
            inner = Nulls(joins=inner.joins)
        joins = {(level.query, join) for join in level.nulled(node)} - self._filled
        return inner | Nulls(joins=frozenset(self._joins.setdefault(join, len(self._joins) + 1) for join in joins))

    def _of_member(self, node: Node, levels: Levels) -> Nulls:
        """A column as its table gives it, before any join of the level."""
        table, column = levels[0].tables[node.number("varno") - 1], node.number("varattno")
        match table.number("rtekind"):
            case TableKind.RELATION:
                return self._of_relation(node, table, levels[0].query)
            case TableKind.FUNCTION:
                return self._of_set_function(table, column)
            case _ if column <= 0:
                return NEVER
            case TableKind.SUBQUERY if subquery := table.node("subquery"):
                return self._of_query(subquery, levels)[column - 1]
            case TableKind.JOIN:
                return self._of_join(node, table, levels)
            case TableKind.VALUES:
                return self._of_any([row[column - 1] for row in every_item(table.items("values_lists"))], levels)
            case TableKind.CTE:
                return self._of_cte(table, column, levels)
            case TableKind.GROUP:
                return self._of(table.nodes("groupexprs")[column - 1], levels)
            case _:
                return MAYBE

    def _of_relation(self, node: Node, table: Node, query: Node) -> Nulls:
        command, target = query.number("commandType"), query.number("resultRelation")
        version = node.number("varreturningtype")
        has_old, has_new = command in (Command.UPDATE, Command.DELETE), command in (Command.INSERT, Command.UPDATE)
        if (version == _Version.OLD and not has_old) or (version == _Version.NEW and not has_new):
            return MAYBE
        if command == Command.MERGE and node.number("varno") != target:
            return MAYBE  # a row of the target that the source does not match
        relation, column = self._catalogue.relations.get(table.number("relid")), node.number("varattno")
        return NEVER if column <= 0 or (relation is not None and column in relation.required) else MAYBE

    def _of_join(self, node: Node, table: Node, levels: Levels) -> Nulls:
        """A column of a join with a name of its own, or one that USING merges."""
        column, query = node.number("varattno"), levels[0].query
        expression = table.nodes("joinaliasvars")[column - 1]
        if table.number("jointype") != JoinKind.FULL or column > table.number("joinmergedcols"):
            return self._of(expression, levels)
        # A FULL JOIN has one of its two sides at least, whichever that is.
        filled = (query, node.number("varno"))
        self._filled.add(filled)
        found = self._of_any(expression.nodes("args"), levels)
        self._filled.discard(filled)
        return found

    def _of_set_function(self, table: Node, column: int) -> Nulls:
        """A column of a function in FROM."""
        functions = table.nodes("functions")
        width = sum(function.number("funccolcount") for function in functions)
        if table.flag("funcordinality") and column == width + 1:
            return NEVER
        expression = functions[0].node("funcexpr")
        # Of several functions, the shorter ones are filled up with NULL.
        if len(functions) > 1 or width > 1 or expression is None:
            return MAYBE
        return NEVER if expression.number("funcid") in self._catalogue.sets else MAYBE

    def _of_cte(self, table: Node, column: int, levels: Levels) -> Nulls:
        levels = levels[table.number("ctelevelsup") :]
        found = next(cte for cte in levels[0].query.nodes("cteList") if cte.text("ctename") == table.text("ctename"))
        query = found.node("ctequery")
        if query is None:
            return MAYBE
        columns = self._assumed.get(query)
        if columns is None:
            columns = self._of_recursion(query, levels) if found.flag("cterecursive") else self._of_query(query, levels)
        # The columns of SEARCH and CYCLE come behind those of the query.
        return columns[column - 1] if column <= len(columns) else MAYBE

    def _of_recursion(self, query: Node, levels: Levels) -> list[Nulls]:
        """The columns of a recursive CTE: those that are NULL in its first arm, or become so from what is there."""
        found = [NEVER] * len(target_entries(query))
        before: list[Nulls] = []
        while found != before:
            before = self._assumed[query] = found
            found = [one | other for one, other in zip(before, self._of_query(query, levels), strict=True)]
        del self._assumed[query]
        return found


def _has_one_row(query: Node) -> bool:
    """Whether a query gives one row, no more and no less."""
    if query.node("setOperations") or query.node("limitOffset") or query.node("limitCount"):
        return False
    if query.flag("hasAggs"):
        return not (query.items("groupClause") or query.items("groupingSets") or query.node("havingQual"))
    tree = query.node("jointree")
    is_bare = tree is not None and not tree.items("fromlist") and tree.node("quals") is None
    return is_bare and not query.flag("hasTargetSRFs") and not query.items("groupClause")


def _holds_own_row(options: int) -> bool:
    """Whether the frame of a window has the row that it is the frame of."""
    return bool(options & _BEGINS and options & _ENDS and not options & _LEAVES_OUT)


def _text(node: Node) -> str:
    """The text of a constant, without the length in front of it."""
    value = node.bytes("constvalue") or b""
    return value[4:].decode(errors="replace").lower()
