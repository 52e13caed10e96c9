"""Generated code on aiosqlite: dataclasses filled by position, with the values as sqlite3 gives them."""

from benchmarks.peers import aiosqlite_plain
from benchmarks.peers.sqlc_models import checkpoint, story


class Peer(aiosqlite_plain.Peer):
    """Its functions take the one connection."""

    story = staticmethod(story)
    checkpoint = staticmethod(checkpoint)
