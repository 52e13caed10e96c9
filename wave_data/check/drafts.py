"""The Python of a statement that has no function yet."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel

from wave_data.check.annotations import Annotations, Field, file_of
from wave_data.check.contracts import Contract, breaches, fields_of
from wave_data.check.facts import StatementFacts
from wave_data.engine.dialect import Dialect
from wave_data.engine.errors import QueryError
from wave_data.engine.modules import QueryModule
from wave_data.engine.sql_file import CLOCK, Statement
from wave_data.engine.state_machine import read_move

_FEW = ("COUNT", "SUM", "MIN", "MAX", "AVG", "EXISTS")
"""What gives one row whatever there is."""
_VERBS = re.compile(r"^(?:find|get|list|iterate|stream|by)_+|^_+")


@dataclass(frozen=True)
class Draft:
    """What is known of a statement before its function is written: `slots` are what its placeholders bind."""

    name: str
    statements: Mapping[Dialect, Statement]
    slots: Sequence[tuple[str, str | None]]
    facts: Mapping[Dialect, StatementFacts]

    @property
    def statement(self) -> Statement:
        """The statement, on one of the stores."""
        return self.statements["postgres"]

    @property
    def verb(self) -> str:
        """The statement's first word, or the one that changes rows."""
        words = [token.text.upper() for token in self.statement.tokens if token.kind == "word"]
        return next((word for word in words if word in ("INSERT", "UPDATE", "DELETE")), "SELECT")

    @property
    def limit_one(self) -> bool:
        """Whether it is limited to one row on both stores."""
        return all(facts.limit_one for facts in self.facts.values())

    @property
    def is_stream(self) -> bool:
        """Whether the name says that the rows are wanted one by one, without pages."""
        return self.name.startswith(("iterate", "stream"))

    @property
    def is_transition(self) -> bool:
        """Whether it moves a row from some statuses to another."""
        if self.verb != "UPDATE" or not self.statement.returns_rows:
            return False
        try:
            read_move(self.name, self.statement)
        except QueryError:
            return False
        return True

    @property
    def is_partial_update(self) -> bool:
        """Whether its optional lines are fields to be set."""
        optional = [line for line in self.statement.lines if line.optional]
        fields = [line for line in optional if next(t for t in line.tokens if t.kind != "space").text == ","]
        return self.verb == "UPDATE" and self.statement.returns_rows and bool(fields) and fields == optional


