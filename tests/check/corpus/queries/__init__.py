"""Queries that can be imported."""

from corpus import MIGRATIONS
from wave_data import load_queries

load_queries(__name__, migrations=MIGRATIONS)
