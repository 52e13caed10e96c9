"""What a plan reads in full or sorts, though an index could serve.

The tables are empty, so costs tell nothing. The planner is told to avoid sequential scans and joins of whole tables
where it can (SETTINGS); what remains of them is what no index serves.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from wave_data.check.facts import PlanFact
from wave_data.check.postgres.catalogue import Catalogue, Relation
from wave_data.check.postgres.conditions import Compared, alternatives, compared, is_restricting, read_order

SETTINGS = """
    SET plan_cache_mode = force_generic_plan;
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET max_parallel_workers_per_gather = 0;
"""

Step = Mapping[str, Any]
"""A step of a plan, as EXPLAIN (VERBOSE, FORMAT JSON) gives it."""

_SCANS = ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan")
_CONDITIONS = ("Index Cond", "Filter", "Join Filter")
_SORTS = ("Sort", "Incremental Sort")
# What hands its rows on as they come, so that a LIMIT above stops the scan below.
_STREAMING = ("Nested Loop", "Result", "Subquery Scan", "LockRows", "Incremental Sort", "ProjectSet", "Limit")
# What a sort may stand on, for an index to give the order in its place.
_ORDERED = (
    *_SCANS,
    "Bitmap Index Scan",
    "BitmapAnd",
    "BitmapOr",
    "LockRows",
    "Materialize",
    "Memoize",
    "Nested Loop",
    "Result",
    "Subquery Scan",
)
# What sorts for its own sake.
_SORTING = ("Aggregate", "Group", "Unique", "WindowAgg", "SetOp", "Merge Join", "Merge Append", "Recursive Union")


@dataclass(eq=False)
class _Node:
    """A step of a plan. `is_stopped` tells that a LIMIT above stops it as soon as it has rows enough."""

    step: Step
    parent: "_Node | None" = None
    is_stopped: bool = False
    below: "list[_Node]" = field(default_factory=list["_Node"])

    @property
    def kind(self) -> str:
        """What the step does."""
        return str(self.step["Node Type"])

    @property
    def alias(self) -> str:
        """What conditions call the table of the step."""
        return str(self.step.get("Alias", ""))

    @property
    def is_fed(self) -> bool:
        """Whether the step gives rows to the one above, and is not a subquery in one of its expressions."""
        return self.step.get("Parent Relationship") in ("Outer", "Inner", "Subquery", "Member")

    @cached_property
    def lookups(self) -> "list[_Node]":
        """The steps of a scan that look into an index: itself, or those that make its bitmap."""
        return [node for node in self.fed() if "Index Name" in node.step]

    @cached_property
    def condition(self) -> str:
        """All conditions of the step, as SQL; of a scan, those of its lookups too."""
        nodes = dict.fromkeys((self, *self.lookups)) if self.kind in _SCANS else (self,)
        return " AND ".join(str(node.step[name]) for node in nodes for name in _CONDITIONS if name in node.step)

    def every(self) -> "Iterator[_Node]":
        """The step and all below it."""
        yield self
        for node in self.below:
            yield from node.every()

    def fed(self) -> "Iterator[_Node]":
        """The step and those below whose rows reach it."""
        yield self
        for node in self.below:
            if node.is_fed:
                yield from node.fed()


def read_plan(plan: Step, catalogue: Catalogue) -> tuple[PlanFact, ...]:
    """The scans and sorts of a plan that an index could spare, and the scans of whole tables without a condition."""
    return tuple(dict.fromkeys(_Plan(_grown(plan, None), catalogue).facts()))


def _grown(step: Step, parent: _Node | None) -> _Node:
    node = _Node(step, parent)
    if parent is not None and step.get("Parent Relationship") in ("Outer", "Subquery"):
        node.is_stopped = parent.kind == "Limit" or (parent.is_stopped and parent.kind in _STREAMING)
    node.below = [_grown(each, node) for each in step.get("Plans", ())]
    return node


class _Plan:
    def __init__(self, root: _Node, catalogue: Catalogue) -> None:
        self._nodes = list(root.every())
        self._tables = catalogue.named_relations
        self._scans = [node for node in self._nodes if node.kind in _SCANS]

    def facts(self) -> Iterator[PlanFact]:
        """What the plan reads in full, and what it sorts."""
        scans = [fact for scan in self._scans for fact in self._of_scan(scan)]
        yield from scans
        # The index that a scan wants gives the order too.
        named = {fact.table for fact in scans if fact.columns}
        for node in self._nodes:
            if node.kind in _SORTS and not (node.parent and node.parent.kind in _SORTING):
                yield from (fact for fact in self._of_sort(node) if fact.table not in named)

    def _relation(self, scan: _Node) -> Relation | None:
        name = scan.step["Relation Name"]
        return self._tables.get(f"{scan.step.get('Schema')}.{name}") or self._tables.get(name)

    def _of_scan(self, scan: _Node) -> Iterator[PlanFact]:
        relation = self._relation(scan)
        if relation is None or _is_served(scan, relation):
            return
        condition = self._unserved(scan, relation)
        if scan.is_stopped and scan.lookups and not condition.is_indexable:
            return  # it reads an index in order, and stops
        if condition.other and not self._is_reachable(scan, relation):
            yield PlanFact("scan", relation.name, _with_order(scan, condition, relation))
        elif not condition.other:
            yield from self._of_joined(scan, relation)

    def _unserved(self, scan: _Node, relation: Relation) -> Compared:
        """How the conditions of a scan compare; of an OR, the first arm that no index begins with."""
        arms = [compared(arm, scan.alias) for arm in alternatives(scan.condition)]
        return next((arm for arm in arms if not _begins_index(relation, arm.leading)), arms[0])

    def _of_joined(self, scan: _Node, relation: Relation) -> Iterator[PlanFact]:
        """A scan without a condition of its own: that of a join, where another table of it is restricted."""
        columns = self._joined(scan)
        restricted = [node for node in self._scans if node is not scan and is_restricting(node.condition)]
        if not columns or not restricted:
            yield PlanFact("scan", relation.name, ())
        elif not _begins_index(relation, columns):
            yield PlanFact("scan", relation.name, columns)
        else:
            # The index is there; it is the restricted table that cannot be looked up first.
            for other in restricted:
                table, filtered = self._relation(other), compared(str(other.step.get("Filter", "")), other.alias)
                if table is not None and filtered.leading:
                    yield PlanFact("scan", table.name, filtered.leading)

    def _joined(self, scan: _Node) -> tuple[str, ...]:
        """The columns of a scan that are equated with those of other tables."""
        others = (node for node in self._nodes if node is not scan)
        return tuple(dict.fromkeys(name for node in others for name in compared(node.condition, scan.alias).equal))

    def _is_reachable(self, scan: _Node, relation: Relation) -> bool:
        """Whether an index leads to the rows of a scan from those of a table that is looked up first."""
        columns = [name for name in self._joined(scan) if _begins_index(relation, (name,))]
        return bool(columns) and any(
            is_restricting(lookup.condition)
            for other in self._scans
            if other is not scan and (table := self._relation(other)) and _is_served(other, table)
            for lookup in other.lookups
        )

    def _of_sort(self, sort: _Node) -> Iterator[PlanFact]:
        fed = [node for node in sort.fed() if node is not sort]
        order = read_order(sort.step["Sort Key"])
        scans = [node for node in fed if node.kind in _SCANS]
        scan = next((node for node in scans if order and node.alias == order.alias), None)
        if order is None or scan is None or not all(node.kind in _ORDERED for node in fed):
            return
        relation = self._relation(scan)
        if relation is None or all(self._is_single(node) for node in scans):
            return
        condition = compared(scan.condition, scan.alias)
        # An index cannot give the order within several values, or within a range of another column.
        is_split = condition.among or (condition.ordered and condition.ordered[0] != order.columns[0])
        is_looked_up = any(
            re.search(rf"\b{re.escape(other.alias)}\b", scan.condition) for other in scans if other != scan
        )
        if not is_split and not is_looked_up:
            yield PlanFact("sort", relation.name, order.behind(condition.equal))

    def _is_single(self, scan: _Node) -> bool:
        """Whether a unique key allows a scan one row at most."""
        relation = self._relation(scan)
        equal = (
            set(compared(scan.condition, scan.alias).equal) if len(alternatives(scan.condition)) == 1 else set[str]()
        )
        return relation is not None and any(key <= equal for key in relation.unique)


def _is_served(scan: _Node, relation: Relation) -> bool:
    """Whether a scan looks up what an index begins with."""
    if "Order By" in scan.step:
        return True
    return bool(scan.lookups) and all(_is_looked_up(node, scan.alias, relation) for node in scan.lookups)


def _is_looked_up(lookup: _Node, alias: str, relation: Relation) -> bool:
    condition = str(lookup.step.get("Index Cond", "")).replace('"', "").replace(f"{alias}.", "")
    first = relation.keys[str(lookup.step["Index Name"])][0].replace('"', "")
    return re.search(rf"(?<!\w){re.escape(first)}(?!\w)", condition) is not None


def _with_order(scan: _Node, condition: Compared, relation: Relation) -> tuple[str, ...]:
    """The columns of an index for a condition, and for the order of its rows where both can be served."""
    if condition.leading != condition.equal:
        return condition.leading
    sort = next((node for node in _above(scan) if node.kind in _SORTS), None)
    if sort is not None:
        order = read_order(sort.step["Sort Key"])
        return order.behind(condition.equal) if order is not None and order.alias == scan.alias else condition.equal
    given = relation.keys[str(scan.lookups[0].step["Index Name"])] if scan.is_stopped and scan.lookups else ()
    return tuple(dict.fromkeys((*condition.equal, *given)))


def _begins_index(relation: Relation, columns: tuple[str, ...]) -> bool:
    return bool(columns) and any(set(key[: len(columns)]) == set(columns) for key in relation.keys.values())


def _above(node: _Node) -> Iterator[_Node]:
    while node.parent is not None and node.is_fed:
        node = node.parent
        yield node
