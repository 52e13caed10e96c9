"""All that is wrong with queries, from facts that databases or a lock file gave."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from wave_data.check.comparison import compare, refusal
from wave_data.check.directives import Directive, directives_of, needless
from wave_data.check.facts import Refused, StatementFacts
from wave_data.check.finding import FactKey, Finding
from wave_data.check.results import filled
from wave_data.check.shapes import shapes_of
from wave_data.check.sql_spans import Span, parameter_in, results_of
from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.engine.modules import Query, QueryModule
from wave_data.engine.sql_file import Statement

Facts = Mapping[FactKey, StatementFacts]


@dataclass
class _Reviewed:
    """What became of the directives of one statement; `unknown` tells that not all of its shapes have facts."""

    function: str
    used: set[Directive] = field(default_factory=set[Directive])
    unknown: bool = False


def judge(
    modules: Sequence[QueryModule],
    facts: Facts,
    refused: Mapping[FactKey, Refused] | None = None,
    stores: Sequence[Dialect] = DIALECTS,
) -> list[Finding]:
    """The findings about every query of the modules, each told once, whatever shapes and stores it occurs in.

    A shape on one of the `stores` without facts was refused, or is passed over.
    """
    found: list[Finding] = []
    reviewed: dict[Statement, _Reviewed] = {}
    for module in modules:
        for query in module.queries.values():
            of_query = list(_judge_query(query, facts, refused or {}, stores, reviewed))
            found += _told_once(query, of_query, stores)
    for statement, review in reviewed.items():
        if not review.unknown:
            found += (needless(d, review.function) for d in directives_of(statement).all if d not in review.used)
    return _without_sequels(_shared_once(found))


def _judge_query(
    query: Query,
    facts: Facts,
    refused: Mapping[FactKey, Refused],
    stores: Sequence[Dialect],
    reviewed: dict[Statement, _Reviewed],
) -> Iterator[Finding]:
    for dialect, statement in query.statements.items():
        review = reviewed.setdefault(statement, _Reviewed(query.signature.title))
        review.unknown |= dialect not in stores
        for names, shaped in shapes_of(query, dialect) if dialect in stores else ():
            key = FactKey(query.signature.title, dialect, names)
            if key in facts:
                verdict = compare(query, dialect, names, shaped, facts[key])
                review.used |= verdict.used
                yield from verdict.findings
                continue
            review.unknown = True
            if key in refused:
                yield refusal(query, dialect, names, shaped, refused[key])
    if set(stores) >= set(DIALECTS):
        yield from _differences(query, facts)


def _differences(query: Query, facts: Facts) -> Iterator[Finding]:
    """Parameters and fields that one store has and the other has not, where the signature does not mind."""
    for (names, postgres), (_, sqlite) in zip(shapes_of(query, "postgres"), shapes_of(query, "sqlite"), strict=True):
        keys = [FactKey(query.signature.title, dialect, names) for dialect in DIALECTS]
        slots = {"postgres": dict.fromkeys(postgres.slots), "sqlite": dict.fromkeys(sqlite.slots)}
        for dialect, other in (DIALECTS, DIALECTS[::-1]):
            for slot in slots[dialect].keys() - slots[other].keys():
                if slot[0] in query.signature.parameters and _binds_nothing_of(slot[0], slots[other]):
                    span = parameter_in(query.statements[dialect], slot)
                    message = f"parameter {slot[0]} is bound for {dialect}, and nowhere for {other}"
                    yield _difference(query, names, message, span, slot[0], f"bind :{slot[0]} in both variants")
            if not all(key in facts for key in keys):
                continue
            for name in sorted(_fields(query, facts, dialect, names) - _fields(query, facts, other, names)):
                span = results_of(query.statements[other])
                message = f"{dialect} gives a column {name} for the field of this name, {other} does not"
                yield _difference(query, names, message, span, name, f"give {name} in both variants")


def _binds_nothing_of(name: str, slots: Iterable[tuple[str, str | None]]) -> bool:
    return all(bound != name for bound, _ in slots)


def _fields(query: Query, facts: Facts, dialect: Dialect, names: tuple[str, ...]) -> set[str]:
    """The optional fields that are filled; a required one that is not has a finding of its own."""
    result = query.signature.result
    if result is None or result.kind is None:
        return set()
    optional = {name: info for name, info in result.kind.model_fields.items() if not info.is_required()}
    return filled(facts[FactKey(query.signature.title, dialect, names)].columns, optional)


def _difference(query: Query, names: tuple[str, ...], message: str, span: Span, subject: str, remedy: str) -> Finding:
    return Finding(
        code="store-difference",
        message=message,
        place=span.place,
        length=span.length,
        function=query.signature.title,
        shape=names,
        remedy=remedy,
        subject=subject,
    )


def _told_once(query: Query, findings: Sequence[Finding], stores: Sequence[Dialect]) -> Iterator[Finding]:
    """Findings that differ in store and shape only, as one: with the store if it is one, with a shape if not all."""
    alike: dict[Finding, list[Finding]] = defaultdict(list)
    for finding in findings:
        alike[replace(finding, store=None, shape=None)].append(finding)
    for bare, found in alike.items():
        dialects = {finding.store for finding in found}
        shapes = {finding.shape for finding in found}
        smallest = min((shape or () for shape in shapes), key=len)
        everywhere = shapes >= {names for names, _ in shapes_of(query, stores[0])}
        yield replace(
            bare,
            store=dialects.pop() if len(dialects) == 1 else None,
            shape=None if everywhere else smallest,
        )


def _without_sequels(findings: Sequence[Finding]) -> list[Finding]:
    """Findings less the slow steps that follow from others of their place: of fewer parameters, or a shorter index."""
    groups: dict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for finding in findings:
        is_slow = finding.code in ("scan", "sort")
        groups[(finding.code, finding.place, finding.subject) if is_slow else (len(groups),)].append(finding)
    return [finding for group in groups.values() for finding in _causes(group)]


def _causes(group: Sequence[Finding]) -> list[Finding]:
    """One finding for each shape: where the stores would have different indexes, any that serves will do."""
    kept: list[Finding] = []
    for finding in group:
        is_told = any(other.shape == finding.shape and other.store != finding.store for other in kept)
        if not is_told and not _follows(finding, group):
            kept.append(_wherever(finding, group))
    return kept


def _follows(finding: Finding, group: Sequence[Finding]) -> bool:
    given = set(finding.shape or ())
    return any(
        set(other.shape or ()) < given
        or (set(other.shape or ()) == given and _is_longer(other.expected, finding.expected))
        for other in group
    )


def _is_longer(index: str, other: str) -> bool:
    return index != other and index.startswith(other)


def _wherever(finding: Finding, group: Sequence[Finding]) -> Finding:
    """A slow step with its store, unless the other store has it as well."""
    same = {other.store for other in group if set(other.shape or ()) == set(finding.shape or ())}
    return finding if same == {finding.store} else replace(finding, store=None)


def _shared_once(findings: Iterable[Finding]) -> list[Finding]:
    """Findings about a statement that several functions share, under the first of them."""
    seen: dict[Finding, Finding] = {}
    for finding in findings:
        seen.setdefault(replace(finding, function="", shape=None, declared=None), finding)
    return list(seen.values())