class Writer:
    """Writes the Python of one statement."""

    def __init__(
        self,
        draft: Draft,
        home: QueryModule | None,
        modules: Sequence[QueryModule],
        annotations: Annotations,
        path: Path,
    ) -> None:
        self.draft = draft
        self.home = home
        self.modules = modules
        self.annotations = annotations
        self.path = path

    def lines(self) -> Iterator[str]:
        """The imports that may be missing, the classes, and the function."""
        classes: list[str] = []
        result = self._result(classes)
        parameters = list(self._parameters(classes))
        decorator = "query"
        if self.draft.is_transition:
            decorator = "transition"
        elif self.draft.is_partial_update:
            decorator = "partial_update"
            parameters = self._as_fields(parameters)
        head = f"{'' if result.startswith('AsyncIterator[') else 'async '}def {self.draft.name}("
        function = [f"@{decorator}", f"{head}{', '.join(parameters)}) -> {result}:"]
        if len(function[1]) > 120:
            function[1:] = [head, *(f"    {p}," for p in parameters), f") -> {result}:"]
        about = " ".join(self.draft.statement.documentation.split()) or "…"
        body = [*classes, *function, f'    """{about}"""', "    ..."]
        yield from self._imports("\n".join(body))
        yield from body

    def _result(self, classes: list[str]) -> str:
        draft = self.draft
        facts = draft.facts["postgres"]
        if not draft.statement.returns_rows:
            if draft.verb == "INSERT":
                return "None"
            return "bool" if draft.limit_one else "Affected"
        if len(facts.columns) == 1:
            field = self.annotations.of_column(facts.columns[0], draft.facts["sqlite"].columns[0])
            return self._many(field.whole, is_aggregate=facts.columns[0].origin is None)
        return self._many(self._record(classes), is_aggregate=False)

    def _many(self, row: str, *, is_aggregate: bool) -> str:
        draft = self.draft
        names = {name for name, _ in draft.slots}
        if (
            any(attribute is not None and name != "cursor" for name, attribute in draft.slots)
            and draft.verb == "INSERT"
        ):
            return f"list[{row}]"
        if draft.limit_one or draft.verb == "INSERT":
            is_certain = draft.verb != "SELECT" or (is_aggregate and draft.statement.has_word(*_FEW))
            return row if is_certain or row.endswith(" | None") else f"{row} | None"
        if draft.is_stream:
            return f"AsyncIterator[{row}]"
        return f"Page[{row}]" if "cursor" in names else f"list[{row}]"

    def _record(self, classes: list[str]) -> str:
        """The name of a record that fits, or of one that is written."""
        draft = self.draft
        twins = {column.name: column for column in draft.facts["sqlite"].columns}
        columns = draft.facts["postgres"].columns
        for kind in self._known_records():
            name, records = fields_of(kind)
            contract = Contract(draft.name, "query", {}, ("list", name), records)
            fits = not any(breaches(contract, (), dialect, facts) for dialect, facts in draft.facts.items())
            if fits and {column.name.partition(".")[0] for column in columns} <= kind.model_fields.keys():
                return kind.__name__
        entity = _camel(_singular(self.path.stem))
        subject = _camel(_VERBS.sub("", _VERBS.sub("", draft.name)))
        name = entity + subject.removeprefix(entity)
        fields: dict[str, list[Field]] = {}
        for column in columns:
            owner, _, field_name = column.name.rpartition(".")
            field = self.annotations.of_column(column, twins.get(column.name))
            nullable = column.null_in_row or (column.nullable and not (owner and column.joins))
            fields.setdefault(owner, []).append(Field(field_name, field.annotation, nullable))
        for owner, inner in fields.items():
            if owner:
                absent = all(c.joins for c in columns if c.name.startswith(f"{owner}."))
                fields[""] = [*fields.get("", []), Field(owner, _camel(owner), absent)]
                classes += _class(_camel(owner), f"The {owner} in a row of {name}.", inner)
        classes += _class(name, f"What {draft.name} gives.", fields[""])
        return name

    def _known_records(self) -> list[type[BaseModel]]:
        """The records of the packages, those of the statement's own module first."""
        homes = [self.home] if self.home is not None else []
        results = (q.signature.result for module in (*homes, *self.modules) for q in module.queries.values())
        return list(dict.fromkeys(result.kind for result in results if result is not None and result.kind is not None))

    def _parameters(self, classes: list[str]) -> Iterator[str]:
        draft = self.draft
        yield "db: Executor"
        kinds = dict(zip(draft.slots, (fact.type for fact in draft.facts["postgres"].parameters), strict=False))
        optional = {t.parameter[0] for line in draft.statement.lines if line.optional for t in line.parameters}
        optional -= {t.parameter[0] for line in draft.statement.lines if not line.optional for t in line.parameters}
        is_page = "cursor" in {name for name, _ in draft.slots}  # or may be, for other functions of the statement
        required: list[str] = []
        given: list[str] = []
        for name in dict.fromkeys(name for name, _ in draft.slots):
            if name == CLOCK or (is_page and name in ("limit", "cursor")):
                continue
            attributes = [slot for slot in draft.slots if slot[0] == name and slot[1] is not None]
            annotation = self.annotations.of_parameter(name, kinds.get((name, None)))
            if attributes:
                annotation = self._given_class(name, {str(a): kinds.get((name, a)) for _, a in attributes}, classes)
            if name == "id" and draft.verb == "INSERT" and kinds.get((name, None)) == "uuid":
                given.append("id: NewId = None")
            elif name in optional:
                given.append(f"{name}: {annotation} | None = None")
            else:
                required.append(f"{name}: {annotation}")
        yield from (*required, *given)
        if is_page and not draft.is_stream:
            yield from ("limit: int = 100", "cursor: str | None = None")
        if draft.verb == "DELETE" and not draft.statement.returns_rows and draft.limit_one:
            yield "missing_ok: bool = True"

    def _given_class(self, name: str, attributes: Mapping[str, str | None], classes: list[str]) -> str:
        """The class of a parameter that is bound by its attributes; a plural stands for rows of it."""
        kind = f"New{_camel(_singular(name))}"
        fields = [Field(a, self.annotations.of_parameter(a, found)) for a, found in attributes.items()]
        classes += ["@dataclass", f"class {kind}:", f'    """One of the {name}."""', ""]
        classes += [*(f"    {field}" for field in fields), "", ""]
        return f"Sequence[{kind}]" if _singular(name) != name else kind

    def _as_fields(self, parameters: list[str]) -> list[str]:
        """The parameters of a partial update: what is optional is left as it is unless it is given."""
        given = [p.replace(" | None = None", " | Unset = UNSET") for p in parameters if p.endswith(" = None")]
        return [*(p for p in parameters if not p.endswith(" = None")), "*", *given]

    def _imports(self, body: str) -> Iterator[str]:
        """The imports of names that the module does not have yet."""
        import wave_data

        path = file_of(self.home) if self.home is not None else None
        present = set(re.findall(r"\w+", path.read_text("utf-8"))) if path is not None else set[str]()
        sources: dict[str, list[str]] = {}
        for word in sorted(set(re.findall(r"\w+", body)) - present):
            source = _SOURCES.get(word) or ("wave_data" if word in wave_data.__all__ else self._origins.get(word))
            if source is not None:
                sources.setdefault(source, []).append(word)
        own = [source for source in sources if source not in _SOURCES.values()]
        groups = [sorted(sources.keys() - set(own)), sorted(own)]
        for group in filter(None, groups):
            yield from (f"from {source} import {', '.join(sources[source])}" for source in group)
            yield ""
        if sources:
            yield ""

    @cached_property
    def _origins(self) -> dict[str, str]:
        """Where the records of the packages can be imported from."""
        return {kind.__name__: kind.__module__ for kind in self._known_records()}


_SOURCES = {
    "Annotated": "typing",
    "AsyncIterator": "collections.abc",
    "Decimal": "decimal",
    "Literal": "typing",
    "Sequence": "collections.abc",
    "UUID": "uuid",
    "dataclass": "dataclasses",
    "date": "datetime",
}


def _class(name: str, about: str, fields: Sequence[Field]) -> list[str]:
    return [f"class {name}(Record):", f'    """{about}"""', "", *(f"    {field}" for field in fields), "", ""]


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name.removesuffix("s") if not name.endswith("ss") else name
