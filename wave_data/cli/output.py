"""How a command shows its result."""

import json
from collections.abc import Sequence


def show(result: object, lines: Sequence[str], *, as_json: bool) -> None:
    """Print the result as one JSON document, or the lines that say the same to people."""
    print(json.dumps(result, indent=2) if as_json else "\n".join(lines))
