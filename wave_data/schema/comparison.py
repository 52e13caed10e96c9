"""Two schemas held against each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wave_data.schema.model import Schema, Table, View


@dataclass(frozen=True)
class Difference:
    """One place where two schemas part: what was expected there and what was found, None for nothing."""

    place: str
    expected: str | None
    found: str | None

    def __str__(self) -> str:
        if self.found is None:
            return f"{self.place} is missing"
        if self.expected is None:
            return f"{self.place} is not expected"
        return f"{self.place} differs: expected {self.expected}, found {self.found}"


def differences(expected: Schema, found: Schema) -> list[Difference]:
    """Every place where the schema found is not the one expected; empty when they agree."""
    return list(_between_members("", expected, found))


def _between_members(place: str, expected: object, found: object) -> Iterator[Difference]:
    found_members = _members(found)
    for label, wanted in _members(expected).items():
        present = found_members[label]
        for name in sorted(wanted.keys() | present.keys()):
            inner = f"{place}, {label} {name}" if place else f"{label} {name}"
            if name not in present:
                yield Difference(inner, str(wanted[name]), None)
            elif name not in wanted:
                yield Difference(inner, None, str(present[name]))
            else:
                yield from _between(inner, wanted[name], present[name])


def _between(place: str, expected: object, found: object) -> Iterator[Difference]:
    if str(expected) != str(found):
        yield Difference(place, str(expected), str(found))
    yield from _between_members(place, expected, found)


def _members(owner: object) -> Mapping[str, Mapping[str, object]]:
    match owner:
        case Schema():
            return {"table": owner.tables, "view": owner.views, "function": owner.functions}
        case Table():
            return {
                "column": owner.columns,
                "check": owner.checks,
                "key": owner.keys,
                "foreign key": owner.foreign_keys,
                "index": owner.indexes,
                "trigger": owner.triggers,
                "policy": owner.policies,
            }
        case View():
            return {"index": owner.indexes}
        case _:
            return {}
