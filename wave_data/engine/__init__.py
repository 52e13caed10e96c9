"""The mechanism: SQL files, signatures and records joined into async functions. It knows no table and no driver."""

from wave_data.engine.auditing import record_reveal
from wave_data.engine.columns import check
from wave_data.engine.executor import Executor, Isolation, transactional
from wave_data.engine.modules import load_queries
from wave_data.engine.page import Page
from wave_data.engine.query import partial_update, query, transition
from wave_data.engine.records import Record
from wave_data.engine.secret_codec import SecretCodec
from wave_data.engine.signature import Affected
from wave_data.engine.transitions import move
from wave_data.engine.values import percentage

__all__ = [
    "Affected",
    "Executor",
    "Isolation",
    "Page",
    "Record",
    "SecretCodec",
    "check",
    "load_queries",
    "move",
    "partial_update",
    "percentage",
    "query",
    "record_reveal",
    "transactional",
    "transition",
]
