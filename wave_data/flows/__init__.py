"""Operations across tables, each one transaction."""

from importlib import import_module

import_module("wave_data.tables")  # it tells where the SQL of this package is, too
