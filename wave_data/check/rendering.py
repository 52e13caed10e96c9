"""Reports for people, for programs, and for the annotations of editors and continuous integration."""

import json
from collections.abc import Iterator
from linecache import getline
from os.path import relpath
from pathlib import Path
from typing import Any, Literal

from wave_data.check.finding import STORES, Finding, Report
from wave_data.engine.sql_tokens import Place

Format = Literal["text", "json", "github"]


def render(report: Report, form: Format) -> str:
    """The whole report, without a newline at its end."""
    match form:
        case "text":
            return "\n".join([*(f"{as_text(finding)}\n" for finding in report.findings), summary(report)])
        case "json":
            return json.dumps(as_json(report), indent=2, ensure_ascii=False)
        case "github":
            return "\n".join([*map(as_annotation, report.findings), summary(report)])


def summary(report: Report) -> str:
    """One line: how many of what, on which servers, in which time."""
    errors = sum(finding.severity == "error" for finding in report.findings)
    warnings = len(report.findings) - errors
    counted = f"{_count(errors, 'error')}, {_count(warnings, 'warning')}"
    if not report.facts:
        return f"{counted}, {report.seconds:.1f} s"
    functions = len({key.function for key in report.facts})
    where = f" on {' and '.join(report.servers.values())}" if report.servers else ""
    shapes = _count(len({(key.function, key.shape) for key in report.facts}), "shape")
    return f"{counted} in {_count(functions, 'function')} ({shapes}){where}, {report.seconds:.1f} s"


def as_text(finding: Finding) -> str:
    """A finding as a compiler would show it: the place, the line, what is marked in it, and what to do."""
    return "\n".join(_lines(finding))


def _lines(finding: Finding) -> Iterator[str]:
    place = finding.place
    title = f" {finding.function}:" if finding.function else ""
    yield f"{shown(place)}: {finding.severity}[{finding.code}]:{title} {finding.message}"
    margin = max(len(str(place.line)), 4)
    line = getline(str(place.path), place.line).rstrip()
    if line:
        before = "".join("\t" if character == "\t" else " " for character in line[: place.column - 1])
        yield f"{place.line:>{margin}} | {line}"
        yield f"{'':>{margin}} | {before}{'^' * max(finding.length, 1)}"
    for label, text in (
        ("where", _where(finding)),
        ("expected", finding.expected),
        ("declared", _declared(finding)),
        ("help", finding.remedy),
    ):
        if text:
            yield f"{'':>{margin}} = {label}: {text}"


def _where(finding: Finding) -> str:
    parts = [f"on {STORES[finding.store]}"] if finding.store else []
    if finding.shape is not None:
        parts.append(f"with {', '.join(finding.shape)}" if finding.shape else "with no optional parameter")
    return " ".join(parts)


def _declared(finding: Finding) -> str:
    if finding.declared is None:
        return ""
    line = getline(str(finding.declared.path), finding.declared.line).strip()
    return f"{shown(finding.declared)}: {line}" if line else shown(finding.declared)


def as_json(report: Report) -> dict[str, Any]:
    """A report as values that JSON has."""
    return {
        "findings": [_finding_as_json(finding) for finding in report.findings],
        "servers": dict(report.servers),
        "seconds": round(report.seconds, 3),
    }


def _finding_as_json(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        **_place_as_json(finding.place),
        "length": finding.length,
        "function": finding.function or None,
        "store": finding.store,
        "shape": None if finding.shape is None else list(finding.shape),
        "subject": finding.subject or None,
        "expected": finding.expected or None,
        "remedy": finding.remedy or None,
        "suggestion": finding.suggestion,
        "declared": None if finding.declared is None else _place_as_json(finding.declared),
    }


def _place_as_json(place: Place) -> dict[str, Any]:
    return {"file": path_of(place.path), "line": place.line, "column": place.column}


def as_annotation(finding: Finding) -> str:
    """A finding as a workflow command of GitHub Actions, which other services and editors read as well."""
    place = finding.place
    properties = {
        "file": path_of(place.path),
        "line": str(place.line),
        "col": str(place.column),
        "endColumn": str(place.column + max(finding.length, 1)),
        "title": f"{finding.code} {finding.function}".strip(),
    }
    escaped = {name: _escaped(value).replace(":", "%3A").replace(",", "%2C") for name, value in properties.items()}
    said = ",".join(f"{name}={value}" for name, value in escaped.items())
    where = _where(finding)
    text = f"{finding.message}{f' ({where})' if where else ''}"
    message = "\n".join(filter(None, (text, finding.expected and f"expected: {finding.expected}", finding.remedy)))
    return f"::{finding.severity} {said}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def shown(place: Place) -> str:
    """A place as editors and terminals make a link of it."""
    return f"{path_of(place.path)}:{place.line}:{place.column}"


def path_of(path: Path) -> str:
    """A path, from the working directory where it lies below."""
    relative = relpath(path)
    return str(path) if relative.startswith("..") else relative


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
