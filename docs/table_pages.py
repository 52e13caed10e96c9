"""Writes docs/tables, a page for each table, from the code and from the schemas that the migrations give.

`make docs` runs it; a test holds the pages against what it writes.
"""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

import wave_data
from wave_data import migrate
from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.engine.modules import Query, QueryModule, query_modules
from wave_data.engine.state_machine import Move
from wave_data.schema import Schema, Table, read_schema
from wave_data.servers import postgres_server, temporary_database
from wave_data.servers.folders import temporary_folder
from wave_data.stores.settings import DatabaseUrl

FOLDER = Path(__file__).parent / "tables"
STORES: Mapping[Dialect, str] = {"postgres": "PostgreSQL", "sqlite": "SQLite"}
Schemas = Mapping[Dialect, Schema]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def pages(schemas: Schemas) -> dict[str, str]:
    """The text of each page by the name of its file."""
    modules = [module for module in query_modules() if module.name.rpartition(".")[2] in wave_data.__all__]
    owners = {_own_table(module, schemas): module for module in modules if module.name.startswith("wave_data.tables.")}
    further: dict[str, list[str]] = {table: [] for table in owners}
    for module in modules:
        for table in _written_tables(module, schemas):
            if table not in owners and module in owners.values():
                further[_own_table(module, schemas)].append(table)
            elif table not in owners:
                owners[table], further[table] = module, []
    texts = {f"{table}.md": _page(module, [table, *further[table]], schemas) for table, module in owners.items()}
    texts["README.md"] = _contents(owners)
    return texts


def _own_table(module: QueryModule, schemas: Schemas) -> str:
    """The table that the rows of a module come from."""
    finders = [module.queries[name] for name in ("find", "get", "_find", "find_many") if name in module.queries]
    return next(word for query in finders for word in _words(query) if word in schemas["postgres"].tables)


def _written_tables(module: QueryModule, schemas: Schemas) -> list[str]:
    written = [query for query in module.queries.values() if query.statements["postgres"].changes]
    words = dict.fromkeys(word for query in written for word in _words(query))
    return [word for word in words if word in schemas["postgres"].tables]


def _words(query: Query) -> list[str]:
    return re.findall(r"(?:FROM|INTO|UPDATE)\s+(\w+)", query.statements["postgres"].source)


