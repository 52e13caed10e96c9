"""Mends what is wrong with queries where there is one certain way; whatever could be meant otherwise stays."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from wave_data.check.edits import Edit, apply_edits, lines_of_file
from wave_data.check.finding import Finding
from wave_data.check.python_spans import field_span
from wave_data.engine import problems
from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.engine.errors import QueryError
from wave_data.engine.modules import query_modules
from wave_data.engine.sql_file import read_sql_file
from wave_data.engine.sql_tokens import Place

_SIMILAR = 0.75
"""How much alike a misspelt name and the one that was meant are."""

_NO_PARAMETER = re.compile(r".+ has no parameter '(?P<name>\w+)'")
_PARAMETERS = re.compile(r"\(its parameters are (?P<names>[\w, ]+)\)")
_NO_FUNCTION = re.compile(r"'(?P<name>\w+)' has no function")
_NO_STATEMENT = re.compile(r"(?P<path>.+) has no statement `-- name: (?P<name>\w+)`")
_COLUMNS = re.compile(r"(?P<before>\s*--\s*not null:\s*)(?P<names>[^\r\n]*?)(?P<after>\s*)")

Fixes = dict[Finding, list[Edit]]


def apply(findings: Sequence[Finding]) -> list[Finding]:
    """Mend what certainly can be mended, and give the findings that were.

    - A parameter in the SQL that is misspelt: the function has one of nearly that name, which is bound nowhere.
    - A name in a heading that is misspelt: a function of nearly that name has no statement.
    - A field for a column that can be NULL, wherever its record is read from: it becomes `T | None`.
    - A directive that changes nothing goes.
    """
    fixes: Fixes = {}
    for finding in findings:
        edit = _mended(finding, findings)
        if edit is not None:
            fixes[finding] = [edit]
    fixes |= _misspelt_headings([finding for finding in findings if finding.code == "static"])
    fixes |= _needless([finding for finding in findings if finding.code == "needless"])
    by_path: dict[Path, list[Edit]] = defaultdict(list)
    for edit in (edit for edits in fixes.values() for edit in edits):
        by_path[edit.path].append(edit)
    done = {path for path, edits in by_path.items() if apply_edits(path, edits)}
    return [finding for finding, edits in fixes.items() if {edit.path for edit in edits} <= done]


def _mended(finding: Finding, findings: Sequence[Finding]) -> Edit | None:
    if finding.code == "static":
        return _misspelt_parameter(finding)
    return _nullable_field(finding, findings) if finding.code == "nullable" else None


def _misspelt_parameter(finding: Finding) -> Edit | None:
    found = _NO_PARAMETER.fullmatch(finding.message)
    listed = _PARAMETERS.search(finding.remedy)
    if found is None or listed is None:
        return None
    bound = _bound_at(finding.place)
    free = [name for name in listed["names"].split(", ") if name not in bound]
    near = _nearest(found["name"], free)
    if near is None:
        return None
    start = Place(finding.place.path, finding.place.line, finding.place.column + 1)  # behind the colon
    return Edit.at(start, len(found["name"]), near)


def _bound_at(place: Place) -> set[str]:
    """The parameters that the statement around a place binds."""
    try:
        with problems.gathered():
            statements = read_sql_file(place.path).statements
    except QueryError:
        return set()
    around = [statement for statement in statements if statement.place.line <= place.line]
    return {token.parameter[0] for token in around[-1].parameters} if around else set()


def _misspelt_headings(findings: Sequence[Finding]) -> Fixes:
    """The headings, renamed after the functions: SQL names are used nowhere else, a function may be called anywhere."""
    headings: dict[Path, dict[str, Finding]] = defaultdict(dict)
    functions: dict[Path, dict[str, Finding]] = defaultdict(dict)
    for finding in findings:
        if (found := _NO_FUNCTION.fullmatch(finding.message)) is not None:
            headings[finding.place.path.resolve()][found["name"]] = finding
        elif (found := _NO_STATEMENT.fullmatch(finding.message)) is not None:
            functions[Path(found["path"]).resolve()][found["name"]] = finding
    fixes: Fixes = {}
    for path, named in headings.items():
        for name, finding in named.items():
            meant = _nearest(name, list(functions[path]))
            if meant is not None and _nearest(meant, list(named)) == name:
                fixes[finding] = fixes[functions[path][meant]] = list(_renamed(finding.place.path, name, meant))
    return fixes


def _renamed(path: Path, name: str, meant: str) -> Iterator[Edit]:
    """The edits of every heading with a name; each store may have its own."""
    for number, line in enumerate(lines_of_file(path), 1):
        heading = re.match(r"--\s*name:", line)
        found = re.search(rf"\b{name}\b", line.partition("@")[0][heading.end() :]) if heading is not None else None
        if heading is not None and found is not None:
            yield Edit(path, number, heading.end() + found.start() + 1, len(name), meant)


def _nullable_field(finding: Finding, findings: Sequence[Finding]) -> Edit | None:
    """`T | None` for a record's field, where each query that fills it can give NULL on all stores."""
    place = finding.declared
    annotation = _field_annotation(place) if place is not None else None
    if place is None or annotation is None or annotation.end_lineno is None or annotation.end_col_offset is None:
        return None
    told: dict[str, set[Dialect]] = defaultdict(set)
    for other in findings:
        if other.code == "nullable" and other.declared == place:
            for title in _served_at(other.place):
                told[title].update(DIALECTS if other.store is None else (other.store,))
    if any(told[title] != set(DIALECTS) for title in _readers(place)):
        return None
    line = lines_of_file(place.path)[annotation.end_lineno - 1]
    column = len(line.encode()[: annotation.end_col_offset].decode()) + 1
    return Edit(place.path, annotation.end_lineno, column, 0, " | None")


