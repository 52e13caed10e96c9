"""The text of PostgreSQL's `pg_node_tree`, read into nodes.

A node is written `{TAG :field value …}`, a list `(value …)`, a set of numbers `(b 1 2)`, nothing `<>`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = "Node | list[Value] | str | None"


@dataclass(slots=True, eq=False)
class Node:
    """A node of a tree: a query, a table of it, an expression."""

    tag: str
    fields: "dict[str, Value]"

    def node(self, name: str) -> "Node | None":
        """The node in a field, or None where the field is empty or absent."""
        value = self.fields.get(name)
        return value if isinstance(value, Node) else None

    def items(self, name: str) -> "list[Value]":
        """The members of the list in a field; none where it is empty or absent."""
        value = self.fields.get(name)
        return value if isinstance(value, list) else []

    def nodes(self, name: str) -> "list[Node]":
        """The nodes of the list in a field."""
        return [item for item in self.items(name) if isinstance(item, Node)]

    def number(self, name: str) -> int:
        """The number in a field; 0 where the field is absent."""
        value = self.fields.get(name)
        return int(value) if isinstance(value, str) else 0

    def numbers(self, name: str) -> frozenset[int]:
        """The members of the set in a field."""
        return frozenset(int(item) for item in self.items(name)[1:] if isinstance(item, str))

    def flag(self, name: str) -> bool:
        """Whether a field says true."""
        return self.fields.get(name) == "true"

    def text(self, name: str) -> str:
        """The text in a field; empty where there is none."""
        value = self.fields.get(name)
        return _ESCAPE.sub(r"\1", value).strip('"') if isinstance(value, str) else ""

    def bytes(self, name: str) -> bytes | None:
        """The bytes of a constant, as they lie in the server's memory; None for NULL."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            return None
        return bytes(int(item) & 0xFF for item in value.partition("[")[2].removesuffix("]").split())


_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TOKEN = re.compile(
    r"""
    :(?P<field>\w+)[ ](?P<value>-?\d+[ ]\[[ \d-]*\] | (?:\\.|[^\s(){}\\])+)
  | :(?P<label>\w+)
  | \{(?P<tag>\w+)
  | (?P<mark>[(){}])
  | (?P<item>(?:\\.|[^\s(){}\\])+)
    """,
    re.VERBOSE | re.DOTALL,
)


def read_tree(text: str) -> list[Node]:
    """The nodes at the top of a tree, with the lists around them taken off."""
    top: list[Value] = []
    open_lists: list[list[Value]] = [top]
    open_nodes: list[Node | None] = [None]
    labels: list[str] = [""]

    def add(value: Value) -> None:
        node = open_nodes[-1]
        if node is None:
            open_lists[-1].append(value)
        else:
            node.fields[labels[-1]] = value

    for match in _TOKEN.finditer(text):
        kind, found = match.lastgroup, match.group()
        node = open_nodes[-1]
        if kind == "value" and node is not None:
            node.fields[match["field"]] = None if match["value"] == "<>" else match["value"]
        elif kind == "label":
            labels[-1] = match["label"]
        elif kind == "tag":
            made = Node(match["tag"], {})
            add(made)
            open_nodes.append(made)
            labels.append("")
        elif found == "(":
            members: list[Value] = []
            add(members)
            open_lists.append(members)
            open_nodes.append(None)
            labels.append("")
        elif kind == "mark":
            open_nodes.pop()
            labels.pop()
            if found == ")":
                open_lists.pop()
        else:
            add(None if found == "<>" else found)
    return list(_top(top))


def _top(values: list[Value]) -> Iterator[Node]:
    for value in values:
        if isinstance(value, Node):
            yield value
        elif isinstance(value, list):
            yield from _top(value)


def every_node(value: Value) -> Iterator[Node]:
    """A node and all nodes below it."""
    if isinstance(value, Node):
        yield value
        for below in value.fields.values():
            if below.__class__ is not str:
                yield from every_node(below)
    elif isinstance(value, list):
        for item in value:
            if item.__class__ is not str:
                yield from every_node(item)