def _page(module: QueryModule, tables: Sequence[str], schemas: Schemas) -> str:
    source = inspect.getsource(import_module(module.name))
    tree = ast.parse(source)
    return "\n".join(
        [
            f"# {tables[0]}",
            "",
            "<!-- Written by `make docs`. -->",
            "",
            _sentence((ast.get_docstring(tree) or "").partition(": ")[2]),
            "",
            *(line for table in tables for line in _columns(table, table != tables[0], schemas)),
            *_states(module.moves),
            *_operations(module, tree, source),
        ]
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _contents(owners: Mapping[str, QueryModule]) -> str:
    rows = []
    for table, module in sorted(owners.items()):
        document = inspect.getdoc(import_module(module.name)) or ""
        summary = document.partition("\n")[0].partition(": ")[2]
        rows.append(f"| [{table}]({table}.md) | `{module.name.rpartition('.')[2]}` | {summary} |")
    return "\n".join(
        [
            "# Tables",
            "",
            "<!-- Written by `make docs`. -->",
            "",
            "Each page has the columns on both stores, the state machine, and every operation with its SQL.",
            "",
            "| table | `from wave_data import …` | |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _columns(name: str, is_further: bool, schemas: Schemas) -> Iterator[str]:
    yield f"## Columns{f' of {name}' if is_further else ''}"
    yield ""
    yield "| column | PostgreSQL | SQLite | NULL | default |"
    yield "|---|---|---|---|---|"
    postgres, sqlite = (schemas[store].tables[name] for store in DIALECTS)
    for column, found in postgres.columns.items():
        null = "yes" if found.nullable else ""
        default = f"`{found.default}`" if found.default is not None else ""
        yield f"| {column} | {found.type} | {sqlite.columns[column].type} | {null} | {default} |"
    yield ""
    for text in _constraints(postgres):
        yield f"- {text}"
    yield ""


def _constraints(table: Table) -> Iterator[str]:
    for _, key in sorted(table.keys.items()):
        yield f"`{key}`"
    for _, reference in sorted(table.foreign_keys.items()):
        yield f"`{reference}`"
    for name, index in sorted(table.indexes.items()):
        unique = "unique " if index.unique else ""
        where = f" where `{index.predicate}`" if index.predicate else ""
        yield f"{unique}index `{name}` ({', '.join(index.columns)}){where}"
    for name, check in sorted(table.checks.items()):
        yield f"`{name}`: `{_plain(check)}`"


def _plain(check: str) -> str:
    """A check without the casts, arrays and outer brackets that PostgreSQL puts into it."""
    text = re.sub(r"::\w+(?:\[\])?", "", check.removeprefix("CHECK ").strip())
    text = re.sub(r"= ANY \(ARRAY\[(.*?)\]\)", r"IN (\1)", text)
    text = re.sub(r"<> ALL \(ARRAY\[(.*?)\]\)", r"NOT IN (\1)", text)
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1]
    return re.sub(r"(?<= )\((-?[\d.]+)\)", r"\1", text)


def _closing(text: str) -> int:
    """Where the bracket closes that a text begins with."""
    depth = 0
    for position, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return position
    return len(text)


def _states(moves: Sequence[Move]) -> Iterator[str]:
    for column in dict.fromkeys(move.column for move in moves):
        arrows = dict.fromkeys(
            (source, move.target, move.operation)
            for move in moves
            if move.column == column and not move.operation.startswith("_")
            for source in move.sources
        )
        if not arrows:
            continue
        yield f"## States of {column}"
        yield ""
        yield "```mermaid"
        yield "stateDiagram-v2"
        for source, target, operation in arrows:
            yield f"    {source} --> {target}: {operation}"
        yield "```"
        yield ""


def _operations(module: QueryModule, tree: ast.Module, source: str) -> Iterator[str]:
    yield "## Operations"
    yield ""
    short = module.name.rpartition(".")[2]
    for node in tree.body:
        if not isinstance(node, Function) or node.name.startswith("_"):
            continue
        yield f"### {short}.{node.name}"
        yield ""
        yield "```python fragment"
        yield _signature(node, source)
        yield "```"
        yield ""
        yield ast.get_docstring(node) or ""
        yield ""
        for name in (node.name, *_private_queries(node, module)):
            if name in module.queries:
                yield from _sql(module.queries[name])


def _signature(node: Function, source: str) -> str:
    kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    parameters = _parameters(node.args, source)
    line = f"{kind} {node.name}({', '.join(parameters)}){returns}: ..."
    if len(line) <= 100:
        return line
    return "\n".join([f"{kind} {node.name}(", *(f"    {parameter}," for parameter in parameters), f"){returns}: ..."])


def _parameters(arguments: ast.arguments, source: str) -> list[str]:
    positional = [*arguments.posonlyargs, *arguments.args]
    missing = [None] * (len(positional) - len(arguments.defaults))
    written = [_parameter(*pair, source) for pair in zip(positional, [*missing, *arguments.defaults], strict=True)]
    named = [_parameter(*pair, source) for pair in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    return [*written, *(["*", *named] if named else [])]


def _parameter(argument: ast.arg, default: ast.expr | None, source: str) -> str:
    written = ast.get_source_segment(source, argument)
    return f"{written}{f' = {ast.get_source_segment(source, default)}' if default is not None else ''}"


def _private_queries(node: Function, module: QueryModule) -> list[str]:
    """The statements that a written function runs and that no page shows otherwise."""
    named = [found.id for found in ast.walk(node) if isinstance(found, ast.Name)]
    return [name for name in dict.fromkeys(named) if name.startswith("_") and name in module.queries]


def _sql(query: Query) -> Iterator[str]:
    statements = list(dict.fromkeys(query.statements.values()))
    for statement in statements:
        store = f"-- {STORES[statement.dialect]}\n" if statement.dialect is not None and len(statements) > 1 else ""
        yield f"```sql\n{store}{statement.source.rstrip().rstrip(';').rstrip()};\n```"
        yield ""


def main() -> None:
    """Migrate a throw-away database of each store, and write the pages."""
    with temporary_folder() as folder, postgres_server() as server, temporary_database(server.url) as postgres:
        urls: dict[Dialect, str] = {"postgres": postgres, "sqlite": f"sqlite:{quote(folder)}/wave.db"}
        for url in urls.values():
            migrate(url)
        written = pages({store: read_schema(DatabaseUrl.parse(url)) for store, url in urls.items()})
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.md"):
        if path.name not in written:
            path.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