def _field_annotation(place: Place) -> ast.expr | None:
    """The annotation of the class member that is declared at a place; a text in quotes cannot be added to."""
    for owner in ast.walk(ast.parse(place.path.read_bytes())):
        for node in owner.body if isinstance(owner, ast.ClassDef) else ():
            is_there = isinstance(node, ast.AnnAssign) and node.lineno == place.line
            if is_there and isinstance(node, ast.AnnAssign) and not isinstance(node.annotation, ast.Constant):
                return node.annotation
    return None


def _readers(place: Place) -> set[str]:
    """The functions whose record has the field that is declared at a place."""
    found: set[str] = set()
    for query in (query for module in query_modules() for query in module.queries.values()):
        kind = query.signature.result.kind if query.signature.result is not None else None
        spans = [] if kind is None else [field_span(kind, name) for name in kind.model_fields]
        if any(span is not None and span.place == place for span in spans):
            found.add(query.signature.title)
    return found


def _served_at(place: Place) -> set[str]:
    """The functions that the statement around a place serves."""
    return {
        query.signature.title
        for module in query_modules()
        if module.sql.path == place.path
        for statement in [s for s in module.sql.statements if s.place.line <= place.line][-1:]
        for query in module.queries.values()
        if statement in query.statements.values()
    }


def _needless(findings: Sequence[Finding]) -> Fixes:
    by_line: Mapping[tuple[Path, int], list[Finding]] = defaultdict(list)
    for finding in findings:
        by_line[finding.place.path, finding.place.line].append(finding)
    fixes: Fixes = {}
    for (path, number), together in by_line.items():
        line = lines_of_file(path)[number - 1]
        columns = _COLUMNS.fullmatch(line.rstrip("\r\n"))
        edit = Edit(path, number, 1, 0, whole_line=True)
        if columns is not None:
            gone = {finding.subject for finding in together}
            kept = [name for name in re.findall(r"[^\s,]+", columns["names"]) if name not in gone]
            if kept:
                edit = Edit(path, number, columns.start("names") + 1, len(columns["names"]), ", ".join(kept))
        fixes |= {finding: [edit] for finding in together}
    return fixes


def _nearest(name: str, choices: list[str]) -> str | None:
    """The one choice that is nearly the name; None where there is none or more than one."""
    found = get_close_matches(name, choices, 2, _SIMILAR)
    return found[0] if len(found) == 1 else None
