"""Where in a `.py` file the parts of a signature or of a record stand that findings are about."""

import ast
import sys
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from wave_data.check.sql_spans import Span
from wave_data.engine.signature import Signature
from wave_data.engine.sql_tokens import Place

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def parameter_span(signature: Signature, name: str) -> Span:
    """A parameter of a function; the text is its annotation."""
    function = _function(signature)
    if function is not None:
        for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs):
            if argument.arg == name:
                return _span(signature.place.path, argument, argument.annotation)
    return Span(signature.place, 1)


def return_span(signature: Signature) -> Span:
    """The return annotation of a function; the text is the same."""
    function = _function(signature)
    if function is None or function.returns is None:
        return Span(signature.place, 1)
    return _span(signature.place.path, function.returns, function.returns)


def field_span(kind: type[BaseModel], name: str) -> Span | None:
    """A field of a record, wherever in its bases it is declared; the text is its annotation."""
    for owner in kind.__mro__:
        path = getattr(sys.modules.get(owner.__module__), "__file__", None)
        found = _source(Path(path)).classes.get(owner.__qualname__) if path else None
        for statement in found.body if found is not None else ():
            if isinstance(statement, ast.AnnAssign) and getattr(statement.target, "id", "") == name:
                return _span(Path(str(path)), statement, statement.annotation)
    return None


def _function(signature: Signature) -> _Function | None:
    for function in _source(signature.place.path).functions:
        starts = [function.lineno, *(decorator.lineno for decorator in function.decorator_list)]
        if function.name == signature.name and min(starts) == signature.place.line:
            return function
    return None


class _Source:
    """A file, taken apart."""

    def __init__(self, text: bytes) -> None:
        try:
            tree = ast.parse(text)
        except SyntaxError:
            tree = ast.Module([], [])
        self.lines = text.splitlines()
        self.functions = [node for node in ast.walk(tree) if isinstance(node, _Function)]
        self.classes: dict[str, ast.ClassDef] = {}
        self._collect(tree.body, "")

    def _collect(self, nodes: list[ast.stmt], prefix: str) -> None:
        """Keep the classes by their qualified names."""
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                self.classes[prefix + node.name] = node
                self._collect(node.body, f"{prefix}{node.name}.")


def _source(path: Path) -> _Source:
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError:
        return _Source(b"")


@cache
def _read(path: Path, changed: int) -> _Source:
    return _Source(path.read_bytes())


def _span(path: Path, node: ast.arg | ast.expr | ast.stmt, annotation: ast.expr | None) -> Span:
    """A node as far as it stands on its first line, with the text of its annotation."""
    line = _source(path).lines[node.lineno - 1]
    end = node.end_col_offset if node.end_lineno == node.lineno and node.end_col_offset else len(line)
    column = len(line[: node.col_offset].decode()) + 1
    length = max(len(line[node.col_offset : end].decode()), 1)
    return Span(Place(path, node.lineno, column), length, "" if annotation is None else ast.unparse(annotation))
