"""Two columns that callers give as one pair, such as a position or a size."""

from typing import Annotated

from annotated_types import MaxLen, MinLen

from wave_data.engine.columns import check
from wave_data.engine.errors import InvalidValue
from wave_data.engine.types import Integer, Unset

Pair = Annotated[tuple[Integer, Integer], MinLen(2), MaxLen(2)]


def split(name: str, pair: Pair | Unset, first: int | Unset, second: int | Unset) -> tuple[int | Unset, int | Unset]:
    """What an update sets of the two columns, which are given as the pair `name` or one by one.

    Raises InvalidValue for what is no pair, and for a pair beside one of its parts.
    """
    if isinstance(pair, Unset):
        return first, second
    if not (isinstance(first, Unset) and isinstance(second, Unset)):
        raise InvalidValue(f"{name}: give the pair or its parts, not both")
    return check(Pair, pair, name)
