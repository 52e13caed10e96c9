"""Queries that `wave-data check` is held against: right ones with no finding, wrong ones each with what is found.

`queries` has a `.sql` file and a module for each theme, on the schema of `migrations`. A wrong query has a line above
its name for each finding:

    -- expect: nullable "subtitle" at: SELECT subtitle
    -- expect: column-type @postgres "price"

That is the code, the store where a statement for both is wrong on one only, a piece of the message, and after `at:` a
piece of the line that the finding points at; without it, the finding points into the statement. A query without such a
line is right. `static_errors` has what cannot be imported; there the lines stand above a name or a function.
"""

from pathlib import Path

HOME = Path(__file__).parent
MIGRATIONS = HOME / "migrations"
