"""What the conditions of a query equate, and what that makes known of its sources."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from wave_data.check.unique_keys import Rows

Term = tuple[str, str]
"""A source by its alias, and a column or expression of it."""


@dataclass(frozen=True)
class Equation:
    """A term that equals a value made of other columns; `everywhere` tells that it does in every row of the query."""

    term: Term
    needs: frozenset[Term]
    everywhere: bool


@dataclass
class Sources:
    """The sources of a query by alias, the equations between them, and the conditions on one of them alone."""

    sources: dict[str, Rows] = field(default_factory=dict[str, Rows])
    equations: list[Equation] = field(default_factory=list[Equation])
    conditions: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    is_full: bool = False

    def source_of(self, column: exp.Column, name: str) -> str | None:
        """The alias of the source of a column; None for a column of a query around, or of an unknown source."""
        if column.table:
            return column.table.lower() if column.table.lower() in self.sources else None
        for alias, rows in self.sources.items():
            if rows.columns is not None and name in rows.columns:
                return alias
        unknown = [alias for alias, rows in self.sources.items() if rows.columns is None]
        return unknown[0] if len(unknown) == 1 else None

    def known(self, assumed: Iterable[Term] = ()) -> tuple[set[str], set[Term]]:
        """The sources that are single and the terms that have one value, where the terms `assumed` have."""
        terms = set(assumed)
        single = {alias for alias, rows in self.sources.items() if rows.single}
        size = -1
        while size != len(terms) + len(single):
            size = len(terms) + len(single)
            terms = _spread(self.equations, terms, single)
            single |= {alias for alias in self.sources if self._has_key(alias, terms)}
        return single, terms

    def fixed(self, single: set[str]) -> set[Term]:
        """The terms that have the same value in every row."""
        return _spread([equation for equation in self.equations if equation.everywhere], set(), single)

    def _has_key(self, alias: str, terms: set[Term]) -> bool:
        mine = {term for source, term in terms if source == alias}
        held = self.conditions.get(alias, set()) | {f"NOT {term} IS NULL" for term in mine}
        return any(key.terms <= mine and key.conditions <= held for key in self.sources[alias].keys)


def _spread(equations: Sequence[Equation], terms: set[Term], single: set[str]) -> set[Term]:
    size = -1
    while size != len(terms):
        size = len(terms)
        terms = terms | {
            equation.term for equation in equations if all(n in terms or n[0] in single for n in equation.needs)
        }
    return terms
