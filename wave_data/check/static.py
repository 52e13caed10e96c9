"""What importing a package tells of its queries: every mistake, not only the first."""

import re
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from wave_data.check.directives import directives_of
from wave_data.check.finding import Finding
from wave_data.check.sql_spans import Span, word_at
from wave_data.engine import problems
from wave_data.engine.errors import InvalidValue, QueryError
from wave_data.engine.modules import QueryModule, query_modules
from wave_data.engine.sql_tokens import Place

_PLACED = re.compile(r"(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<message>.*)", re.DOTALL)

_TITLED = re.compile(r"(?P<function>\w+\.\w+): (?P<message>.*)", re.DOTALL)


def load(packages: Sequence[str]) -> tuple[list[QueryModule], list[Finding]]:
    """Import packages and give their modules of queries, with a finding for each mistake that importing raises.

    A package with mistakes is forgotten again, so that it can be imported once they are mended. Raises InvalidValue
    for a package that does not exist or has no queries.
    """
    modules: list[QueryModule] = []
    findings: list[Finding] = []
    for package in packages:
        mistakes = _import(package)
        loaded = [module for module in query_modules() if _is_within(module.name, package)]
        if not loaded and not mistakes:
            raise InvalidValue(
                f"the package {package} has no queries: name the one whose __init__ calls load_queries(__name__)"
            )
        modules += (module for module in loaded if module not in modules)
        findings += (_finding(mistake) for mistake in mistakes)
        if mistakes:
            _forget(package)
    for module in modules:
        for statement in module.sql.statements:
            findings += directives_of(statement).malformed
    _check_titles(modules)
    return modules, list(dict.fromkeys(findings))


def _import(package: str) -> list[Exception]:
    with problems.gathered() as mistakes:
        try:
            import_module(package)
        except ModuleNotFoundError as error:
            if error.name is not None and _is_within(package, error.name):
                raise InvalidValue(
                    f"there is no package {package}: run this where it can be imported, or install it"
                ) from error
            mistakes.append(error)
        except Exception as error:  # noqa: BLE001 - whatever a module does when it is imported
            mistakes.append(error)
    return mistakes


def _is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def _forget(package: str) -> None:
    for name in [name for name in sys.modules if _is_within(name, package)]:
        del sys.modules[name]


def _check_titles(modules: Sequence[QueryModule]) -> None:
    """Findings and lock files call a function after the last part of its module's name."""
    seen: dict[str, str] = {}
    for module in modules:
        name = module.name.rpartition(".")[2]
        other = seen.setdefault(name, module.name)
        if other != module.name:
            raise InvalidValue(f"{other} and {module.name} have one name, {name}: check their packages one by one")


def _finding(mistake: Exception) -> Finding:
    match = _PLACED.fullmatch(str(mistake)) if isinstance(mistake, QueryError) else None
    if match is None:
        span, message = _raised_at(mistake), f"{type(mistake).__name__}: {mistake}"
    else:
        span = word_at(Place(Path(match["path"]), int(match["line"]), int(match["column"])))
        message = match["message"]
    said = _TITLED.fullmatch(message)
    function, message = (said["function"], said["message"]) if match and said else ("", message)
    message, _, remedy = message.partition("; ")
    return Finding(
        code="static", message=message, place=span.place, length=span.length, function=function, remedy=remedy
    )


def _raised_at(error: Exception) -> Span:
    """The last line of the user's that an error came through."""
    if isinstance(error, SyntaxError) and error.filename:
        return word_at(Place(Path(error.filename), error.lineno or 1, error.offset or 1))
    ours = Path(problems.__file__).parent
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_file()]
    frames = [f for f in frames if Path(f.filename).parent not in (ours, Path(__file__).parent)] or frames
    if not frames:
        return Span(Place(Path(__file__), 1), 1)
    return Span(Place(Path(frames[-1].filename), frames[-1].lineno or 1, (frames[-1].colno or 0) + 1), 1)
