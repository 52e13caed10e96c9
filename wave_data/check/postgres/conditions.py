"""The conditions and sort keys that EXPLAIN writes out as SQL: which columns of a table they speak of, and how."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NAME = r'(?:"(?:[^"]|"")+"|\w+)'


@dataclass(frozen=True)
class Compared:
    """The columns of a table in a condition, in its order.

    `equal` ones are compared for equality with a value, `among` ones with several, `ordered` ones by their order; each
    may stand in a call, as lower(name). `other` is every column that the condition names.
    """

    equal: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    other: tuple[str, ...] = ()

    @property
    def is_indexable(self) -> bool:
        """Whether an index can serve any of it."""
        return bool(self.equal or self.among or self.ordered)

    @property
    def leading(self) -> tuple[str, ...]:
        """What an index for the condition begins with."""
        return _unique((*self.equal, *self.among, *self.ordered[:1])) or self.other


def compared(text: str, alias: str) -> Compared:
    """How a condition compares the columns of the table that it calls `alias`."""
    column = rf'(?<![\w"])"?{re.escape(alias)}"?\.({_NAME})'
    # A column, one that is cast, or a call of one.
    operand = rf"(?:(\w+)\(\(?{column}\)?(?:::[\w ]+)?\)|{column}(?:\)::[\w ]+(?:\[\])?)?)"
    equal = [
        *re.finditer(rf"{operand} (?:=(?! ANY)|IS NULL)", text),
        *re.finditer(rf"(?<![<>])= \(?{operand}", text),
    ]
    rows = re.finditer(r"ROW\(([^()]*)\) [<>]", text)
    return Compared(
        equal=_operands(sorted(equal, key=lambda match: match.start())),
        among=_operands(re.finditer(rf"{operand} = ANY", text)),
        ordered=_unique(
            (
                *_operands(re.finditer(rf"{operand} (?:<(?!>)|>)", text)),
                *(name for row in rows for name in re.findall(column, row[1])),
            )
        ),
        other=_unique(re.findall(column, text)),
    )


def _operands(matches: Iterable[re.Match[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{m[1]}({_bare(m[2])})" if m[1] else _bare(m[3]) for m in matches))


def alternatives(text: str) -> list[str]:
    """The arms of a condition that has an OR; else the condition itself."""
    return text.split(" OR ")


def is_restricting(text: str) -> bool:
    """Whether a condition compares with a parameter or a constant, and not only with another table."""
    return re.search(r"\$\d|'|(?<![\w.])\d|IS (?:NOT )?NULL", text) is not None


@dataclass(frozen=True)
class Order:
    """An order by columns of one table. `keys` are those of an index that gives it, directed where they differ."""

    alias: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]

    def behind(self, equal: Iterable[str]) -> tuple[str, ...]:
        """The keys of an index for rows whose `equal` columns have one value each, and for their order."""
        given = tuple(equal)
        return (*given, *(key for name, key in zip(self.columns, self.keys, strict=True) if name not in given))


_KEY = re.compile(rf"({_NAME})\.({_NAME})(?: COLLATE {_NAME})?((?: DESC)?(?: NULLS (?:FIRST|LAST))?)")


def read_order(keys: Sequence[str]) -> Order | None:
    """The order of sort keys that are all columns of one table; None for any others."""
    found = [match for key in keys if (match := _KEY.fullmatch(key))]
    aliases = {_bare(match[1]) for match in found}
    if len(found) < len(keys) or len(aliases) != 1:
        return None
    columns = tuple(_bare(match[2]) for match in found)
    # An index is read backwards as well as forwards.
    is_uniform = len({match[3] for match in found}) == 1 and "NULLS" not in found[0][3]
    directed = tuple(f"{name}{match[3]}" for name, match in zip(columns, found, strict=True))
    return Order(aliases.pop(), columns, columns if is_uniform else directed)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_bare, names)))


def _bare(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
