"""The shapes of a statement: which combinations of its optional parameters are looked at."""

from itertools import combinations, product
from typing import NamedTuple

from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.dialect import Dialect
from wave_data.engine.modules import Query

ALL = 64
"""Up to this number, all combinations are looked at."""


class ShapedStatement(NamedTuple):
    """A statement in one shape; `names` are the optional parameters given."""

    names: tuple[str, ...]
    statement: CompiledStatement


def shapes_of(query: Query, dialect: Dialect) -> list[ShapedStatement]:
    """The shapes in which a call can send the statement: all of them, or beyond 64 so many that each pair occurs.

    A partial update without a field never sends its statement, so that shape is left out.
    """
    compiled = query.compiled[dialect]
    optional = compiled.optional
    chosen = selections(len(optional))
    if query.role == "partial update" and optional:
        chosen = [selection for selection in chosen if any(selection)]
    return [
        ShapedStatement(
            tuple(name for name, given in zip(optional, selection, strict=True) if given),
            compiled[sum(given << bit for bit, given in enumerate(selection))],
        )
        for selection in chosen
    ]


def selections(count: int) -> list[tuple[bool, ...]]:
    """Which of `count` switches are on, for each shape.

    Beyond ALL combinations: none, all, each alone, and for any two switches every one of their four combinations.
    """
    if 2**count <= ALL:
        return [tuple(reversed(bits)) for bits in product((False, True), repeat=count)]
    alone = [tuple(position == only for position in range(count)) for only in range(count)]
    return list(dict.fromkeys([(False,) * count, *alone, *_pairwise(count), (True,) * count]))


def _pairwise(count: int) -> list[tuple[bool, ...]]:
    """Rows in which any two of `count` columns are, but for both off, in every combination.

    Each column is on in a set of its own of just over half the rows (Kleitman and Spencer): two different sets of one
    size have rows that the other lacks, and being more than half each they have one in common.
    """
    rows = 3
    while len(sets := list(combinations(range(rows), rows // 2 + 1))) < count:
        rows += 1
    return [tuple(row in sets[column] for column in range(count)) for row in range(rows)]
