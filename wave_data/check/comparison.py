"""What the stores say of one shape, held against the signature of its function."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from wave_data.check import results
from wave_data.check.directives import Directive, directives_of
from wave_data.check.facts import PlanFact, Refused, StatementFacts
from wave_data.check.finding import STORES, Finding
from wave_data.check.fitting import binds, castable, with_article
from wave_data.check.python_spans import parameter_span, return_span
from wave_data.check.sql_spans import heading_of, order_in, parameter_in, table_in, word_at
from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.dialect import Dialect
from wave_data.engine.modules import Query
from wave_data.engine.signature import Shape
from wave_data.engine.sql_file import CLOCK


@dataclass(frozen=True)
class Verdict:
    """What is wrong with one shape on one store, and the directives that something needed."""

    findings: tuple[Finding, ...]
    used: frozenset[Directive] = field(default_factory=frozenset[Directive])


def compare(
    query: Query, dialect: Dialect, names: tuple[str, ...], statement: CompiledStatement, facts: StatementFacts
) -> Verdict:
    """The verdict on one shape: `names` are the optional parameters given."""
    directives = directives_of(query.statements[dialect])
    found: list[Finding] = []
    used: set[Directive] = set()
    for finding in _wrong(query, dialect, statement, facts):
        match finding.code:
            case "nullable":
                directive = directives.find("not null", finding.subject)
            case "cardinality":
                directive = directives.find("one row")
            case "scan" | "sort":
                directive = directives.find("scan")
            case _:
                directive = None
        if directive is None:
            found.append(replace(finding, function=query.signature.title, store=dialect, shape=names))
        else:
            used.add(directive)
    return Verdict(tuple(found), frozenset(used))


def refusal(
    query: Query, dialect: Dialect, names: tuple[str, ...], statement: CompiledStatement, refused: Refused
) -> Finding:
    """The finding for a shape that the database does not take."""
    slots = {f"{sign}{number}": slot for number, slot in enumerate(statement.slots, 1) for sign in "$?"}
    named = next((slots[found] for found in _PLACEHOLDER.findall(str(refused)) if found in slots), None)
    if refused.offset is not None:
        span = word_at(statement.place(refused.offset))
    elif named is not None:
        span = parameter_in(query.statements[dialect], named)
    else:
        span = heading_of(query.statements[dialect], query.signature.name)
    said = _PLACEHOLDER.sub(lambda found: shown_slot(slots.get(found[0])) or found[0], str(refused))
    return Finding(
        code="refused",
        message=f"{STORES[dialect]} does not take the statement: {said}",
        place=span.place,
        length=span.length,
        function=query.signature.title,
        store=dialect,
        shape=names,
        subject=span.text,
    )


_PLACEHOLDER = re.compile(r"[$?]\d+")


def shown_slot(slot: tuple[str, str | None] | None) -> str:
    """A placeholder as it stands in the file."""
    return "" if slot is None else f":{slot[0]}" if slot[1] is None else f":{slot[0]}.{slot[1]}"


def _wrong(query: Query, dialect: Dialect, statement: CompiledStatement, facts: StatementFacts) -> Iterator[Finding]:
    yield from _parameters(query, dialect, statement, facts)
    yield from results.compare(query, dialect, facts.columns)
    if query.signature.shape in (Shape.ONE, Shape.OPTIONAL) and not facts.limit_one:
        yield _not_one_row(query, dialect)
    for step in facts.plan:
        if step.columns:
            yield _slow(query, dialect, step)


def _parameters(
    query: Query, dialect: Dialect, statement: CompiledStatement, facts: StatementFacts
) -> Iterator[Finding]:
    shapes = query.compiled[dialect]
    for (name, attribute), fact in zip(statement.slots, facts.parameters, strict=False):
        if name == CLOCK:
            continue
        kind = shapes.bound_type(name, attribute)
        if binds(kind, fact.type):
            continue
        shown = shown_slot((name, attribute))
        span = parameter_in(query.statements[dialect], (name, attribute))
        declared = parameter_span(query.signature, name)
        of_attribute = f"{name}.{attribute}" if attribute else f"{name}: {declared.text}"
        yield Finding(
            code="parameter-type",
            message=f"PostgreSQL takes {shown} for {with_article(fact.type)}, which a {kind.name} is not",
            place=span.place,
            length=span.length,
            expected=" or ".join(kind.postgres),
            remedy=f"cast it, as in CAST({shown} AS {castable(kind)}), or annotate `{of_attribute}` otherwise",
            subject=shown[1:],
            declared=declared.place,
        )


def _not_one_row(query: Query, dialect: Dialect) -> Finding:
    statement = query.statements[dialect]
    span = heading_of(statement, statement.names[0])
    return Finding(
        code="cardinality",
        message="the function gives one row, but nothing limits the statement to one",
        place=span.place,
        length=span.length,
        expected="a condition on all columns of a unique key, or LIMIT 1",
        remedy="limit it, annotate a list, or write `-- one row: why it is one` under the name",
        declared=return_span(query.signature).place,
    )


def _slow(query: Query, dialect: Dialect, step: PlanFact) -> Finding:
    statement = query.statements[dialect]
    name = re.sub(r"\W+", "_", "_".join(("idx", step.table, *step.columns))).strip("_")
    index = f"CREATE INDEX {name} ON {step.table} ({', '.join(step.columns)})"
    if step.step == "scan":
        span, what = table_in(statement, step.table), f"all rows of {step.table} are read to find some"
    else:
        span, what = order_in(statement), f"the rows of {step.table} are sorted for each call"
    return Finding(
        code=step.step,
        message=what,
        place=span.place,
        length=span.length,
        expected=f"an index that begins with {', '.join(step.columns)}",
        remedy=f"{index} in a migration, or write `-- scan: why that is right` under the name",
        subject=step.table,
    )
