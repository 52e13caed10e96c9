"""The Python annotations of parameters and columns, written from what databases say of them."""

import ast
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from wave_data.check.facts import ColumnFact
from wave_data.check.fitting import binds
from wave_data.check.python_spans import parameter_span
from wave_data.engine.modules import QueryModule
from wave_data.schema import Schema

_TYPES = {
    "int2": "int",
    "int4": "int",
    "int8": "int",
    "float4": "float",
    "float8": "float",
    "bool": "bool",
    "bytea": "bytes",
    "uuid": "UUID",
    "date": "date",
    "timestamptz": "UtcDatetime",
    "json": "Json",
    "jsonb": "Json",
}
_DECIMALS = {("14", "6"): "Usd", ("5", "2"): "Percent"}
_CHOICES = re.compile(
    r"\(*(?P<column>\w+)\)* (?:IN \(|= ANY \(\(?ARRAY\[)(?P<values>.*)[)\]]+(?:::text\[\])?\)*", re.IGNORECASE
)


@dataclass(frozen=True)
class Field:
    """A field or parameter to be written."""

    name: str
    annotation: str
    nullable: bool = False

    def __str__(self) -> str:
        return f"{self.name}: {self.whole}"

    @property
    def whole(self) -> str:
        """The annotation with `| None` where it takes that."""
        return f"{self.annotation} | None" if self.nullable else self.annotation


class Annotations:
    """Finds annotations: those of the module's own records and functions where they fit, else by type.

    `reads` are the tables and columns that the statement reads.
    """

    def __init__(
        self,
        modules: Sequence[QueryModule],
        home: QueryModule | None,
        schema: Schema,
        reads: Mapping[str, Collection[str]],
    ) -> None:
        self.modules = modules
        self.home = home
        self.schema = schema
        self.reads = reads

    def of_column(self, column: ColumnFact, twin: ColumnFact | None) -> Field:
        """The field of a column of PostgreSQL; `twin` is the same column on the other store."""
        nullable = column.nullable or (twin is not None and twin.nullable)
        written = self._of_record(column.origin)
        return Field(column.name, written or self._by_type(column.type, column.origin), nullable)

    def of_parameter(self, name: str, kind: str | None) -> str:
        """The annotation of a parameter that PostgreSQL takes for a type."""
        homes = [self.home] if self.home is not None else []
        for query in (query for module in (*homes, *self.modules) for query in module.queries.values()):
            parameter = query.signature.parameters.get(name)
            if parameter is not None and parameter.type is not None and binds(parameter.type, kind):
                written = _without_none(parameter_span(query.signature, name).text)
                if written and not _is_narrow(written):
                    return written
        return self._by_type(kind, None)

    def _of_record(self, origin: tuple[str, str] | None) -> str:
        """The annotation that the record of a table gives one of its columns."""
        module = next((m for m in self.modules if origin and m.name.rpartition(".")[2] == origin[0]), None)
        kind = record_of(module) if module is not None else None
        if module is None or kind is None or origin is None:
            return ""
        return _without_none(_annotation_in(file_of(module), kind.__name__, origin[1]))

    def _by_type(self, kind: str | None, origin: tuple[str, str] | None) -> str:
        if kind is None:
            return "str"
        if kind.endswith("[]"):
            member = self._by_type(kind.removesuffix("[]"), None)
            return "TextArray" if member == "Text" else f"list[{member}]"
        if kind == "numeric":
            return self._decimal(origin)
        if kind in ("json", "jsonb"):
            return "JsonObject" if self._is_object(origin) else "Json"
        if kind in _TYPES:
            return _TYPES[kind]
        choices = self._choices(origin)
        return f"Literal[{', '.join(choices)}]" if choices else "Text"

    def _decimal(self, origin: tuple[str, str] | None) -> str:
        """The scale of a column, or for an expression the one that all decimals have which the statement reads."""
        found = {
            match.groups()
            for name, table in self.schema.tables.items()
            for column, known in table.columns.items()
            if origin == (name, column) or (origin is None and column in self.reads.get(name, ()))
            if (match := re.fullmatch(r"numeric\((\d+),(\d+)\)", known.type))
        }
        if len(found) != 1:
            return "Annotated[Decimal, Scale(..., ...)]"
        precision, scale = found.pop()
        return _DECIMALS.get((precision, scale), f"Annotated[Decimal, Scale({precision}, {scale})]")

    def _is_object(self, origin: tuple[str, str] | None) -> bool:
        return any(
            "jsonb_typeof" in check and "'object'" in check and re.search(rf"\b{origin[1]}\b", check)
            for check in self._checks(origin)
            if origin is not None
        )

    def _choices(self, origin: tuple[str, str] | None) -> list[str]:
        for check in self._checks(origin):
            match = _CHOICES.fullmatch(check.removeprefix("CHECK "))
            if match is not None and origin is not None and match["column"] == origin[1]:
                return [f'"{value}"' for value in re.findall(r"'((?:[^']|'')*)'", match["values"])]
        return []

    def _checks(self, origin: tuple[str, str] | None) -> Iterable[str]:
        table = self.schema.tables.get(origin[0]) if origin is not None else None
        return table.checks.values() if table is not None else ()


def record_of(module: QueryModule) -> type[BaseModel] | None:
    """The record of a module: what its `find` or `get` gives."""
    query = module.queries.get("find") or module.queries.get("get")
    result = query.signature.result if query is not None else None
    return result.kind if result is not None else None


def file_of(module: QueryModule) -> Path | None:
    """The Python of a module, which may have been forgotten since it was imported."""
    return next((query.signature.place.path for query in module.queries.values()), None)


def _annotation_in(path: Path | None, record: str, name: str) -> str:
    """The annotation of a record's field as it is written; nothing where it is inherited."""
    tree = ast.parse(path.read_bytes() if path is not None else b"")
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == record]
    for node in (statement for found in classes for statement in found.body):
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == name:
            return ast.unparse(node.annotation)
    return ""


def _without_none(text: str) -> str:
    return text.removesuffix(" | None").removesuffix(" | Unset")


def _is_narrow(text: str) -> bool:
    """Whether an annotation is about more than a type, so that it may not fit another parameter of the name."""
    return text.startswith(("Annotated", "NewId")) or "Unset" in text
