"""SQLAlchemy's ORM: sessions that give mapped objects."""

from benchmarks.peers.orm_operations import Operations
from benchmarks.peers.sqlalchemy_tables import Checkpoint, Story


class Peer(Operations):
    """On SQLAlchemy's declarative classes."""

    story = Story
    checkpoint = Checkpoint
